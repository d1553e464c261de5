package import Basis
internal import RTP

/// What a test or a trainer makes happen in the room.
extension PracticeConference {
    package mutating func addPartner(_ settings: PracticePartner, at now: MonotonicInstant) {
        let taken = partners.reduce(into: Set(clients.flatMap(\.sources.ssrcs))) { $0.formUnion($1.sources.ssrcs) }
        let partner = Partner(settings, options: options, avoiding: taken, random: &random)
        partners.append(partner)
        for client in clients where client.nick != nil { sendPresence(of: partner, to: client) }
        announce("source-add", owner: partner.id, set: partner.sources, at: now)
        membershipChanged(at: now)
    }

    /// The first partner of that name leaves.
    package mutating func removePartner(named name: String, at now: MonotonicInstant) {
        guard let index = partners.firstIndex(where: { $0.settings.name == name }) else { return }
        let partner = partners.remove(at: index)
        for client in clients where client.nick != nil {
            sendUnavailable(nick: partner.id, realJID: partner.realJID, statuses: [], to: client)
        }
        membershipChanged(at: now)
    }

    package mutating func setPartner(
        named name: String, audioMuted: Bool, videoMuted: Bool, at now: MonotonicInstant
    ) {
        guard let partner = partners.first(where: { $0.settings.name == name }) else { return }
        partner.settings.audioMuted = audioMuted
        partner.settings.videoMuted = videoMuted
        for client in clients where client.nick != nil {
            sendPresence(of: partner, to: client)
            updateForwarding(client, at: now)
        }
    }

    /// The partners look at the clients' cameras in that height from now on; 0 when they look away.
    package mutating func look(height: Int, at now: MonotonicInstant) {
        partnersHeight = height
        for client in clients { tellSenderConstraints(client, at: now) }
    }

    /// Somebody cannot decode the layer of a client's camera: the bridge asks for a key frame of it.
    package mutating func requestKeyframe(layer: Int, of endpoint: String, at now: MonotonicInstant) {
        guard let client = client(endpoint), let camera = client.sources.streams.first(where: { $0.kind == .video })
        else { return }
        let layers = client.sources.layers(of: camera.ssrc)
        guard layers.indices.contains(layer) else { return }
        client.endpoint?.requestKeyframe(ssrc: layers[layer], at: now)
    }

    /// The focus mutes a client, as a moderator asked it to.
    package mutating func mute(_ medium: PracticeMedium, of endpoint: String, at now: MonotonicInstant) {
        guard let client = client(endpoint) else { return }
        let namespace = medium == .audio ? PracticeNamespace.muteAudio : PracticeNamespace.muteVideo
        let actor = partners.first.map { options.roomJID + "/" + $0.id } ?? focusOccupant
        ask(client, .other, XMLElement("mute", namespace: namespace, [("actor", actor)], text: "true"))
    }

    /// Ends a client's bridge session; with `reinvites` an offer of a new one follows, as when a bridge is replaced.
    package mutating func terminate(_ endpoint: String, reinvites: Bool, at now: MonotonicInstant) {
        guard let client = client(endpoint) else { return }
        endSession(client, reason: reinvites ? "success" : "expired", text: reinvites ? "moving" : "", at: now)
        if reinvites { invite(client, at: now) }
    }

    /// Status 307 (XEP-0045 section 8.2).
    /// - Parameter name: the partner who did it; nil for the focus.
    package mutating func kick(
        _ endpoint: String, by name: String? = nil, reason: String = "", at now: MonotonicInstant
    ) {
        guard let client = client(endpoint) else { return }
        let nick = partners.first { $0.settings.name == name }?.id ?? "focus"
        var item = [XMLElement("actor", namespace: PracticeNamespace.mucUser, [("nick", nick)])]
        if !reason.isEmpty { item.append(XMLElement("reason", namespace: PracticeNamespace.mucUser, text: reason)) }
        leave(client, statuses: ["307"], item: item, at: now)
    }

    /// A chat message of a partner to the room.
    package mutating func say(_ text: String, partnerNamed name: String) {
        guard let partner = partners.first(where: { $0.settings.name == name }) else { return }
        let body = XMLElement("body", namespace: PracticeNamespace.client, text: text)
        for client in clients where client.nick != nil {
            send(
                XMLElement(
                    "message", namespace: PracticeNamespace.client,
                    [("from", options.roomJID + "/" + partner.id), ("to", client.jid), ("type", "groupchat")],
                    children: [body]), to: client)
        }
    }
}
