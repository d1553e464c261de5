internal import Basis

/// The bridge channel (protocol section 7), over WebSocket or SCTP.
extension PracticeConference {
    mutating func sendToChannel(_ client: PracticeClient, _ message: JSONValue, at now: MonotonicInstant) {
        switch client.endpoint?.channel {
        case .socket(let socket): outputs.append(.sendText(socket: socket, message.serialized()))
        case .sctp: client.endpoint?.sendOverSCTP(message.serialized(), at: now)
        case .some(.none), nil: break
        }
    }

    mutating func channelOpened(_ client: PracticeClient, at now: MonotonicInstant) {
        guard client.nick != nil else { return }
        client.endpoint?.toldHeight = nil
        tellSenderConstraints(client, at: now)
        sendForwardedSources(client, at: now)
        if let speaker = film.speaker { sendDominantSpeaker(speaker, previous: nil, to: client, at: now) }
    }

    /// Tells a client in which height its camera is wanted, when that has changed: by the partners, and by the other
    /// clients to whom it is forwarded.
    mutating func tellSenderConstraints(_ client: PracticeClient, at now: MonotonicInstant) {
        guard let nick = client.nick, let endpoint = client.endpoint, endpoint.channel != .none else { return }
        let name = nick + "-v0"
        var height = partners.isEmpty ? 0 : partnersHeight
        for other in clients where other !== client {
            guard let viewer = other.endpoint, viewer.forwardedSources.contains(name) else { continue }
            height = max(height, min(Self.mostHeight, viewer.constraints.height(of: name)))
        }
        guard height != endpoint.toldHeight else { return }
        endpoint.toldHeight = height
        sendToChannel(
            client,
            [
                "colibriClass": "SenderSourceConstraints", "sourceName": .string(name),
                "maxHeight": JSONValue(height),
            ], at: now)
    }

    private static var mostHeight: Int { 2_160 }

    mutating func sendForwardedSources(_ client: PracticeClient, at now: MonotonicInstant) {
        let names = client.endpoint?.forwardedSources ?? []
        sendToChannel(
            client,
            ["colibriClass": "ForwardedSources", "forwardedSources": .array(names.map { .string($0) })], at: now)
    }

    mutating func sendDominantSpeaker(
        _ speaker: String, previous: String?, to client: PracticeClient, at now: MonotonicInstant
    ) {
        sendToChannel(
            client,
            [
                "colibriClass": "DominantSpeakerEndpointChangeEvent", "dominantSpeakerEndpoint": .string(speaker),
                "previousSpeakers": .array(previous.map { [.string($0)] } ?? []), "silence": false,
            ], at: now)
    }

    // MARK: Input

    mutating func channelReceived(_ text: String, from client: PracticeClient, at now: MonotonicInstant) {
        guard let endpoint = client.endpoint else { return }
        if !take(text, from: client, endpoint, at: now) { endpoint.rejectedMessages += 1 }
    }

    /// False where the bridge drops the message: it takes no key that it does not know.
    private mutating func take(
        _ text: String, from client: PracticeClient, _ endpoint: BridgeEndpoint, at now: MonotonicInstant
    ) -> Bool {
        guard let message = try? JSONReader.parse(text, maximumSize: Self.maximumText),
            let keys = message.members?.map(\.key), Set(keys).count == keys.count
        else { return false }
        func has(only known: Set<String>) -> Bool { Set(keys).subtracting(known) == ["colibriClass"] }
        switch message["colibriClass"]?.string {
        case "ClientHello":
            guard has(only: []) else { return false }
            sendToChannel(client, ["colibriClass": "ServerHello", "version": "practice"], at: now)
        case "ReceiverVideoConstraints":
            guard endpoint.constraints.apply(message) else { return false }
            updateForwarding(client, at: now)
        case "LastNChangedEvent":
            guard has(only: ["lastN"]), let value = message["lastN"]?.integer else { return false }
            endpoint.constraints.setLastN(value)
            updateForwarding(client, at: now)
        case "SourceVideoTypeMessage":
            guard has(only: ["sourceName", "videoType"]), message["sourceName"]?.string != nil,
                let type = message["videoType"]?.string
            else { return false }
            return ["camera", "desktop", "desktop_high_fps", "none"].contains(type)
        case "VideoTypeMessage": return has(only: ["videoType"])
        case "ReceiverAudioSubscription": return has(only: ["all", "include", "exclude", "mode", "list"])
        case "EndpointStats": relay(message, from: client, to: "", at: now)
        case "EndpointMessage":
            guard let to = message["to"]?.string else { return false }
            relay(message, from: client, to: to, at: now)
            answerPing(message["msgPayload"], from: client, to: to, at: now)
        default: return false
        }
        return true
    }

    /// Passes a message on; an empty `to` is for everybody else.
    private mutating func relay(
        _ message: JSONValue, from client: PracticeClient, to: String, at now: MonotonicInstant
    ) {
        guard let nick = client.nick else { return }
        let members = (message.members ?? []).filter { $0.key != "from" } + [JSONMember("from", .string(nick))]
        for other in clients where other !== client && other.nick != nil && (to.isEmpty || other.nick == to) {
            sendToChannel(other, .object(members), at: now)
        }
    }

    /// Partners answer end-to-end pings (protocol section 9.8).
    private mutating func answerPing(
        _ payload: JSONValue?, from client: PracticeClient, to: String, at now: MonotonicInstant
    ) {
        guard payload?["type"]?.string == "e2e-ping-request", let id = payload?["id"]?.integer,
            partners.contains(where: { $0.id == to })
        else { return }
        sendToChannel(
            client,
            [
                "colibriClass": "EndpointMessage", "from": .string(to), "to": .string(client.nick ?? ""),
                "msgPayload": ["type": "e2e-ping-response", "id": JSONValue(id)],
            ], at: now)
    }
}
