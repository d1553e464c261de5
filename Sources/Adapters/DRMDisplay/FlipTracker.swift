internal import Basis

/// Knows whether the last flip is over: because its event came, or because it was waited for long enough.
struct FlipTracker {
    /// Longer than the slowest mode's picture by far; a driver that says nothing for so long has forgotten the flip.
    static let patience = Duration.milliseconds(250)

    private var serial: UInt64 = 0
    private var pendingSince: MonotonicInstant?
    private var heldUntil: MonotonicInstant?
    /// Flips whose event never came.
    private(set) var lost = 0

    /// What the next flip is to carry.
    var nextSerial: UInt64 { serial &+ 1 }

    /// The flip with `nextSerial` was taken by the kernel.
    mutating func begin(at now: MonotonicInstant) {
        serial &+= 1
        pendingSince = now
        heldUntil = nil
    }

    /// An event came; true when it is that of the flip waited for.
    mutating func complete(_ serial: UInt64) -> Bool {
        guard pendingSince != nil, serial == self.serial else { return false }
        pendingSince = nil
        return true
    }

    func isOverdue(at now: MonotonicInstant) -> Bool {
        pendingSince.map { now - $0 >= Self.patience } ?? false
    }

    /// Gives up a flip that is overdue, and says so once.
    mutating func giveUp(at now: MonotonicInstant) -> Bool {
        guard isOverdue(at: now) else { return false }
        pendingSince = nil
        lost += 1
        return true
    }

    /// After a refused commit: no other for a while.
    mutating func hold(from now: MonotonicInstant) {
        heldUntil = now + Self.patience
    }

    /// Nothing is under way any more: the output is another one.
    mutating func reset() {
        pendingSince = nil
        heldUntil = nil
    }

    func isFree(at now: MonotonicInstant) -> Bool {
        (pendingSince == nil || isOverdue(at: now)) && heldUntil.map { now >= $0 } ?? true
    }

    /// When a flip under way is given up, or the next may be tried; nil when nothing is to be waited for.
    var deadline: MonotonicInstant? {
        pendingSince.map { $0 + Self.patience } ?? heldUntil
    }
}
