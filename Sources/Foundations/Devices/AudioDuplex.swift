package import Basis

/// Microphone and speaker on one thread, at one pace: the loudspeaker's clock, else the microphone's, else the processor's.
///
/// Echo cancelling needs both in step, so one device owns both directions.
package protocol AudioDuplex: ~Copyable, SendableMetatype {
    mutating func openMicrophone() throws(DeviceError)
    mutating func openSpeaker() throws(DeviceError)

    /// Stops the capture. Closing what is closed does nothing.
    mutating func closeMicrophone()

    /// Stops the playback. Closing what is closed does nothing.
    mutating func closeSpeaker()

    /// Waits until the next 10 ms are due and returns the present. Never longer than 30 ms, whatever the devices do.
    mutating func wait() -> MonotonicInstant

    /// Overwrites the 480 samples of `block`; false when the next 10 ms are not there yet. A device that lost samples
    /// recovers by itself: after an error it is closed and opened again.
    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool

    /// Plays the 480 samples of `block`.
    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError)

    /// How the echo of the speaker in this microphone is dealt with, as of the devices that are open.
    var echoPath: EchoPath { get }

    /// The speaker's loudness, 0 silent … 100, now and whenever the speaker is opened; 100 until it is told.
    mutating func setSpeakerVolume(_ percent: Int)

    /// What went wrong without being an error, since the start.
    var health: DuplexHealth { get }
}

/// The way from the samples written to the same sound in the samples read.
package struct EchoPath: Equatable, Sendable {
    /// Whether the device cancels the echo itself; a second canceller after it would only harm.
    package var isCancelledByDevice: Bool
    /// Samples at 48 kHz between a written sample and its echo being read, as the devices' buffers tell.
    package var delaySamples: Int

    package init(isCancelledByDevice: Bool, delaySamples: Int) {
        self.isCancelledByDevice = isCancelledByDevice
        self.delaySamples = delaySamples
    }
}

/// Counters of the sound devices, growing since the start.
package struct DuplexHealth: Equatable, Sendable {
    /// Times that the speaker ran dry.
    package var underruns = 0
    /// Times that nobody fetched what the microphone heard.
    package var overruns = 0
    /// Blocks lost because one device was too far behind the other.
    package var droppedBlocks = 0
    /// How much faster than the speaker's the microphone's clock is, in parts per million; 0 where both are one.
    package var driftPartsPerMillion = 0

    package init() {}
}
