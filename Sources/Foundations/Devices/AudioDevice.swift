package import Basis

/// The one form of sound between devices and engines: blocks of 10 ms of mono 16-bit samples at 48 kHz.
package enum AudioBlock {
    /// Samples a second, in Hz.
    package static let sampleRate = 48_000
    /// Samples of a block.
    package static let samples = 480
    /// The time that a block lasts.
    package static let duration = Duration.milliseconds(10)
}

/// A source of sound, open only during a call. Owned and called by one thread.
package protocol Microphone: ~Copyable, SendableMetatype {
    mutating func open() throws(DeviceError)

    /// Stops the capture. Closing a closed microphone does nothing.
    mutating func close()

    /// Overwrites the 480 samples of `block`; false when the next 10 ms are not there yet. A device that lost samples
    /// recovers by itself: after an error it is closed and opened again.
    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool
}

/// A sink of sound, open only during a call. Owned and called by one thread.
package protocol Speaker: ~Copyable, SendableMetatype {
    mutating func open() throws(DeviceError)

    /// Stops the playback. Closing a closed speaker does nothing.
    mutating func close()

    /// Plays the 480 samples of `block`. A device that ran dry recovers by itself: after an error it is closed and opened
    /// again.
    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError)
}
