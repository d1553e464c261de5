internal import Synchronization

/// A bounded queue of small packets between two threads, all memory set aside at the start.
///
/// A full ring drops the newest and counts it; a packet that does not fit a slot is refused. `Header` is what travels with
/// the bytes (sequence number, timestamp…).
package final class PacketRing<Header: Sendable>: Sendable {
    private struct State {
        var bytes: [UInt8]
        var lengths: [Int]
        var headers: [Header?]
        var head = 0
        var count = 0
        var dropped = 0
    }

    private let state: Mutex<State>
    private let slots: Int
    private let slotSize: Int

    /// - Parameters:
    ///   - slots: the packets that fit.
    ///   - slotSize: the longest packet, in bytes.
    package init(slots: Int, slotSize: Int) {
        self.slots = slots
        self.slotSize = slotSize
        state = Mutex(
            State(
                // Not written to before packets come: until then it is room that the system need not give.
                bytes: [UInt8](unsafeUninitializedCapacity: slots * slotSize) { $1 = slots * slotSize },
                lengths: [Int](repeating: 0, count: slots),
                headers: [Header?](repeating: nil, count: slots)))
    }

    /// Copies `range` of `packet` in; false when the ring is full or the packet too long.
    @discardableResult
    package func push(_ packet: Span<UInt8>, range: Range<Int>, header: Header) -> Bool {
        guard range.count <= slotSize, range.lowerBound >= 0, range.upperBound <= packet.count else { return false }
        return state.withLock { state in
            guard state.count < slots else {
                state.dropped += 1
                return false
            }
            let slot = (state.head + state.count) % slots
            let base = slot * slotSize
            for index in range { state.bytes[base + index - range.lowerBound] = packet[index] }
            state.lengths[slot] = range.count
            state.headers[slot] = header
            state.count += 1
            return true
        }
    }

    /// Moves the oldest packet into `buffer` (its capacity is kept) and returns its header; nil when the ring is empty.
    package func pop(into buffer: inout [UInt8]) -> Header? {
        state.withLock { state in
            guard state.count > 0 else { return nil }
            let slot = state.head
            let base = slot * slotSize
            buffer.removeAll(keepingCapacity: true)
            buffer.append(contentsOf: state.bytes[base..<base + state.lengths[slot]])
            let header = state.headers[slot].take()
            state.count -= 1
            // A ring that is emptied all the time, as most are, uses its first slots alone.
            state.head = state.count == 0 ? 0 : (slot + 1) % slots
            return header
        }
    }

    /// Forgets all packets; the memory stays set aside.
    package func removeAll() {
        state.withLock { state in
            state.head = 0
            state.count = 0
        }
    }

    /// Packets refused because the ring was full.
    package var droppedCount: Int { state.withLock { $0.dropped } }
}
