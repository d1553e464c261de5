package import Basis

/// What sets the pace where no sound device does.
package protocol AudioPace: ~Copyable, SendableMetatype {
    /// Waits until the next 10 ms are due and returns the present.
    mutating func wait() -> MonotonicInstant
}

/// A microphone and a speaker that know nothing of each other, as one device.
package struct SeparateAudio<
    Input: Microphone & ~Copyable, Output: Speaker & ~Copyable, Pace: AudioPace & ~Copyable
>: AudioDuplex, ~Copyable {
    private var microphone: Input
    private var speaker: Output
    private var pace: Pace
    private var gain: Float = 1
    private var quieter = [Int16](repeating: 0, count: AudioBlock.samples)

    package init(microphone: consuming Input, speaker: consuming Output, pace: consuming Pace) {
        self.microphone = microphone
        self.speaker = speaker
        self.pace = pace
    }

    /// Opens the microphone.
    package mutating func openMicrophone() throws(DeviceError) { try microphone.open() }

    /// Opens the speaker.
    package mutating func openSpeaker() throws(DeviceError) { try speaker.open() }

    /// Stops the capture. Closing what is closed does nothing.
    package mutating func closeMicrophone() { microphone.close() }

    /// Stops the playback. Closing what is closed does nothing.
    package mutating func closeSpeaker() { speaker.close() }

    /// Waits for the pace's next 10 ms and returns the present.
    package mutating func wait() -> MonotonicInstant { pace.wait() }

    /// Overwrites the 480 samples of `block` from the microphone; false when they are not there yet.
    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        try microphone.read(into: &block, at: now)
    }

    /// Plays the 480 samples of `block`, at the volume set.
    package mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        guard gain < 1, block.count == quieter.count else { return try speaker.write(block, at: now) }
        for index in block.indices { quieter[index] = Int16(Float(block[index]) * gain) }
        let samples = quieter
        try speaker.write(samples.span, at: now)
    }

    /// Files and tones hear no speaker.
    package var echoPath: EchoPath { EchoPath(isCancelledByDevice: false, delaySamples: 0) }

    /// 0 silent … 100, applied to the samples.
    package mutating func setSpeakerVolume(_ percent: Int) { gain = SpeakerVolume.gain(of: percent) }

    /// No counters: neither device is a real one.
    package var health: DuplexHealth { DuplexHealth() }
}
