import Basis

/// What we send of ourselves: what the room wants, what it may, and what our presence says of it.
struct LocalMediaState: Sendable {
    /// Between two presences: servers throttle whoever sends more than four a second (jitsi-meet, mod_rate_limit).
    private static let presencePace = Duration.milliseconds(300)

    private(set) var wanted = LocalMedia(audioMuted: true, videoMuted: true)
    /// What is published and may be sent: still muted while an unmute waits for the focus's consent.
    private(set) var effective = LocalMedia(audioMuted: true, videoMuted: true)
    /// Muted by the focus: the way back leads over it.
    private(set) var held: Set<MediaKind> = []
    /// Unmute requests that are under way.
    private(set) var pending: Set<MediaKind> = []
    private var moderated: Set<MediaKind> = []
    private var approved: Set<MediaKind> = []
    /// Whether the room made us moderator; moderators unmute as they like.
    var isModerator = false
    private var published: LocalMedia?
    private var lastPublished: MonotonicInstant?
    private(set) var presenceDue: MonotonicInstant?

    // MARK: What the room wants

    /// What the panel wants now; the kinds for which the focus has to be asked first.
    mutating func want(_ media: LocalMedia) -> [MediaKind] {
        wanted = media
        var next = media
        var asking: [MediaKind] = []
        for kind in [MediaKind.audio, .video] {
            if media.isMuted(kind) {
                pending.remove(kind)
            } else if held.contains(kind) {
                next.mute(kind)
                if !pending.contains(kind) { asking.append(kind) }
            }
        }
        effective = next
        return asking
    }

    /// Whether AV moderation lets us unmute.
    func mayUnmute(_ kind: MediaKind) -> Bool {
        isModerator || !moderated.contains(kind) || approved.contains(kind)
    }

    mutating func request(_ kind: MediaKind) {
        pending.insert(kind)
    }

    /// The request is answered; false when it was not wanted any more.
    mutating func settleRequest(_ kind: MediaKind) -> Bool {
        pending.remove(kind) != nil
    }

    /// Nobody holds us muted any more.
    mutating func release(_ kind: MediaKind) {
        held.remove(kind)
        guard !wanted.isMuted(kind) else { return }
        effective.unmute(kind)
    }

    /// Gives up the wish to be heard or seen; true when there was one.
    mutating func giveUp(_ kind: MediaKind) -> Bool {
        guard !wanted.isMuted(kind) else { return false }
        wanted.mute(kind)
        return true
    }

    /// What is wanted, is not the case, and is not being asked for: nothing will come of it.
    var unmet: [MediaKind] {
        [MediaKind.audio, .video].filter { !wanted.isMuted($0) && effective.isMuted($0) && !pending.contains($0) }
    }

    // MARK: What others decide

    /// The focus silences us; true when we wanted to be heard or seen.
    mutating func hold(_ kind: MediaKind) -> Bool {
        held.insert(kind)
        pending.remove(kind)
        effective.mute(kind)
        return giveUp(kind)
    }

    /// AV moderation was turned on or off.
    mutating func moderate(_ kind: MediaKind, _ isOn: Bool) {
        approved.remove(kind)
        if isOn { moderated.insert(kind) } else { moderated.remove(kind) }
    }

    mutating func approve(_ kind: MediaKind, _ isApproved: Bool) {
        if isApproved { approved.insert(kind) } else { approved.remove(kind) }
    }

    /// We are outside: what moderators of the room decided is over, and nobody answers requests.
    mutating func leaveRoom() {
        moderated = []
        approved = []
        pending = []
        presenceDue = nil
    }

    // MARK: Presence

    /// What the presence that goes out now tells.
    mutating func publish(at now: MonotonicInstant) -> LocalMedia {
        presenceDue = nil
        lastPublished = now
        published = effective
        return effective
    }

    /// Whether a presence has to go out now; when it has to wait, `presenceDue` says until when.
    mutating func needsPresence(at now: MonotonicInstant) -> Bool {
        guard published != effective else {
            presenceDue = nil
            return false
        }
        guard let lastPublished, now < lastPublished + Self.presencePace else { return true }
        presenceDue = lastPublished + Self.presencePace
        return false
    }

    mutating func forgetPresenceDue() {
        presenceDue = nil
    }
}
