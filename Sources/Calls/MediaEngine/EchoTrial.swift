package import Devices
package import VoiceProcessing

/// An `EchoTest` on real devices: seven seconds of a thread's time.
package enum EchoTrial {
    /// Plays, listens and measures.
    /// - Parameters:
    ///   - onProgress: told the percentage done each second; false stops the trial.
    /// - Returns: what was found and who cancelled; nil when it was stopped.
    package static func run<Duplex: AudioDuplex & ~Copyable>(
        on duplex: inout Duplex, voice settings: VoiceSettings, onProgress: (Int) -> Bool
    ) throws(DeviceError) -> (result: EchoTestResult, plan: VoicePlan)? {
        try duplex.openSpeaker()
        defer { duplex.closeSpeaker() }
        try duplex.openMicrophone()
        defer { duplex.closeMicrophone() }
        var plan = EchoPolicy.plan(settings, path: duplex.echoPath, hasSpeaker: true)
        // A gain that follows the echo would hide how much of it is left.
        plan.controlsGain = false
        var voice: VoiceProcessor
        do throws(VoiceError) {
            voice = try VoiceProcessor(plan)
        } catch {
            throw DeviceError("echo test", device: "voice", detail: "out of memory", severity: .transient)
        }
        var test = EchoTest()
        var near = [Int16](repeating: 0, count: AudioBlock.samples)
        var cancelled = near
        var far = near
        var periods = 0
        while !test.isOver {
            let now = duplex.wait()
            let isThere = try duplex.read(into: &near, at: now)
            for index in near.indices { cancelled[index] = near[index] }
            if isThere {
                voice.process(&cancelled, delay: duplex.echoPath.delaySamples)
            } else {
                voice.missed()
            }
            test.step(heard: near.span, cancelled: cancelled.span, isThere: isThere, play: &far)
            try duplex.write(far.span, at: now)
            voice.played(far.span)
            periods += 1
            if periods % 100 == 0, !onProgress(test.progress) { return nil }
        }
        return test.result().map { ($0, plan) }
    }
}
