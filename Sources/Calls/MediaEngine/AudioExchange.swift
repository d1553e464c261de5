package import Basis
package import Codecs
package import Devices
internal import Synchronization
package import VoiceProcessing

/// What travels with an encoded packet to the sender.
package struct OutgoingAudio: Equatable, Sendable {
    /// RTP time at 48 kHz; it goes on while nothing is sent.
    package let timestamp: UInt32
    /// RFC 6464: −dBov, 0 loud … 126 quiet, 127 muted.
    package let level: UInt8
    /// The first packet after a pause (RFC 3551 section 4.1).
    package let marker: Bool
}

/// What travels with a received Opus packet to the audio thread.
package struct IncomingAudio: Equatable, Sendable {
    /// The source.
    package let ssrc: UInt32
    /// Of the RTP packet.
    package let sequenceNumber: UInt16
    /// Of the RTP packet, at 48 kHz.
    package let timestamp: UInt32
    /// When the packet came from the network.
    package let arrival: MonotonicInstant
    /// Whether the payload is one of RFC 2198, with copies of earlier packets in it.
    package let isRedundant: Bool

    package init(
        ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32, arrival: MonotonicInstant, isRedundant: Bool = false
    ) {
        self.ssrc = ssrc
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        self.arrival = arrival
        self.isRedundant = isRedundant
    }
}

/// One remote microphone as it was heard lately.
package struct HeardSource: Equatable, Sendable {
    /// The source.
    package let ssrc: UInt32
    /// −dBov of the last 100 ms, 0 loud … 127 silent.
    package let level: UInt8
}

/// Counters of the audio thread, growing since its start, sampled each second.
package struct AudioStatistics: Equatable, Sendable {
    /// Turns of the audio thread; the watchdog looks at it.
    package var steps = 0
    /// RTP packets handed to the conference.
    package var sentPackets = 0
    /// Packets taken from the conference.
    package var receivedPackets = 0
    /// Packets that never came.
    package var lostPackets = 0
    /// Packets that came after their turn.
    package var latePackets = 0
    /// Packets whose bytes Opus refused.
    package var damagedPackets = 0
    /// Packets of a 33rd source.
    package var refusedPackets = 0
    /// Sources heard at present.
    package var activeSources = 0
    /// Blocks in which the limiter turned the mix down.
    package var limitedBlocks = 0
    /// Blocks that the microphone did not have in time.
    package var missedBlocks = 0
    /// The longest delay of a source's jitter buffer, in milliseconds.
    package var jitterDelay = 0
    /// Why there is no microphone; nil while there is one, or none is wanted.
    package var microphoneFault: DeviceError?
    /// Why there is no speaker; nil while there is one, or none is wanted.
    package var speakerFault: DeviceError?
    /// For how long the open, unmuted microphone has given nothing but silence: below −75 dBov.
    package var microphoneSilentFor = Duration.zero
    /// What is done to the microphone's samples; nothing while it is closed.
    package var voicePlan = VoicePlan.nothing
    /// How the own voice is encoded at present.
    package var encoding = SpeechEncoding()
    /// Milliseconds from a written sample to its echo, as the devices' buffers tell.
    package var echoDelay = 0
    /// Of the devices: underruns, overruns, lost blocks, drift.
    package var devices = DuplexHealth()

    package init() {}
}

/// Everything that the call's thread and the audio thread share: two rings, the mute flag, commands, and counters.
package final class AudioExchange: Sendable {
    enum Command: Equatable, Sendable {
        case start, stop, setSending(Bool), removeSource(UInt32), setSpeakerVolume(Int)
        case noteUplink(fractionLost: Double, bandwidth: Int?), setDiscontinuous(Bool)
        case setVoice(VoiceSettings), setSoundVolume(Int)
    }

    private struct Shared {
        var commands: [Command] = []
        var statistics = AudioStatistics()
        var heard: [HeardSource] = []
        var remote: [RemoteAudioStatistics] = []
        var meters = AudioMeters()
    }

    /// Encoded packets on their way to the network; one slot holds 20 ms.
    package let outgoing = PacketRing<OutgoingAudio>(slots: 32, slotSize: 1_276)
    /// Opus payloads on their way to the speaker.
    package let incoming = PacketRing<IncomingAudio>(slots: 512, slotSize: 1_500)
    let outgoingWaker: any Waker
    private let muted = Atomic<Bool>(false)
    private let microphoneLevelStore = Atomic<UInt8>(127)
    private let talkingWhileMuted = Atomic<Bool>(false)
    /// One more than the raw value of the `RoomSound` that is to be played; 0 for none.
    private let wantedSound = Atomic<UInt8>(0)
    private let shared = Mutex(Shared())

    /// - Parameter outgoingWaker: woken for each packet put into `outgoing`.
    package init(outgoingWaker: any Waker) {
        self.outgoingWaker = outgoingWaker
    }

    /// Whether the microphone is cut. Effective with the very next 10 ms: the half of a frame already gathered is silenced
    /// and the encoder forgets what it heard, so that no later packet holds sound from before.
    package var isMuted: Bool {
        get { muted.load(ordering: .acquiring) }
        set { muted.store(newValue, ordering: .releasing) }
    }

    /// A call begins: microphone and speaker are opened.
    package func start() { post(.start) }

    /// The call is over: both devices are closed, all sources forgotten, sending off.
    package func stop() { post(.stop) }

    /// Whether packets go out at all; off after `start` until it is set.
    package func setSending(_ isSending: Bool) { post(.setSending(isSending)) }

    /// A remote microphone has left.
    package func removeSource(_ ssrc: UInt32) { post(.removeSource(ssrc)) }

    /// What the bridge reports of the last second: 0…1 of our sound lost, and bits per second that may be sent in all.
    package func noteUplink(fractionLost: Double, bandwidth: Int?) {
        post(.noteUplink(fractionLost: fractionLost, bandwidth: bandwidth))
    }

    /// Whether silence is sent as pauses; for this call and later ones.
    package func setDiscontinuous(_ isOn: Bool) { post(.setDiscontinuous(isOn)) }

    /// The speaker's loudness, 0 silent … 100, for this call and later ones.
    package func setSpeakerVolume(_ percent: Int) { post(.setSpeakerVolume(percent)) }

    /// Who cancels the echo, and what else is done to the own voice; for this call and later ones.
    package func setVoice(_ settings: VoiceSettings) { post(.setVoice(settings)) }

    /// A sound for the room, at once and in place of one that is not over: in a call into what the speaker plays, else
    /// the speaker is open for it alone.
    package func play(_ sound: RoomSound) { wantedSound.store(sound.rawValue &+ 1, ordering: .releasing) }

    /// The loudness of the room's sounds beside the call's, 0 silent … 100.
    package func setSoundVolume(_ percent: Int) { post(.setSoundVolume(percent)) }

    /// The counters as of the last full second.
    package var statistics: AudioStatistics { shared.withLock { $0.statistics } }

    /// What became of each source's sound, as of the last full second.
    package var remoteStatistics: [RemoteAudioStatistics] { shared.withLock { $0.remote } }

    /// The sources heard in the last 100 ms.
    package var heardSources: [HeardSource] { shared.withLock { $0.heard } }

    /// The own microphone's level, −dBov of the last 20 ms; 127 when muted or closed.
    package var microphoneLevel: UInt8 { microphoneLevelStore.load(ordering: .relaxed) }

    /// Levels of both directions in the last 100 ms; silence outside of calls.
    package var meters: AudioMeters { shared.withLock { $0.meters } }

    /// Whether somebody has been speaking to the muted microphone within the last two seconds.
    package var isTalkingWhileMuted: Bool { talkingWhileMuted.load(ordering: .relaxed) }

    private func post(_ command: Command) {
        shared.withLock { $0.commands.post(command) }
    }

    // MARK: - The audio thread's side

    func takeCommands() -> [Command] {
        shared.withLock { shared in
            guard !shared.commands.isEmpty else { return [] }
            let commands = shared.commands
            shared.commands = []
            return commands
        }
    }

    func takeSound() -> RoomSound? {
        let wanted = wantedSound.exchange(0, ordering: .acquiringAndReleasing)
        return wanted > 0 ? RoomSound(rawValue: wanted - 1) : nil
    }

    /// Takes the content of `remote` and leaves an older array in exchange, so that none is made each time.
    func publish(_ statistics: AudioStatistics, remote: inout [RemoteAudioStatistics]) {
        // A closure may not capture the parameter: the exchange goes through a local.
        var incoming = remote
        remote = []
        shared.withLock { shared in
            shared.statistics = statistics
            swap(&shared.remote, &incoming)
        }
        remote = incoming
    }

    /// The same of what was heard.
    func publish(heard: inout [HeardSource]) {
        var incoming = heard
        heard = []
        shared.withLock { swap(&$0.heard, &incoming) }
        heard = incoming
    }

    func publish(_ meters: AudioMeters) {
        shared.withLock { $0.meters = meters }
    }

    func publish(talkingWhileMuted isTalking: Bool) {
        talkingWhileMuted.store(isTalking, ordering: .relaxed)
    }

    func publish(microphoneLevel: UInt8) {
        microphoneLevelStore.store(microphoneLevel, ordering: .relaxed)
    }
}

extension [AudioExchange.Command] {
    /// Of sources that have left: more than a call has.
    private static var maximumRemovals: Int { 256 }

    /// Appends a command; what it makes void is forgotten, so that the list stays short while the audio thread sleeps.
    mutating func post(_ command: Element) {
        removeAll { command.voids($0) }
        if case .removeSource = command,
            count(where: { if case .removeSource = $0 { true } else { false } })
                >= Self.maximumRemovals,
            let oldest = firstIndex(where: { if case .removeSource = $0 { true } else { false } })
        {
            remove(at: oldest)
        }
        append(command)
    }
}

extension AudioExchange.Command {
    /// Whether `earlier`, not yet obeyed, need not be any more.
    fileprivate func voids(_ earlier: Self) -> Bool {
        switch (self, earlier) {
        case (.start, .start), (.stop, .start), (.stop, .stop), (.stop, .setSending),
            (.stop, .removeSource), (.stop, .noteUplink), (.setSending, .setSending),
            (.setSpeakerVolume, .setSpeakerVolume), (.noteUplink, .noteUplink), (.setDiscontinuous, .setDiscontinuous),
            (.setVoice, .setVoice), (.setSoundVolume, .setSoundVolume):
            true
        case (.removeSource(let one), .removeSource(let other)): one == other
        default: false
        }
    }
}
