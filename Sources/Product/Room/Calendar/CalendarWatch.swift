package import Basis

/// Why the room's calendar is not to be had. The texts hold nothing of its address, which is a secret.
package enum CalendarTrouble: Error, Equatable, Sendable {
    /// The server was not reached; in the words of the network.
    case unreachable(String)
    /// The server says no, by a status of HTTP.
    case refused(status: Int)
    /// The answer is no calendar: a page to log in, for instance.
    case notACalendar

    package var text: String {
        switch self {
        case .unreachable(let detail): detail
        case .refused(let status): "HTTP status \(status)"
        case .notACalendar: "the answer is no iCalendar text"
        }
    }
}

/// Decides when the room's calendar is fetched, and keeps the last good one.
///
/// A machine: `pollRequest` says when to fetch, `received` takes what came, `deadline` is when `update` is due.
package struct CalendarWatch: Sendable {
    /// The pause after the first failure, and the longest.
    package static let initialPause = Duration.seconds(15)
    package static let maximumPause = Duration.seconds(3_600)
    /// After power comes back all boxes of a building start at once.
    package static let startSpread = Duration.seconds(5)

    private let refresh: Duration
    private var random: RandomSource
    private var isIdle = false
    /// Whether the time of day is known: without it there is no day to look at, and no certificate is valid.
    private var isTimely = false
    private var nextLook: MonotonicInstant?
    private var number = 0
    private var isUnderWay = false
    private var isWanted = false
    private var backoff = Backoff(initial: initialPause, maximum: maximumPause, jitter: 0.25)
    private var reportedFailure: CalendarTrouble?
    private var reportedOmissions: Set<String> = []
    private var diagnostics: [Diagnostic] = []
    private var agenda: Agenda?

    /// - Parameter refresh: the time between two looks, as long as the server answers.
    package init(refresh: Duration, random: RandomSource) {
        self.refresh = refresh
        self.random = random
    }

    /// When `update` is due; nil while nothing is.
    package var deadline: MonotonicInstant? { isIdle && isTimely && !isUnderWay ? nextLook : nil }

    /// - Parameters:
    ///   - isIdle: nothing else goes on: nobody looks at the calendar during a call.
    ///   - clock: seconds since 1970 UTC; nil while the time of day is not known.
    package mutating func update(isIdle: Bool, clock: Int64?, at now: MonotonicInstant) {
        self.isIdle = isIdle
        isTimely = clock != nil
        guard isIdle, let clock, !isUnderWay else { return }
        let look = nextLook ?? now + spread(Self.startSpread)
        nextLook = look
        // The clock was put right by days: what was read is of another time.
        let isOfAnotherTime = backoff.failures == 0 && agenda.map { !$0.period.contains(clock) } == true
        guard look <= now || isOfAnotherTime else { return }
        isUnderWay = true
        isWanted = true
        number += 1
    }

    /// The number under which the calendar is to be fetched now; once.
    package mutating func pollRequest() -> Int? {
        defer { isWanted = false }
        return isWanted ? number : nil
    }

    /// What became of the request with that number.
    package mutating func received(
        _ number: Int, _ result: Result<Agenda, CalendarTrouble>, at now: MonotonicInstant
    ) {
        guard number == self.number, isUnderWay else { return }
        isUnderWay = false
        switch result {
        case .success(let agenda):
            if reportedFailure != nil || self.agenda == nil {
                diagnostics.append(Diagnostic(.info, "calendar", "\(agenda.meetings.count) meetings in the next days"))
            }
            report(agenda.omissions)
            self.agenda = agenda
            backoff.reset()
            reportedFailure = nil
            nextLook = now + refresh + spread(refresh / 10)
        case .failure(let failure):
            if failure != reportedFailure { diagnostics.append(Diagnostic(.warning, "calendar", failure.text)) }
            reportedFailure = failure
            nextLook = now + backoff.next(using: &random)
        }
    }

    /// What belongs in the journal, each thing once.
    package mutating func pollDiagnostic() -> Diagnostic? {
        diagnostics.isEmpty ? nil : diagnostics.removeFirst()
    }

    /// The meeting to be spoken of.
    /// - Parameter clock: seconds since 1970 UTC.
    package func next(at clock: Int64) -> ScheduledMeeting? { agenda?.next(at: clock) }

    private mutating func report(_ omissions: [String]) {
        for omission in omissions where !reportedOmissions.contains(omission) && reportedOmissions.count < 100 {
            reportedOmissions.insert(omission)
            diagnostics.append(Diagnostic(.warning, "calendar-left-out", omission))
        }
    }

    private mutating func spread(_ longest: Duration) -> Duration {
        .milliseconds(Int64.random(in: 0...max(0, longest.wholeMilliseconds), using: &random))
    }
}
