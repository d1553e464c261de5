import Basis
import Testing

@testable import XMPP

/// Streams that outlive their connections (XEP-0198).
@Suite struct ResumptionTests {
    private static let message = "<message xmlns='jabber:client' from='room@muc/a'><body>x</body></message>"
    private let presence = XMLElement("presence", namespace: XMPPNamespace.client)

    /// A durable session whose stream the server manages under the name `R1`.
    private func managed(resume: String = "resume='true' id='R1' max='60'") throws -> SessionDriver {
        var driver = try bound()
        driver.receive("<enabled xmlns='urn:xmpp:sm:3' \(resume)/>")
        return driver
    }

    private func bound(features: String = Server.bindFeatures()) throws -> SessionDriver {
        var driver = SessionDriver(isDurable: true)
        driver.start()
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        _ = driver.takeFrames()
        driver.receive(features)
        driver.receive(Server.bindResult(try #require(try driver.takeFrame()["id"])))
        driver.events = []
        return driver
    }

    /// The new connection up to the answer to `<resume/>`.
    private func reconnect(_ driver: inout SessionDriver) throws -> XMLElement {
        driver.start()
        driver.receive(Server.open)
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        driver.receive(Server.open)
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures())
        return try driver.takeFrame()
    }

    @Test func managementIsAskedForWhereItIsOfferedAndWanted() throws {
        var driver = try bound()
        #expect(driver.takeFrames() == ["<enable xmlns='urn:xmpp:sm:3' resume='true'/>"])
        #expect(driver.session.resumptionID == nil)
        driver.receive("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='R1'/>")
        #expect(driver.session.resumptionID == "R1")
        var other = try SessionDriver.bound()
        #expect(other.takeFrames().isEmpty)
    }

    @Test func stanzasAreCountedBothWays() throws {
        var driver = try managed()
        driver.frames = []
        for _ in 0..<3 { driver.receive(Self.message) }
        driver.receive("<r xmlns='urn:xmpp:sm:3'/>")
        #expect(driver.takeFrames() == ["<a xmlns='urn:xmpp:sm:3' h='3'/>"])
        for _ in 0..<5 { driver.perform { $0.send(self.presence, at: $1) } }
        #expect(driver.takeFrames().last == "<r xmlns='urn:xmpp:sm:3'/>")
    }

    @Test func whatTheServerDidNotGetIsSentAgainInOrder() throws {
        var driver = try managed()
        driver.frames = []
        driver.receive(Self.message)
        for name in ["a", "b", "c"] {
            driver.perform { $0.send(XMLElement("presence", namespace: XMPPNamespace.client, [("id", name)]), at: $1) }
        }
        driver.perform { $0.transportClosed(at: $1) }
        #expect(driver.events.last == .suspended)
        #expect(driver.session.isSuspended && driver.session.isBound && !driver.session.hasEnded)
        // Pressed meanwhile.
        driver.perform { $0.send(XMLElement("presence", namespace: XMPPNamespace.client, [("id", "d")]), at: $1) }
        driver.pass(.seconds(20))
        let resume = try reconnect(&driver)
        #expect(resume.serialized() == "<resume xmlns='urn:xmpp:sm:3' h='1' previd='R1'/>")
        driver.receive("<resumed xmlns='urn:xmpp:sm:3' h='2' previd='R1'/>")
        let sent = driver.takeFrames()
        #expect(sent.count == 3)
        #expect(sent[0].contains("id='c'") && sent[1].contains("id='d'"))
        #expect(driver.takeEvents().suffix(2) == [.suspended, .resumed])
        #expect(!driver.session.isSuspended)
        driver.receive(Self.message)
        driver.receive("<r xmlns='urn:xmpp:sm:3'/>")
        #expect(driver.takeFrames() == ["<a xmlns='urn:xmpp:sm:3' h='2'/>"])
    }

    @Test func aQuestionIsStillAnsweredAfterwards() throws {
        var driver = try managed()
        let iq = XMLElement(
            "iq", namespace: XMPPNamespace.client, [("type", "get"), ("to", "visio.example.org")],
            children: [XMLElement("query", namespace: "urn:q")])
        var id = ""
        driver.perform { id = $0.query(iq, at: $1) }
        driver.perform { $0.transportClosed(at: $1) }
        driver.pass(.seconds(30))
        _ = try reconnect(&driver)
        driver.receive("<resumed xmlns='urn:xmpp:sm:3' h='1'/>")
        driver.pass(.seconds(5))
        driver.receive(
            "<iq xmlns='jabber:client' type='result' id='\(id)' from='visio.example.org'><query xmlns='urn:q'/></iq>")
        guard case .answer(id, .result) = driver.events.last else {
            Issue.record("\(driver.events)")
            return
        }
    }

    @Test func aSilentServerIsLeftForANewConnection() throws {
        var driver = try managed()
        driver.pass(.seconds(26))
        #expect(driver.isTransportClosed)
        #expect(driver.events.last == .suspended)
        driver.pass(.seconds(100))
        #expect(!driver.session.hasEnded, "how long to try is the caller's to decide")
    }

    @Test func aProbeFindsOutWithinSeconds() throws {
        var driver = try managed()
        driver.frames = []
        driver.perform { $0.probe(at: $1) }
        driver.perform { $0.probe(at: $1) }
        #expect(driver.takeFrames().count { $0.contains("urn:xmpp:ping") } == 1)
        driver.pass(.seconds(2))
        driver.receive(Self.message)
        driver.pass(.seconds(5))
        #expect(!driver.session.isSuspended)
        driver.perform { $0.probe(at: $1) }
        driver.pass(.milliseconds(3_100))
        #expect(driver.session.isSuspended)
    }

    @Test func aServerThatForgotTheStreamEndsIt() throws {
        var driver = try managed()
        driver.perform { $0.transportClosed(at: $1) }
        _ = try reconnect(&driver)
        driver.receive(
            """
            <failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
            """)
        #expect(driver.end == .resumptionRefused)
    }

    @Test func anAttemptThatBreaksIsFollowedByAnother() throws {
        var driver = try managed()
        driver.perform { $0.transportClosed(at: $1) }
        for _ in 0..<3 {
            driver.start()
            driver.receive(Server.open)
            driver.perform { $0.transportClosed(at: $1) }
        }
        driver.start()
        driver.pass(.seconds(16))
        #expect(driver.takeEvents().count { $0 == .suspended } == 5)
        _ = try reconnect(&driver)
        driver.receive("<resumed xmlns='urn:xmpp:sm:3' h='0'/>")
        #expect(driver.events.last == .resumed)
    }

    @Test(arguments: ["", "resume='false' id='R1'", "resume='true'"])
    func aStreamThatCannotBeResumedEndsWithItsConnection(enabled: String) throws {
        var driver = try managed(resume: enabled)
        #expect(driver.session.resumptionID == nil)
        driver.perform { $0.transportClosed(at: $1) }
        #expect(driver.end == .connectionLost)
    }

    @Test func refusedManagementIsDoneWithout() throws {
        var driver = try bound()
        driver.receive("<failed xmlns='urn:xmpp:sm:3'/>")
        driver.frames = []
        for _ in 0..<10 { driver.perform { $0.send(self.presence, at: $1) } }
        #expect(driver.takeFrames().count == 10)
        driver.perform { $0.transportClosed(at: $1) }
        #expect(driver.end == .connectionLost)
    }

    @Test func whereNothingIsManagedASilentConnectionIsWaitedFor() throws {
        let plain = """
            <stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
            <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
            """
        var driver = try bound(features: plain)
        driver.pass(.seconds(90))
        #expect(!driver.session.hasEnded)
        driver.receive(Self.message)
        driver.pass(.seconds(60))
        #expect(!driver.session.hasEnded)
        driver.pass(.seconds(60))
        #expect(driver.end == .timeout)
    }

    @Test func aServerThatAcknowledgesTooMuchIsNotBelieved() throws {
        var driver = try managed()
        driver.perform { $0.send(self.presence, at: $1) }
        driver.receive("<a xmlns='urn:xmpp:sm:3' h='7'/>")
        guard case .malformed = driver.end else {
            Issue.record("\(driver.events)")
            return
        }
    }

    @Test func whatIsKeptIsBounded() {
        var management = StreamManagement()
        management.enabled(XMLElement("enabled", namespace: "urn:xmpp:sm:3", [("resume", "1"), ("id", "x")]))
        for _ in 0..<3 { _ = management.sent(presence) }
        var isBelieved = management.acknowledge("2")
        #expect(isBelieved && management.kept.count == 1)
        isBelieved = management.acknowledge("nonsense")
        #expect(isBelieved && management.kept.count == 1)
        isBelieved = management.acknowledge("1")
        #expect(!isBelieved)
        for _ in 0..<600 { _ = management.sent(presence) }
        #expect(management.kept.count == 512)
        #expect(!management.isResumable)
    }
}
