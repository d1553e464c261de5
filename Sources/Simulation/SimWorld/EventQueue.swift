internal import Basis

/// What is on its way, in the order in which it arrives: the earliest instant first, and at one instant what was sent first.
/// A binary heap.
struct EventQueue<Event> {
    private struct Entry {
        let instant: MonotonicInstant
        let sequence: Int
        let event: Event

        func precedes(_ other: Entry) -> Bool {
            instant == other.instant ? sequence < other.sequence : instant < other.instant
        }
    }

    private var heap: [Entry] = []
    private var pushed = 0

    var count: Int { heap.count }
    var first: MonotonicInstant? { heap.first?.instant }

    mutating func push(_ event: Event, at instant: MonotonicInstant) {
        pushed += 1
        heap.append(Entry(instant: instant, sequence: pushed, event: event))
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].precedes(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    mutating func pop() -> Event? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last.event }
        heap[0] = last
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != index else { return first.event }
            heap.swapAt(index, least)
            index = least
        }
    }
}
