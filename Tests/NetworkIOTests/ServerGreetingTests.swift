import NIOCore
import NIOPosix
import NetworkIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ServerGreetingTests {
    private func context(caFiles: [String] = []) throws -> NetworkContext {
        try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), caFiles: caFiles)
    }

    private func greet(
        _ context: NetworkContext, _ host: String, _ port: Int, isSecure: Bool, timeout: TimeAmount = .seconds(20)
    ) async -> Result<Void, NetworkError> {
        await withCheckedContinuation { continuation in
            context.greet(host: host, port: UInt16(port), isSecure: isSecure, timeout: timeout) {
                continuation.resume(returning: $0)
            }
        }
    }

    private func failure(_ result: Result<Void, NetworkError>) -> NetworkError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test func aServerThatCanBeTrustedIsThere() async throws {
        let server = try await TestServer.start(isTLS: true)
        let context = try context(caFiles: [TestServer.fixtures + "test-ca.pem"])
        for host in ["localhost", "127.0.0.1"] {
            #expect(failure(await greet(context, host, server.port, isSecure: true)) == nil)
        }
        let refusing = try self.context()
        #expect(
            failure(await greet(refusing, "localhost", server.port, isSecure: true))
                == .tls(host: "localhost", .certificate, detail: "the certificate is not trusted"))
        try await server.stop()
    }

    @Test func withoutTLSTheConnectionIsEnough() async throws {
        let server = try await TestServer.start()
        let context = try context()
        #expect(failure(await greet(context, "127.0.0.1", server.port, isSecure: false)) == nil)
        // What speaks no TLS is no server of ours.
        guard case .tls(_, let fault, _) = failure(await greet(context, "127.0.0.1", server.port, isSecure: true))
        else { return #expect(Bool(false), "there is no TLS") }
        #expect(fault != .certificate)
        let port = server.port
        try await server.stop()
        guard case .connect = failure(await greet(context, "127.0.0.1", port, isSecure: false)) else {
            return #expect(Bool(false), "nobody listens there any more")
        }
    }

    @Test func silenceHasAnEnd() async throws {
        // Takes connections and says nothing.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let context = try context()
        let port = listener.localAddress?.port ?? 0
        #expect(
            failure(await greet(context, "127.0.0.1", port, isSecure: true, timeout: .milliseconds(200)))
                == .timeout(host: "127.0.0.1"))
        try await listener.close()
    }
}
