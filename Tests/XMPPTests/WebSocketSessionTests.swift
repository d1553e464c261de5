import Basis
import Testing

@testable import XMPP

@Suite struct WebSocketSessionTests {
    @Test(arguments: [true, false]) func aGuestLogsIn(prefixed: Bool) throws {
        var driver = SessionDriver()
        driver.perform { $0.send(XMLElement("presence", namespace: XMPPNamespace.client), at: $1) }
        driver.start()
        #expect(
            driver.takeFrames() == [
                "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='visio.example.org' version='1.0' xml:lang='fr'/>"
            ])
        driver.receive(Server.open)
        #expect(driver.frames.isEmpty)
        driver.receive(Server.features("PLAIN", "ANONYMOUS", prefixed: prefixed))
        #expect(
            driver.takeFrames() == ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"])
        driver.receive(Server.success())
        #expect(try driver.takeFrame().name == "open")
        driver.receive(Server.open)
        driver.receive(Server.bindFeatures(prefixed: prefixed))
        let bind = try driver.takeFrame()
        let id = try #require(bind["id"])
        #expect(
            bind.serialized()
                == "<iq xmlns='jabber:client' type='set' id='\(id)'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
        )
        #expect(!driver.session.isBound)
        driver.receive(Server.bindResult(id))
        #expect(driver.session.boundJID == JID(Server.jid))
        guard case .bound(let jid, let features) = driver.events.first, driver.events.count == 1 else {
            Issue.record("\(driver.events)")
            return
        }
        #expect(jid == JID(Server.jid))
        #expect(features.child("sm", namespace: XMPPNamespace.streamManagement) != nil)
        #expect(driver.takeFrames() == ["<presence xmlns='jabber:client'/>"])
    }

    @Test func anObligatorySessionIsEstablished() throws {
        var driver = SessionDriver()
        driver.start()
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures(session: ""))
        driver.receive(Server.bindResult(try #require(try driver.takeFrame()["id"])))
        let session = try driver.takeFrame()
        #expect(session.child("session", namespace: XMPPNamespace.session) != nil)
        #expect(!driver.session.isBound)
        let id = try #require(session["id"])
        driver.receive("<iq xmlns='jabber:client' type='result' id='\(id)'/>")
        #expect(driver.session.isBound)
    }

    @Test func whatIsPushedBeforeTheAnswerToBindIsKept() throws {
        var driver = SessionDriver()
        driver.start()
        driver.receive("<message xmlns='jabber:client'><body>too early</body></message>")
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures())
        let id = try #require(try driver.takeFrame()["id"])
        driver.receive("<message xmlns='jabber:client' from='visio.example.org'><x xmlns='urn:x'/></message>")
        #expect(driver.events.isEmpty)
        driver.receive(Server.bindResult(id))
        #expect(driver.events.count == 2)
        guard case .stanza(let message) = driver.events.last else {
            Issue.record("\(driver.events)")
            return
        }
        #expect(message.child("x") != nil)
    }

    @Test func aRefusedBindEndsTheSession() throws {
        var driver = SessionDriver()
        driver.start()
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures())
        let id = try #require(try driver.takeFrame()["id"])
        driver.receive(
            """
            <iq xmlns='jabber:client' type='error' id='\(id)'><error type='wait'>\
            <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
            """)
        #expect(driver.end == .bindRefused(StanzaError(type: .wait, condition: "resource-constraint")))
    }

    @Test(arguments: [
        ("host-unknown", XMPPEnd.hostUnknown), ("conflict", .conflict),
        ("system-shutdown", .streamError(condition: "system-shutdown", text: "why")),
    ])
    func streamErrorsEndTheSession(_ condition: String, _ end: XMPPEnd) throws {
        var early = SessionDriver()
        early.start()
        early.receive(Server.streamError(condition))
        #expect(early.end == end)
        #expect(early.isTransportClosed)
        var late = try SessionDriver.bound()
        late.receive(Server.streamError(condition))
        #expect(late.end == end)
        #expect(late.takeFrames() == ["<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"])
        late.perform { $0.send(XMLElement("presence", namespace: XMPPNamespace.client), at: $1) }
        late.receive("<message xmlns='jabber:client'/>")
        #expect(late.frames.isEmpty && late.events.count == 1)
        #expect(late.session.soonest.instant == nil)
    }

    @Test(arguments: [
        (
            "see-other-uri='wss://b.example.org/xmpp-websocket'",
            XMPPEnd.seeOtherURI("wss://b.example.org/xmpp-websocket")
        ),
        ("see-other-uri='ws://b.example.org/xmpp-websocket'", .closed), ("", .closed),
    ])
    func theServerCloses(_ attribute: String, _ end: XMPPEnd) throws {
        var driver = SessionDriver()
        driver.start()
        _ = driver.takeFrames()
        driver.receive("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' \(attribute)/>")
        #expect(driver.end == end)
        #expect(try driver.takeFrame().name == "close")
    }

    @Test func weClose() throws {
        let farewell = XMLElement("presence", namespace: XMPPNamespace.client, [("type", "unavailable")])
        var confirmed = try SessionDriver.bound()
        confirmed.perform { $0.close(final: farewell, at: $1) }
        #expect(
            confirmed.takeFrames() == [
                "<presence xmlns='jabber:client' type='unavailable'/>",
                "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
            ])
        #expect(!confirmed.isTransportClosed)
        var silent = confirmed
        confirmed.receive("<message xmlns='jabber:client'/>")
        confirmed.receive("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")
        #expect(confirmed.events == [.ended(.closed)])
        #expect(confirmed.isTransportClosed)
        silent.pass(.milliseconds(1999))
        #expect(silent.events.isEmpty)
        silent.pass(.milliseconds(1))
        #expect(silent.events == [.ended(.closed)])
    }

    @Test func aLostSocketIsToldOnce() throws {
        var driver = try SessionDriver.bound()
        driver.perform { $0.transportClosed(at: $1) }
        driver.perform { $0.transportClosed(at: $1) }
        #expect(driver.events == [.ended(.connectionLost)])
    }

    @Test func aLoginThatHangsEnds() {
        var driver = SessionDriver()
        driver.start()
        driver.receive(Server.open)
        driver.pass(.milliseconds(14_999))
        #expect(driver.events.isEmpty)
        driver.pass(.milliseconds(1))
        #expect(driver.events == [.ended(.timeout)])
    }

    // MARK: Pings

    @Test func silenceIsBrokenByTwoPings() throws {
        var driver = try SessionDriver.bound()
        driver.pass(.milliseconds(9_999))
        #expect(driver.frames.isEmpty)
        driver.pass(.milliseconds(1))
        let ping = try driver.takeFrame()
        #expect(ping["type"] == "get" && ping["to"] == "visio.example.org")
        #expect(ping.child("ping", namespace: XMPPNamespace.ping) != nil)
        driver.pass(.milliseconds(9_999))
        #expect(driver.frames.isEmpty)
        driver.pass(.milliseconds(1))
        #expect(try driver.takeFrame().child("ping") != nil)
        driver.pass(.milliseconds(4_999))
        #expect(driver.events.isEmpty)
        driver.pass(.milliseconds(1))
        #expect(driver.events == [.ended(.timeout)])
    }

    @Test func anythingHeardPostponesThePing() throws {
        var driver = try SessionDriver.bound()
        for _ in 0..<20 {
            driver.pass(.seconds(9))
            driver.receive("<message xmlns='jabber:client'/>")
        }
        #expect(driver.frames.isEmpty)
        for _ in 0..<20 {
            driver.pass(.seconds(14))
            let id = try #require(try driver.takeFrame()["id"])
            driver.receive("<iq xmlns='jabber:client' type='result' id='\(id)' from='visio.example.org'/>")
        }
        #expect(!driver.session.hasEnded)
    }

    @Test func pingsAreAnsweredAndOtherRequestsHandedOver() throws {
        var driver = try SessionDriver.bound()
        driver.receive(
            "<iq xmlns='jabber:client' type='get' id='p' from='room@c/x'><ping xmlns='urn:xmpp:ping'/></iq>")
        #expect(driver.takeFrames() == ["<iq xmlns='jabber:client' type='result' id='p' to='room@c/x'/>"])
        #expect(driver.events.isEmpty)
        driver.receive("<iq xmlns='jabber:client' type='set' id='u' from='room@c/x'><u xmlns='urn:u'/></iq>")
        guard case .stanza(let iq) = driver.events.first else {
            Issue.record("\(driver.events)")
            return
        }
        #expect(driver.frames.isEmpty)
        driver.perform { $0.reject(iq, at: $1) }
        let error = try driver.takeFrame()
        #expect(error["id"] == "u" && error["to"] == "room@c/x")
        #expect(StanzaError(error) == .serviceUnavailable)
        driver.perform { $0.reject(error, at: $1) }
        #expect(driver.frames.isEmpty)
    }

    // MARK: Queries

    private func question(_ to: String?, id: String? = nil) -> XMLElement {
        var iq = XMLElement(
            "iq", namespace: XMPPNamespace.client, [("type", "get")],
            children: [XMLElement("query", namespace: XMPPNamespace.discoInfo)])
        iq["to"] = to
        iq["id"] = id
        return iq
    }

    @Test func onlyWhoWasAskedCanAnswer() throws {
        var driver = try SessionDriver.bound()
        let id = driver.session.query(question("focus.visio.example.org"), at: driver.now)
        driver.drain()
        #expect(try driver.takeFrame()["id"] == id)
        for from in [
            "from='room@conference.visio.example.org/mallory'", "from='visio.example.org'", "", "from='@'",
            "from='focus.visio.example.org/x'",
        ] {
            driver.receive("<iq xmlns='jabber:client' type='result' id='\(id)' \(from)/>")
        }
        driver.receive("<iq xmlns='jabber:client' type='result' id='x' from='focus.visio.example.org'/>")
        driver.receive("<iq xmlns='jabber:client' type='result' from='focus.visio.example.org'/>")
        #expect(driver.events.isEmpty)
        let answer = "<iq xmlns='jabber:client' type='result' id='\(id)' from='Focus.visio.example.org'/>"
        driver.receive(answer)
        driver.receive(answer)
        #expect(driver.events == [.answer(id: id, .result(try XMLReader.parse(answer)))])
    }

    @Test(
        arguments: [
            (nil, "", true), (nil, "from='a1b2c3d4@visio.example.org'", true), (nil, "from='visio.example.org'", true),
            (nil, "from='x@visio.example.org'", false), ("visio.example.org", "", true),
            ("focus.example.org", "", false),
            ("a1b2c3d4@visio.example.org", "", true),
        ] as [(String?, String, Bool)])
    func theServerAnswersForOurAccount(_ to: String?, _ from: String, _ isTaken: Bool) throws {
        var driver = try SessionDriver.bound()
        let id = driver.session.query(question(to), at: driver.now)
        driver.receive("<iq xmlns='jabber:client' type='result' id='\(id)' \(from)/>")
        #expect(driver.events.count == (isTaken ? 1 : 0))
    }

    @Test func errorsAndSilenceAreAnswers() throws {
        var driver = try SessionDriver.bound()
        let first = driver.session.query(question("a.example.org", id: "mine"), at: driver.now)
        let second = driver.session.query(question("a.example.org", id: "mine"), timeout: .seconds(3), at: driver.now)
        #expect(first == "mine" && second != "mine")
        driver.receive(
            """
            <iq xmlns='jabber:client' type='error' id='mine' from='a.example.org'><error type='cancel'>\
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
            """)
        #expect(
            driver.takeEvents() == [
                .answer(id: "mine", .error(StanzaError(type: .cancel, condition: "item-not-found")))
            ])
        driver.pass(.milliseconds(2_999))
        #expect(driver.events.isEmpty)
        driver.pass(.milliseconds(1))
        #expect(driver.takeEvents() == [.answer(id: second, .timeout)])
        driver.receive("<iq xmlns='jabber:client' type='result' id='\(second)' from='a.example.org'/>")
        #expect(driver.events.isEmpty)
    }

    @Test func aQueryThatWaitsForTheLoginHasItsWholeTime() throws {
        var driver = SessionDriver()
        let query = driver.session.query(question("a.example.org"), timeout: .seconds(10), at: driver.now)
        driver.start()
        driver.pass(.seconds(12))
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures())
        driver.receive(Server.bindResult(try #require(try driver.takeFrame()["id"])))
        #expect(try driver.takeFrame()["id"] == query)
        _ = driver.takeEvents()
        driver.pass(.milliseconds(9_999))
        #expect(driver.events.isEmpty)
        driver.pass(.milliseconds(1))
        #expect(driver.events == [.answer(id: query, .timeout)])
    }

    // MARK: Bounds and hostility

    @Test func queuesAreBounded() throws {
        var idle = SessionDriver()
        idle.start()
        for _ in 0..<256 {
            idle.perform { $0.send(XMLElement("presence", namespace: XMPPNamespace.client), at: $1) }
        }
        #expect(idle.events.isEmpty)
        idle.perform { $0.send(XMLElement("presence", namespace: XMPPNamespace.client), at: $1) }
        #expect(idle.events == [.ended(.overflow)])
        var bound = try SessionDriver.bound()
        for _ in 0..<256 { bound.perform { _ = $0.query(question("a"), at: $1) } }
        #expect(bound.events.isEmpty)
        bound.perform { _ = $0.query(question("a"), at: $1) }
        #expect(bound.events == [.ended(.overflow)])
    }

    @Test func whatIsTooDeepIsDroppedAndWhatIsBrokenEnds() throws {
        var driver = try SessionDriver.bound()
        driver.receive(String(repeating: "<a>", count: 70))
        #expect(driver.takeEvents() == [.dropped(.tooDeep)])
        driver.receive(" \n")
        #expect(driver.events.isEmpty && driver.session.isBound)
        driver.receive("<message xmlns='jabber:client'>")
        guard case .malformed = driver.end else {
            Issue.record("\(driver.events)")
            return
        }
    }

    @Test func mutatedFramesNeverTrap() throws {
        var random = RandomSource(seed: 7)
        var logins = 0
        for round in 0..<600 {
            let credentials: XMPPCredentials =
                round.isMultiple(of: 2) ? .anonymous : .password(user: "u", password: Redacted("p"))
            var driver = SessionDriver(credentials, seed: UInt64(round))
            driver.start()
            let script = [
                Server.open, Server.features("ANONYMOUS", "PLAIN"), Server.success(), Server.open,
                Server.bindFeatures(), "bind", "<message xmlns='jabber:client' from='a@b/c'><body>é</body></message>",
                "<iq xmlns='jabber:client' type='get' id='p' from='a@b'><ping xmlns='urn:xmpp:ping'/></iq>",
                Server.challenge("r=1,s=2,i=3"), Server.streamError("conflict"),
            ]
            for line in script {
                let bind = driver.frames.last.flatMap { try? XMLReader.parse($0) }?["id"] ?? "x"
                var bytes = Array((line == "bind" ? Server.bindResult(bind) : line).utf8)
                if Int.random(in: 0..<6, using: &random) == 0 {
                    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                        let index = Int.random(in: 0..<bytes.count, using: &random)
                        switch Int.random(in: 0..<3, using: &random) {
                        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                        case 1: bytes.remove(at: index)
                        default: bytes.removeSubrange(index...)
                        }
                    }
                }
                driver.perform { $0.receiveFrame(bytes, at: $1) }
                driver.pass(.milliseconds(Int.random(in: 0...3000, using: &random)))
            }
            let ends = driver.events.filter { if case .ended = $0 { true } else { false } }
            #expect(ends.count <= 1)
            if driver.events.contains(where: { if case .bound = $0 { true } else { false } }) { logins += 1 }
        }
        #expect((100..<600).contains(logins))
    }

    @Test func randomBytesNeverTrap() throws {
        var random = RandomSource(seed: 11)
        for _ in 0..<3000 {
            var driver = SessionDriver()
            driver.start()
            let count = Int.random(in: 0..<80, using: &random)
            driver.perform { $0.receiveFrame(random.bytes(count), at: $1) }
            let text = random.string(count, from: "<>/='a: &;x")
            #expect(JID(text).map { JID($0.description) == $0 } ?? true)
            driver.receive(text)
            #expect(!driver.session.isBound)
        }
    }
}
