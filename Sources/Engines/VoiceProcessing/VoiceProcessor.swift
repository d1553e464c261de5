/// Everything that happens to the microphone's samples, by one library.
///
/// Each period: `process` the block that was read, then tell by `played` the block that was written.
package struct VoiceProcessor: ~Copyable {
    /// What is done to the samples.
    package let plan: VoicePlan
    private var module: AudioProcessingModule?
    private var canceller: EchoCanceller?
    private var preprocessor: VoicePreprocessor?

    /// Sets the library up for `plan`; throws where it has no memory for it.
    package init(_ plan: VoicePlan, engine: VoiceEngine = .best) throws(VoiceError) {
        switch engine {
        case _ where plan == .nothing: self.init(plan, nil, nil, nil)
        case .webRTC: self.init(plan, try AudioProcessingModule(plan), nil, nil)
        case .speex where plan.cancelsEcho:
            var preprocessor = try VoicePreprocessor(plan)
            let canceller = try EchoCanceller()
            preprocessor.attach(canceller)
            self.init(plan, nil, canceller, preprocessor)
        case .speex: self.init(plan, nil, nil, try VoicePreprocessor(plan))
        }
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        _ plan: VoicePlan, _ module: consuming AudioProcessingModule?, _ canceller: consuming EchoCanceller?,
        _ preprocessor: consuming VoicePreprocessor?
    ) {
        self.plan = plan
        self.module = module
        self.canceller = canceller
        self.preprocessor = preprocessor
    }

    /// Processes the 480 samples just read in place.
    /// - Parameter delay: `EchoPath.delaySamples` as of now.
    package mutating func process(_ near: inout [Int16], delay: Int) {
        module?.process(&near, delay: delay)
        canceller?.process(&near, delay: delay)
        preprocessor?.process(&near)
    }

    /// The block that was written in this period.
    package mutating func played(_ far: Span<Int16>) {
        module?.played(far)
        canceller?.played(far)
    }

    /// The microphone had no block in this period.
    package mutating func missed() {
        canceller?.missed()
    }
}
