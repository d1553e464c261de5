import Basis
import NIOCore
import NetworkIO

/// A datagram to a peer and back through a real TURN server, over each kind of connection.
actor RelayChecks {
    private let host: String
    private let port: UInt16
    private let securePort: UInt16
    private let user: String
    private let password: Redacted<String>
    private let eventLoop: any EventLoop
    private let network: NetworkContext
    private var isGood = true

    init(_ arguments: Arguments, eventLoop: any EventLoop) throws(CheckFailure) {
        guard let port = UInt16(try arguments.required("port")),
            let securePort = UInt16(try arguments.required("secure-port"))
        else { throw CheckFailure("--port and --secure-port are numbers") }
        host = try arguments.required("host")
        self.port = port
        self.securePort = securePort
        user = try arguments.required("user")
        password = Redacted(try arguments.required("password"))
        self.eventLoop = eventLoop
        do {
            network = try NetworkContext(eventLoop: eventLoop, caFiles: [try arguments.required("authority")])
        } catch {
            throw CheckFailure("\(error)")
        }
    }

    func run() async -> Bool {
        for (name, transport) in [("udp", RelayServer.Transport.udp), ("tcp", .tcp), ("tls", .tls)] {
            let server = RelayServer(
                host: host, port: transport == .tls ? securePort : port, transport: transport,
                username: Redacted(user), password: password)
            report("turn over \(name): a datagram to a peer and back", await roundTrip(server))
            var stranger = server
            stranger.password = Redacted("wrong")
            let answer = await roundTrip(stranger)
            report("turn over \(name): a wrong password is told as such", answer == "credentialsRefused" ? nil : answer)
        }
        return isGood
    }

    private func report(_ name: String, _ failure: String?) {
        if failure != nil { isGood = false }
        Output.line(failure.map { "FAIL \(name): \($0)" } ?? "ok \(name)")
    }

    /// Nil when the datagram came back, else why not.
    private func roundTrip(_ server: RelayServer) async -> String? {
        let trip = RelayTrip(eventLoop: eventLoop)
        return await withCheckedContinuation { continuation in
            trip.begin(server, network: network) { continuation.resume(returning: $0) }
        }
    }
}

/// One allocation, one peer, one datagram each way.
private final class RelayTrip: Sendable {
    private struct State {
        var relay: RelayConnection?
        var peer: UDPSocket?
        var finish: (@Sendable (String?) -> Void)?
    }

    private static let question: [UInt8] = [0x80, 1, 2, 3, 4]
    private static let answer: [UInt8] = [0x80, 5, 6]

    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    func begin(_ server: RelayServer, network: NetworkContext, finish: @escaping @Sendable (String?) -> Void) {
        eventLoop.execute { [self] in
            state.value.finish = finish
            eventLoop.scheduleTask(in: .seconds(10)) { self.end("nothing came back in 10 s") }
            network.bindUDP(
                address: .v4(0x7F00_0001),
                onDatagram: { bytes, remote in
                    // The peer answers whatever was relayed to it.
                    guard bytes.count == Self.question.count else { return }
                    self.state.value.peer?.send(Self.answer, to: remote)
                },
                completion: { result in
                    guard case .success(let socket) = result else { return self.end("no socket") }
                    self.state.value.peer = socket
                    self.ask(server, network: network, peer: socket.localAddress)
                })
        }
    }

    private func ask(_ server: RelayServer, network: NetworkContext, peer: TransportAddress) {
        state.value.relay = network.openRelay(
            server, random: .system,
            onAllocated: { _ in self.state.value.relay?.send(Self.question, to: peer) },
            onDatagram: { bytes, sender in
                let isAnswer = sender == peer && bytes.count == Self.answer.count
                self.end(isAnswer ? nil : "something else came back")
            }, onEnd: { self.end($0) })
    }

    private func end(_ failure: String?) {
        guard let finish = state.value.finish.take() else { return }
        state.value.relay?.close()
        state.value.peer?.close()
        finish(failure)
    }
}
