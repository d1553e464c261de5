import Basis
import Codecs
import DTLSSRTP
import Devices
import ICE
import MediaSession
import RTP

@testable import Practice

/// A source as an offer names it.
struct OfferedSource: Equatable {
    var owner: String
    var name: String
    var kind: RTP.MediaKind
    var ssrc: UInt32
    var rtx: UInt32?
}

/// A participant that plays by a script: raw stanzas, and a media session of its own.
final class ScriptedClient {
    let socket: Int
    let channelSocket: Int
    let address: TransportAddress
    let room = "entrainement@conference.practice.invalid"
    var random: RandomSource

    // What it does by itself.
    var answersDisco = true
    var accepts = true
    var password: String?
    var prefersSCTP = false
    var features = [
        "http://jitsi.org/json-encoded-sources", "urn:xmpp:jingle:transports:dtls-sctp:1", "urn:ietf:rfc:4588",
    ]
    /// Nil draws SSRCs.
    var audioSSRC: UInt32?

    // What it has seen.
    var jid = ""
    var nick = ""
    var stanzas: [XMLElement] = []
    var isJoined = false
    var offer: XMLElement?
    var offers = 0
    var sources: [OfferedSource] = []
    var events: [TransportEvent] = []
    var channelMessages: [JSONValue] = []
    var channelPath: String?
    var isChannelOpen = false
    var closedSockets: [Int: UInt16] = [:]
    var pcm: [UInt32: [Int16]] = [:]
    var levels: [UInt8] = []
    var keyframeSizes: [UInt32: [PictureSize]] = [:]
    var frames: [UInt32: [(bytes: [UInt8], isKeyframe: Bool)]] = [:]
    var keyframesWanted = 0

    // What it wants to send.
    var texts: [(socket: Int, text: String)] = []
    var media: MediaSession?
    private var decoders: [UInt32: Int] = [:]
    private var first: OpusDecoder?
    private var second: OpusDecoder?
    private let certificate: DTLSCertificate

    init(number: Int, certificate: DTLSCertificate) {
        socket = number * 100
        channelSocket = number * 100 + 1
        address = TransportAddress(.v4(0x7F00_0001), port: UInt16(40_000 + number))
        random = RandomSource(seed: 1_000 + UInt64(number))
        self.certificate = certificate
    }

    func send(_ text: String) {
        texts.append((socket, text))
    }

    func channelSend(_ text: String, at now: MonotonicInstant) {
        if prefersSCTP { _ = media?.send(text: text, at: now) } else { texts.append((channelSocket, text)) }
    }

    func wantVideo(height: Int, at now: MonotonicInstant) {
        channelSend(
            """
            {"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":\(height)},\
            "constraints":{},"onStageSources":[],"selectedSources":[]}
            """, at: now)
    }

    func begin() {
        send("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='practice.invalid' version='1.0'/>")
    }

    func join() {
        let door = password.map { "<password>\($0)</password>" } ?? ""
        sendPresence("<x xmlns='http://jabber.org/protocol/muc'>\(door)</x>", audioMuted: false)
    }

    func sendPresence(_ extra: String = "", audioMuted: Bool) {
        let info = #"{"\#(nick)-a0":{"muted":\#(audioMuted)},"\#(nick)-v0":{"muted":false}}"#
        send(
            "<presence xmlns='jabber:client' to='\(room)/\(nick)'>\(extra)"
                + "<nick xmlns='http://jabber.org/protocol/nick'>Salle</nick><SourceInfo>\(info)</SourceInfo></presence>"
        )
    }

    func leave() {
        send("<presence xmlns='jabber:client' to='\(room)/\(nick)' type='unavailable'/>")
    }

    func presences(of nick: String) -> [XMLElement] {
        stanzas.filter { $0.name == "presence" && $0["from"] == room + "/" + nick }
    }

    func errors() -> [String] {
        stanzas.filter { $0["type"] == "error" }.compactMap { $0.child("error")?.elements.first?.name }
    }

    // MARK: Signalling

    func receive(_ text: String, on id: Int, at now: MonotonicInstant) {
        if id == channelSocket {
            if let message = try? JSONReader.parse(text) { channelMessages.append(message) }
            return
        }
        guard let element = try? XMLReader.parse(text) else { return }
        stanzas.append(element)
        switch element.name {
        case "features":
            if element.child("mechanisms") != nil {
                send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>")
            } else {
                send(
                    "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
            }
        case "success": begin()
        case "presence":
            if element.child("x")?.children("status").contains(where: { $0["code"] == "110" }) == true {
                isJoined = element["type"] == nil
            }
        case "iq": receiveIQ(element, at: now)
        default: break
        }
    }

    private func receiveIQ(_ iq: XMLElement, at now: MonotonicInstant) {
        guard let child = iq.elements.first else { return }
        switch (iq["type"], child.name) {
        case ("result", "bind"):
            jid = child.child("jid")?.text ?? ""
            nick = String(jid.prefix(8))
            send(
                "<iq xmlns='jabber:client' type='set' id='c' to='focus.practice.invalid'>"
                    + "<conference xmlns='http://jitsi.org/protocol/focus' room='\(room)' machine-uid='m'/></iq>")
        case ("result", "conference"): join()
        case ("get", "query"):
            guard answersDisco else { return }
            let list = features.map { "<feature var='\($0)'/>" }.joined()
            send(
                "<iq xmlns='jabber:client' type='result' id='\(iq["id"] ?? "")' to='\(iq["from"] ?? "")'>"
                    + "<query xmlns='http://jabber.org/protocol/disco#info'>\(list)</query></iq>")
        case ("set", _):
            send("<iq xmlns='jabber:client' type='result' id='\(iq["id"] ?? "")' to='\(iq["from"] ?? "")'/>")
            if child.name == "jingle" { receiveJingle(child, at: now) }
        default: break
        }
    }

    private func receiveJingle(_ jingle: XMLElement, at now: MonotonicInstant) {
        switch jingle["action"] {
        case "session-initiate":
            offer = jingle
            offers += 1
            sources = Self.sources(of: jingle)
            if accepts { accept(at: now) }
        case "source-add":
            let added = Self.sources(of: jingle)
            sources += added
            for source in added { add(source, at: now) }
        case "source-remove":
            let gone = Set(Self.sources(of: jingle).map(\.ssrc))
            sources.removeAll { gone.contains($0.ssrc) }
        case "session-terminate":
            media = nil
            isChannelOpen = false
        default: break
        }
    }

    private func add(_ source: OfferedSource, at now: MonotonicInstant) {
        media?.addInbound(
            InboundSource(name: source.name, kind: source.kind, ssrc: source.ssrc, rtxSSRC: source.rtx), at: now)
    }

    func accept(at now: MonotonicInstant) {
        guard let offer, let transport = offer.child("content")?.child("transport") else { return }
        let credentials = ICECredentials.generate(using: &random)
        let fingerprints = transport.children("fingerprint").compactMap {
            DTLSFingerprint(hash: $0["hash"] ?? "", value: $0.text)
        }
        let hasSCTP = offer.children("content").contains { $0["name"] == "data" }
        prefersSCTP = hasSCTP
        let ssrcs = (0..<3).map { _ in UInt32.random(in: 1...UInt32.max, using: &random) }
        do {
            var session = try MediaSession(
                transport: SecureTransport.Configuration(
                    iceRole: .controlled, dtlsRole: .client, localCredentials: credentials, certificate: certificate,
                    remoteFingerprints: fingerprints, sctpPort: hasSCTP ? 5_000 : nil),
                rtp: RTPSessionConfiguration(
                    cname: nick, audioExtensions: RTPExtensionMap(audioLevel: 1, transportWideCC: 5),
                    videoExtensions: RTPExtensionMap(transportWideCC: 5, absSendTime: 3), opusPayloadType: 111,
                    vp8PayloadType: 100, rtxPayloadType: 96),
                random: random.fork(), at: now)
            session.setOutbound(audio: audioSSRC ?? ssrcs[0], video: ssrcs[1], videoRTX: ssrcs[2])
            session.addHost(address, localPreference: 65_535)
            session.setRemote(
                ICECredentials(ufrag: transport["ufrag"] ?? "", password: Redacted(transport["pwd"] ?? "")), at: now)
            for element in transport.children("candidate") {
                guard let ip = element["ip"].flatMap({ IPAddress($0) }),
                    let port = element["port"].flatMap({ UInt16($0) })
                else { continue }
                session.addRemote(
                    ICECandidate(
                        foundation: "1", priority: 1 << 24, address: TransportAddress(ip, port: port), kind: .host),
                    at: now)
            }
            media = consume session
        } catch {
            return
        }
        for source in sources { add(source, at: now) }
        sendAccept(credentials, audio: audioSSRC ?? ssrcs[0], video: ssrcs[1], rtx: ssrcs[2], hasSCTP: hasSCTP)
        if !hasSCTP, let url = transport.child("web-socket")?["url"],
            let slash = url.dropFirst("ws://".count).firstIndex(of: "/")
        {
            channelPath = String(url[slash...])
        }
    }

    private func sendAccept(_ credentials: ICECredentials, audio: UInt32, video: UInt32, rtx: UInt32, hasSCTP: Bool) {
        let transport =
            "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='\(credentials.ufrag)' "
            + "pwd='\(credentials.password.revealed)'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' "
            + "setup='active'>\(certificate.fingerprint.value)</fingerprint>"
            + "<candidate component='1' foundation='1' generation='0' id='l1' ip='\(address.address)' network='1' "
            + "port='\(address.port)' priority='2130706431' protocol='udp' type='host'/>"
        func source(_ ssrc: UInt32, _ suffix: String) -> String {
            "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='\(ssrc)' name='\(nick)-\(suffix)'>"
                + "<parameter name='msid' value='\(nick)-\(suffix) t'/></source>"
        }
        let group =
            "<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'><source ssrc='\(video)'/>"
            + "<source ssrc='\(rtx)'/></ssrc-group>"
        func content(_ name: String, _ inside: String, _ map: String = "") -> String {
            "<content creator='responder' name='\(name)'>"
                + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='\(name)'>\(inside)</description>"
                + "\(transport)\(map)</transport></content>"
        }
        var contents = content("audio", source(audio, "a0"))
        contents += content("video", source(video, "v0") + source(rtx, "v0") + group)
        if hasSCTP {
            contents += content(
                "data", "",
                "<sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='5000' protocol='webrtc-datachannel' "
                    + "streams='1024'/>")
        }
        sendJingle("session-accept", contents)
    }

    func sendJingle(_ action: String, _ inside: String = "", sid: String? = nil) {
        send(
            "<iq xmlns='jabber:client' type='set' id='j-\(action)' to='\(room)/focus'>"
                + "<jingle xmlns='urn:xmpp:jingle:1' action='\(action)' sid='\(sid ?? offer?["sid"] ?? "")'>"
                + "\(inside)</jingle></iq>")
    }

    /// The sources in JSON or XML, RTX folded into its stream.
    static func sources(of jingle: XMLElement) -> [OfferedSource] {
        var found: [OfferedSource] = []
        if let json = jingle.child("json-message").flatMap({ try? JSONReader.parse($0.text) }) {
            for member in json["sources"]?.members ?? [] {
                let sets = member.value.array ?? []
                for (index, kind) in [(0, RTP.MediaKind.video), (2, .audio)] where sets.count > index {
                    for item in sets[index].array ?? [] {
                        guard let ssrc = item["s"]?.integer else { continue }
                        found.append(
                            OfferedSource(
                                owner: member.key, name: item["n"]?.string ?? "", kind: kind, ssrc: UInt32(ssrc)))
                    }
                }
                for group in sets.count > 1 ? sets[1].array ?? [] : [] {
                    pair(group.array?.compactMap(\.integer).map { UInt32($0) } ?? [], in: &found)
                }
            }
            return found
        }
        for content in jingle.children("content") {
            guard let description = content.child("description") else { continue }
            for element in description.children("source") {
                guard let ssrc = element["ssrc"].flatMap({ UInt32($0) }) else { continue }
                found.append(
                    OfferedSource(
                        owner: element.child("ssrc-info")?["owner"] ?? "", name: element["name"] ?? "",
                        kind: content["name"] == "audio" ? .audio : .video, ssrc: ssrc))
            }
            for group in description.children("ssrc-group") {
                pair(group.children("source").compactMap { $0["ssrc"].flatMap { UInt32($0) } }, in: &found)
            }
        }
        return found
    }

    private static func pair(_ ssrcs: [UInt32], in found: inout [OfferedSource]) {
        guard ssrcs.count == 2, let index = found.firstIndex(where: { $0.ssrc == ssrcs[0] }) else { return }
        found[index].rtx = ssrcs[1]
        found.removeAll { $0.ssrc == ssrcs[1] }
    }

    // MARK: Media

    func receive(_ datagram: inout [UInt8], from remote: TransportAddress, at now: MonotonicInstant) {
        let path = DatagramPath(local: address, remote: remote)
        guard case .audio(let ssrc, _, _, let payload, let level) = media?.receive(&datagram, on: path, at: now) else {
            return
        }
        if let level { levels.append(level) }
        decode(datagram.span.extracting(payload), ssrc: ssrc)
    }

    /// The first two voices are decoded; more are never needed.
    private func decode(_ packet: Span<UInt8>, ssrc: UInt32) {
        let place = decoders[ssrc] ?? decoders.count
        decoders[ssrc] = place
        var samples: [Int16] = []
        do {
            if place == 0 {
                if first == nil { first = try OpusDecoder() }
                try first?.decode(packet, into: &samples)
            } else if place == 1 {
                if second == nil { second = try OpusDecoder() }
                try second?.decode(packet, into: &samples)
            }
        } catch {
            return
        }
        pcm[ssrc, default: []] += samples
    }

    func drain() {
        while let event = media?.pollEvent() {
            switch event {
            case .transport(.channelOpen):
                isChannelOpen = true
                events.append(.channelOpen)
            case .transport(.channelMessage(let text)):
                if let message = try? JSONReader.parse(text) { channelMessages.append(message) }
            case .transport(let event): events.append(event)
            case .rtp(.videoFrame(_, let ssrc, _, let bytes, _, let isKeyframe)):
                frames[ssrc, default: []].append((bytes, isKeyframe))
                if isKeyframe, let size = VP8Decoder.keyframeSize(bytes.span) {
                    keyframeSizes[ssrc, default: []].append(size)
                }
            case .rtp(.keyframeRequested): keyframesWanted += 1
            case .rtp: break
            }
        }
    }

    var isSecured: Bool { media?.isSecured ?? false }
}
