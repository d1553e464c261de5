package import Basis
package import Codecs
package import Devices
internal import RTP

/// What the audio thread does every 10 ms: microphone to packets, packets to speaker. Built and called on that thread.
package struct AudioLoop<Input: Microphone & ~Copyable, Output: Speaker & ~Copyable>: ~Copyable {
    /// Remote microphones decoded at the same time, at most.
    package static var mostSources: Int { 32 }
    private static var idleTime: Duration { .seconds(5) }
    private static var retryDelay: Duration { .seconds(1) }
    /// Silent packets sent after muting, so that receivers hear a clean end; then nothing is sent.
    private static var mutedTail: Int { 5 }

    private let exchange: AudioExchange
    private var microphone: Input
    private var speaker: Output
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
    private var sources: [RemoteAudioSource] = []
    private var limiter = Limiter()
    private var statistics = AudioStatistics()
    /// What sources that are gone had counted.
    private var retired = AudioStatistics()

    /// - Parameter firstTimestamp: where the RTP time starts; random (RFC 3550 section 5.1).
    package init(
        exchange: AudioExchange, microphone: consuming Input, speaker: consuming Output, firstTimestamp: UInt32
    ) throws(CodecError) {
        let encoder = try OpusEncoder()
        self.init(
            exchange: exchange, microphone: microphone, speaker: speaker, encoder: encoder,
            firstTimestamp: firstTimestamp)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        exchange: AudioExchange, microphone: consuming Input, speaker: consuming Output,
        encoder: consuming OpusEncoder, firstTimestamp: UInt32
    ) {
        self.exchange = exchange
        self.microphone = microphone
        self.speaker = speaker
        self.encoder = encoder
        timestamp = firstTimestamp
        packet.reserveCapacity(1_500)
    }

    /// One period of 10 ms.
    package mutating func step(at now: MonotonicInstant) {
        statistics.steps += 1
        for command in exchange.takeCommands() { apply(command) }
        receive(at: now)
        if isInCall {
            openDevices(at: now)
            capture(at: now)
            play(at: now)
        }
        if statistics.steps % 10 == 0 { publishLevels(at: now) }
        if statistics.steps % 100 == 0 { publishStatistics() }
    }

    // MARK: - Commands and devices

    private mutating func apply(_ command: AudioExchange.Command) {
        switch command {
        case .start: isInCall = true
        case .stop: endCall()
        case .setSending(let isSending):
            self.isSending = isSending
            pauses = true
        case .removeSource(let ssrc): retireSources { $0.ssrc == ssrc }
        case .setExpectedLoss(let percent): encoder.setExpectedLoss(percent)
        }
    }

    private mutating func endCall() {
        isInCall = false
        isSending = false
        pauses = true
        gathered = 0
        retireSources { _ in true }
        limiter = Limiter()
        exchange.outgoing.removeAll()
        if microphoneIsOpen { microphone.close() }
        if speakerIsOpen { speaker.close() }
        microphoneIsOpen = false
        speakerIsOpen = false
        microphoneRetry = nil
        speakerRetry = nil
        statistics.microphoneFault = nil
        statistics.speakerFault = nil
        exchange.publish(microphoneLevel: AudioLevel.silence)
        exchange.publish(heard: [])
    }

    private mutating func openDevices(at now: MonotonicInstant) {
        if !microphoneIsOpen, microphoneRetry.map({ now >= $0 }) ?? true {
            do throws(DeviceError) {
                try microphone.open()
                microphoneIsOpen = true
                statistics.microphoneFault = nil
            } catch {
                microphoneFailed(error, at: now)
            }
        }
        if !speakerIsOpen, speakerRetry.map({ now >= $0 }) ?? true {
            do throws(DeviceError) {
                try speaker.open()
                speakerIsOpen = true
                statistics.speakerFault = nil
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
        guard microphoneIsOpen else { return }
        microphone.close()
        microphoneIsOpen = false
    }

    private mutating func speakerFailed(_ error: DeviceError, at now: MonotonicInstant) {
        if statistics.speakerFault != error {
            statistics.speakerFault = error
            publishStatistics()
        }
        speakerRetry = now + Self.retryDelay
        guard speakerIsOpen else { return }
        speaker.close()
        speakerIsOpen = false
    }

    // MARK: - Microphone to packets

    private mutating func capture(at now: MonotonicInstant) {
        var isThere = false
        if microphoneIsOpen {
            do throws(DeviceError) {
                isThere = try microphone.read(into: &block, at: now)
            } catch {
                microphoneFailed(error, at: now)
            }
        }
        if !isThere { statistics.missedBlocks += 1 }
        // The flag is read after the microphone: a block that was recorded while muted never gets past this line.
        let isMuted = exchange.isMuted
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
            guard isInCall, let source = source(for: header.ssrc, at: now) else {
                statistics.refusedPackets += 1
                continue
            }
            source.insert(header, payload: packet.span)
        }
        let idleTime = Self.idleTime
        retireSources { $0.silence(at: now) > idleTime }
    }

    private mutating func source(for ssrc: UInt32, at now: MonotonicInstant) -> RemoteAudioSource? {
        if let known = sources.first(where: { $0.ssrc == ssrc }) { return known }
        guard sources.count < Self.mostSources, let source = try? RemoteAudioSource(ssrc: ssrc, at: now) else {
            return nil
        }
        sources.append(source)
        return source
    }

    private mutating func play(at now: MonotonicInstant) {
        for index in mix.indices { mix[index] = 0 }
        for source in sources { _ = source.addBlock(to: &mix, at: now) }
        if limiter.apply(mix, into: &block) { statistics.limitedBlocks += 1 }
        guard speakerIsOpen else { return }
        let samples = block
        do throws(DeviceError) {
            try speaker.write(samples.span, at: now)
        } catch {
            speakerFailed(error, at: now)
        }
    }

    // MARK: - Reports

    private mutating func retireSources(where isGone: (RemoteAudioSource) -> Bool) {
        for index in sources.indices.reversed() where isGone(sources[index]) {
            Self.add(sources[index], to: &retired)
            sources.remove(at: index)
        }
    }

    private static func add(_ source: RemoteAudioSource, to total: inout AudioStatistics) {
        total.lostPackets += source.jitterBuffer.statistics.lost
        total.latePackets += source.jitterBuffer.statistics.late
        total.damagedPackets += source.damagedPackets
    }

    private mutating func publishLevels(at now: MonotonicInstant) {
        guard isInCall else { return }
        exchange.publish(heard: sources.map { HeardSource(ssrc: $0.ssrc, level: $0.takeLevel()) })
    }

    private mutating func publishStatistics() {
        var totals = retired
        for source in sources { Self.add(source, to: &totals) }
        statistics.lostPackets = totals.lostPackets
        statistics.latePackets = totals.latePackets
        statistics.damagedPackets = totals.damagedPackets
        statistics.activeSources = sources.count
        statistics.jitterDelay = sources.map { Int($0.jitterBuffer.targetDelay.wholeMilliseconds) }.max() ?? 0
        exchange.publish(statistics)
    }
}
