package import Devices

/// The time from one picture to the next, in seconds (`struct v4l2_fract` of linux/videodev2.h).
package struct FrameInterval: Hashable, Sendable {
    package var numerator: UInt32
    package var denominator: UInt32

    package init(numerator: UInt32, denominator: UInt32) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Pictures in a thousand seconds; nil for a fraction that is no interval.
    package var milliHertz: Int? {
        guard numerator > 0, denominator > 0 else { return nil }
        return Int(UInt64(denominator) * 1_000 / UInt64(numerator))
    }

    /// Nil for a fraction that is no interval.
    var duration: Duration? {
        guard numerator > 0, denominator > 0 else { return nil }
        return .nanoseconds(Int64(UInt64(numerator) * 1_000_000_000 / UInt64(denominator)))
    }
}

/// The rates that a camera has for one format and size (VIDIOC_ENUM_FRAMEINTERVALS).
package enum FrameIntervals: Equatable, Sendable {
    /// The driver does not say.
    case unknown
    case discrete([FrameInterval])
    /// Stepwise and continuous; drivers round to what they can.
    case range(shortest: FrameInterval, longest: FrameInterval)
}

/// Sizes at regular steps (VIDIOC_ENUM_FRAMESIZES, stepwise and continuous).
package struct SizeRange: Equatable, Sendable {
    package var minimum: PictureSize
    package var maximum: PictureSize
    /// Steps of width and height, in pixels.
    package var step: PictureSize

    package init(minimum: PictureSize, maximum: PictureSize, step: PictureSize = PictureSize(width: 1, height: 1)) {
        self.minimum = minimum
        self.maximum = maximum
        self.step = step
    }

    /// The sizes worth asking rates for: `wish`, and half and a quarter of it for cameras that are too slow at it.
    package func candidates(for wish: PictureSize) -> [PictureSize] {
        var found: [PictureSize] = []
        for divisor in [1, 2, 4] {
            let size = PictureSize(
                width: Self.snap(wish.width / divisor, minimum.width, maximum.width, step.width),
                height: Self.snap(wish.height / divisor, minimum.height, maximum.height, step.height))
            if !found.contains(size) { found.append(size) }
        }
        return found
    }

    /// The smallest value of the range that is not below `wanted`, or its largest. Odd values are stepped over where
    /// the range allows: 4:2:0 pictures share their colour between two pixels.
    private static func snap(_ wanted: Int, _ minimum: Int, _ maximum: Int, _ step: Int) -> Int {
        let (low, step) = (max(1, minimum), max(1, step))
        let high = max(low, maximum)
        let last = low + (high - low) / step * step
        guard wanted > low else { return low }
        guard wanted < last else { return last }
        let value = low + (wanted - low + step - 1) / step * step
        return value % 2 == 1 && value + step <= last ? value + step : value
    }
}

/// One thing that a camera can do.
package struct CaptureOffer: Equatable, Sendable {
    package var format: FourCC
    package var size: PictureSize
    package var intervals: FrameIntervals

    package init(format: FourCC, size: PictureSize, intervals: FrameIntervals) {
        self.format = format
        self.size = size
        self.intervals = intervals
    }
}

/// What is asked of a camera.
package struct CaptureWish: Equatable, Sendable {
    package var size: PictureSize
    package var framesPerSecond: Int

    package init(size: PictureSize, framesPerSecond: Int) {
        self.size = size
        self.framesPerSecond = min(max(1, framesPerSecond), 240)
    }

    /// The interval that is wished for.
    var interval: FrameInterval { FrameInterval(numerator: 1, denominator: UInt32(framesPerSecond)) }
}

/// An offer with one of its rates picked.
package struct CaptureMode: Equatable, Sendable {
    package var format: FourCC
    package var size: PictureSize
    package var interval: FrameInterval

    package init(format: FourCC, size: PictureSize, interval: FrameInterval) {
        self.format = format
        self.size = size
        self.interval = interval
    }
}
