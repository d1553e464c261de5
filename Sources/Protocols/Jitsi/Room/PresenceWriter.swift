import Basis

/// Writes our presence. A presence replaces the former one wholly, so every one holds every extension.
enum PresenceWriter {
    static func write(
        to occupant: String, endpoint: String, identity: LocalIdentity, media: LocalMedia
    ) -> XMLElement {
        var children = [identity.capsElement, nick(identity)]
        children.append(client("stats-id", identity.statsID))
        let codecs = identity.videoCodecs.map(\.rawValue)
        children.append(client("jitsi_participant_codecList", codecs.joined(separator: ",")))
        children.append(client("jitsi_participant_codecType", codecs.first ?? VideoCodec.vp8.rawValue))
        children.append(client("SourceInfo", sourceInfo(endpoint: endpoint, media: media)))
        children.append(client("audiomuted", String(media.audioMuted)))
        children.append(client("videomuted", String(media.videoMuted)))
        if let raised = media.raisedHand { children.append(client("jitsi_participant_raisedHand", String(raised))) }
        return XMLElement("presence", namespace: Namespace.client, [("to", occupant)], children: children)
    }

    /// The first presence: the same with `<x/>`, which asks to be let in.
    static func join(
        to occupant: String, endpoint: String, identity: LocalIdentity, media: LocalMedia, password: Redacted<String>?
    ) -> XMLElement {
        var presence = write(to: occupant, endpoint: endpoint, identity: identity, media: media)
        presence.children.insert(.element(mucElement(password: password)), at: 0)
        return presence
    }

    /// The presence in a lobby: a name and nothing else.
    static func knock(at occupant: String, identity: LocalIdentity) -> XMLElement {
        XMLElement(
            "presence", namespace: Namespace.client, [("to", occupant)],
            children: [mucElement(password: nil), nick(identity)])
    }

    /// - Parameter status: why; "switch_room" for a way to a breakout room (mod_muc_breakout_rooms).
    static func unavailable(to occupant: String, status: String? = nil) -> XMLElement {
        XMLElement(
            "presence", namespace: Namespace.client, [("to", occupant), ("type", "unavailable")],
            children: status.map { [client("status", $0)] } ?? [])
    }

    /// Without the room's history (XEP-0045 section 7.2.13): nobody asked for it, and it may be of any length.
    private static func mucElement(password: Redacted<String>?) -> XMLElement {
        let history = XMLElement("history", namespace: Namespace.muc, [("maxstanzas", "0")])
        return XMLElement(
            "x", namespace: Namespace.muc,
            children: [history]
                + (password.map { [XMLElement("password", namespace: Namespace.muc, text: $0.revealed)] } ?? []))
    }

    private static func nick(_ identity: LocalIdentity) -> XMLElement {
        let name = identity.displayName.isEmpty ? identity.statsID : identity.displayName
        return XMLElement("nick", namespace: Namespace.nick, text: name)
    }

    private static func client(_ name: String, _ text: String) -> XMLElement {
        XMLElement(name, namespace: Namespace.client, text: text)
    }

    private static func sourceInfo(endpoint: String, media: LocalMedia) -> String {
        JSONValue.object([
            JSONMember(endpoint + "-a0", ["muted": .bool(media.audioMuted)]),
            JSONMember(endpoint + "-v0", ["muted": .bool(media.videoMuted)]),
        ]).serialized()
    }
}
