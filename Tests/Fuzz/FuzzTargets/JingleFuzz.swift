import Basis
import Jitsi

/// Stanzas, one a line, to a room that is joined. `#` lets time pass until the next deadline; a stanza after `!` answers
/// the last question that the room asked; `~` mutes or unmutes.
func fuzzJingle(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard var bench = RoomBench.joined else { throw BrokenProperty(description: "Jitsi: the room can be joined") }
    try bench.play(lines(bytes))
}

/// The same to a room that is just being entered. A line after `%` is the JSON that answers the conference request, which
/// the first byte `h` lets go over HTTP; `@` gives a password and `^` leaves.
func fuzzRoom(_ bytes: [UInt8]) throws(BrokenProperty) {
    let usesHTTP = bytes.first == UInt8(ascii: "h")
    guard var bench = usesHTTP ? RoomBench.enteringByHTTP : RoomBench.entering else {
        throw BrokenProperty(description: "Jitsi: the room can be entered")
    }
    try bench.play(lines(Array(bytes.dropFirst())))
}

/// A room with the focus in it and one other participant.
private struct RoomBench {
    static let room = "conseil@conference.visio.example.org"
    static let us = "a1b2c3d4-0e0f-4a4b-8c8d-112233445566@visio.example.org/Kq7Z"
    static let answer = MediaAnswer(
        iceUfrag: "Xy12", icePassword: Redacted("0123456789abcdefABCDEF"),
        fingerprint: DTLSFingerprint(hash: "sha-256", value: "0A:1B:FF", setup: "active"),
        candidates: [
            JingleCandidate(
                foundation: "1", priority: 1, address: TransportAddress(.v4(0x0A01_0203), port: 47_001), kind: .host)
        ],
        audioSSRC: 2_222_000_001, videoSSRC: 2_222_000_010, videoRTXSSRC: 2_222_000_011,
        audioPayloadTypes: [PayloadType(id: 111, name: "opus", clockRate: 48_000, channels: 2)],
        videoPayloadTypes: [PayloadType(id: 101, name: "VP8", clockRate: 90_000)], sctpPort: 5_000)

    static let entering = started(configScript: nil)
    static let enteringByHTTP = started(
        configScript: "config.conferenceRequestUrl = 'https://visio.example.org/conference-request/v1';")

    private static func started(configScript: String?) -> RoomBench? {
        guard let url = try? RoomURL("https://visio.example.org/Conseil") else { return nil }
        var bench = RoomBench(url, configScript)
        return (try? bench.drain()) == nil ? nil : bench
    }

    static let joined: RoomBench? = {
        guard var bench = entering else { return nil }
        bench.answer(
            """
            <iq xmlns='jabber:client' type='result'><conference xmlns='http://jitsi.org/protocol/focus' \
            room='\(room)' ready='true' focusjid='focus@auth.visio.example.org'/></iq>
            """.utf8)
        for occupant in [
            "<presence xmlns='jabber:client' from='\(room)/focus'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<item role='moderator' affiliation='owner' jid='focus@auth.visio.example.org/focus'/></x></presence>",
            "<presence xmlns='jabber:client' from='\(room)/5e6f7a8b'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<item role='participant' affiliation='none'/></x></presence>",
            "<presence xmlns='jabber:client' from='\(room)/a1b2c3d4'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<item role='participant' affiliation='none' jid='\(us)'/><status code='110'/></x></presence>",
        ] {
            bench.receive(occupant.utf8)
        }
        guard (try? bench.drain()) != nil, bench.hasJoined else { return nil }
        return bench
    }()

    private var state: JitsiRoom
    private var now = MonotonicInstant.zero
    private var tokens: [String] = []
    private var posts: [String] = []
    private var isMuted = false
    private var hasJoined = false

    private init(_ url: RoomURL, _ configScript: String?) {
        state = JitsiRoom(
            configuration: ServerConfiguration(roomURL: url, configScript: configScript), roomURL: url,
            identity: LocalIdentity(
                displayName: "Salle", statsID: "Salle", machineUID: "0f3c",
                capsElement: XMLElement("c", namespace: "http://jabber.org/protocol/caps", [("hash", "sha-1")])),
            ownJID: Self.us, isAnonymous: true, password: nil, sessionRandom: RandomSource(seed: 1))
        state.start(at: now)
    }

    mutating func play(_ lines: [ArraySlice<UInt8>]) throws(BrokenProperty) {
        for line in lines {
            switch line.first {
            case UInt8(ascii: "#"): skip()
            case UInt8(ascii: "!"): answer(line.dropFirst())
            case UInt8(ascii: "%"):
                if let token = posts.popLast() {
                    state.httpAnswer(status: 200, body: Array(line.dropFirst()), to: token, at: now)
                }
            case UInt8(ascii: "~"):
                isMuted.toggle()
                state.setLocalMedia(LocalMedia(audioMuted: isMuted, videoMuted: isMuted), at: now)
            case UInt8(ascii: "@"): state.provide(password: Redacted("secret"), at: now)
            case UInt8(ascii: "^"): state.leave(at: now)
            default: receive(line)
            }
            try drain()
        }
    }

    mutating func receive(_ text: some Sequence<UInt8>) {
        guard let stanza = try? XMLReader.parse(Array(text)) else { return }
        state.receive(stanza: stanza, at: now)
    }

    mutating func answer(_ text: some Sequence<UInt8>) {
        guard let stanza = try? XMLReader.parse(Array(text)), let token = tokens.popLast() else { return }
        guard let error = stanza.child("error") else {
            return state.receive(answer: .result(stanza), to: token, at: now)
        }
        let children = Array(error.elements)
        state.receive(
            answer: .error(
                condition: children.first?.name ?? "", type: error["type"] ?? "", text: error.child("text")?.text ?? "",
                children: children),
            to: token, at: now)
    }

    mutating func skip() {
        guard let next = state.soonest.instant else { return }
        now = max(now, next)
        state.advance(to: now)
    }

    mutating func drain() throws(BrokenProperty) {
        while let output = state.poll() {
            switch output {
            case .send(let stanza), .answer(let stanza): try checkWritten(stanza)
            case .query(let token, let stanza, _):
                try checkWritten(stanza)
                tokens.append(token)
            case .post(let token, _, let json, _):
                try check((try? JSONReader.parse(json)) != nil, "Jitsi: asks in JSON: \(json)")
                posts.append(token)
            case .event(.offer(let offer)):
                try check(offer.sources.count <= 2_000, "Jingle: bounded sources")
                try check(Set(offer.sources.map(\.ssrc)).count == offer.sources.count, "Jingle: an SSRC once")
                try check(!offer.fingerprints.isEmpty, "Jingle: a fingerprint to check")
                state.accept(offer.sid, answer: Self.answer, at: now)
            case .event(.joined): hasJoined = true
            case .event(.caption(let caption)): try checkBounded(caption)
            case .event(.facts(let facts)):
                try check(facts.recordingStarter.count <= 80, "facts: a bounded name")
                try check(facts.recording != .off || facts.recordingStarter.isEmpty, "facts: nobody starts nothing")
            case .event(.moving(let name)): try check(name.count <= 200, "breakout room: a bounded name")
            case .event: break
            }
        }
        try check(state.participants.count <= 4_096, "MUC: bounded occupants")
    }
}
