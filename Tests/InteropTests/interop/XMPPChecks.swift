import Basis
import NIOCore
import NetworkIO
import XMPP

/// What a room box does with an XMPP server, done with a real one.
actor XMPPChecks {
    struct Server: Sendable {
        let webSocketURL: String
        let boshURL: String?
        /// Lets everybody in (SASL ANONYMOUS).
        let domain: String
        let muc: String?
        /// Offers SCRAM-SHA-1 for `user`.
        let accounts: String?
        /// Offers PLAIN and nothing else for `user`.
        let plain: String?
        let user: String
        let password: Redacted<String>
        /// The same over TLS, with a certificate that `authority` (a PEM file) vouches for.
        let secureWebSocketURL: String?
        let secureBOSHURL: String?
        let authority: String?
        /// The same server under a name that is not in its certificate.
        let misnamedURL: String?

        init(_ arguments: Arguments) throws(CheckFailure) {
            webSocketURL = try arguments.required("url")
            domain = try arguments.required("domain")
            boshURL = arguments["bosh"]
            muc = arguments["muc"]
            accounts = arguments["accounts"]
            plain = arguments["plain"]
            user = arguments["user"] ?? ""
            password = Redacted(arguments["password"] ?? "")
            secureWebSocketURL = arguments["secure-url"]
            secureBOSHURL = arguments["secure-bosh"]
            authority = arguments["authority"]
            misnamedURL = arguments["misnamed-url"]
        }
    }

    private static let mucNamespace = "http://jabber.org/protocol/muc"

    private let server: Server
    private let eventLoop: any EventLoop
    private var passed = 0
    private var failed = 0
    private var roomCount = 0

    init(_ server: Server, eventLoop: any EventLoop) {
        self.server = server
        self.eventLoop = eventLoop
    }

    func run() async -> Bool {
        let transports: [XMPPTransportKind] = server.boshURL == nil ? [.webSocket] : [.webSocket, .bosh]
        for transport in transports {
            await checkLogins(over: transport)
            for other in transports where server.muc != nil { await checkRoom(transport, with: other) }
        }
        await checkResumption()
        await checkTLS()
        return failed == 0
    }

    // MARK: TLS

    private func checkTLS() async {
        if let url = server.secureWebSocketURL {
            await check("wss: ANONYMOUS with the authority configured") {
                try await self.logIn(at: url, .webSocket)
            }
            await check("wss: an unknown authority is refused") { try await self.expectRefusal(of: url, nil) }
        }
        if let url = server.secureBOSHURL {
            await check("https: ANONYMOUS with the authority configured") { try await self.logIn(at: url, .bosh) }
        }
        if let url = server.misnamedURL {
            await check("wss: a certificate for another name is refused") {
                try await self.expectRefusal(of: url, self.server.authority)
            }
        }
    }

    private func logIn(at url: String, _ transport: XMPPTransportKind) async throws {
        let client = try XMPPClient(
            name: "secure", url: url, transport: transport, domain: server.domain, credentials: .anonymous,
            authority: server.authority, eventLoop: eventLoop)
        _ = try await client.logIn()
        try await Self.closeCleanly(client)
    }

    private func expectRefusal(of url: String, _ authority: String?) async throws {
        let client = try XMPPClient(
            name: "wary", url: url, transport: .webSocket, domain: server.domain, credentials: .anonymous,
            authority: authority, eventLoop: eventLoop)
        await client.connect()
        _ = try await client.end()
        let error = await client.networkError
        guard case .tls = error else { throw CheckFailure("ended by \(String(describing: error))") }
    }

    // MARK: Logins

    private func checkLogins(over transport: XMPPTransportKind) async {
        await check("\(transport): ANONYMOUS, disco#info, ping, close") {
            let client = try self.client("anonymous", transport)
            let jid = try await client.logIn()
            guard jid.domain == self.server.domain, jid.resource != nil else { throw CheckFailure("bound as \(jid)") }
            let info = try await client.query(Self.request(XMPPNamespace.discoInfo, to: self.server.domain))
            let identities = info.child("query", namespace: XMPPNamespace.discoInfo)?.children("identity") ?? []
            guard identities.contains(where: { $0["category"] == "server" }) else {
                throw CheckFailure("no server identity in \(info.serialized())")
            }
            let ping = XMLElement("ping", namespace: XMPPNamespace.ping)
            _ = try await client.query(Self.iq(ping, to: self.server.domain))
            try await Self.closeCleanly(client)
        }
        if let domain = server.accounts {
            await check("\(transport): SCRAM-SHA-1") {
                try await self.logIn(at: domain, transport, password: self.server.password)
            }
            await check("\(transport): a wrong password is refused as such") {
                let client = try self.client(
                    "stranger", transport, domain: domain,
                    credentials: .password(user: self.server.user, password: Redacted("no such password")))
                await client.connect()
                let end = try await client.end()
                guard case .authenticationFailed("not-authorized", _) = end else { throw CheckFailure("\(end)") }
            }
            await check("\(transport): an account server without a password") {
                let client = try self.client("nobody", transport, domain: domain)
                await client.connect()
                let end = try await client.end()
                guard end == .passwordNeeded else { throw CheckFailure("\(end)") }
            }
        }
        if let domain = server.plain {
            await check("\(transport): PLAIN") {
                try await self.logIn(at: domain, transport, password: self.server.password)
            }
        }
        await check("\(transport): an unknown domain is named as the reason") {
            let client = try self.client("lost", transport, domain: "elsewhere.invalid")
            await client.connect()
            let end = try await client.end()
            guard end == .hostUnknown else { throw CheckFailure("\(end)") }
        }
    }

    private func logIn(at domain: String, _ transport: XMPPTransportKind, password: Redacted<String>) async throws {
        let client = try self.client(
            "account", transport, domain: domain, credentials: .password(user: server.user, password: password))
        let jid = try await client.logIn()
        guard jid.local == server.user, jid.domain == domain else { throw CheckFailure("bound as \(jid)") }
        try await Self.closeCleanly(client)
    }

    // MARK: Room

    private func checkRoom(_ first: XMPPTransportKind, with second: XMPPTransportKind) async {
        guard let muc = server.muc else { return }
        roomCount += 1
        let room = "salle\(roomCount)@\(muc)"
        await check("\(first) and \(second): a room, presence, groupchat, ping through the room, leaving") {
            let ada = try self.client("ada", first)
            let bob = try self.client("bob", second)
            _ = try await ada.logIn()
            let info = try await ada.query(Self.request(XMPPNamespace.discoInfo, to: muc))
            let features = info.child("query")?.children("feature").compactMap { $0["var"] } ?? []
            guard features.contains(Self.mucNamespace) else { throw CheckFailure("\(muc) is no conference service") }
            await ada.send(Self.entry(to: room, as: "ada"))
            _ = try await ada.expectStanza("own presence") { Self.isSelfPresence($0, from: "\(room)/ada") }

            _ = try await bob.logIn()
            await bob.send(Self.entry(to: room, as: "bob"))
            _ = try await bob.expectStanza("ada's presence") { Self.isPresence($0, from: "\(room)/ada") }
            _ = try await bob.expectStanza("own presence") { Self.isSelfPresence($0, from: "\(room)/bob") }
            let arrival = try await ada.expectStanza("bob's presence") { Self.isPresence($0, from: "\(room)/bob") }
            guard arrival.child("nick")?.text == "Salle d’été <1> & ½" else {
                throw CheckFailure("the nick came as \(arrival.serialized())")
            }

            try await Self.exchange("Bonjour à tous — 你好 & <b>", from: ada, as: "ada", to: bob, in: room)
            try await Self.exchange("]]> \"fin\" 'fin'", from: bob, as: "bob", to: ada, in: room)
            // The service passes the ping on and ada's session answers it by itself (XEP-0199).
            _ = try await bob.query(
                Self.iq(XMLElement("ping", namespace: XMPPNamespace.ping), to: "\(room)/ada"))

            let leave = XMLElement(
                "presence", namespace: XMPPNamespace.client, [("to", "\(room)/bob"), ("type", "unavailable")])
            try await Self.closeCleanly(bob, final: leave)
            _ = try await ada.expectStanza("bob's leaving") { Self.isPresence($0, from: "\(room)/bob", isGone: true) }
            try await Self.closeCleanly(ada)
        }
    }

    private static func exchange(
        _ text: String, from sender: XMPPClient, as nick: String, to receiver: XMPPClient, in room: String
    ) async throws {
        let body = XMLElement("body", namespace: XMPPNamespace.client, text: text)
        await sender.send(
            XMLElement(
                "message", namespace: XMPPNamespace.client, [("to", room), ("type", "groupchat")], children: [body]))
        for client in [receiver, sender] {
            _ = try await client.expectStanza("\(nick)'s message") {
                $0.name == "message" && $0["type"] == "groupchat" && $0["from"] == "\(room)/\(nick)"
                    && $0.child("body")?.text == text
            }
        }
    }

    private static func closeCleanly(_ client: XMPPClient, final: XMLElement? = nil) async throws {
        let end = try await client.close(final: final)
        guard end == .closed else { throw CheckFailure("\(client.name): closed as \(end)") }
    }

    // MARK: Stanzas

    private static func iq(_ payload: XMLElement, to: String) -> XMLElement {
        XMLElement("iq", namespace: XMPPNamespace.client, [("type", "get"), ("to", to)], children: [payload])
    }

    private static func request(_ namespace: String, to: String) -> XMLElement {
        iq(XMLElement("query", namespace: namespace), to: to)
    }

    private static func entry(to room: String, as nick: String) -> XMLElement {
        XMLElement(
            "presence", namespace: XMPPNamespace.client, [("to", "\(room)/\(nick)")],
            children: [
                XMLElement("x", namespace: mucNamespace),
                XMLElement("nick", namespace: "http://jabber.org/protocol/nick", text: "Salle d’été <1> & ½"),
            ])
    }

    private static func isPresence(_ stanza: XMLElement, from: String, isGone: Bool = false) -> Bool {
        stanza.name == "presence" && stanza["from"] == from && stanza["type"] == (isGone ? "unavailable" : nil)
    }

    private static func isSelfPresence(_ stanza: XMLElement, from: String) -> Bool {
        let user = stanza.child("x", namespace: mucNamespace + "#user")
        return isPresence(stanza, from: from) && user?.children("status").contains { $0["code"] == "110" } == true
    }

    // MARK: Resumption

    /// XEP-0198: the occupant of a room loses its connection, and nobody in the room notices.
    private func checkResumption() async {
        guard let muc = server.muc, let accounts = server.accounts else { return }
        await check("webSocket: a stream is taken up again, with what was said meanwhile") {
            let room = "reprise@\(muc)"
            let ada = try XMPPClient(
                name: "ada", url: self.server.webSocketURL, transport: .webSocket, domain: accounts,
                credentials: .password(user: self.server.user, password: self.server.password), isDurable: true,
                eventLoop: self.eventLoop)
            let bob = try self.client("bob", .webSocket)
            _ = try await ada.logIn()
            await ada.send(Self.entry(to: room, as: "ada"))
            _ = try await ada.expectStanza("own presence") { Self.isSelfPresence($0, from: "\(room)/ada") }
            guard await ada.canResume else { throw CheckFailure("the server manages no streams") }
            _ = try await bob.logIn()
            await bob.send(Self.entry(to: room, as: "bob"))
            _ = try await ada.expectStanza("bob's presence") { Self.isPresence($0, from: "\(room)/bob") }
            try await ada.loseConnection()
            func message(_ text: String) -> XMLElement {
                XMLElement(
                    "message", namespace: XMPPNamespace.client, [("to", room), ("type", "groupchat")],
                    children: [XMLElement("body", namespace: XMPPNamespace.client, text: text)])
            }
            await bob.send(message("said meanwhile"))
            await ada.send(message("held back"))
            try await ada.resume()
            _ = try await ada.expectStanza("what bob said") { $0.child("body")?.text == "said meanwhile" }
            let heard = try await bob.expectStanza("what ada said, or her leaving") {
                $0.child("body")?.text == "held back" || Self.isPresence($0, from: "\(room)/ada", isGone: true)
            }
            guard heard.name == "message" else { throw CheckFailure("ada was seen leaving") }
            try await Self.closeCleanly(ada)
            try await Self.closeCleanly(bob)
        }
    }

    // MARK: Running

    private func client(
        _ name: String, _ transport: XMPPTransportKind, domain: String? = nil,
        credentials: XMPPCredentials = .anonymous
    ) throws(CheckFailure) -> XMPPClient {
        let url = transport == .bosh ? server.boshURL ?? "" : server.webSocketURL
        return try XMPPClient(
            name: name, url: url, transport: transport, domain: domain ?? server.domain, credentials: credentials,
            eventLoop: eventLoop)
    }

    private func check(_ name: String, _ body: () async throws -> Void) async {
        do {
            try await body()
            passed += 1
            Output.line("ok   XMPP \(name)")
        } catch {
            failed += 1
            Output.line("FAIL XMPP \(name): \(error)")
        }
    }
}
