package import Basis
package import Conference
package import Room

/// How the network and the web server behave; may change while time passes.
package struct WorldNetwork: Sendable {
    /// What a request gets.
    package enum Answer: Equatable, Sendable {
        /// What the practice conference says.
        case served
        case status(Int)
        /// Something else, with a status of success.
        case body(String)
        case trouble(NetworkTrouble)
    }

    /// One way, of everything. A request takes four of it: two for the connection, two for itself.
    package var latency = Duration.milliseconds(20)
    /// Further delay of each datagram, drawn evenly from zero to this; datagrams overtake each other then.
    package var jitter = Duration.zero
    /// The share of datagrams that get lost, 0...1.
    ///
    /// Neither jitter nor loss touches DTLS: OpenSSL repeats its flights by the wall clock, which is not ours.
    package var loss = 0.0
    /// A firewall: no datagram passes.
    package var blocksDatagrams = false
    /// The cable is out: datagrams are lost, texts wait, requests find nobody.
    package var isCut = false

    /// What `GET /config.js` gets.
    package var configuration = Answer.served
    package var signalling = Answer.served
    package var bridgeChannel = Answer.served
    /// The addresses of names, for whoever asks the DNS; others are unknown, save the server's own.
    package var names: [String: [IPAddress]] = [:]
    /// What the room's calendar holds; a failure where it cannot be fetched.
    package var calendar: Result<Agenda, CalendarTrouble> = .failure(.refused(status: 404))

    package init() {}
}

/// RFC 7983: what a datagram is, by its first byte; RTP and RTCP by the second (RFC 5761).
enum DatagramKind {
    case stun
    case dtls
    case rtp(payloadType: UInt8)
    case rtcp
    case other

    init(_ datagram: [UInt8]) {
        switch datagram.first {
        case .some(0...3): self = .stun
        case .some(20...63): self = .dtls
        case .some(128...191) where datagram.count >= 2:
            self = (192...223).contains(datagram[1]) ? .rtcp : .rtp(payloadType: datagram[1] & 0x7F)
        default: self = .other
        }
    }
}
