import Basis
import Testing

@testable import XMPP

@Suite struct BOSHSessionTests {
    private let presence = XMLElement("presence", namespace: XMPPNamespace.client)
    private let message = "<message xmlns='jabber:client'><body>1</body></message>"

    private func number(_ body: XMLElement, _ name: String = "rid") throws -> UInt64 {
        try #require(body[name].flatMap(UInt64.init))
    }

    /// A bound session of which one empty poll is open, whose attempt is given.
    private func bound(isDurable: Bool = false) throws -> (driver: SessionDriver, poll: UInt64, rid: UInt64) {
        var driver = SessionDriver(transport: .bosh, isDurable: isDurable)
        driver.start()
        let start = try driver.takePost()
        driver.respond(
            Server.body(Server.features("ANONYMOUS"), "sid='S1' wait='60' requests='2' inactivity='60'"), to: start.id)
        driver.respond(Server.body(Server.success()), to: try driver.takePost().id)
        driver.respond(Server.body(Server.bindFeatures()), to: try driver.takePost().id)
        let bind = try driver.takePost()
        let id = try #require(bind.body.child("iq")?["id"])
        driver.respond(Server.body(Server.bindResult(id)), to: bind.id)
        let poll = try driver.takePost()
        try #require(driver.session.isBound && poll.body.children.isEmpty)
        driver.events = []
        return (driver, poll.id, try number(poll.body))
    }

    @Test func aGuestLogsIn() throws {
        var driver = SessionDriver(transport: .bosh)
        driver.perform { $0.send(presence, at: $1) }
        driver.start()
        #expect(driver.frames.isEmpty)
        let raw = try #require(driver.posts.first?.body)
        let start = try driver.takePost()
        let rid = try number(start.body)
        #expect(
            raw
                == "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='\(rid)' to='visio.example.org' xml:lang='fr' wait='60' hold='1' content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0'/>"
        )
        // The features may come with the next answer only.
        driver.respond(Server.body("", "sid='S1' wait='60' requests='2' inactivity='60'"), to: start.id)
        let second = try driver.takePost()
        #expect(
            second.body.serialized() == "<body xmlns='http://jabber.org/protocol/httpbind' rid='\(rid + 1)' sid='S1'/>")
        driver.respond(Server.body(Server.features("ANONYMOUS")), to: second.id)
        let auth = try driver.takePost()
        #expect(
            auth.body.serialized()
                == "<body xmlns='http://jabber.org/protocol/httpbind' rid='\(rid + 2)' sid='S1'><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></body>"
        )
        driver.respond(Server.body(Server.success()), to: auth.id)
        let restart = try #require(driver.posts.first)
        #expect(
            restart.body
                == "<body xmlns='http://jabber.org/protocol/httpbind' rid='\(rid + 3)' sid='S1' to='visio.example.org' xml:lang='fr' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'/>"
        )
        driver.respond(Server.body(Server.bindFeatures()), to: try driver.takePost().id)
        let bind = try driver.takePost()
        #expect(try number(bind.body) == rid + 4)
        let id = try #require(bind.body.child("iq", namespace: XMPPNamespace.client)?["id"])
        driver.respond(Server.body(Server.bindResult(id) + message), to: bind.id)
        #expect(driver.session.boundJID == JID(Server.jid))
        #expect(driver.events.count == 2)
        #expect(
            try driver.takePost().body.serialized()
                == "<body xmlns='http://jabber.org/protocol/httpbind' rid='\(rid + 5)' sid='S1'><presence xmlns='jabber:client'/></body>"
        )
    }

    @Test func atMostTwoRequestsAreOpenAndStanzasAreGathered() throws {
        var (driver, poll, rid) = try bound()
        for _ in 0..<5 { driver.perform { $0.send(presence, at: $1) } }
        let second = try driver.takePost()
        #expect(second.body.elements.count == 1)
        driver.respond(Server.body(message + message), to: poll)
        #expect(driver.takeEvents().count == 2)
        let third = try driver.takePost()
        #expect(third.body.elements.count == 4)
        #expect(try number(third.body) == rid + 2)
        driver.respond(Server.body(), to: second.id)
        #expect(driver.posts.isEmpty)
        driver.now += .seconds(2)
        driver.respond(Server.body(), to: third.id)
        #expect(try driver.takePost().body.children.isEmpty)
    }

    @Test func aLostAnswerIsRecoveredByRepeating() throws {
        var (driver, poll, rid) = try bound()
        driver.perform { $0.send(presence, at: $1) }
        let posted = try #require(driver.posts.first)
        driver.posts = []
        driver.perform { $0.requestFailed(posted.id, at: $1) }
        driver.perform { $0.requestFailed(posted.id, at: $1) }
        #expect(driver.posts.isEmpty)
        driver.pass(.milliseconds(250))
        let again = try #require(driver.posts.first)
        #expect(driver.posts.count == 1)
        #expect(again.body == posted.body && again.id != posted.id)
        #expect(again.body.contains("rid='\(rid + 1)'"))
        driver.posts = []
        // What failed for the client can still be answered by a proxy; the body counts once.
        driver.respond(Server.body(), to: poll)
        driver.respond(Server.body(message), to: posted.id)
        driver.respond(Server.body(message), to: again.id)
        #expect(driver.takeEvents().count == 1)
        #expect(try number(try driver.takePost().body) == rid + 2)
    }

    @Test func repeatingIsBounded() throws {
        var (driver, poll, _) = try bound()
        var attempts = [poll]
        var gaps: [Duration] = []
        while !driver.session.hasEnded, attempts.count < 20 {
            let failed = attempts.count.isMultiple(of: 2)
            let before = driver.now
            let attempt = try #require(attempts.last)
            if failed {
                driver.respond("Bad Gateway", to: attempt, status: 502)
            } else {
                driver.perform { $0.requestFailed(attempt, at: $1) }
            }
            while driver.posts.isEmpty, !driver.session.hasEnded { driver.pass(.milliseconds(50)) }
            guard !driver.session.hasEnded else { break }
            gaps.append(driver.now - before)
            attempts.append(driver.posts.removeFirst().id)
        }
        #expect(gaps == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(driver.events == [.ended(.connectionLost)])
        #expect(driver.isTransportClosed)
    }

    /// A line that is cut for half a minute: the session is the same afterwards.
    @Test func aDurableSessionOutlastsASilenceOnNewConnections() throws {
        var (driver, poll, rid) = try bound(isDurable: true)
        driver.pass(.seconds(45))
        #expect(!driver.session.hasEnded)
        #expect(driver.isTransportClosed, "the dead connections are given up")
        // The request that waited since before, once more.
        let again = try #require(driver.posts.last { $0.body.contains("rid='\(rid)'") })
        #expect(again.id != poll)
        driver.respond(Server.body(message), to: again.id)
        driver.pass(.milliseconds(10))
        #expect(driver.events.contains { if case .stanza = $0 { true } else { false } })
        #expect(driver.session.isBound)
    }

    @Test func aDurableSessionEndsWhenTheServerHasForgottenIt() throws {
        var (driver, _, _) = try bound(isDurable: true)
        driver.pass(.seconds(90))
        #expect(driver.end == .timeout || driver.end == .connectionLost)
    }

    @Test func aDurableSessionOutlastsFailuresAsLongAsTheServerKeepsIt() throws {
        var (driver, poll, _) = try bound(isDurable: true)
        var attempt = poll
        let begin = driver.now
        while driver.now - begin < .seconds(40) {
            driver.perform { $0.requestFailed(attempt, at: $1) }
            driver.posts = []
            while driver.posts.isEmpty, !driver.session.hasEnded { driver.pass(.milliseconds(100)) }
            try #require(!driver.session.hasEnded)
            attempt = try #require(driver.posts.first).id
        }
        driver.respond(Server.body(message), to: attempt)
        #expect(!driver.session.hasEnded)
    }

    @Test func answersAreTakenInTheOrderOfTheirRequests() throws {
        var (driver, poll, _) = try bound()
        driver.perform { $0.send(presence, at: $1) }
        let second = try driver.takePost()
        driver.respond(Server.body("<message xmlns='jabber:client' id='2'/>"), to: second.id)
        #expect(driver.events.isEmpty)
        driver.respond(Server.body("<message xmlns='jabber:client' id='1'/>"), to: poll)
        let ids = driver.takeEvents().map { event -> String? in
            if case .stanza(let stanza) = event { stanza["id"] } else { nil }
        }
        #expect(ids == ["1", "2"])
    }

    @Test func anOvertakenAnswerIsAskedForAgain() throws {
        var (driver, _, rid) = try bound()
        driver.perform { $0.send(presence, at: $1) }
        driver.respond(Server.body(message), to: try driver.takePost().id)
        driver.pass(.milliseconds(5_249))
        #expect(driver.posts.isEmpty)
        driver.pass(.milliseconds(1))
        let again = try driver.takePost()
        #expect(try number(again.body) == rid && again.body.children.isEmpty)
        driver.respond(Server.body(), to: again.id)
        #expect(driver.events.count == 1)
    }

    @Test func aServerThatHoldsNothingIsNotHammered() throws {
        var (driver, poll, _) = try bound()
        driver.respond(Server.body(), to: poll)
        driver.respond(Server.body(), to: try driver.takePost().id)
        #expect(driver.posts.isEmpty)
        driver.pass(.milliseconds(999))
        #expect(driver.posts.isEmpty)
        driver.pass(.milliseconds(1))
        let later = try driver.takePost()
        driver.now += .seconds(8)
        driver.respond(Server.body(), to: later.id)
        #expect(driver.posts.count == 1)
    }

    @Test func pingsKeepWatch() throws {
        var (driver, _, _) = try bound()
        driver.pass(.seconds(10))
        #expect(try driver.takePost().body.child("iq")?.child("ping", namespace: XMPPNamespace.ping) != nil)
        driver.pass(.seconds(15))
        #expect(driver.events == [.ended(.timeout)])
    }

    @Test(arguments: [
        ("", XMPPEnd.closed), ("condition='host-unknown'", .hostUnknown),
        ("condition='item-not-found'", .streamError(condition: "item-not-found", text: nil)),
    ])
    func theServerTerminates(_ condition: String, _ end: XMPPEnd) throws {
        var (driver, poll, _) = try bound()
        driver.respond(Server.body(message, "type='terminate' \(condition)"), to: poll)
        #expect(driver.events.count == 2)
        #expect(driver.end == end)
        #expect(driver.posts.isEmpty)
    }

    @Test func terminationsCanCarryMore() throws {
        var (moved, poll, _) = try bound()
        moved.respond(
            Server.body("<uri>https://b.example.org/http-bind</uri>", "type='terminate' condition='see-other-uri'"),
            to: poll)
        #expect(moved.end == .seeOtherURI("https://b.example.org/http-bind"))
        var (failed, other, _) = try bound()
        failed.respond(
            Server.body(Server.streamError("conflict"), "type='terminate' condition='remote-stream-error'"), to: other)
        #expect(failed.events == [.ended(.conflict)])
        var unknown = SessionDriver(transport: .bosh)
        unknown.start()
        unknown.respond(
            Server.body("", "type='terminate' condition='host-unknown'"), to: try unknown.takePost().id)
        #expect(unknown.end == .hostUnknown)
    }

    @Test func weTerminate() throws {
        var (driver, poll, rid) = try bound()
        driver.perform { $0.send(presence, at: $1) }
        driver.posts = []
        driver.perform { session, now in
            session.send(XMLElement("message", namespace: XMPPNamespace.client), at: now)
            session.close(
                final: XMLElement("presence", namespace: XMPPNamespace.client, [("type", "unavailable")]), at: now)
        }
        let last = try driver.takePost()
        #expect(
            last.body.serialized()
                == "<body xmlns='http://jabber.org/protocol/httpbind' rid='\(rid + 2)' sid='S1' type='terminate'><message xmlns='jabber:client'/><presence xmlns='jabber:client' type='unavailable'/></body>"
        )
        var silent = driver
        driver.respond(Server.body("", "type='terminate'"), to: poll)
        #expect(driver.events == [.ended(.closed)])
        silent.pass(.seconds(2))
        #expect(silent.events == [.ended(.closed)])
        #expect(silent.isTransportClosed)
    }

    @Test(arguments: [
        (404, "", XMPPEnd.httpStatus(404)), (200, "<html/>", .malformed("not a BOSH body")),
        (200, "<body xmlns='http://jabber.org/protocol/httpbind'/>", .malformed("no BOSH session id")),
        (200, "OK", .malformed("BOSH answer: malformed(offset: 0)")),
    ])
    func whatIsNoBOSHServerIsTold(_ status: Int, _ body: String, _ end: XMPPEnd) throws {
        var driver = SessionDriver(transport: .bosh)
        driver.start()
        driver.respond(body, to: try driver.takePost().id, status: status)
        #expect(driver.events == [.ended(end)])
    }

    @Test func aLoginThatHangsEnds() {
        var driver = SessionDriver(transport: .bosh)
        driver.start()
        driver.pass(.seconds(15))
        #expect(driver.events == [.ended(.timeout)])
    }

    @Test func theQueueIsBounded() throws {
        var (driver, _, _) = try bound()
        var sent = 0
        while !driver.session.hasEnded, sent < 2000 {
            driver.perform { $0.send(presence, at: $1) }
            sent += 1
        }
        // One left at once, 512 wait, one was too many.
        #expect(sent == 514)
        #expect(driver.events == [.ended(.overflow)])
    }

    @Test func aFloodOfPingsIsAnsweredInPart() throws {
        var (driver, poll, _) = try bound()
        let ping = "<iq xmlns='jabber:client' type='get' id='p' from='a@b'><ping xmlns='urn:xmpp:ping'/></iq>"
        driver.respond(Server.body(String(repeating: ping, count: 2000)), to: poll)
        #expect(!driver.session.hasEnded)
        #expect(driver.posts.count <= 2)
    }

    @Test func mutatedAnswersNeverTrap() throws {
        var random = RandomSource(seed: 5)
        for round in 0..<400 {
            var (driver, poll, rid) = try bound()
            var open = [poll]
            for step in 0..<12 {
                if Bool.random(using: &random) { driver.perform { $0.send(presence, at: $1) } }
                open += driver.posts.map(\.id)
                driver.posts = []
                let answer = Server.body(
                    [message, "", Server.streamError("x"), Server.open][step % 4],
                    ["", "type='error'", "sid='2'", "requests='99999999999999999999'"][(step + round) % 4])
                var bytes = Array(answer.utf8)
                if Int.random(in: 0..<8, using: &random) == 0 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                let attempt = open.randomElement(using: &random) ?? rid
                let status = [200, 200, 200, 200, 500, -1][Int.random(in: 0..<6, using: &random)]
                driver.perform { $0.receiveResponse(status: status, body: bytes, to: attempt, at: $1) }
                driver.perform { $0.requestFailed(open.randomElement(using: &random) ?? 0, at: $1) }
                driver.pass(.milliseconds(Int.random(in: 0...4000, using: &random)))
            }
            let ends = driver.events.filter { if case .ended = $0 { true } else { false } }
            #expect(ends.count == (driver.session.hasEnded ? 1 : 0))
        }
    }
}
