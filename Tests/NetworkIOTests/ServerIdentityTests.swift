import Basis
import NIOCore
import NIOPosix
import Testing

@testable import NetworkIO

struct ServerIdentityTests {
    @Test(arguments: ["visio.example", "Visio.Example.", "*.example"]) func aNameIsItself(known: String) {
        for host in ["visio.example", "VISIO.example."] {
            #expect(ServerIdentity(host).isNamed(dnsNames: ["other.example", known], addresses: []))
        }
    }

    @Test(arguments: [
        "a.visio.example", "*.visio.example", "vis*.example", "*", "example", "",
        // A name in which something else hides, and letters that only Unicode takes for those of ASCII.
        "visio.example\0.evil.example", "vi\u{17F}io.example",
    ])
    func anotherNameIsNot(known: String) {
        #expect(!ServerIdentity("visio.example").isNamed(dnsNames: [known], addresses: [Self.documentation]))
        #expect(!ServerIdentity("a.b.example").isNamed(dnsNames: ["*.example", known], addresses: []))
    }

    private static let documentation: [UInt8] = [192, 0, 2, 1]
    private static let longDocumentation: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]

    @Test func addressesAreComparedWithAddresses() {
        let both = [Self.documentation, Self.longDocumentation]
        #expect(ServerIdentity("192.0.2.1").isNamed(dnsNames: [], addresses: both))
        #expect(ServerIdentity("2001:db8::1").isNamed(dnsNames: [], addresses: both))
        #expect(!ServerIdentity("192.0.2.2").isNamed(dnsNames: [], addresses: both))
        #expect(!ServerIdentity("2001:db8::1").isNamed(dnsNames: [], addresses: [Self.documentation]))
        // A range, as constraints of authorities have it.
        let range = Self.documentation + Self.documentation
        #expect(!ServerIdentity("192.0.2.1").isNamed(dnsNames: [], addresses: [range]))
        // The address's text as a name, and the name's address.
        #expect(!ServerIdentity("192.0.2.1").isNamed(dnsNames: ["192.0.2.1", "*.0.2.1"], addresses: []))
        #expect(!ServerIdentity("visio.example").isNamed(dnsNames: [], addresses: both))
    }
}

/// What a channel over TLS came to.
private enum Outcome: Equatable, Sendable {
    case trusted
    case refused
    case other(String)

    init(_ error: NetworkError) {
        if case .tls(_, .certificate, _) = error { self = .refused } else { self = .other("\(error)") }
    }
}

private enum SecureChannel: CaseIterable, Sendable {
    case https, wss, turns, greeting
}

@Suite(.timeLimit(.minutes(1)))
struct ServerIdentityOnTheWireTests {
    private func open(_ channel: SecureChannel, _ host: String, port: Int, _ context: NetworkContext) async -> Outcome {
        await withCheckedContinuation { continuation in
            switch channel {
            case .https:
                context.request(url: "https://\(host):\(port)/") { result in
                    switch result {
                    case .success: continuation.resume(returning: .trusted)
                    case .failure(let error): continuation.resume(returning: Outcome(error))
                    }
                }
            case .greeting:
                context.greet(host: host, port: UInt16(port), isSecure: true, timeout: .seconds(20)) { result in
                    switch result {
                    case .success: continuation.resume(returning: .trusted)
                    case .failure(let error): continuation.resume(returning: Outcome(error))
                    }
                }
            case .wss:
                let isAnswered = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: context.eventLoop)
                let answer: @Sendable (Outcome) -> Void = { outcome in
                    guard !isAnswered.value else { return }
                    isAnswered.value = true
                    continuation.resume(returning: outcome)
                }
                _ = context.connectWebSocket(
                    url: "wss://\(host):\(port)/ws?greet", subprotocol: "xmpp", onOpen: { answer(.trusted) },
                    onText: { _ in },
                    onClose: { end in
                        if case .failed(let error) = end { answer(Outcome(error)) } else { answer(.other("\(end)")) }
                    })
            case .turns:
                // The server speaks HTTP: a client that trusts it sends its request, gets no TURN back and says so.
                let server = RelayServer(
                    host: host, port: UInt16(port), transport: .tls, username: Redacted("u"), password: Redacted("p"))
                let ended = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: context.eventLoop)
                _ = context.openRelay(
                    server, random: RandomSource(seed: 1), onAllocated: { _ in }, onDatagram: { _, _ in },
                    onEnd: { reason in
                        guard !ended.value else { return }
                        ended.value = true
                        let isRefused = reason.contains("certificate")
                        continuation.resume(returning: isRefused ? .refused : .trusted)
                    })
            }
        }
    }

    private func context(proxy: HTTPProxy? = nil) throws -> NetworkContext {
        try NetworkContext(
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            caFiles: [TestServer.fixtures + "identity-ca.pem"], proxy: proxy)
    }

    @Test(arguments: [
        ("identity-name-only", "localhost", true), ("identity-name-only", "127.0.0.1", false),
        // The address of the socket in the name's place.
        ("identity-address-only", "localhost", false), ("identity-address-only", "127.0.0.1", true),
        ("identity-address-as-name", "127.0.0.1", false), ("identity-common-name-only", "localhost", false),
    ])
    func everyChannelComparesWhatWasAskedFor(certificate: String, host: String, isTrusted: Bool) async throws {
        let server = try await TestServer.start(certificate: certificate)
        let context = try context()
        for channel in SecureChannel.allCases {
            let outcome = await open(channel, host, port: server.port, context)
            #expect(outcome == (isTrusted ? .trusted : .refused), "\(channel)")
        }
        context.close()
        try await server.stop()
    }

    @Test(arguments: [
        ("identity-tunnelled", "meet.test", true), ("identity-tunnelled", "192.0.2.1", true),
        // The proxy's own address, and the server's behind it.
        ("identity-address-only", "meet.test", false), ("identity-address-only", "192.0.2.1", false),
    ])
    func behindAProxyToo(certificate: String, host: String, isTrusted: Bool) async throws {
        let server = try await TestServer.start(certificate: certificate)
        let proxy = try await TestProxy.start(.tunnel(port: server.port, piece: 1_000))
        let context = try context(proxy: HTTPProxy(host: "127.0.0.1", port: proxy.port))
        for channel in SecureChannel.allCases {
            let outcome = await open(channel, host, port: server.port, context)
            #expect(outcome == (isTrusted ? .trusted : .refused), "\(channel)")
        }
        context.close()
        try await proxy.stop()
        try await server.stop()
    }

    @Test func aRefusedCertificateIsTriedAgainWhileTheClockMayBeWrong() {
        let refused = NetworkError.tls(host: "visio.example", .certificate, detail: "")
        #expect(refused.isTransient(isClockRight: false) && refused.isTransient(isClockRight: nil))
        #expect(!refused.isTransient(isClockRight: true))
        #expect(!NetworkError.closed.isTransient(isClockRight: false))
    }
}
