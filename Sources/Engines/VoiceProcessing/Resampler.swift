internal import CSpeexDSP

/// Converts mono samples from one rate to another, whose ratio can be moved by parts per million while it runs.
package struct Resampler: ~Copyable {
    /// Of 0…10: 80 taps, enough for speech.
    private static let quality: Int32 = 5

    private let state: OpaquePointer
    private let inputRate: Int
    private let outputRate: Int
    /// Samples a second by which the input is faster than its nominal rate.
    private var excess = 0

    /// - Parameters:
    ///   - inputRate: samples a second that come in, 8,000 to 48,000.
    ///   - outputRate: samples a second that go out, the same.
    package init(from inputRate: Int, to outputRate: Int) throws(VoiceError) {
        let input = min(max(8_000, inputRate), 48_000)
        let output = min(max(8_000, outputRate), 48_000)
        var code: Int32 = 0
        guard let state = speex_resampler_init(1, UInt32(input), UInt32(output), Self.quality, &code) else {
            throw .unavailable("resampler")
        }
        self.state = state
        self.inputRate = input
        self.outputRate = output
        // Else the first samples out are those of a filter that has heard nothing.
        speex_resampler_skip_zeros(state)
    }

    deinit {
        speex_resampler_destroy(state)
    }

    /// How much faster than its nominal rate the input comes, in parts per million, −1,000 to 1,000; rounded to whole
    /// samples a second.
    package mutating func setDrift(_ partsPerMillion: Int) {
        let drift = min(max(-1_000, partsPerMillion), 1_000)
        let excess = Int((Double(inputRate * drift) / 1e6).rounded())
        guard excess != self.excess else { return }
        self.excess = excess
        // The library scales its phase by the product of two denominators in 32 bits, and leaves it broken when that
        // overflows (resample.c, multiply_frac): finer fractions than those of the rates themselves do not fit.
        speex_resampler_set_rate_frac(
            state, UInt32(inputRate + excess), UInt32(outputRate), UInt32(inputRate), UInt32(outputRate))
    }

    /// Samples that the filter holds back, at the output's rate.
    package var latency: Int { Int(speex_resampler_get_output_latency(state)) }

    /// Converts the first `count` samples of `input` to the beginning of `output`; returns how many came out, at most
    /// what `output` holds.
    package mutating func process(_ input: [Int16], count: Int, into output: inout [Int16]) -> Int {
        let state = self.state
        var inputLength = UInt32(min(max(0, count), input.count))
        var outputLength = UInt32(clamping: output.count)
        input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else {
                    outputLength = 0
                    return
                }
                _ = speex_resampler_process_int(state, 0, from, &inputLength, to, &outputLength)
            }
        }
        return Int(outputLength)
    }
}
