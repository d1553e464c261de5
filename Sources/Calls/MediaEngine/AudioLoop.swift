package import Basis
package import Codecs
package import Devices
internal import RTP
package import VoiceProcessing

/// What the audio thread does every 10 ms: microphone to packets, packets to speaker. Built and called on that thread.
package struct AudioLoop<Duplex: AudioDuplex & ~Copyable>: ~Copyable {
    private static var retryDelay: Duration { .milliseconds(500) }
    /// −dBov: what a microphone that works never falls below for long, even in an empty room.
    private static var silentLevel: UInt8 { 75 }
    /// Silent packets sent after muting, so that receivers hear a clean end; then nothing is sent.
    private static var mutedTail: Int { 5 }

    private let exchange: AudioExchange
    private var duplex: Duplex
    private var voiceSettings: VoiceSettings
    private var voice: VoiceProcessor?
    private var encoder: OpusEncoder
    private var isInCall = false
    private var isSending = false
    private var microphoneRetry: MonotonicInstant?
    private var speakerRetry: MonotonicInstant?
    private var microphoneIsOpen = false
    private var speakerIsOpen = false

    private var timestamp: UInt32
    private var pauses = true
    private var mutedPackets = 0
    private var gathered = 0
    private var frame = [Int16](repeating: 0, count: OpusFormat.frameSamples)
    private var block = [Int16](repeating: 0, count: AudioBlock.samples)
    private var mix = [Int32](repeating: 0, count: AudioBlock.samples)
    private var packet: [UInt8] = []
    private var remote = RemoteAudioMixer()
    private var speechRate = SpeechRate()
    private var pauseIsTold = false
    private var limiter = Limiter()
    private var earcons = EarconPlayer()
    private var microphoneMeter = LevelMeter()
    private var speakerMeter = LevelMeter()
    private var mutedTalk = MutedTalkDetector()
    private var statistics = AudioStatistics()
    // What is published, exchanged for what was published before.
    private var heard: [HeardSource] = []
    private var details: [RemoteAudioStatistics] = []

    /// - Parameter firstTimestamp: where the RTP time starts; random (RFC 3550 section 5.1).
    package init(
        exchange: AudioExchange, duplex: consuming Duplex, voice: VoiceSettings, firstTimestamp: UInt32
    ) throws(CodecError) {
        let encoder = try OpusEncoder()
        self.init(exchange: exchange, duplex: duplex, voice: voice, encoder: encoder, firstTimestamp: firstTimestamp)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        exchange: AudioExchange, duplex: consuming Duplex, voice: VoiceSettings, encoder: consuming OpusEncoder,
        firstTimestamp: UInt32
    ) {
        self.exchange = exchange
        self.duplex = duplex
        voiceSettings = voice
        self.encoder = encoder
        timestamp = firstTimestamp
        packet.reserveCapacity(1_500)
    }

    /// Waits, at the devices' pace, until the next period begins; never longer than 30 ms.
    package mutating func wait() -> MonotonicInstant {
        duplex.wait()
    }

    /// One period of 10 ms.
    package mutating func step(at now: MonotonicInstant) {
        statistics.steps += 1
        let commands = exchange.takeCommands()
        // A sound that was asked for before the call's end is seen here together with that end.
        if let sound = exchange.takeSound() { earcons.play(sound) }
        for command in commands { apply(command) }
        receive(at: now)
        if isInCall {
            openDevices(at: now)
            capture(at: now)
            play(at: now)
        } else {
            ringOut(at: now)
        }
        if statistics.steps % 10 == 0 { publishLevels(at: now) }
        if statistics.steps % 100 == 0 { publishStatistics() }
    }

    /// Whether no device is open, so that nothing happens until somebody asks for it.
    package var isIdle: Bool { !isInCall && !microphoneIsOpen && !speakerIsOpen }

    /// Closes the devices, whatever they play.
    package mutating func finish() {
        earcons.stop()
        endCall()
    }

    // MARK: - Commands and devices

    private mutating func apply(_ command: AudioExchange.Command) {
        switch command {
        case .start: isInCall = true
        case .stop: endCall()
        case .setSending(let isSending):
            self.isSending = isSending
            pauses = true
            pauseIsTold = false
        case .removeSource(let ssrc): remote.remove(ssrc)
        case .noteUplink(let fractionLost, let bandwidth):
            speechRate.report(fractionLost: fractionLost, bandwidth: bandwidth)
            encode()
        case .setDiscontinuous(let isOn):
            speechRate.setDiscontinuous(isOn)
            encode()
        case .setSpeakerVolume(let percent): duplex.setSpeakerVolume(percent)
        case .setSoundVolume(let percent): earcons.setVolume(percent)
        case .setVoice(let settings):
            voiceSettings = settings
            planVoice()
        }
    }

    private mutating func encode() {
        guard speechRate.encoding != statistics.encoding else { return }
        statistics.encoding = speechRate.encoding
        encoder.apply(speechRate.encoding)
    }

    private mutating func endCall() {
        isInCall = false
        isSending = false
        pauses = true
        gathered = 0
        remote.removeAll()
        speechRate.forget()
        encode()
        limiter = Limiter()
        exchange.outgoing.removeAll()
        if microphoneIsOpen { duplex.closeMicrophone() }
        microphoneIsOpen = false
        if !earcons.isBusy { closeSpeaker() }
        microphoneRetry = nil
        speakerRetry = nil
        statistics.microphoneFault = nil
        statistics.speakerFault = nil
        statistics.microphoneSilentFor = .zero
        planVoice()
        microphoneMeter = LevelMeter()
        speakerMeter = LevelMeter()
        mutedTalk = MutedTalkDetector()
        exchange.publish(AudioMeters())
        exchange.publish(talkingWhileMuted: false)
        exchange.publish(microphoneLevel: AudioLevel.silence)
        heard.removeAll()
        exchange.publish(heard: &heard)
        publishStatistics()
    }

    private mutating func closeSpeaker() {
        if speakerIsOpen { duplex.closeSpeaker() }
        speakerIsOpen = false
    }

    /// Outside of calls: a sound is played to its end, and the speaker is open for nothing else.
    private mutating func ringOut(at now: MonotonicInstant) {
        guard earcons.isBusy else { return }
        if !speakerIsOpen { speakerIsOpen = (try? duplex.openSpeaker()) != nil }
        play(at: now)
        if !speakerIsOpen { earcons.stop() }
        if !earcons.isBusy { closeSpeaker() }
        // Only a call tells of a speaker that is missing.
        if statistics.speakerFault != nil {
            statistics.speakerFault = nil
            publishStatistics()
        }
        speakerRetry = nil
    }

    private mutating func openDevices(at now: MonotonicInstant) {
        if !microphoneIsOpen, microphoneRetry.map({ now >= $0 }) ?? true {
            do throws(DeviceError) {
                try duplex.openMicrophone()
                microphoneIsOpen = true
                statistics.microphoneFault = nil
                planVoice()
            } catch {
                microphoneFailed(error, at: now)
            }
        }
        if !speakerIsOpen, speakerRetry.map({ now >= $0 }) ?? true {
            do throws(DeviceError) {
                try duplex.openSpeaker()
                speakerIsOpen = true
                statistics.speakerFault = nil
                planVoice()
            } catch {
                speakerFailed(error, at: now)
            }
        }
    }

    private mutating func microphoneFailed(_ error: DeviceError, at now: MonotonicInstant) {
        if statistics.microphoneFault != error {
            statistics.microphoneFault = error
            publishStatistics()
        }
        microphoneRetry = now + Self.retryDelay
        statistics.microphoneSilentFor = .zero
        guard microphoneIsOpen else { return }
        duplex.closeMicrophone()
        microphoneIsOpen = false
        planVoice()
    }

    private mutating func speakerFailed(_ error: DeviceError, at now: MonotonicInstant) {
        if statistics.speakerFault != error {
            statistics.speakerFault = error
            publishStatistics()
        }
        speakerRetry = now + Self.retryDelay
        guard speakerIsOpen else { return }
        duplex.closeSpeaker()
        speakerIsOpen = false
        planVoice()
    }

    /// Decides anew who cancels the echo, since the devices that are open have changed.
    private mutating func planVoice() {
        let plan =
            microphoneIsOpen
            ? EchoPolicy.plan(voiceSettings, path: duplex.echoPath, hasSpeaker: speakerIsOpen) : .nothing
        statistics.voicePlan = plan
        guard plan != voice?.plan ?? .nothing else { return }
        do throws(VoiceError) {
            voice = plan == .nothing ? nil : try VoiceProcessor(plan)
        } catch {
            // Out of memory: an unpolished voice is better than none.
            voice = nil
            statistics.voicePlan = .nothing
        }
    }

    // MARK: - Microphone to packets

    private mutating func capture(at now: MonotonicInstant) {
        var isThere = false
        if microphoneIsOpen {
            do throws(DeviceError) {
                isThere = try duplex.read(into: &block, at: now)
            } catch {
                microphoneFailed(error, at: now)
            }
        }
        let level = polish(isThere: isThere)
        // The flag is read after the microphone: a block that was recorded while muted never gets past this line.
        let isMuted = exchange.isMuted
        watch(isMuted: isMuted, level: level, isThere: isThere)
        if isMuted {
            for index in frame.indices { frame[index] = 0 }
        } else {
            for index in block.indices { frame[gathered + index] = isThere ? block[index] : 0 }
        }
        gathered += AudioBlock.samples
        guard gathered >= OpusFormat.frameSamples else { return }
        gathered = 0
        send(isMuted: isMuted)
        timestamp &+= UInt32(OpusFormat.frameSamples)
    }

    /// Takes echo and noise out of `block`; the level before that.
    private mutating func polish(isThere: Bool) -> UInt8 {
        guard isThere else {
            statistics.missedBlocks += 1
            voice?.missed()
            return AudioLevel.silence
        }
        let level = microphoneMeter.add(block)
        voice?.process(&block, delay: duplex.echoPath.delaySamples)
        return level
    }

    /// What people are told about: a microphone that hears nothing, and a voice that nobody hears.
    private mutating func watch(isMuted: Bool, level: UInt8, isThere: Bool) {
        if microphoneIsOpen, !isMuted, level >= Self.silentLevel {
            statistics.microphoneSilentFor += AudioBlock.duration
        } else {
            statistics.microphoneSilentFor = .zero
        }
        let heard = isMuted && isThere ? AudioLevel.level(of: block.span) : AudioLevel.silence
        let wasTalking = mutedTalk.isTalking
        mutedTalk.note(level: heard, isMuted: isMuted)
        if mutedTalk.isTalking != wasTalking { exchange.publish(talkingWhileMuted: mutedTalk.isTalking) }
    }

    private mutating func send(isMuted: Bool) {
        let level = isMuted ? AudioLevel.silence : min(AudioLevel.level(of: frame.span), AudioLevel.silence - 1)
        exchange.publish(microphoneLevel: microphoneIsOpen ? level : AudioLevel.silence)
        mutedPackets = isMuted ? mutedPackets + 1 : 0
        if mutedPackets == 1 { encoder.reset() }
        guard isSending, microphoneIsOpen, mutedPackets <= Self.mutedTail else {
            pauses = true
            return
        }
        let samples = frame
        do throws(CodecError) {
            try encoder.encode(samples.span, into: &packet)
        } catch {
            pauses = true
            return
        }
        // Of a silence its beginning is sent, then nothing but what the encoder says anew of it.
        let isPause = packet.count <= 2
        defer { pauseIsTold = isPause }
        guard !isPause || !pauseIsTold else {
            pauses = true
            return
        }
        let header = OutgoingAudio(timestamp: timestamp, level: level, marker: pauses)
        pauses = false
        exchange.outgoing.push(packet.span, range: 0..<packet.count, header: header)
        exchange.outgoingWaker.wake()
        statistics.sentPackets += 1
    }

    // MARK: - Packets to speaker

    private mutating func receive(at now: MonotonicInstant) {
        while let header = exchange.incoming.pop(into: &packet) {
            statistics.receivedPackets += 1
            guard isInCall else {
                statistics.refusedPackets += 1
                continue
            }
            let payload = packet
            let isTaken = remote.insert(header, payload: payload.span, at: now)
            if !isTaken { statistics.refusedPackets += 1 }
        }
        remote.removeIdle(at: now)
    }

    private mutating func play(at now: MonotonicInstant) {
        for index in mix.indices { mix[index] = 0 }
        remote.add(to: &mix, at: now)
        earcons.add(to: &mix)
        if limiter.apply(mix, into: &block) { statistics.limitedBlocks += 1 }
        guard speakerIsOpen else { return }
        let samples = block
        do throws(DeviceError) {
            try duplex.write(samples.span, at: now)
            voice?.played(samples.span)
            if isInCall { speakerMeter.add(samples) }
        } catch {
            speakerFailed(error, at: now)
        }
    }

    // MARK: - Reports

    private mutating func publishLevels(at now: MonotonicInstant) {
        guard isInCall else { return }
        remote.takeLevels(into: &heard)
        exchange.publish(heard: &heard)
        var meters = AudioMeters()
        (meters.microphone, meters.microphonePeak) = microphoneMeter.take()
        (meters.speaker, meters.speakerPeak) = speakerMeter.take()
        exchange.publish(meters)
    }

    private mutating func publishStatistics() {
        remote.count(into: &statistics)
        statistics.echoDelay = duplex.echoPath.delaySamples * 1_000 / AudioBlock.sampleRate
        statistics.devices = duplex.health
        remote.details(into: &details)
        exchange.publish(statistics, remote: &details)
    }
}
