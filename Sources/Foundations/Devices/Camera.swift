package import Basis

/// A source of pictures. Owned and called by one thread.
package protocol Camera: ~Copyable, SendableMetatype {
    /// Starts the capture at the mode closest to what is wished for; frames say their true size.
    mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError)

    /// Stops the capture and lets go of the device. Closing a closed camera does nothing.
    mutating func close()

    /// The next picture in a buffer of `pool`, at the camera's own pace.
    ///
    /// It may wait for about one frame interval; nil when there is no picture yet or `pool` has no buffer.
    mutating func nextFrame(at now: MonotonicInstant, pool: FramePool) throws(DeviceError) -> VideoFrame?

    /// Looks where the configured preset number `index` (from 0) says, now if it is open, and each time it is opened from
    /// now on. A preset that there is not changes nothing.
    mutating func choosePreset(_ index: Int)

    /// Whether a camera that is preferred to the open one can be opened now; cheap enough to be asked at each picture.
    mutating func isPreferredPresent(at now: MonotonicInstant) -> Bool

    /// Pictures that never came out of `nextFrame`.
    var counters: CaptureCounters { get }
}

extension Camera where Self: ~Copyable {
    /// A camera that cannot look elsewhere.
    package mutating func choosePreset(_ index: Int) {}

    /// The only one there is.
    package mutating func isPreferredPresent(at now: MonotonicInstant) -> Bool { false }

    /// A camera that loses nothing.
    package var counters: CaptureCounters { CaptureCounters() }
}

/// Pictures that a camera took and that could not be used, since it was made: closing and opening keeps the counts.
package struct CaptureCounters: Equatable, Sendable {
    /// Damaged, cut short, or not decodable.
    package var corruptFrames = 0
    /// Dropped by the driver, replaced by a newer one, or without a buffer to go to.
    package var lostFrames = 0

    package init() {}
}
