package import Basis
package import Devices
internal import VoiceProcessing

/// Microphone and speaker on ALSA's own devices, without any plug-in or server between.
///
/// Which cards: see `SoundPlace.candidates`. A card that is wanted more and comes while another is in use makes the
/// streams fail once, so that they are opened on it.
package struct ALSADuplex<Calls: SoundCalls>: AudioDuplex, ~Copyable {
    /// The longest wait for a device.
    private static var patience: Int { 20 }
    /// Periods between two looks for new cards: a second.
    private static var lookEvery: Int { 100 }

    private let settings: SoundSettings
    private let calls: Calls
    private var capture: CaptureStream<Calls>?
    private var playback: PlaybackStream<Calls>?
    private var capturePlace: SoundPlace?
    private var playbackPlace: SoundPlace?
    private var captureIsOutdated = false
    private var playbackIsOutdated = false
    private var nodes: [String] = []
    private var periods = 0
    private var pace = PaceGuard()
    private var nextWithoutDevice: MonotonicInstant?
    private var volume = 100
    /// Of streams that are closed.
    private var past = DuplexHealth()
    /// Of the streams that are open, as of their last block.
    private var capturePresent = DuplexHealth()
    private var playbackPresent = DuplexHealth()
    private var captureDelay = 0
    private var playbackDelay = 0

    package init(settings: SoundSettings, calls: Calls) {
        self.settings = settings
        self.calls = calls
    }

    // MARK: - Opening and closing

    package mutating func openMicrophone() throws(DeviceError) {
        guard capture == nil else { return }
        let cards = look()
        var firstFailure: DeviceError?
        for place in SoundPlace.candidates(cards, .capture, preferred: settings.microphones) {
            do throws(DeviceError) {
                return try openCapture(place)
            } catch {
                forgetCapture()
                firstFailure = firstFailure ?? error
            }
        }
        throw firstFailure ?? Self.nothingThere("microphone")
    }

    package mutating func openSpeaker() throws(DeviceError) {
        guard playback == nil else { return }
        let cards = look()
        var firstFailure: DeviceError?
        for place in SoundPlace.candidates(cards, .playback, preferred: settings.speakers) {
            do throws(DeviceError) {
                return try openPlayback(place)
            } catch {
                forgetPlayback()
                firstFailure = firstFailure ?? error
            }
        }
        throw firstFailure ?? Self.nothingThere("speaker")
    }

    private mutating func openCapture(_ place: SoundPlace) throws(DeviceError) {
        CardMixer.prepareMicrophone(card: place.card.number, calls)
        capture = CaptureStream(try PCMStream(place, .capture, calls: calls), mix: settings.captureMix)
        try capture?.start()
        capturePlace = place
        captureIsOutdated = false
        try agreeOnPace()
    }

    private mutating func openPlayback(_ place: SoundPlace) throws(DeviceError) {
        playback = PlaybackStream(try PCMStream(place, .playback, calls: calls))
        try playback?.start()
        playbackPlace = place
        playbackIsOutdated = false
        applyVolume()
        try agreeOnPace()
    }

    private mutating func forgetCapture() {
        capture = nil
        capturePlace = nil
    }

    private mutating func forgetPlayback() {
        playback = nil
        playbackPlace = nil
    }

    package mutating func closeMicrophone() {
        noteCapture()
        past.overruns &+= capturePresent.overruns
        past.droppedBlocks &+= capturePresent.droppedBlocks
        forgetCapture()
        noteCapture()
    }

    package mutating func closeSpeaker() {
        notePlayback()
        past.underruns &+= playbackPresent.underruns
        past.droppedBlocks &+= playbackPresent.droppedBlocks
        forgetPlayback()
        notePlayback()
        // The microphone keeps its rate; only its pace is another now. Its resampler exists, if it needs one.
        try? agreeOnPace()
    }

    private mutating func noteCapture() {
        capturePresent.overruns = capture?.overruns ?? 0
        capturePresent.droppedBlocks = capture?.droppedBlocks ?? 0
        capturePresent.driftPartsPerMillion = capture?.driftPartsPerMillion ?? 0
        captureDelay = capture?.delaySamples ?? 0
    }

    private mutating func notePlayback() {
        playbackPresent.underruns = playback?.underruns ?? 0
        playbackPresent.droppedBlocks = playback?.droppedBlocks ?? 0
        playbackDelay = playback?.delaySamples ?? 0
    }

    private mutating func agreeOnPace() throws(DeviceError) {
        guard let capturePlace else { return }
        if let playbackPlace {
            let isSame = capturePlace.card.number == playbackPlace.card.number
            try capture?.setPace(isSame ? .sameCard : .otherCard)
        } else {
            try capture?.setPace(.own)
        }
    }

    private static func nothingThere(_ role: String) -> DeviceError {
        DeviceError("open", device: role, detail: "no sound card has one", severity: .absent)
    }

    // MARK: - Cards that come

    private mutating func look() -> [SoundCard] {
        nodes = SoundInventory.nodes(calls)
        return SoundInventory.scan(calls)
    }

    /// Whether a card is there now that is wanted more than one in use.
    private mutating func lookForBetter() {
        guard capture != nil || playback != nil, SoundInventory.nodes(calls) != nodes else { return }
        let cards = look()
        if let capturePlace {
            let best = SoundPlace.candidates(cards, .capture, preferred: settings.microphones).first
            captureIsOutdated = best != capturePlace
        }
        if let playbackPlace {
            let best = SoundPlace.candidates(cards, .playback, preferred: settings.speakers).first
            playbackIsOutdated = best != playbackPlace
        }
    }

    private static func outdated(_ operation: String, _ place: SoundPlace?) -> DeviceError {
        DeviceError(
            operation, device: place?.name ?? "", detail: "the sound cards have changed", severity: .transient)
    }

    // MARK: - Samples

    package mutating func wait() -> MonotonicInstant {
        periods &+= 1
        if periods % Self.lookEvery == 0 { lookForBetter() }
        let handle = playback?.stream.handle ?? capture?.stream.handle
        guard let handle else { return waitForClock() }
        nextWithoutDevice = nil
        // What went wrong comes to light when samples are read or written.
        _ = calls.wait(handle, milliseconds: Self.patience)
        let now = calls.now()
        guard let admitted = pace.admit(at: now) else { return now }
        calls.sleep(until: min(admitted, now + AudioBlock.duration))
        return calls.now()
    }

    private mutating func waitForClock() -> MonotonicInstant {
        let now = calls.now()
        let due = (nextWithoutDevice ?? now) + AudioBlock.duration
        // Lateness does not add up, unless it is so large that catching up would be a burst.
        let next = now - due > .milliseconds(50) ? now : min(due, now + AudioBlock.duration)
        nextWithoutDevice = next
        if next > now { calls.sleep(until: next) }
        return calls.now()
    }

    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        if captureIsOutdated { throw Self.outdated("capture", capturePlace) }
        let isThere = try capture?.read(into: &block, at: now) ?? false
        noteCapture()
        return isThere
    }

    package mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        if playbackIsOutdated { throw Self.outdated("playback", playbackPlace) }
        try playback?.write(block, at: now)
        notePlayback()
    }

    // MARK: - Echo, volume, health

    package var echoPath: EchoPath {
        guard let capturePlace, let playbackPlace else { return EchoPath(isCancelledByDevice: false, delaySamples: 0) }
        let isOne = capturePlace.card.number == playbackPlace.card.number
        return EchoPath(
            isCancelledByDevice: isOne
                && SpeakerphoneTable.cancelsEcho(capturePlace.card.facts, others: settings.cancelling),
            delaySamples: captureDelay + playbackDelay)
    }

    package mutating func setSpeakerVolume(_ percent: Int) {
        volume = min(max(0, percent), 100)
        applyVolume()
    }

    private mutating func applyVolume() {
        guard let playbackPlace else { return }
        let isDone = CardMixer.setSpeaker(card: playbackPlace.card.number, percent: volume, calls)
        playback?.setGain(isDone ? 1 : SpeakerVolume.gain(of: volume))
    }

    package var health: DuplexHealth {
        var health = past
        health.underruns &+= playbackPresent.underruns
        health.overruns &+= capturePresent.overruns
        health.droppedBlocks &+= playbackPresent.droppedBlocks &+ capturePresent.droppedBlocks
        health.driftPartsPerMillion = capturePresent.driftPartsPerMillion
        return health
    }
}

extension ALSADuplex where Calls == KernelSound {
    /// The devices of this machine.
    package init(settings: SoundSettings) {
        self.init(settings: settings, calls: KernelSound())
    }
}
