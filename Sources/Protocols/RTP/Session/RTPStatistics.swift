package import Basis

/// What a session counted so far; totals are since the stream began.
package struct RTPStatistics: Equatable, Sendable {
    package struct Inbound: Equatable, Sendable {
        package var name: String
        package var kind: MediaKind
        package var ssrc: UInt32
        package var packets: Int
        /// Whole RTP packets, RTX included.
        package var bytes: Int
        /// Negative where duplicates outnumber losses.
        package var lost: Int
        /// 0...1, in the last reporting interval.
        package var fractionLost: Double
        package var jitterMilliseconds: Double
        package var bitsPerSecond: Int
        package var duplicates: Int
        /// Nil for audio.
        package var video: InboundVideo?
    }

    package struct InboundVideo: Equatable, Sendable {
        /// NACK packets sent.
        package var nacks: Int
        /// PLIs sent.
        package var keyframeRequests: Int
        package var packetsRecovered: Int
        package var framesAssembled: Int
        package var framesDropped: Int
        /// Of the last frame; nil before the first.
        package var codec: VideoCodec?
        /// Of the last key frame, in pixels.
        package var width: Int
        package var height: Int
        package var framesPerSecond: Int
        /// Payload waiting for missing packets.
        package var bufferedBytes: Int
        /// How long pictures are held back at present, so that they follow each other evenly.
        package var playoutDelay: Duration
        /// For how long in all a picture stood because the next did not come.
        package var frozen: Duration
    }

    package struct Outbound: Equatable, Sendable {
        package var kind: MediaKind
        /// Of the last frame; nil before the first, and of audio.
        package var codec: VideoCodec?
        package var ssrc: UInt32
        package var packets: Int
        /// Payload only, as in sender reports.
        package var bytes: Int
        package var bitsPerSecond: Int
        package var retransmissions: Int
        /// Whether it sent within the last seconds; a layer that nobody wants does not.
        package var isSending: Bool
        /// 0...1, as last reported by the peer.
        package var remoteFractionLost: Double?
        package var remoteJitterMilliseconds: Double
    }

    package var inbound: [Inbound]
    package var outbound: [Outbound]
    /// Smoothed; nil before the first report about us.
    package var roundTrip: Duration?
    /// 0...1, in the last transport-wide feedback from the peer.
    package var transportFractionLost: Double?
    package var malformedPackets: Int
    package var unknownSSRCPackets: Int
    /// Packets of known sources in a format that was not negotiated.
    package var unsupportedPackets: Int
    /// Our own packets that found their queue full.
    package var outboundDropped: Int
}
