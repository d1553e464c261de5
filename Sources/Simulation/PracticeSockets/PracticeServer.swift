package import Basis
internal import DTLSSRTP
package import NIOCore
internal import NIOPosix
package import Practice

package enum PracticeServerError: Error, Equatable, Sendable {
    /// No socket on the loopback, or no certificate.
    case cannotStart(String)
}

/// A practice conference on real sockets of the loopback: HTTP, WebSockets and UDP, all on one event loop with one
/// scheduled deadline.
package final class PracticeServer: Sendable {
    static let host = IPAddress.v4(0x7F00_0001)

    /// What to join: `http://127.0.0.1:PORT/Entrainement`.
    package let roomURL: String
    /// The HTTP server's address.
    package let address: TransportAddress
    private let eventLoop: any EventLoop
    private let driver: NIOLoopBoundBox<PracticeDriver>

    private init(
        roomURL: String, address: TransportAddress, eventLoop: any EventLoop, driver: NIOLoopBoundBox<PracticeDriver>
    ) {
        self.roomURL = roomURL
        self.address = address
        self.eventLoop = eventLoop
        self.driver = driver
    }

    /// Serves on a loop of the process's own; see the other `start`.
    /// - Parameter port: of the HTTP server; 0 lets the kernel choose.
    package static func start(
        port: UInt16 = 0, options: PracticeOptions = PracticeOptions()
    ) throws(PracticeServerError) -> PracticeServer {
        try start(group: MultiThreadedEventLoopGroup.singleton, port: port, options: options)
    }

    /// Binds both sockets on one loop of `group` and serves. Waits for it, so not to be called on an event loop.
    package static func start(
        group: any EventLoopGroup, port: UInt16 = 0, options: PracticeOptions = PracticeOptions(),
        random: RandomSource = .system
    ) throws(PracticeServerError) -> PracticeServer {
        let eventLoop = group.next()
        do {
            let certificate = try DTLSCertificate.generate()
            let hub = PracticeHub(eventLoop: eventLoop)
            let http = try PracticeHTTP.bind(on: eventLoop, host: host, port: port, hub: hub).wait()
            let media: any Channel
            do {
                media = try PracticeDatagrams.bind(on: eventLoop, host: host, hub: hub).wait()
            } catch {
                http.close(promise: nil)
                throw error
            }
            guard let address = TransportAddress(http.localAddress),
                let mediaAddress = TransportAddress(media.localAddress)
            else { throw PracticeServerError.cannotStart("a socket without address") }
            return try eventLoop.submit {
                let conference = PracticeConference(
                    options: options, origin: address, mediaAddress: mediaAddress, certificate: certificate,
                    random: random)
                let roomURL = conference.roomURL
                let driver = PracticeDriver(
                    eventLoop: eventLoop, conference: conference, http: http, media: media)
                hub.open(driver)
                return PracticeServer(
                    roomURL: roomURL, address: address, eventLoop: eventLoop,
                    driver: NIOLoopBoundBox(driver, eventLoop: eventLoop))
            }.wait()
        } catch {
            throw .cannotStart("\(error)")
        }
    }

    /// The clients as the conference sees them; from any thread but the server's own loop.
    package func observations() -> [PracticeObservation] {
        (try? eventLoop.submit { [driver] in driver.value.observations() }.wait()) ?? []
    }

    /// Does something to the conference on its loop, from any thread: `{ $0.mute(.audio, of: endpoint, at: $1) }`.
    package func command(
        _ command: @escaping @Sendable (inout PracticeConference, MonotonicInstant) -> Void
    ) {
        eventLoop.execute { [driver] in driver.value.command(command) }
    }

    /// Closes all sockets; from any thread.
    package func stop() {
        eventLoop.execute { [driver] in driver.value.stop() }
    }
}

/// Finds the driver for channels that were made before it. Used on the loop only.
final class PracticeHub: Sendable {
    private let driver: NIOLoopBoundBox<PracticeDriver?>

    init(eventLoop: any EventLoop) {
        driver = NIOLoopBoundBox.makeEmptyBox(eventLoop: eventLoop)
    }

    /// Nil until the server has started.
    var current: PracticeDriver? { driver.value }

    func open(_ driver: PracticeDriver) {
        self.driver.value = driver
    }
}

extension TransportAddress {
    /// Nil for anything but an IP address.
    init?(_ socketAddress: SocketAddress?) {
        guard let socketAddress, let text = socketAddress.ipAddress, let address = IPAddress(text),
            let port = socketAddress.port.flatMap(UInt16.init(exactly:))
        else { return nil }
        self.init(address, port: port)
    }
}
