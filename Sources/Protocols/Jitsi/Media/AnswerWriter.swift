import Basis

/// Writes what we tell Jicofo about our media: session-accept and session-terminate.
struct AnswerWriter {
    let offer: MediaOffer
    let answer: MediaAnswer
    /// Our endpoint id, the owner part of our source names.
    let endpoint: String
    /// Our full JID.
    let responder: String

    func sessionAccept() -> XMLElement {
        var contents: [XMLElement] = []
        if !offer.audioPayloadTypes.isEmpty { contents.append(content("audio", description: audio())) }
        if !offer.videoPayloadTypes.isEmpty { contents.append(content("video", description: video())) }
        if offer.sctpPort != nil, let port = answer.sctpPort { contents.append(data(port: port)) }
        let group = XMLElement(
            "group", namespace: Namespace.grouping, [("semantics", "BUNDLE")],
            children: contents.compactMap { content in
                content["name"].map { XMLElement("content", namespace: Namespace.grouping, [("name", $0)]) }
            })
        return XMLElement(
            "jingle", namespace: Namespace.jingle,
            [
                ("action", "session-accept"), ("initiator", offer.initiator), ("responder", responder),
                ("sid", offer.sid),
            ],
            children: [group] + contents)
    }

    static func sessionTerminate(
        sid: String, initiator: String, reason: String, text: String, bridgeSession: String? = nil
    ) -> XMLElement {
        var jingle = XMLElement(
            "jingle", namespace: Namespace.jingle,
            [("action", "session-terminate"), ("initiator", initiator), ("sid", sid)],
            children: [
                XMLElement(
                    "reason", namespace: Namespace.jingle,
                    children: [
                        XMLElement(reason, namespace: Namespace.jingle),
                        XMLElement("text", namespace: Namespace.jingle, text: text),
                    ])
            ])
        if let bridgeSession {
            jingle.append(
                XMLElement(
                    "bridge-session", namespace: Namespace.focus, [("id", bridgeSession), ("restart", "true")]))
        }
        return jingle
    }

    private func content(_ name: String, description: XMLElement) -> XMLElement {
        XMLElement(
            "content", namespace: Namespace.jingle,
            [("creator", "responder"), ("name", name), ("senders", "both")], children: [description, transport()])
    }

    private func data(port: UInt16) -> XMLElement {
        var transport = transport()
        transport.append(
            XMLElement(
                "sctpmap", namespace: Namespace.sctp,
                [("number", String(port)), ("protocol", "webrtc-datachannel"), ("streams", "1024")]))
        return XMLElement(
            "content", namespace: Namespace.jingle,
            [("creator", "responder"), ("name", "data"), ("senders", "both")], children: [transport])
    }

    private func audio() -> XMLElement {
        var description = rtp("audio", answer.audioPayloadTypes, answer.audioExtensions)
        if let ssrc = answer.audioSSRC {
            description.append(source(ssrc, suffix: "a0", msid: msid("audio", ssrc), videoType: nil))
        }
        description.append(XMLElement("rtcp-mux", namespace: Namespace.rtp))
        return description
    }

    private func video() -> XMLElement {
        var description = rtp("video", answer.videoPayloadTypes, answer.videoExtensions)
        let layers = answer.videoLayers
        if let first = layers.first {
            // All of one camera: one name and one msid (jicofo, ValidatingConferenceSourceMap).
            let msid = msid("video", first.ssrc)
            for ssrc in layers.map(\.ssrc) + layers.compactMap(\.rtxSSRC) {
                description.append(source(ssrc, suffix: "v0", msid: msid, videoType: "camera"))
            }
            if layers.count > 1 { description.append(group("SIM", layers.map(\.ssrc))) }
            for layer in layers {
                if let rtx = layer.rtxSSRC { description.append(group("FID", [layer.ssrc, rtx])) }
            }
        }
        description.append(XMLElement("rtcp-mux", namespace: Namespace.rtp))
        return description
    }

    /// SSRCs that belong together (RFC 5576); the order of SIM is that of the sizes.
    private func group(_ semantics: String, _ ssrcs: [UInt32]) -> XMLElement {
        XMLElement(
            "ssrc-group", namespace: Namespace.sources, [("semantics", semantics)],
            children: ssrcs.map { XMLElement("source", namespace: Namespace.sources, [("ssrc", String($0))]) })
    }

    private func rtp(_ media: String, _ types: [PayloadType], _ extensions: [HeaderExtension]) -> XMLElement {
        XMLElement(
            "description", namespace: Namespace.rtp, [("media", media)],
            children: types.map(payloadType)
                + extensions.map {
                    XMLElement(
                        "rtp-hdrext", namespace: Namespace.headerExtension, [("id", String($0.id)), ("uri", $0.uri)])
                })
    }

    private func payloadType(_ type: PayloadType) -> XMLElement {
        var element = XMLElement(
            "payload-type", namespace: Namespace.rtp,
            [("id", String(type.id)), ("name", type.name), ("clockrate", String(type.clockRate))])
        if type.channels != 1 { element["channels"] = String(type.channels) }
        for parameter in type.parameters {
            element.append(
                XMLElement(
                    "parameter", namespace: Namespace.rtp, [("name", parameter.name), ("value", parameter.value)]))
        }
        for feedback in type.feedback {
            var child = XMLElement("rtcp-fb", namespace: Namespace.rtcpFeedback, [("type", feedback.type)])
            child["subtype"] = feedback.subtype
            element.append(child)
        }
        return element
    }

    private func source(_ ssrc: UInt32, suffix: String, msid: String, videoType: String?) -> XMLElement {
        var element = XMLElement(
            "source", namespace: Namespace.sources, [("ssrc", String(ssrc)), ("name", endpoint + "-" + suffix)],
            children: [
                XMLElement("parameter", namespace: Namespace.sources, [("name", "msid"), ("value", msid)])
            ])
        element["videoType"] = videoType
        return element
    }

    /// Stream and track id in the form of the web client; the primary SSRC makes the track id unique in the conference.
    private func msid(_ media: String, _ ssrc: UInt32) -> String {
        endpoint + "-" + media + "-0-1 " + endpoint + "-" + String(ssrc, radix: 16) + "-1"
    }

    private func transport() -> XMLElement {
        let fingerprint = XMLElement(
            "fingerprint", namespace: Namespace.dtls,
            [("hash", answer.fingerprint.hash), ("setup", answer.fingerprint.setup)],
            text: Hexadecimal.encode(answer.fingerprint.bytes ?? [], uppercase: true, separator: ":"))
        // Link-local addresses mean nothing to the bridge and stall it.
        let candidates = answer.candidates.filter { !$0.address.address.isLinkLocal }.enumerated().map(candidate)
        return XMLElement(
            "transport", namespace: Namespace.iceUDP,
            [("ufrag", answer.iceUfrag), ("pwd", answer.icePassword.revealed)],
            children: [XMLElement("rtcp-mux", namespace: Namespace.iceUDP), fingerprint] + candidates)
    }

    private func candidate(_ index: Int, _ candidate: JingleCandidate) -> XMLElement {
        var element = XMLElement(
            "candidate", namespace: Namespace.iceUDP,
            [
                ("component", String(candidate.component)), ("foundation", candidate.foundation), ("generation", "0"),
                ("id", "l" + String(index + 1)), ("ip", candidate.address.address.description), ("network", "1"),
                ("port", String(candidate.address.port)), ("priority", String(candidate.priority)),
                ("protocol", candidate.transport), ("type", candidate.kind.rawValue),
            ])
        if let related = candidate.relatedAddress {
            element["rel-addr"] = related.address.description
            element["rel-port"] = String(related.port)
        }
        return element
    }
}
