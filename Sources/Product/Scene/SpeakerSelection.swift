package import Basis

/// Whom the speaker layout shows large: the dominant speaker, but not at every cough.
///
/// Somebody has to dominate for `settling` before being shown, and whoever is shown stays for `holding` at least.
package struct SpeakerSelection: Equatable, Sendable {
    /// How long somebody has to dominate before being shown.
    package static let settling = Duration.milliseconds(800)
    /// How long somebody is shown at the least.
    package static let holding = Duration.seconds(3)

    /// Who is shown; nil while nobody has spoken.
    package private(set) var shown: String?
    private var shownSince: MonotonicInstant?
    private var candidate: String?
    private var candidateSince: MonotonicInstant?

    package init() {}

    /// When `advance(to:)` will make a difference; nil when only another fact can.
    package var deadline: MonotonicInstant? {
        guard candidate != nil, let candidateSince else { return nil }
        let settled = candidateSince + Self.settling
        guard let shownSince else { return settled }
        return max(settled, shownSince + Self.holding)
    }

    /// The bridge names the dominant speaker, or nobody any more: then whoever is shown stays.
    package mutating func dominates(_ id: String?, at now: MonotonicInstant) {
        advance(to: now)
        guard let id, id != shown else {
            candidate = nil
            candidateSince = nil
            return
        }
        guard shown != nil else {
            show(id, at: now)
            return
        }
        if candidate != id {
            candidate = id
            candidateSince = now
        }
    }

    /// Somebody went: an empty place is filled at once.
    package mutating func left(_ id: String, at now: MonotonicInstant) {
        if candidate == id {
            candidate = nil
            candidateSince = nil
        }
        guard shown == id else { return }
        shown = nil
        shownSince = nil
        if let candidate { show(candidate, at: now) }
    }

    /// Shows the candidate whose time has come.
    package mutating func advance(to now: MonotonicInstant) {
        guard let candidate, let deadline, deadline <= now else { return }
        show(candidate, at: now)
    }

    private mutating func show(_ id: String, at now: MonotonicInstant) {
        shown = id
        shownSince = now
        candidate = nil
        candidateSince = nil
    }
}
