/// A format of compressed pictures, by the name that signalling gives it (`jitsi_participant_codecList`).
package enum VideoCodec: String, CaseIterable, Equatable, Sendable {
    /// RFC 6386, in RTP after RFC 7741.
    case vp8
    /// In RTP after RFC 9628.
    case vp9

    /// As people write it.
    package var title: String {
        switch self {
        case .vp8: "VP8"
        case .vp9: "VP9"
        }
    }
}
