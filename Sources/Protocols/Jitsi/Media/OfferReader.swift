import Basis

/// Why a session-initiate was not taken.
enum OfferFault: Error, Equatable, Sendable {
    case missingSID
    case missingTransport
    case missingFingerprint
}

/// Reads a session-initiate: first usable transport, tables of payload types and extensions, sources.
enum OfferReader {
    /// - Parameter allowsInsecure: whether the bridge's channel may be a WebSocket without TLS.
    static func read(_ jingle: XMLElement, allowsInsecure: Bool = false) throws(OfferFault) -> MediaOffer {
        guard let sid = jingle["sid"], !sid.isEmpty, sid.utf8.count <= 256 else { throw .missingSID }
        let contents = jingle.children("content").prefix(16)
        let transports = contents.compactMap { $0.child("transport") }
        guard let transport = transports.first(where: { $0["ufrag"]?.isEmpty == false }),
            let ufrag = transport["ufrag"], let password = transport["pwd"], !password.isEmpty,
            ufrag.utf8.count <= 256, password.utf8.count <= 256
        else { throw .missingTransport }
        let fingerprints = transport.children("fingerprint").prefix(8).map {
            DTLSFingerprint(
                hash: ($0["hash"] ?? "").lowercased(), value: $0.text.filter { !$0.isWhitespace },
                setup: $0["setup"] ?? "actpass")
        }.filter { $0.bytes != nil }
        guard !fingerprints.isEmpty else { throw .missingFingerprint }

        let audio = description(in: contents, named: "audio")
        let video = description(in: contents, named: "video")
        let sources = SourceReader.read(jingle)
        let startMuted = jingle.child("startmuted")
        return MediaOffer(
            sid: sid, initiator: jingle["initiator"] ?? "", iceUfrag: ufrag, icePassword: Redacted(password),
            fingerprints: fingerprints,
            candidates: transport.children("candidate").prefix(64).compactMap(candidate),
            webSocketURLs: transport.children("web-socket").prefix(8).compactMap {
                webSocket($0, allowsInsecure: allowsInsecure)
            },
            sctpPort: transports.lazy.compactMap { $0.child("sctpmap")?["number"].flatMap { UInt16($0) } }.first,
            audioPayloadTypes: payloadTypes(audio), videoPayloadTypes: payloadTypes(video),
            audioExtensions: extensions(audio), videoExtensions: extensions(video),
            sources: sources.sources, bridgeSSRCs: sources.bridgeSSRCs,
            bridgeSessionID: jingle.child("bridge-session")?["id"],
            bridgeRegion: jingle.child("bridge-session")?["region"].map { RemoteText.clean($0, limit: 40) },
            startAudioMuted: startMuted?["audio"] == "true", startVideoMuted: startMuted?["video"] == "true")
    }

    private static func description(in contents: ArraySlice<XMLElement>, named name: String) -> XMLElement? {
        contents.first { $0["name"] == name }?.child("description")
            ?? contents.lazy.compactMap { $0.child("description") }.first { $0["media"] == name }
    }

    private static func webSocket(_ element: XMLElement, allowsInsecure: Bool) -> Redacted<String>? {
        guard let url = element["url"], url.utf8.count <= 2048,
            url.hasPrefix("wss://") || allowsInsecure && url.hasPrefix("ws://"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return Redacted(url)
    }

    private static func candidate(_ element: XMLElement) -> JingleCandidate? {
        guard let ip = element["ip"].flatMap({ IPAddress($0) }), let port = element["port"].flatMap({ UInt16($0) }),
            port != 0, element["generation"] ?? "0" == "0", (element["component"] ?? "1") == "1",
            let kind = JingleCandidate.Kind(rawValue: element["type"] ?? "host")
        else { return nil }
        let related = element["rel-addr"].flatMap { IPAddress($0) }.flatMap { address in
            element["rel-port"].flatMap { UInt16($0) }.map { TransportAddress(address, port: $0) }
        }
        return JingleCandidate(
            foundation: String((element["foundation"] ?? "0").prefix(32)),
            transport: (element["protocol"] ?? "udp").lowercased(),
            priority: element["priority"].flatMap { UInt32($0) } ?? 0, address: TransportAddress(ip, port: port),
            kind: kind, relatedAddress: related)
    }

    private static func payloadTypes(_ description: XMLElement?) -> [PayloadType] {
        guard let description else { return [] }
        var seen: Set<UInt8> = []
        return description.children("payload-type").prefix(64).compactMap { element in
            guard let id = element["id"].flatMap({ UInt8($0) }), id < 128, let name = element["name"], !name.isEmpty,
                let clockRate = element["clockrate"].flatMap({ Int($0) }), (1...1_000_000).contains(clockRate),
                seen.insert(id).inserted
            else { return nil }
            let channels = element["channels"].flatMap { Int($0) } ?? 1
            return PayloadType(
                id: id, name: name, clockRate: clockRate, channels: (1...8).contains(channels) ? channels : 1,
                parameters: element.children("parameter").prefix(32).map {
                    .init($0["name"] ?? "", $0["value"] ?? "")
                },
                feedback: element.children("rtcp-fb").prefix(16).compactMap { item in
                    item["type"].map { .init($0, item["subtype"]) }
                })
        }
    }

    private static func extensions(_ description: XMLElement?) -> [HeaderExtension] {
        guard let description else { return [] }
        var seen: Set<UInt8> = []
        return description.children("rtp-hdrext").prefix(64).compactMap { element in
            guard let id = element["id"].flatMap({ UInt8($0) }), id > 0, let uri = element["uri"], !uri.isEmpty,
                seen.insert(id).inserted
            else { return nil }
            return HeaderExtension(id: id, uri: uri)
        }
    }
}
