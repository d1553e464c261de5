package import Basis
package import Jitsi
internal import Room
internal import XMPP

/// A conference that is made ready before anybody presses: its server's configuration is read and its XMPP session bound, so
/// that the press costs the round trips of the room alone. Nobody in the room notices; nothing of the room is asked.
extension Conference {
    /// How long the server may take to say anything after the press, before its connection counts as dead.
    static var standbyPatience: Duration { .milliseconds(1_500) }

    /// Gets ready for `start`. Until then no facts come, save one that ends the attempt.
    package mutating func standBy(at now: MonotonicInstant) {
        guard stage == .idle else { return }
        isStandingBy = true
        stage = .discovering
        outputs.append(.get(.configuration, url: configuration.roomURL.configURL))
    }

    /// Whether `start` would go straight to the room.
    package var isReady: Bool { stage == .ready }

    /// Begins the attempt, from wherever `standBy` has got.
    /// - Parameters:
    ///   - media: what is sent, as of now.
    ///   - ntpOffset: as `ConferenceConfiguration.ntpOffset`, as of now.
    package mutating func start(media: LocalMedia, ntpOffset: Duration, at now: MonotonicInstant) {
        localMedia = media
        configuration.ntpOffset = ntpOffset
        guard isStandingBy else { return start(at: now) }
        isStandingBy = false
        outputs.append(.openMediaSockets)
        switch stage {
        case .discovering: outputs.append(emitted(.reached(.configuration)))
        case .connecting:
            reach(.configuration)
            outputs.append(emitted(.reached(.signalling)))
        case .ready:
            for milestone in [Milestone.configuration, .signallingOpen, .authenticated] { reach(milestone) }
            guard let ownJID else { return }
            standbyDeadline = now + Self.standbyPatience
            enterRoom(as: ownJID, at: now)
        case .idle, .open, .leaving, .ended: break
        }
    }

    /// The connection that stood by is dead, as the server's silence shows: as if there had been none.
    mutating func advanceStandby(to now: MonotonicInstant) {
        guard let deadline = standbyDeadline else { return }
        guard let heard = xmpp?.heardAt, heard <= deadline - Self.standbyPatience, stage == .open else {
            standbyDeadline = nil
            return
        }
        guard deadline <= now else { return }
        beginAnew(at: now)
    }

    mutating func enterRoom(as jid: String, at now: MonotonicInstant) {
        guard let server else { return }
        stage = .open
        outputs.append(emitted(.reached(.focus)))
        var room = JitsiRoom(
            configuration: server, roomURL: configuration.roomURL,
            identity: LocalIdentity(
                displayName: configuration.displayName, statsID: "Visiosalle",
                machineUID: configuration.machineUID, capsElement: capabilities.presenceElement(),
                videoCodecs: videoCodecs),
            ownJID: jid, isAnonymous: configuration.account == nil,
            password: configuration.roomPassword, sessionRandom: random.fork())
        room.setLocalMedia(localMedia, at: now)
        room.start(at: now)
        self.room = room
        drainRoom(at: now)
    }

    /// Whether the connection that stood by has not shown that it lives.
    var isStandbyInDoubt: Bool { standbyDeadline != nil && stage == .open }

    mutating func beginAnew(at now: MonotonicInstant) {
        standbyDeadline = nil
        diagnose(.notice, "standby-dead")
        if let signallingSocket { outputs.append(.closeWebSocket(signallingSocket)) }
        outputs.append(.abandonRequests)
        signallingSocket = nil
        xmpp = nil
        room = nil
        queries = [:]
        line = LineState()
        stage = .discovering
        outputs.append(.get(.configuration, url: configuration.roomURL.configURL))
    }
}
