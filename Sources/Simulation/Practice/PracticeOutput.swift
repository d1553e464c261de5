package import Basis
package import Devices
package import MediaSession

/// What a request for a WebSocket gets.
package enum PracticeAdmission: Equatable, Sendable {
    /// XMPP (RFC 7395): the subprotocol is `xmpp`.
    case signalling
    /// The bridge channel: no subprotocol.
    case bridgeChannel
    /// An HTTP status instead of the upgrade.
    case refused(status: Int)
}

/// What the conference wants done with its WebSockets, told apart by the ids that the caller gave them.
package enum PracticeOutput: Equatable, Sendable {
    case sendText(socket: Int, String)
    /// `code` as in RFC 6455 section 7.4.
    case closeSocket(socket: Int, code: UInt16)
}

/// How a client's bridge channel came about.
package enum PracticeChannel: Equatable, Sendable {
    case none
    case webSocket
    case sctp
}

/// What the conference sees of one client.
package struct PracticeObservation: Equatable, Sendable {
    package var endpoint: String
    /// As in presence.
    package var name: String
    package var audioMuted: Bool
    package var videoMuted: Bool
    package var raisedHand: Bool
    /// The features of the client's disco#info; empty while unknown.
    package var features: [String]
    /// Whether a session-accept was taken and not ended since.
    package var hasAccepted: Bool
    /// Whether DTLS is up.
    package var isSecured: Bool
    package var channel: PracticeChannel
    package var audioPackets: Int
    /// In -dBov, of the last packet that told it.
    package var audioLevel: UInt8?
    /// The encodings of its camera in the order in which they were announced, low to high in a simulcast.
    package var layers: [PracticeLayer]
    /// Names of the video sources that are forwarded to the client.
    package var forwardedSources: [String]
    /// Messages on the bridge channel that a strict bridge drops.
    package var rejectedMessages: Int
    /// Jingle and presence that Jicofo or the server refuses.
    package var refusals: [String]
    package var failure: MediaFailure?

    /// Of the encoding that brought most pictures.
    package var videoFrames: Int { layers.map(\.frames).max() ?? 0 }
    /// Of all encodings.
    package var keyframes: Int { layers.reduce(0) { $0 + $1.keyframes } }
    /// The largest that came last.
    package var keyframeSize: PictureSize? { layers.compactMap(\.keyframeSize).max { $0.height < $1.height } }
}

/// What came of one encoding of a client's camera.
package struct PracticeLayer: Equatable, Sendable {
    package var frames = 0
    package var keyframes = 0
    /// Of the last frame.
    package var codec: VideoCodec?
    package var keyframeSize: PictureSize?

    package init() {}
}

/// One medium of a participant.
package enum PracticeMedium: Equatable, Sendable {
    case audio
    case video
}
