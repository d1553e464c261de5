import Synchronization

/// Counts presses that another thread tells of.
final class PressCounter: Sendable {
    private let presses = Atomic<Int>(0)

    func add() { presses.wrappingAdd(1, ordering: .relaxed) }

    var count: Int { presses.load(ordering: .relaxed) }
}
