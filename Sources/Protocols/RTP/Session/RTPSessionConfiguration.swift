import Basis

/// The two kinds of media of a bundle.
package enum MediaKind: Equatable, Sendable {
    case audio
    case video

    /// Of Opus (RFC 7587) and of VP8 and VP9 (RFC 7741, 9628), in Hz.
    package var clockRate: Int64 {
        switch self {
        case .audio: 48_000
        case .video: 90_000
        }
    }
}

/// A source the bridge may forward to us.
package struct InboundSource: Sendable, Equatable {
    /// As in Jingle and on the bridge channel, for instance 5e6f7a8b-v0.
    package var name: String
    /// Whether it is sound or video.
    package var kind: MediaKind
    /// Of the primary stream.
    package var ssrc: UInt32
    /// The other member of its FID group.
    package var rtxSSRC: UInt32?

    package init(name: String, kind: MediaKind, ssrc: UInt32, rtxSSRC: UInt32? = nil) {
        self.name = name
        self.kind = kind
        self.ssrc = ssrc
        self.rtxSSRC = rtxSSRC
    }
}

/// One encoding of our camera: its SSRC, and the one of its retransmissions (FID).
package struct OutboundVideo: Sendable, Equatable {
    /// Of the primary stream.
    package var ssrc: UInt32
    /// Of its retransmissions (RFC 4588); nil where RTX was not negotiated.
    package var rtxSSRC: UInt32?

    package init(ssrc: UInt32, rtxSSRC: UInt32? = nil) {
        self.ssrc = ssrc
        self.rtxSSRC = rtxSSRC
    }
}

/// What was negotiated, fixed for the life of a session.
package struct RTPSessionConfiguration: Sendable {
    /// Canonical name, the same for audio and video (RFC 3550 section 6.5.1).
    package var cname: String
    /// Header extensions of audio, by their negotiated ids (RFC 8285).
    package var audioExtensions: RTPExtensionMap
    /// Header extensions of video, by their negotiated ids (RFC 8285).
    package var videoExtensions: RTPExtensionMap
    /// Of Opus at 48 kHz (RFC 7587).
    package var opusPayloadType: UInt8
    /// Of VP8 (RFC 7741).
    package var vp8PayloadType: UInt8
    /// Of RFC 2198 over Opus; nil where it was not negotiated.
    package var redPayloadType: UInt8?
    /// The one with apt = VP8's; nil where RTX was not negotiated.
    package var rtxPayloadType: UInt8?
    /// Nil where it was not negotiated.
    package var vp9PayloadType: UInt8?
    /// The one with apt = VP9's.
    package var vp9RTXPayloadType: UInt8?
    /// Of an RTP packet before SRTP adds its tag, in bytes.
    package var maximumPacketSize: Int
    /// From 1900-01-01 UTC to the monotonic clock's origin; sender reports and abs-send-time are built on it.
    package var ntpOffset: Duration

    package init(
        cname: String, audioExtensions: RTPExtensionMap, videoExtensions: RTPExtensionMap, opusPayloadType: UInt8,
        vp8PayloadType: UInt8, rtxPayloadType: UInt8?, redPayloadType: UInt8? = nil, vp9PayloadType: UInt8? = nil,
        vp9RTXPayloadType: UInt8? = nil, maximumPacketSize: Int = 1200,
        ntpOffset: Duration = .zero
    ) {
        self.cname = cname
        self.audioExtensions = audioExtensions
        self.videoExtensions = videoExtensions
        self.opusPayloadType = opusPayloadType
        self.vp8PayloadType = vp8PayloadType
        self.rtxPayloadType = rtxPayloadType
        self.redPayloadType = redPayloadType
        self.vp9PayloadType = vp9PayloadType
        self.vp9RTXPayloadType = vp9RTXPayloadType
        self.maximumPacketSize = max(200, maximumPacketSize)
        self.ntpOffset = ntpOffset
    }

    /// The codec of video packets of this type; nil for any other type.
    func videoCodec(payloadType: UInt8) -> VideoCodec? {
        payloadType == vp8PayloadType ? .vp8 : payloadType == vp9PayloadType ? .vp9 : nil
    }

    /// The codec of what is in retransmissions of this type.
    func retransmittedCodec(payloadType: UInt8) -> VideoCodec {
        payloadType == vp9RTXPayloadType ? .vp9 : .vp8
    }

    /// What retransmissions of packets of `payloadType` go out as; nil where that was not negotiated.
    func retransmissionType(for payloadType: UInt8) -> UInt8? {
        payloadType == vp9PayloadType ? vp9RTXPayloadType : rtxPayloadType
    }

    /// What frames of `codec` go out as; nil where it was not negotiated.
    func payloadType(of codec: VideoCodec) -> UInt8? {
        codec == .vp8 ? vp8PayloadType : vp9PayloadType
    }

    func extensions(payloadType: UInt8) -> RTPExtensionMap {
        payloadType == opusPayloadType || payloadType == redPayloadType ? audioExtensions : videoExtensions
    }
}
