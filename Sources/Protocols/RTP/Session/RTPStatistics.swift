package import Basis

/// What a session counted so far; totals are since the stream began.
package struct RTPStatistics: Equatable, Sendable {
    /// What was received of one source.
    package struct Inbound: Equatable, Sendable {
        /// The source's name, as in Jingle.
        package var name: String
        /// Whether it is sound or video.
        package var kind: MediaKind
        /// Of the primary stream.
        package var ssrc: UInt32
        /// RTP packets received, RTX included.
        package var packets: Int
        /// Whole RTP packets, RTX included.
        package var bytes: Int
        /// Negative where duplicates outnumber losses.
        package var lost: Int
        /// 0...1, in the last reporting interval.
        package var fractionLost: Double
        /// Interarrival jitter (RFC 3550 section 6.4.1).
        package var jitterMilliseconds: Double
        /// Over the last second or so.
        package var bitsPerSecond: Int
        /// Packets that came twice.
        package var duplicates: Int
        /// Nil for audio.
        package var video: InboundVideo?
    }

    /// What video has besides.
    package struct InboundVideo: Equatable, Sendable {
        /// NACK packets sent.
        package var nacks: Int
        /// PLIs sent.
        package var keyframeRequests: Int
        /// Packets that came by RTX.
        package var packetsRecovered: Int
        /// Frames handed on.
        package var framesAssembled: Int
        /// Frames given up because packets were missing for too long.
        package var framesDropped: Int
        /// Of the last frame; nil before the first.
        package var codec: VideoCodec?
        /// Of the last key frame, in pixels.
        package var width: Int
        /// Of the last key frame, in pixels.
        package var height: Int
        /// Assembled over the last second.
        package var framesPerSecond: Int
        /// Payload waiting for missing packets.
        package var bufferedBytes: Int
        /// How long pictures are held back at present, so that they follow each other evenly.
        package var playoutDelay: Duration
        /// For how long in all a picture stood because the next did not come.
        package var frozen: Duration
    }

    /// What was sent of one stream.
    package struct Outbound: Equatable, Sendable {
        /// Whether it is sound or video.
        package var kind: MediaKind
        /// Of the last frame; nil before the first, and of audio.
        package var codec: VideoCodec?
        /// Of the primary stream.
        package var ssrc: UInt32
        /// RTP packets sent, without retransmissions.
        package var packets: Int
        /// Payload only, as in sender reports.
        package var bytes: Int
        /// Over the last second or so.
        package var bitsPerSecond: Int
        /// Packets sent again.
        package var retransmissions: Int
        /// Whether it sent within the last seconds; a layer that nobody wants does not.
        package var isSending: Bool
        /// 0...1, as last reported by the peer.
        package var remoteFractionLost: Double?
        /// As last reported by the peer.
        package var remoteJitterMilliseconds: Double
    }

    /// One for each source, in the order in which they were added.
    package var inbound: [Inbound]
    /// Audio first, then the camera's layers from the smallest up.
    package var outbound: [Outbound]
    /// Smoothed; nil before the first report about us.
    package var roundTrip: Duration?
    /// 0...1, in the last transport-wide feedback from the peer.
    package var transportFractionLost: Double?
    /// Packets that were neither RTP nor RTCP.
    package var malformedPackets: Int
    /// Packets of sources that nobody announced.
    package var unknownSSRCPackets: Int
    /// Packets of known sources in a format that was not negotiated.
    package var unsupportedPackets: Int
    /// Our own packets that found their queue full.
    package var outboundDropped: Int
}
