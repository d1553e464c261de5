internal import CSpeexDSP
internal import Devices

/// Suppresses steady noise and what a canceller leaves of the echo, and brings voices to one loudness.
package struct VoicePreprocessor: ~Copyable {
    /// Decibels: fans and hum go down by so much; more makes voices watery.
    private static let noiseSuppression: Int32 = -15
    /// Decibels: what is left of the echo, while nobody speaks here and while somebody does.
    private static let echoSuppression: Int32 = -40
    private static let echoSuppressionInSpeech: Int32 = -15
    /// Where the gain control brings voices: about −18 dBov.
    private static let loudness: Float = 4_000
    /// Decibels, decibels a second.
    private static let mostGain: Int32 = 18
    private static let gainRise: Int32 = 6
    private static let gainFall: Int32 = -24

    private let state: OpaquePointer

    /// A preprocessor for 10 ms at 48 kHz that does what `plan` says of noise and gain.
    package init(_ plan: VoicePlan) throws(VoiceError) {
        guard let state = speex_preprocess_state_init(Int32(AudioBlock.samples), Int32(AudioBlock.sampleRate)) else {
            throw .unavailable("preprocessor")
        }
        self.state = state
        // Requests that a build of the library lacks (gain control in fixed point) are refused without harm.
        // Without "denoise" the library leaves the rest of the echo as well.
        set(SPEEX_PREPROCESS_SET_DENOISE, plan.suppressesNoise || plan.cancelsEcho ? 1 : 0)
        set(SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, plan.suppressesNoise ? Self.noiseSuppression : 0)
        set(SPEEX_PREPROCESS_SET_AGC, plan.controlsGain ? 1 : 0)
        var loudness = Self.loudness
        speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_AGC_LEVEL, &loudness)
        set(SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, Self.mostGain)
        set(SPEEX_PREPROCESS_SET_AGC_INCREMENT, Self.gainRise)
        set(SPEEX_PREPROCESS_SET_AGC_DECREMENT, Self.gainFall)
        set(SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, Self.echoSuppression)
        set(SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, Self.echoSuppressionInSpeech)
    }

    deinit {
        speex_preprocess_state_destroy(state)
    }

    /// From now on what `canceller` leaves is suppressed; it must live as long as this.
    mutating func attach(_ canceller: borrowing EchoCanceller) {
        speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_ECHO_STATE, UnsafeMutableRawPointer(canceller.state))
    }

    /// Processes 480 samples in place.
    package mutating func process(_ block: inout [Int16]) {
        guard block.count == AudioBlock.samples else { return }
        let state = self.state
        block.withUnsafeMutableBufferPointer { samples in
            guard let samples = samples.baseAddress else { return }
            _ = speex_preprocess_run(state, samples)
        }
    }

    private func set(_ request: Int32, _ value: Int32) {
        var value = value
        speex_preprocess_ctl(state, request, &value)
    }
}
