package import Basis

/// What the meeting is: recorded, streamed, transcribed, encrypted, over.
extension PracticeConference {
    static let transcriberNick = "transcriber"

    /// What the focus says of the recorder.
    /// - Parameters:
    ///   - status: "pending", "on" or "off".
    ///   - name: the partner who asked for it.
    package mutating func setRecording(
        _ status: String, isStream: Bool = false, by name: String? = nil, failure: String? = nil
    ) {
        let id = isStream ? "stream" : "file"
        let partner = partners.first { $0.settings.name == name }
        let recording = PracticeRecording(
            id: id, isStream: isStream, status: status,
            initiator: partner.map { options.roomJID + "/" + $0.id } ?? "", failure: failure)
        meeting.recordings.removeAll { $0.id == id }
        meeting.recordings.append(recording)
        for client in clients where client.nick != nil { sendFocusPresence(to: client) }
    }

    /// The server's transcriber comes or goes.
    package mutating func setTranscriber(_ isThere: Bool) {
        guard meeting.hasTranscriber != isThere else { return }
        meeting.hasTranscriber = isThere
        for client in clients where client.nick != nil {
            if isThere {
                sendTranscriberPresence(to: client)
            } else {
                sendUnavailable(
                    nick: Self.transcriberNick, realJID: options.transcriberJID, statuses: [], to: client)
            }
        }
    }

    /// The transcriber writes down what a partner says.
    package mutating func caption(_ text: String, id: String, isInterim: Bool, partnerNamed name: String) {
        guard meeting.hasTranscriber, let partner = partners.first(where: { $0.settings.name == name }) else { return }
        let result: JSONValue = [
            "type": "transcription-result", "message_id": .string(id), "language": "fr-FR",
            "is_interim": .bool(isInterim), "stability": 0.5, "event": "SPEECH",
            "participant": ["id": .string(partner.id), "name": .string(name)],
            "transcript": [["text": .string(text), "confidence": 0.9]],
        ]
        let message = XMLElement("json-message", namespace: PracticeNamespace.jitmeet, text: result.serialized())
        for client in clients where client.nick != nil {
            send(
                XMLElement(
                    "message", namespace: PracticeNamespace.client,
                    [
                        ("from", options.roomJID + "/" + Self.transcriberNick), ("to", client.jid),
                        ("type", "groupchat"),
                    ], children: [message]), to: client)
        }
    }

    /// A partner says on the bridge's channel how well it is connected, 0…100, and how much it loses, in percent.
    package mutating func tellQuality(
        _ percent: Int, loss: Int = 0, partnerNamed name: String, at now: MonotonicInstant
    ) {
        guard let partner = partners.first(where: { $0.settings.name == name }) else { return }
        for client in clients {
            sendToChannel(
                client,
                [
                    "colibriClass": "EndpointStats", "from": .string(partner.id),
                    "connectionQuality": JSONValue(percent),
                    "packetLoss": ["total": JSONValue(loss), "upload": 0, "download": JSONValue(loss)],
                ], at: now)
        }
    }

    /// A partner encrypts end to end, or no more.
    package mutating func setEncryption(_ isOn: Bool, partnerNamed name: String) {
        guard let partner = partners.first(where: { $0.settings.name == name }) else { return }
        partner.isEncrypting = isOn
        for client in clients where client.nick != nil { sendPresence(of: partner, to: client) }
    }

    /// The room is destroyed; `venue` is the JID of the one that takes its place.
    package mutating func end(reason: String, venue: String? = nil, at now: MonotonicInstant) {
        var destruction = XMLElement("destroy", namespace: PracticeNamespace.mucUser)
        destruction["jid"] = venue
        if !reason.isEmpty {
            destruction.append(XMLElement("reason", namespace: PracticeNamespace.mucUser, text: reason))
        }
        for client in clients { leave(client, because: destruction, at: now) }
    }

    // MARK: Inside

    var recordingStatuses: [XMLElement] {
        meeting.recordings.map { recording in
            var status = XMLElement(
                "jibri-recording-status", namespace: PracticeNamespace.jibri,
                [
                    ("status", recording.status), ("recording_mode", recording.isStream ? "stream" : "file"),
                    ("session_id", recording.id),
                ])
            if !recording.initiator.isEmpty { status["initiator"] = recording.initiator }
            status["failure_reason"] = recording.failure
            return status
        }
    }

    mutating func sendTranscriberPresence(to client: PracticeClient) {
        sendAvailable(
            nick: Self.transcriberNick,
            children: [
                XMLElement("nick", namespace: PracticeNamespace.nick, text: "Transcriber"),
                XMLElement("transcription-status", namespace: PracticeNamespace.jitmeet, [("status", "ON")]),
            ], affiliation: "none", role: "participant", realJID: options.transcriberJID, statuses: [], to: client)
    }
}
