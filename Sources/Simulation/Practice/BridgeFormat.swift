import Basis
import RTP

/// What the bridge offers: numbers as Jicofo's by default.
enum BridgeFormat {
    static let opus: UInt8 = 111
    /// Copies of earlier sound; the practice bridge offers it and forwards plain sound.
    static let red: UInt8 = 112
    static let vp8: UInt8 = 100
    static let rtx: UInt8 = 96
    static let vp9: UInt8 = 101
    static let vp9RTX: UInt8 = 97
    static let audioLevel: UInt8 = 1
    static let absSendTime: UInt8 = 3
    static let transportWideCC: UInt8 = 5
    static let sctpPort: UInt16 = 5_000

    static let audioLevelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    static let absSendTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    static let transportWideCCURI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

    /// - Parameter stampsVideo: whether video packets carry the transport-wide number.
    static func configuration(cname: String, stampsVideo: Bool = true) -> RTPSessionConfiguration {
        RTPSessionConfiguration(
            cname: cname, audioExtensions: RTPExtensionMap(audioLevel: audioLevel, transportWideCC: transportWideCC),
            videoExtensions: RTPExtensionMap(
                transportWideCC: stampsVideo ? transportWideCC : nil, absSendTime: absSendTime),
            opusPayloadType: opus, vp8PayloadType: vp8, rtxPayloadType: rtx, vp9PayloadType: vp9,
            vp9RTXPayloadType: vp9RTX)
    }
}
