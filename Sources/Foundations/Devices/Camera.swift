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
}
