import Basis
import Testing

@testable import Jitsi

/// A room under test with a scripted server around it: stanzas in as text, outputs sorted.
struct RoomHarness {
    static let roomJID = "conseil@conference.visio.example.org"
    static let us = "a1b2c3d4-0e0f-4a4b-8c8d-112233445566@visio.example.org/Kq7Z"
    static let focusJID = "focus@auth.visio.example.org"

    var room: JitsiRoom
    var now = MonotonicInstant.zero
    var sent: [XMLElement] = []
    var queries: [(token: String, stanza: XMLElement)] = []
    var posts: [(token: String, url: String, json: String)] = []
    var events: [JitsiEvent] = []
    /// How many stanzas were sent that share the budget of answers.
    var answers = 0

    init(
        config: String? = nil, isAnonymous: Bool = true, password: String? = nil, seed: UInt64 = 1,
        videoCodecs: [VideoCodec] = [.vp8]
    ) throws {
        let url = try RoomURL("https://visio.example.org/Conseil")
        room = JitsiRoom(
            configuration: ServerConfiguration(roomURL: url, configScript: config.map { "var config = {};\n" + $0 }),
            roomURL: url,
            identity: LocalIdentity(
                displayName: "Salle du conseil", statsID: "Salle-Ab3", machineUID: "0f3c",
                capsElement: XMLElement(
                    "c", namespace: "http://jabber.org/protocol/caps",
                    [("hash", "sha-1"), ("node", "https://example.org/visiosalle"), ("ver", "VER=")]),
                videoCodecs: videoCodecs),
            ownJID: Self.us, isAnonymous: isAnonymous, password: password.map { Redacted($0) },
            sessionRandom: RandomSource(seed: seed))
    }

    mutating func drain() {
        while let output = room.poll() {
            switch output {
            case .send(let stanza): sent.append(stanza)
            case .answer(let stanza):
                sent.append(stanza)
                answers += 1
            case .query(let token, let stanza, _): queries.append((token, stanza))
            case .post(let token, let url, let json, _): posts.append((token, url, json))
            case .event(let event): events.append(event)
            }
        }
    }

    mutating func start() {
        room.start(at: now)
        drain()
    }

    mutating func receive(_ text: String) throws {
        room.receive(stanza: try XMLReader.parse(text), at: now)
        drain()
    }

    /// Answers the last query whose payload is called `name`.
    mutating func answer(_ name: String, _ answer: IQAnswer) throws {
        let index = try #require(queries.lastIndex { $0.stanza.elements.first?.name == name })
        let token = queries.remove(at: index).token
        room.receive(answer: answer, to: token, at: now)
        drain()
    }

    mutating func answer(_ name: String, result payload: String) throws {
        let text = "<iq xmlns='jabber:client' type='result'>\(payload)</iq>"
        try answer(name, .result(try XMLReader.parse(text)))
    }

    /// Moves to the next deadline and acts.
    mutating func skip() throws {
        now = max(now, try #require(room.soonest.instant))
        room.advance(to: now)
        drain()
    }

    mutating func wait(_ duration: Duration) {
        now += duration
        room.advance(to: now)
        drain()
    }

    mutating func answerConference(ready: Bool = true) throws {
        try answer(
            "conference",
            result: """
                <conference xmlns='http://jitsi.org/protocol/focus' room='\(Self.roomJID)' ready='\(ready)' \
                focusjid='\(Self.focusJID)'/>
                """)
    }

    mutating func presence(
        _ nick: String, jid: String? = nil, role: String = "participant", children: String = "", status: [Int] = [],
        type: String? = nil, affiliation: String = "none"
    ) throws {
        let jidText = jid.map { " jid='\($0)'" } ?? ""
        let typeText = type.map { " type='\($0)'" } ?? ""
        let statusText = status.map { "<status code='\($0)'/>" }.joined()
        try receive(
            """
            <presence xmlns='jabber:client' from='\(Self.roomJID)/\(nick)'\(typeText)>\(children)\
            <x xmlns='http://jabber.org/protocol/muc#user'><item role='\(role)' affiliation='\(affiliation)'\(jidText)/>\
            \(statusText)</x></presence>
            """)
    }

    mutating func joinError(_ condition: String, text: String = "", extra: String = "") throws {
        try receive(
            """
            <presence xmlns='jabber:client' type='error' from='\(Self.roomJID)/\(room.occupantID)'>\
            <error type='cancel'><\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
            <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\(text)</text>\(extra)</error></presence>
            """)
    }

    mutating func focusEnters() throws {
        try presence("focus", jid: Self.focusJID + "/focus", role: "moderator")
    }

    mutating func enter() throws {
        try focusEnters()
        try presence(room.occupantID, jid: Self.us, status: [100, 110])
    }

    /// Joined, with one other participant.
    static func joined(seed: UInt64 = 1) throws -> RoomHarness {
        var harness = try RoomHarness(seed: seed)
        harness.start()
        try harness.answerConference()
        try harness.presence("5e6f7a8b", jid: "5e6f7a8b-1111@visio.example.org/x", children: Self.peerExtensions)
        try harness.enter()
        return harness
    }

    static let peerExtensions = """
        <nick xmlns='http://jabber.org/protocol/nick'>Zoé</nick>\
        <SourceInfo>{"5e6f7a8b-a0":{"muted":false},"5e6f7a8b-v0":{}}</SourceInfo>
        """

    mutating func jingle(
        _ action: String, sid: String = "s1", from: String = "focus", id: String = "j1", _ inside: String = ""
    ) throws {
        try receive(
            """
            <iq xmlns='jabber:client' type='set' id='\(id)' from='\(Self.roomJID)/\(from)' to='\(Self.us)'>\
            <jingle xmlns='urn:xmpp:jingle:1' action='\(action)' initiator='\(Self.focusJID)/focus' \
            sid='\(sid)'>\(inside)</jingle></iq>
            """)
    }

    var lastReply: XMLElement? { sent.last { $0.name == "iq" } }
    var joins: [XMLElement] { sent.filter { $0.name == "presence" && $0["type"] == nil } }
    var errorCondition: String? { lastReply?.child("error")?.elements.first?.name }

    var offers: [MediaOffer] {
        events.compactMap { if case .offer(let offer) = $0 { offer } else { nil } }
    }
}

/// Invented offers of two eras.
enum OfferFixtures {
    static let transport = """
        <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='q7h2c' pwd='2k8v0q1m5t7r9w3y6z4b8d1f0h'>\
        <rtcp-mux/><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='SHA-256' setup='actpass'>C4:1D:0e:7E\
        </fingerprint>\
        <web-socket xmlns='http://jitsi.org/protocol/colibri' url='wss://visio.example.org/colibri-ws/jvb1/x?pwd=p'/>\
        <candidate component='1' foundation='1' generation='0' id='c1' ip='192.0.2.10' network='0' port='10000' \
        priority='2130706431' protocol='udp' type='host'/>\
        <candidate component='1' foundation='3' generation='0' id='c3' ip='2001:db8::10' port='10000' \
        priority='2130706430' protocol='udp' type='host'/>\
        <candidate component='1' foundation='2' generation='0' id='c2' ip='203.0.113.7' port='10000' \
        priority='1694498815' protocol='udp' type='srflx' rel-addr='192.0.2.10' rel-port='10000'/>\
        <candidate component='1' foundation='9' generation='0' ip='host.local' port='1' priority='1' protocol='udp'/>\
        <sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='5000' protocol='webrtc-datachannel'/>\
        </transport>
        """

    static func contents(audio: String = "", video: String = "") -> String {
        """
        <content creator='initiator' name='audio' senders='both'>\
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>\
        <payload-type id='111' name='opus' clockrate='48000' channels='2'><parameter name='minptime' value='10'/>\
        <rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='transport-cc'/></payload-type>\
        <rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='1' \
        uri='urn:ietf:params:rtp-hdrext:ssrc-audio-level'/>\(audio)</description>\(transport)</content>\
        <content creator='initiator' name='video' senders='both'>\
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>\
        <payload-type id='101' name='VP8' clockrate='90000'>\
        <rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='nack' subtype='pli'/></payload-type>\
        <payload-type id='97' name='rtx' clockrate='90000'><parameter name='apt' value='101'/></payload-type>\
        <rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='9' uri='tcc'/>\(video)</description>\
        \(transport)</content><traceparent xmlns='urn:example:unknown'/>\
        <bridge-session xmlns='http://jitsi.org/protocol/focus' id='1f2e3d' region='r'/>
        """
    }

    static func xmlSource(_ ssrc: Int, _ name: String, owner: String) -> String {
        """
        <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='\(ssrc)' name='\(name)'>\
        <parameter xmlns='urn:xmpp:jingle:apps:rtp:1' name='msid' value='a b'/>\
        <ssrc-info xmlns='http://jitsi.org/jitmeet' owner='\(owner)'/></source>
        """
    }

    static func fid(_ first: Int, _ second: Int) -> String {
        """
        <ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'><source ssrc='\(first)'/>\
        <source ssrc='\(second)'/></ssrc-group>
        """
    }

    /// 2022: sources in XML, the owner a JID.
    static let xml = contents(
        audio: xmlSource(1_500_000_001, "jvb-a0", owner: "jvb")
            + xmlSource(3001, "5e6f7a8b-a0", owner: RoomHarness.roomJID + "/5e6f7a8b"),
        video: xmlSource(4001, "5e6f7a8b-v0", owner: RoomHarness.roomJID + "/5e6f7a8b")
            + xmlSource(4002, "5e6f7a8b-v0", owner: RoomHarness.roomJID + "/5e6f7a8b") + fid(4001, 4002))

    static func message(_ json: String) -> String {
        "<json-message xmlns='http://jitsi.org/jitmeet'>\(json)</json-message>"
    }

    /// 2026: sources in JSON, the owner an endpoint id.
    static let json =
        contents()
        + message(
            """
            {"sources":{"jvb":[[{"s":1500000002,"n":"jvb-v0"}],[],[{"s":1500000001,"n":"jvb-a0"}]],\
            "5e6f7a8b":[[{"s":4001,"n":"5e6f7a8b-v0"},{"s":4002,"n":"5e6f7a8b-v0"},\
            {"s":4101,"n":"5e6f7a8b-v1","v":"d"}],[["f",4001,4002]],[{"s":3001,"n":"5e6f7a8b-a0"}]]}}
            """)

    static func answer(audio: UInt32? = 2_222_000_001, video: UInt32? = 2_222_000_010, rtx: UInt32? = 2_222_000_011)
        -> MediaAnswer
    {
        MediaAnswer(
            iceUfrag: "Xy12", icePassword: Redacted("0123456789abcdefABCDEF"),
            fingerprint: DTLSFingerprint(hash: "sha-256", value: "0a:1b:FF", setup: "active"),
            candidates: [
                JingleCandidate(
                    foundation: "1", priority: 1,
                    address: TransportAddress(IPAddress.v4(0x0A01_0203), port: 47001), kind: .host),
                JingleCandidate(
                    foundation: "2", priority: 1,
                    address: TransportAddress(IPAddress.v6(high: 0xFE80_0000_0000_0000, low: 1), port: 47001),
                    kind: .host),
            ],
            audioSSRC: audio, videoSSRC: video, videoRTXSSRC: rtx,
            audioPayloadTypes: [PayloadType(id: 111, name: "opus", clockRate: 48000, channels: 2)],
            videoPayloadTypes: [
                PayloadType(id: 101, name: "VP8", clockRate: 90000),
                PayloadType(id: 97, name: "rtx", clockRate: 90000, parameters: [.init("apt", "101")]),
            ], sctpPort: 5000)
    }
}
