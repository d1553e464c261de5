internal import Basis
internal import Controls
internal import Devices

/// Which nodes are to be looked at, and when: on demand, and again after a failure.
struct NodeSearch {
    private var whole: RetryPace
    private var failures: [String: (pace: RetryPace, error: DeviceError)] = [:]
    /// Nodes that are no business of ours.
    private var dismissed: Set<String> = []

    /// - Parameter due: the first search; nil when there is none to make.
    init(due: MonotonicInstant?) {
        whole = RetryPace(due: due)
    }

    var deadline: MonotonicInstant? {
        var soonest = Soonest()
        soonest.consider(whole.due, "search")
        for entry in failures.values {
            soonest.consider(entry.pace.due, "retry")
        }
        return soonest.instant
    }

    /// Whether `deadline` has come.
    func isDue(at now: MonotonicInstant) -> Bool {
        deadline.map { $0 <= now } ?? false
    }

    /// Begins a search: nodes that are there no more are forgotten.
    mutating func begin(_ present: [String]) {
        whole.succeeded()
        failures = failures.filter { present.contains($0.key) }
        dismissed.formIntersection(present)
    }

    /// Whether to look at the node `name` now.
    func wants(_ name: String, at now: MonotonicInstant) -> Bool {
        guard let entry = failures[name] else { return !dismissed.contains(name) }
        return entry.pace.isDue(at: now)
    }

    /// The node is open. Its failures are not forgotten before it has told something: one that opens and fails at once
    /// must not be tried faster and faster.
    mutating func adopted(_ name: String) {
        failures[name]?.pace.rest()
    }

    mutating func succeeded(_ name: String) {
        failures[name] = nil
    }

    mutating func dismiss(_ name: String) {
        failures[name] = nil
        dismissed.insert(name)
    }

    /// The node failed; whether that is news.
    mutating func failed(_ name: String, _ error: DeviceError, at now: MonotonicInstant) -> Bool {
        var pace = failures[name]?.pace ?? RetryPace(due: nil)
        let isNews = failures[name]?.error != error
        pace.failed(at: now)
        failures[name] = (pace, error)
        return isNews
    }

    /// A device came or went: every node is looked at again.
    mutating func restart(at now: MonotonicInstant) {
        dismissed.removeAll()
        failures.removeAll()
        whole.hurry(at: now)
    }
}
