import Basis
import DTLSSRTP
import ICE
import RTP

/// Writes the session-initiate of protocol section 5.2, as Jicofo does.
struct JingleOffer {
    let sid: String
    let initiator: String
    let bridgeSessionID: String
    let credentials: ICECredentials
    let fingerprint: DTLSFingerprint
    let mediaAddress: TransportAddress
    /// Of the bridge channel; nil where it is not offered.
    let webSocketURL: String?
    let sctpPort: UInt16?
    /// By owner, the client's own left out.
    let sources: [(owner: String, set: SourceSet)]
    let isJSON: Bool

    func element() -> XMLElement {
        var contents = [
            content("audio", description: description(.audio)), content("video", description: description(.video)),
        ]
        if sctpPort != nil {
            let description = XMLElement("description", namespace: PracticeNamespace.rtp, [("media", "application")])
            contents.append(content("data", description: description, withSCTP: true))
        }
        let group = XMLElement(
            "group", namespace: PracticeNamespace.grouping, [("semantics", "BUNDLE")],
            children: contents.map {
                XMLElement("content", namespace: PracticeNamespace.grouping, [("name", $0["name"] ?? "")])
            })
        let bridgeSession = XMLElement(
            "bridge-session", namespace: PracticeNamespace.focus, [("id", bridgeSessionID), ("region", "practice")])
        var jingle = XMLElement(
            "jingle", namespace: PracticeNamespace.jingle,
            [("action", "session-initiate"), ("initiator", initiator), ("sid", sid)],
            children: contents + [group, bridgeSession])
        if isJSON { jingle.append(SourceSet.jsonMessage(sources)) }
        return jingle
    }

    /// A source-add or source-remove.
    static func change(
        _ action: String, sid: String, initiator: String, owner: String, set: SourceSet, isJSON: Bool
    ) -> XMLElement {
        var jingle = XMLElement(
            "jingle", namespace: PracticeNamespace.jingle,
            [("action", action), ("initiator", initiator), ("sid", sid)])
        if isJSON {
            jingle.append(SourceSet.jsonMessage([(owner, set)]))
            return jingle
        }
        for kind in [RTP.MediaKind.audio, .video] where set.sources.contains(where: { $0.kind == kind }) {
            let description = XMLElement(
                "description", namespace: PracticeNamespace.rtp, [("media", name(kind))],
                children: set.elements(kind: kind, owner: owner))
            jingle.append(
                XMLElement(
                    "content", namespace: PracticeNamespace.jingle, [("creator", "initiator"), ("name", name(kind))],
                    children: [description]))
        }
        return jingle
    }

    static func terminate(sid: String, initiator: String, reason: String, text: String) -> XMLElement {
        let reason = XMLElement(
            "reason", namespace: PracticeNamespace.jingle,
            children: [
                XMLElement(reason, namespace: PracticeNamespace.jingle),
                XMLElement("text", namespace: PracticeNamespace.jingle, text: text),
            ])
        return XMLElement(
            "jingle", namespace: PracticeNamespace.jingle,
            [("action", "session-terminate"), ("initiator", initiator), ("sid", sid)], children: [reason])
    }

    private static func name(_ kind: RTP.MediaKind) -> String { kind == .audio ? "audio" : "video" }

    // MARK: Parts

    private func content(_ name: String, description: XMLElement, withSCTP: Bool = false) -> XMLElement {
        var transport = transport()
        if withSCTP, let sctpPort {
            transport.append(
                XMLElement(
                    "sctpmap", namespace: PracticeNamespace.sctp,
                    [("number", String(sctpPort)), ("protocol", "webrtc-datachannel"), ("streams", "1024")]))
        }
        return XMLElement(
            "content", namespace: PracticeNamespace.jingle,
            [("creator", "initiator"), ("name", name), ("senders", "both")], children: [description, transport])
    }

    private func transport() -> XMLElement {
        var children = [
            XMLElement("rtcp-mux", namespace: PracticeNamespace.iceUDP),
            XMLElement(
                "fingerprint", namespace: PracticeNamespace.dtls, [("hash", fingerprint.hash), ("setup", "actpass")],
                text: fingerprint.value),
        ]
        if let webSocketURL {
            children.append(XMLElement("web-socket", namespace: PracticeNamespace.colibri, [("url", webSocketURL)]))
        }
        children.append(
            XMLElement(
                "candidate", namespace: PracticeNamespace.iceUDP,
                [
                    ("component", "1"), ("foundation", "1"), ("generation", "0"), ("id", "c1"),
                    ("ip", mediaAddress.address.description), ("network", "0"), ("port", String(mediaAddress.port)),
                    ("priority", String(ICECandidate.priority(kind: .host, localPreference: 65_535))),
                    ("protocol", "udp"), ("type", "host"),
                ]))
        return XMLElement(
            "transport", namespace: PracticeNamespace.iceUDP,
            [("ufrag", credentials.ufrag), ("pwd", credentials.password.revealed)], children: children)
    }

    private func description(_ kind: RTP.MediaKind) -> XMLElement {
        var element = XMLElement(
            "description", namespace: PracticeNamespace.rtp, [("media", Self.name(kind))],
            children: kind == .audio ? Self.audioFormats : Self.videoFormats)
        element.append(XMLElement("rtcp-mux", namespace: PracticeNamespace.rtp))
        if !isJSON {
            for (owner, set) in sources {
                for source in set.elements(kind: kind, owner: owner) { element.append(source) }
            }
        }
        return element
    }

    private static let audioFormats = [
        payloadType(
            BridgeFormat.red, "red", [("clockrate", "48000"), ("channels", "2")],
            parameters: [("", "\(BridgeFormat.opus)/\(BridgeFormat.opus)")]),
        payloadType(
            BridgeFormat.opus, "opus", [("clockrate", "48000"), ("channels", "2")],
            parameters: [("minptime", "10"), ("useinbandfec", "1")], feedback: [("transport-cc", nil)]),
        headerExtension(BridgeFormat.audioLevel, BridgeFormat.audioLevelURI),
        headerExtension(BridgeFormat.transportWideCC, BridgeFormat.transportWideCCURI),
    ]

    private static let videoFormats = [
        payloadType(
            BridgeFormat.vp8, "VP8", [("clockrate", "90000")],
            feedback: [("ccm", "fir"), ("nack", nil), ("nack", "pli"), ("transport-cc", nil)]),
        payloadType(
            BridgeFormat.rtx, "rtx", [("clockrate", "90000")], parameters: [("apt", String(BridgeFormat.vp8))]),
        payloadType(
            BridgeFormat.vp9, "VP9", [("clockrate", "90000")], parameters: [("profile-id", "0")],
            feedback: [("ccm", "fir"), ("nack", nil), ("nack", "pli"), ("transport-cc", nil)]),
        payloadType(
            BridgeFormat.vp9RTX, "rtx", [("clockrate", "90000")], parameters: [("apt", String(BridgeFormat.vp9))]),
        headerExtension(BridgeFormat.absSendTime, BridgeFormat.absSendTimeURI),
        headerExtension(BridgeFormat.transportWideCC, BridgeFormat.transportWideCCURI),
    ]

    private static func payloadType(
        _ id: UInt8, _ name: String, _ attributes: [(String, String)], parameters: [(String, String)] = [],
        feedback: [(String, String?)] = []
    ) -> XMLElement {
        var element = XMLElement(
            "payload-type", namespace: PracticeNamespace.rtp, [("id", String(id)), ("name", name)] + attributes)
        for (name, value) in parameters {
            element.append(
                XMLElement("parameter", namespace: PracticeNamespace.rtp, [("name", name), ("value", value)]))
        }
        for (type, subtype) in feedback {
            var child = XMLElement("rtcp-fb", namespace: PracticeNamespace.rtcpFeedback, [("type", type)])
            child["subtype"] = subtype
            element.append(child)
        }
        return element
    }

    private static func headerExtension(_ id: UInt8, _ uri: String) -> XMLElement {
        XMLElement(
            "rtp-hdrext", namespace: PracticeNamespace.headerExtension, [("id", String(id)), ("uri", uri)])
    }
}
