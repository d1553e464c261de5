package import Basis
package import Conference
package import Devices
package import Jitsi
package import Room
package import RoomController
package import Scene

/// Something that the box did or that happened to it.
package enum WorldEntry: Equatable, Sendable {
    case phase(RoomPhase)
    /// What the room hears.
    case sound(RoomSound)
    case fact(ConferenceFact)
    case milestone(Milestone)
    case diagnostic(Diagnostic)
    case chat(name: String, text: String)
    case facts(MeetingFacts)
    case caption(Caption)
    case notice(ConferenceNotice)
    case farewell(by: String, reason: String)
    case get(url: String)
    case post(url: String)
    case openedSocket(SocketRole, url: String)
    case closedSocket(SocketRole)
    case sent(SocketRole, String)
    case received(SocketRole, String)
    case relayAsked(host: String)
    /// The first picture of a source, which is a key frame.
    case firstPicture(ssrc: UInt32)
}

/// The minutes: what happened when.
package struct WorldRecord: Equatable, Sendable {
    package let instant: MonotonicInstant
    package let entry: WorldEntry
}

/// What the box put on the network and what it got out of it.
package struct WorldTraffic: Equatable, Sendable {
    package var datagrams = 0
    package var stun = 0
    package var dtls = 0
    package var rtcp = 0
    /// Opus packets and VP8 packets; repeats are separate.
    package var audio = 0
    package var video = 0
    package var retransmissions = 0
    package var lastAudio: MonotonicInstant?
    package var lastVideo: MonotonicInstant?
    /// Datagrams that the network lost, in either direction.
    package var lost = 0
    /// Where datagrams went besides the bridge: STUN servers.
    package var elsewhere: Set<TransportAddress> = []
    package var requests = 0
    package var texts = 0
    /// Outputs of all kinds that conferences of the box made.
    package var outputs = 0

    package init() {}

    package var media: Int { audio + video + retransmissions + rtcp }

    /// Payload types as the practice bridge offers them.
    mutating func count(_ kind: DatagramKind, at now: MonotonicInstant) {
        datagrams += 1
        switch kind {
        case .stun: stun += 1
        case .dtls: dtls += 1
        case .rtcp: rtcp += 1
        case .rtp(111):
            audio += 1
            lastAudio = now
        case .rtp(100):
            video += 1
            lastVideo = now
        case .rtp: retransmissions += 1
        case .other: break
        }
    }
}

/// The pictures that came from one source.
package struct WorldPictures: Equatable, Sendable {
    package var frames = 0
    package var keyframes = 0
    package var last: MonotonicInstant?
    /// Of the last.
    package var codec: VideoCodec?

    package init() {}
}

/// What the room sees, hears and remembers.
package struct WorldObservations: Sendable {
    /// By SSRC.
    package var pictures: [UInt32: WorldPictures] = [:]
    /// Opus packets that came, by SSRC.
    package var heard: [UInt32: Int] = [:]
    /// What the path takes by the box's own estimate, as last told, in bit/s.
    package var bandwidth: Int?
    /// What is on the screen, and what programs are told.
    package var scene: SceneState?
    package var status: ApplianceStatus?
    package var isDisplayOn = true
    /// All that lamps, speakerphones and the TV were told.
    package var controls: [ControlCommand] = []
    /// What survives a restart.
    package var remembered: [String: String] = [:]

    package init() {}
}

extension World {
    package var pictures: [UInt32: WorldPictures] { observed.pictures }
    package var heard: [UInt32: Int] { observed.heard }
    package var bandwidth: Int? { observed.bandwidth }
    package var mostInFlight: Int { wires.peak }
}
