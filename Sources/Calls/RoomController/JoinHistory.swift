internal import Basis
internal import Room
internal import Scene

/// What outlives a single attempt by design: an attempt that follows a failed one is shown with its fault, a call's end with
/// its reason, the last join with its times.
struct JoinHistory {
    /// The meeting joined last, from 0.
    var lastMeeting = 0
    /// Why the last attempt failed, while it is tried again.
    var fault: RoomFault?
    /// Whether the present attempt is about a call that stood before.
    var hasBeenInCall = false
    /// When the hand went up, in milliseconds since 1970: its place in the queue.
    var handRaisedAt: Int64?
    var times = JoinTimes()
    /// Who ended the last call, and why, where others did.
    var farewell = Farewell()

    /// Keeps in mind what the room has just been through.
    /// - Returns: the fault by which an attempt has just failed.
    mutating func follow(_ phase: RoomPhase, from before: RoomPhase) -> RoomFault? {
        switch phase {
        case .inCall:
            hasBeenInCall = true
            fault = nil
        case .joining(let attempt, _):
            if case .retry(let fault) = attempt.waiting {
                self.fault = fault
                if phase != before { return fault }
            } else if attempt.failures == 0 {
                fault = nil
            }
        case .fault(let fault, _):
            hasBeenInCall = false
            if phase != before { return fault }
        case .starting, .idle, .leaving, .ended:
            fault = nil
            hasBeenInCall = false
        }
        return nil
    }
}
