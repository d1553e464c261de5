/// What waits to be taken out, in order. Taking moves an index: what is taken is no longer held here, and nothing is shifted.
struct OutputQueue {
    private var items: [ControllerOutput?] = []
    private var taken = 0

    mutating func append(_ output: ControllerOutput) { items.append(output) }

    mutating func next() -> ControllerOutput? {
        guard taken < items.count else {
            items.removeAll(keepingCapacity: true)
            taken = 0
            return nil
        }
        defer { taken += 1 }
        return items[taken].take()
    }
}
