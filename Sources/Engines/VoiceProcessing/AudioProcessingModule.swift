internal import CAudioProcessing
internal import Devices

/// WebRTC's own chain: high-pass filter, echo canceller (AEC3, which finds the delay itself), noise suppression, gain
/// with a limiter.
struct AudioProcessingModule: ~Copyable {
    private let state: OpaquePointer

    init(_ plan: VoicePlan) throws(VoiceError) {
        guard let state = vs_audio_processing_create(plan.cancelsEcho, plan.suppressesNoise, plan.controlsGain) else {
            throw .unavailable("webrtc-audio-processing")
        }
        self.state = state
    }

    deinit {
        vs_audio_processing_destroy(state)
    }

    /// Processes the 480 samples just read in place.
    /// - Parameter delay: samples from a block's writing to its echo's reading, as far as the devices tell.
    mutating func process(_ near: inout [Int16], delay: Int) {
        guard near.count == AudioBlock.samples else { return }
        let milliseconds = Int32(min(max(0, delay), AudioBlock.sampleRate / 2) / (AudioBlock.sampleRate / 1_000))
        let state = self.state
        near.withUnsafeMutableBufferPointer { samples in
            guard let samples = samples.baseAddress else { return }
            _ = vs_audio_processing_record(state, samples, milliseconds)
        }
    }

    /// The block that was written in this period.
    mutating func played(_ far: Span<Int16>) {
        guard far.count == AudioBlock.samples else { return }
        let state = self.state
        far.withUnsafeBufferPointer { samples in
            guard let samples = samples.baseAddress else { return }
            _ = vs_audio_processing_play(state, samples)
        }
    }
}
