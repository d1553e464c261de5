package import Basis
package import Devices
internal import Pixels

/// A camera that plays a clip for ever: `.y4m` (8-bit 4:2:0) or `.mjpeg` (JPEG pictures in a row).
///
/// Pictures keep the clip's size and rate; only what is larger than 1280x720 is scaled down.
package struct ClipCamera: Camera, ~Copyable {
    private static let largest = PictureSize(width: 1280, height: 720)
    /// A motion-JPEG file does not say its rate.
    private static let motionJPEGRate = 30

    private let path: String
    // One of the two while open.
    private var y4m: Y4MClip?
    private var motionJPEG: MJPEGClip?
    private var pace: FramePace?

    /// Checks the file at once, so that a wrong one is told before any call.
    package init(path: String) throws(DeviceError) {
        self.init(unchecked: path)
        try load()
        close()
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(unchecked path: String) {
        self.path = path
    }

    private mutating func load() throws(DeviceError) {
        if path.hasSuffix(".y4m") {
            let clip = try Y4MClip.checked(path: path)
            pace = FramePace(numerator: clip.header.rateNumerator, denominator: clip.header.rateDenominator)
            y4m = consume clip
        } else if path.hasSuffix(".mjpeg") || path.hasSuffix(".mjpg") {
            motionJPEG = try MJPEGClip.checked(path: path)
            pace = FramePace(numerator: Self.motionJPEGRate, denominator: 1)
        } else {
            throw DeviceError(
                "open", device: path, detail: "expected a clip whose name ends in .y4m or .mjpeg",
                severity: .permanent)
        }
    }

    package mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError) {
        try load()
    }

    package mutating func close() {
        y4m = nil
        motionJPEG = nil
        pace = nil
    }

    package mutating func nextFrame(
        at now: MonotonicInstant, pool: FramePool
    ) throws(DeviceError) -> VideoFrame? {
        guard pace?.isDue(at: now) == true, var frame = try picture(pool: pool) else { return nil }
        frame.instant = now
        let size = frame.size.fitted(in: Self.largest)
        guard size.width < frame.size.width - 1 || size.height < frame.size.height - 1 else { return frame }
        guard var smaller = pool.frame(size: size), Pixels.scale(frame, into: &smaller) else { return nil }
        smaller.instant = now
        return smaller
    }

    private mutating func picture(pool: FramePool) throws(DeviceError) -> VideoFrame? {
        if let size = y4m?.header.size {
            guard var frame = pool.frame(size: size) else { return nil }
            try y4m?.read(into: &frame)
            return frame
        }
        guard motionJPEG != nil else { return nil }
        return try motionJPEG?.nextFrame(pool: pool)
    }
}
