internal import CSpeexDSP
internal import Devices

/// Takes the speaker's sound out of the microphone's: an adaptive filter of 250 ms at 48 kHz.
///
/// Each period: `process` the block that was read, then tell by `played` the block that was written.
package struct EchoCanceller: ~Copyable {
    /// Samples of echo that the filter can model, after the devices' own delay.
    package static let tail = 12_000

    let state: OpaquePointer
    private var farEnd = FarEndDelay()
    private var reference = [Int16](repeating: 0, count: AudioBlock.samples)
    private var output = [Int16](repeating: 0, count: AudioBlock.samples)

    package init() throws(VoiceError) {
        guard let state = speex_echo_state_init(Int32(AudioBlock.samples), Int32(Self.tail)) else {
            throw .unavailable("echo canceller")
        }
        self.state = state
        var rate = Int32(AudioBlock.sampleRate)
        speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
    }

    deinit {
        speex_echo_state_destroy(state)
    }

    /// Samples between a written sample and the read sample that it is compared with first.
    package var lag: Int { farEnd.lag ?? 0 }

    /// Cancels in place.
    /// - Parameters:
    ///   - near: the 480 samples just read.
    ///   - delay: `EchoPath.delaySamples` as of now.
    package mutating func process(_ near: inout [Int16], delay: Int) {
        guard near.count == AudioBlock.samples else { return }
        farEnd.take(delay: delay, into: &reference)
        let state = self.state
        near.withUnsafeBufferPointer { recorded in
            reference.withUnsafeBufferPointer { played in
                output.withUnsafeMutableBufferPointer { result in
                    guard let recorded = recorded.baseAddress, let played = played.baseAddress,
                        let result = result.baseAddress
                    else { return }
                    speex_echo_cancellation(state, recorded, played, result)
                }
            }
        }
        for index in near.indices { near[index] = output[index] }
    }

    /// The block that was written in this period.
    package mutating func played(_ far: Span<Int16>) {
        farEnd.append(far)
    }

    /// The microphone had no block in this period.
    package mutating func missed() {
        farEnd.skip()
    }
}
