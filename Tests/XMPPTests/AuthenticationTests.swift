import Basis
import Testing

@testable import XMPP

@Suite struct AuthenticationTests {
    private let password = Redacted("pencil")
    private let serverFirst = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"

    private func exchange(_ user: String = "user") -> SCRAMClient {
        SCRAMClient(user: user, password: password, nonce: "fyko+d2lbbFgONRv9qkxdawL")
    }

    /// RFC 5802 section 5.
    @Test func theExchangeIsTheOneOfTheSpecification() throws {
        var client = exchange()
        #expect(client.firstMessage == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
        let response = try client.respond(to: serverFirst)
        #expect(
            response == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
        #expect(!client.isServerAuthenticated)
        try client.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
        #expect(client.isServerAuthenticated)
    }

    @Test func namesAreEscaped() {
        #expect(exchange("a=b,c").firstMessage == "n,,n=a=3Db=2Cc,r=fyko+d2lbbFgONRv9qkxdawL")
    }

    @Test(arguments: [
        ("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096", SCRAMError.nonceMismatch),
        ("r=other,s=QSXCR+Q6sek8bf92,i=4096", .nonceMismatch),
        ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=100001", .tooManyIterations),
        ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=0", .malformed),
        ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=99999999999999999999", .malformed),
        ("r=fyko+d2lbbFgONRv9qkxdawLx,s=,i=4096", .malformed),
        ("m=x,r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4096", .malformed),
        ("", .malformed), (",,,,,,,,,,,,", .malformed),
    ])
    func badChallengesAreRefused(_ challenge: String, _ error: SCRAMError) {
        var client = exchange()
        #expect(throws: error) { try client.respond(to: challenge) }
    }

    @Test func aServerThatDoesNotKnowThePasswordIsRefused() throws {
        var client = exchange()
        #expect(throws: SCRAMError.malformed) { try client.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") }
        _ = try client.respond(to: serverFirst)
        #expect(throws: SCRAMError.serverNotAuthenticated) { try client.verify("v=AmF9pqV8S7suAoZWja4dJRkFsKQ=") }
        #expect(throws: SCRAMError.refused("other-error")) { try client.verify("e=other-error") }
        #expect(!client.isServerAuthenticated)
    }

    // MARK: In a session

    private func connected(_ mechanisms: String, user: String = "salle@visio.example.org") -> SessionDriver {
        var driver = SessionDriver(.password(user: user, password: Redacted("s3cret")))
        driver.start()
        driver.receive(Server.open)
        _ = driver.takeFrames()
        driver.receive(
            "<features xmlns='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\(mechanisms)</mechanisms></features>"
        )
        return driver
    }

    @Test func plainIsUsedWhenThereIsNothingBetter() throws {
        var driver = connected("<mechanism>ANONYMOUS</mechanism><mechanism>PLAIN</mechanism>")
        let auth = try driver.takeFrame()
        #expect(auth["mechanism"] == "PLAIN")
        #expect(auth.namespace == XMPPNamespace.sasl)
        #expect(Base64.decode(auth.text) == Array("\0salle\0s3cret".utf8))
        driver.receive(Server.success())
        #expect(try driver.takeFrame().name == "open")
    }

    /// A server's side of RFC 5802, giving what goes into the challenge and into `v=`.
    private func serve(_ auth: XMLElement) throws -> (first: String, signature: (String) -> String) {
        let first = String(decoding: try #require(Base64.decode(auth.text)), as: UTF8.self)
        let nonce = try #require(first.split(separator: ",").last).dropFirst(2)
        #expect(first.hasPrefix("n,,n=salle,r="))
        let challenge = "r=\(nonce)srv,s=c2FsdA==,i=20"
        return (
            challenge,
            { last in
                let salted = HMACSHA1.deriveKey(
                    password: Array("s3cret".utf8), salt: Array("salt".utf8), iterations: 20)
                let key = HMACSHA1.authenticate(Array("Server Key".utf8), key: salted)
                let covered =
                    "\(first.dropFirst(3)),\(challenge),\(last.split(separator: ",").dropLast().joined(separator: ","))"
                return "v=" + Base64.encode(HMACSHA1.authenticate(Array(covered.utf8), key: key))
            }
        )
    }

    private let both = "<mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism>"

    @Test(arguments: [true, false]) func scramIsPreferred(signatureInSuccess: Bool) throws {
        var driver = connected(both)
        let auth = try driver.takeFrame()
        #expect(auth["mechanism"] == "SCRAM-SHA-1")
        let server = try serve(auth)
        driver.receive(Server.challenge(server.first))
        let response = try driver.takeFrame()
        #expect(response.name == "response")
        let last = String(decoding: try #require(Base64.decode(response.text)), as: UTF8.self)
        let signature = server.signature(last)
        if signatureInSuccess {
            driver.receive(Server.success(Base64.encode(Array(signature.utf8))))
        } else {
            driver.receive(Server.challenge(signature))
            let empty = try driver.takeFrame()
            #expect(empty.name == "response" && empty.text.isEmpty)
            driver.receive(Server.success())
        }
        #expect(try driver.takeFrame().name == "open")
        #expect(driver.events.isEmpty)
    }

    @Test(arguments: ["", "dj1BQUFB", "%%%"]) func aSuccessWithoutProofIsNone(_ text: String) throws {
        var driver = connected(both)
        let server = try serve(try driver.takeFrame())
        driver.receive(Server.challenge(server.first))
        driver.receive(Server.success(text))
        guard case .authenticationFailed = driver.end else {
            Issue.record("ended with \(String(describing: driver.end))")
            return
        }
        #expect(driver.isTransportClosed)
    }

    @Test func successBeforeAnyChallengeIsNoProof() {
        var driver = connected(both)
        driver.receive(Server.success())
        #expect(driver.end == .authenticationFailed(condition: "malformed-challenge", text: nil))
    }

    @Test func aRefusalIsToldWithItsText() {
        var driver = connected("<mechanism>PLAIN</mechanism>")
        driver.receive(
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/><text>token required</text></failure>")
        #expect(driver.end == .authenticationFailed(condition: "not-allowed", text: "token required"))
    }

    @Test func missingMechanismsAreTold() {
        var guest = SessionDriver()
        guest.start()
        guest.receive(Server.features("SCRAM-SHA-1", "PLAIN"))
        #expect(guest.end == .passwordNeeded)
        let account = connected("<mechanism>ANONYMOUS</mechanism>")
        #expect(account.end == .authenticationFailed(condition: "mechanism-unsupported", text: nil))
        var strange = SessionDriver()
        strange.start()
        strange.receive(Server.features("X-OTHER"))
        #expect(strange.end == .authenticationFailed(condition: "mechanism-unsupported", text: nil))
    }

    @Test func noDescriptionShowsASecret() {
        for transport in [XMPPTransportKind.webSocket, .bosh] {
            var session = XMPPSession(
                configuration: XMPPSessionConfiguration(
                    domain: "visio.example.org",
                    credentials: .password(user: "salle", password: Redacted("s3cret")), transport: transport),
                random: RandomSource(seed: 1))
            session.start(at: .zero)
            let features = Server.features("PLAIN")
            session.receiveFrame(features, at: .zero)
            session.receiveResponse(
                status: 200, body: Array(Server.body(features, "sid='s'").utf8), to: 1, at: .zero)
            var shown = ""
            dump(session, to: &shown)
            shown += "\(session) \(String(reflecting: session))"
            var sent = ""
            while let output = session.poll() {
                if case .sendFrame(let text) = output { sent += text }
                if case .post(_, let body) = output { sent += body }
                dump(output, to: &shown)
                shown += "\(output) \(String(reflecting: output)) \([output])"
            }
            let secret = Base64.encode(Array("\0salle\0s3cret".utf8))
            #expect(sent.contains(secret))
            #expect(!shown.contains("s3cret"))
            #expect(!shown.contains(secret))
        }
    }
}
