internal import Basis
internal import Conference

/// A conference that is kept ready for a press: nothing of it is shown, and no sound, picture or presence leaves the box for
/// it.
struct Standby {
    /// An object for the reason given in ActiveCall.
    final class Waiting {
        /// Nil once it has become the call's.
        var conference: Conference?
        /// Tells its answers from those of others.
        let number: Int
        let meeting: Int

        init(conference: consuming Conference, number: Int, meeting: Int) {
            self.conference = consume conference
            self.number = number
            self.meeting = meeting
        }
    }

    var plan: StandbyPlan
    var waiting: Waiting?
    /// Whether the plan knows that it is ready.
    var isReady = false

    init(plan: StandbyPlan) { self.plan = plan }
}
