import Basis
import DTLSSRTP
import MediaSession

@testable import Practice

/// The conference and its clients in virtual time: every datagram and text arrives at once.
final class PracticeWorld {
    static let mediaAddress = TransportAddress(.v4(0x7F00_0001), port: 10_000)
    static let origin = TransportAddress(.v4(0x7F00_0001), port: 8_000)

    var conference: PracticeConference
    var clients: [ScriptedClient] = []
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var buffer: [UInt8] = []

    init(_ options: PracticeOptions = PracticeOptions(), seed: UInt64 = 1) throws {
        conference = PracticeConference(
            options: options, origin: Self.origin, mediaAddress: Self.mediaAddress,
            certificate: try DTLSCertificate.generate(), random: RandomSource(seed: seed))
    }

    @discardableResult
    func enter(_ prepare: (ScriptedClient) -> Void = { _ in }) throws -> ScriptedClient {
        let client = ScriptedClient(number: clients.count + 1, certificate: try DTLSCertificate.generate())
        prepare(client)
        clients.append(client)
        _ = conference.socketOpened(client.socket, path: "/xmpp-websocket?room=entrainement", at: now)
        client.begin()
        settle()
        return client
    }

    /// Carries everything to and fro until all are silent.
    func settle() {
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            while let output = conference.poll() {
                hasMoved = true
                switch output {
                case .sendText(let socket, let text):
                    clients.first { $0.socket == socket || $0.channelSocket == socket }?
                        .receive(text, on: socket, at: now)
                case .closeSocket(let socket, let code):
                    clients.first { $0.socket == socket || $0.channelSocket == socket }?.closedSockets[socket] = code
                }
            }
            while let remote = conference.pollDatagram(into: &buffer) {
                hasMoved = true
                clients.first { $0.address == remote }?.receive(&buffer, from: Self.mediaAddress, at: now)
            }
            for client in clients {
                client.drain()
                while !client.texts.isEmpty {
                    hasMoved = true
                    let (socket, text) = client.texts.removeFirst()
                    conference.socketReceived(socket, text: text, at: now)
                }
                while client.media?.pollDatagram(into: &buffer) != nil {
                    hasMoved = true
                    conference.receive(&buffer, from: client.address, at: now)
                }
                if let path = client.channelPath {
                    client.channelPath = nil
                    hasMoved = true
                    client.isChannelOpen =
                        conference.socketOpened(client.channelSocket, path: path, at: now) == .bridgeChannel
                }
            }
        }
    }

    /// Lets time pass in the steps that the machines ask for.
    func run(_ duration: Duration, each: (MonotonicInstant) -> Void = { _ in }) {
        let end = now + duration
        while now < end {
            var soonest = conference.soonest
            for client in clients {
                if let media = client.media?.soonest { soonest.consider(media.instant, media.reason) }
            }
            let next = max(now + .milliseconds(1), soonest.instant ?? end)
            now = min(end, next)
            conference.advance(to: now)
            for client in clients { client.media?.advance(to: now) }
            each(now)
            settle()
        }
    }
}
