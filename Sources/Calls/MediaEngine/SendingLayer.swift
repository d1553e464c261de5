package import Basis
package import Devices

/// Which of the three heights of protocol section 8.4 is sent.
package enum SendingLayer: Int, Comparable, Sendable {
    case none = 0
    case low = 180
    case standard = 360
    case high = 720

    /// The layer for a `maxHeight` of SenderSourceConstraints; −1 stands for no limit.
    package init(maxHeight: Int) {
        self =
            switch maxHeight {
            case ..<0: .high
            case 720...: .high
            case 360...: .standard
            case 180...: .low
            // A receiver that wants a thumbnail smaller than our smallest layer still wants a picture.
            case 1...: .low
            default: .none
            }
    }

    /// Bits per second that browsers give it.
    package var bitrate: Int { self == .none ? 0 : Self.bitrate(forHeight: rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The size to send for pictures of `camera`: the same shape, even, never larger than the camera's.
    package func size(for camera: PictureSize) -> PictureSize {
        camera.fitted(height: rawValue)
    }

    /// Bits per second that browsers give `codec` at `height` (lib-jitsi-meet StandardVideoQualitySettings.ts).
    package static func bitrate(forHeight height: Int, codec: VideoCodec = .vp8) -> Int {
        switch height {
        case ...270: codec == .vp8 ? 200_000 : 100_000
        case ...540: codec == .vp8 ? 500_000 : 300_000
        case ..<1_080: codec == .vp8 ? 1_500_000 : 1_200_000
        default: codec == .vp8 ? 3_000_000 : 2_500_000
        }
    }
}

/// Follows the wish for a layer: up at once, off at once, down only when asked for a few seconds on end, so that the
/// picture does not oscillate between sizes with a key frame each time.
struct LayerChoice {
    private static let patience = Duration.seconds(3)
    private(set) var current = SendingLayer.none
    private var lowerSince: MonotonicInstant?

    mutating func update(wanted: SendingLayer, at now: MonotonicInstant) -> SendingLayer {
        guard wanted < current, wanted != .none else {
            lowerSince = nil
            current = wanted
            return current
        }
        let since = lowerSince ?? now
        lowerSince = since
        if now - since >= Self.patience {
            lowerSince = nil
            current = wanted
        }
        return current
    }
}
