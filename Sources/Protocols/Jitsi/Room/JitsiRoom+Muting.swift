package import Basis

// Microphone and camera: what is wanted, what the focus and AV moderation let us, and the presence that tells the others.
extension JitsiRoom {
    /// Makes `media` what the others see. Unmuting after a mute by the focus first asks the focus (`unmuted`, `unmuteRefused`).
    package mutating func setLocalMedia(_ wanted: LocalMedia, at now: MonotonicInstant) {
        for kind in media.want(wanted) { requestUnmute(kind) }
        schedulePresence(at: now)
    }

    // MARK: Muted by others

    /// The focus silenced us: tell the others at once; the way back leads over the focus.
    mutating func hold(_ kind: MediaKind, by name: String = "", at now: MonotonicInstant) {
        // Also when an unmute was waiting for consent: whoever pressed believes to be heard.
        guard media.hold(kind) else { return }
        schedulePresence(at: now)
        outbox.emit(.mutedByFocus(kind, by: name))
    }

    mutating func receiveModeration(_ json: JSONValue, at now: MonotonicInstant) {
        guard let kind = json["mediaType"]?.string.flatMap(MediaKind.init(rawValue:)) else { return }
        let actor = json["actor"]?.string.flatMap(JID.resource).map { occupants.name(of: $0) } ?? ""
        if let enabled = json["enabled"]?.bool {
            media.moderate(kind, enabled)
            outbox.emit(.moderation(kind, enabled: enabled, by: actor))
            if enabled, !isModerator { hold(kind, by: actor, at: now) }
        } else if json["approved"]?.bool == true {
            media.approve(kind, true)
            outbox.emit(.unmuteApproved(kind))
        } else if json["removed"]?.bool == true {
            media.approve(kind, false)
            outbox.emit(.unmuteRevoked(kind))
            if !isModerator { hold(kind, at: now) }
        }
    }

    // MARK: Unmuting

    private mutating func requestUnmute(_ kind: MediaKind) {
        guard media.mayUnmute(kind) else { return refuseUnmute(kind) }
        // Without a focus there is nobody who could keep us muted; the next one asks the server who may speak.
        guard phase == .joined, let focusNick = focus.nick else {
            media.release(kind)
            return outbox.emit(.unmuted(kind))
        }
        media.request(kind)
        outbox.emit(.unmuteRequested(kind))
        let namespace = kind == .audio ? Namespace.muteAudio : Namespace.muteVideo
        outbox.query(
            .unmute(kind),
            iq(
                "set", to: roomJID + "/" + focusNick,
                XMLElement("mute", namespace: namespace, [("jid", occupantJID)], text: "false")))
    }

    mutating func receiveUnmuteAnswer(_ answer: IQAnswer, kind: MediaKind, at now: MonotonicInstant) {
        // Not wanted any more: whoever wants it later asks again.
        guard media.settleRequest(kind) else { return }
        switch answer {
        case .error("not-allowed", _, _, _): return refuseUnmute(kind)
        // Jicofo answers an error to an unmute of somebody whom it has not invited yet (`MuteResult.ERROR`): there is no
        // bridge session that could be muted.
        case .error(let condition, _, _, _): outbox.note(.notice, "unmute-unanswered", condition)
        case .timeout: outbox.note(.notice, "unmute-unanswered", "timeout")
        case .result: break
        }
        media.release(kind)
        schedulePresence(at: now)
        outbox.emit(.unmuted(kind))
    }

    private mutating func refuseUnmute(_ kind: MediaKind) {
        _ = media.giveUp(kind)
        outbox.emit(.unmuteRefused(kind))
    }

    /// What is wanted and is not the case, without anybody being asked for it, is refused: whoever pressed must know.
    mutating func reportUnmet() {
        for kind in media.unmet { refuseUnmute(kind) }
    }

    // MARK: Presence of ours

    mutating func schedulePresence(at now: MonotonicInstant) {
        guard phase == .joined, media.needsPresence(at: now) else { return }
        let published = media.publish(at: now)
        outbox.send(PresenceWriter.write(to: occupantJID, endpoint: nick, identity: identity, media: published))
    }
}
