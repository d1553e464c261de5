package struct VoiceProcessor: ~Copyable {
    package let plan: VoicePlan
    private var canceller: EchoCanceller?
    private var preprocessor: VoicePreprocessor?

    package init(_ plan: VoicePlan) throws(VoiceError) {
        self.plan = plan
        guard plan != .nothing else { return }
        var preprocessor = try VoicePreprocessor(plan)
        if plan.cancelsEcho {
            let canceller = try EchoCanceller()
            preprocessor.attach(canceller)
            self.canceller = consume canceller
        }
        self.preprocessor = consume preprocessor
    }

    /// Processes the 480 samples just read in place.
    /// - Parameter delay: `EchoPath.delaySamples` as of now.
    package mutating func process(_ near: inout [Int16], delay: Int) {
        canceller?.process(&near, delay: delay)
        preprocessor?.process(&near)
    }

    /// The block that was written in this period.
    package mutating func played(_ far: Span<Int16>) {
        canceller?.played(far)
    }

    /// The microphone had no block in this period.
    package mutating func missed() {
        canceller?.missed()
    }
}
