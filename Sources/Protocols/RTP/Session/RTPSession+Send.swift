package import Basis

extension RTPSession {
    /// After the first packet of a stream its sender report follows so soon.
    private static let firstReportDelay = Duration.milliseconds(50)
    /// Two bytes stay free in every video packet for the sequence number that RTX puts before the payload.
    private static let rtxOverhead = 2

    /// Sends one Opus packet.
    /// - Parameter level: of its sound in -dBov, 0 (loud) to 127 (silence).
    package mutating func sendAudio(
        _ payload: Span<UInt8>, timestamp: UInt32, level: UInt8, marker: Bool, at now: MonotonicInstant
    ) {
        arrive(at: now)
        guard var stream = audio, !payload.isEmpty else { return }
        noteBeginning(of: stream)
        let header = RTPHeader(
            marker: marker, payloadType: configuration.opusPayloadType, sequenceNumber: stream.nextSequenceNumber(),
            timestamp: timestamp, ssrc: stream.ssrc, payload: 0..<0, extensionProfile: nil, extensionElements: 0..<0)
        write(header, extensions: configuration.audioExtensions, audioLevel: min(level, 127))
        scratch.bytes.append(copying: payload)
        stream.count(payloadLength: payload.count, timestamp: timestamp, at: self.now)
        audio = stream
        if !urgent.push(&scratch) { outboundDropped += 1 }
    }

    /// Sends one frame of a layer. A frame that finds no room in the queue is dropped whole, and a key frame asked for; so is
    /// one of a codec that was not negotiated, without asking.
    package mutating func sendVideo(
        _ frame: Span<UInt8>, codec: VideoCodec = .vp8, layer: Int = 0, timestamp: UInt32, isKeyframe: Bool,
        temporal: TemporalPlace = .base, at now: MonotonicInstant
    ) {
        arrive(at: now)
        guard videoLayers.indices.contains(layer), !frame.isEmpty,
            let payloadType = configuration.payloadType(of: codec)
        else { return }
        noteBeginning(of: videoLayers[layer])
        if isKeyframe { videoLayers[layer].keyframes.answered() }
        let overhead =
            RTPHeader.fixedLength + Self.extensionAllowance + Self.rtxOverhead
            + (codec == .vp8
                ? VP8Packetizer.descriptorLength : VP9Packetizer.descriptorLength(isKeyframe: isKeyframe))
        let count = VP8Packetizer.packetCount(
            frameLength: frame.count, maximum: configuration.maximumPacketSize - overhead)
        guard count <= paced.room else {
            outboundDropped += count
            emitKeyframeRequest(layer: layer)
            return
        }
        videoLayers[layer].codec = codec
        switch codec {
        case .vp8: videoLayers[layer].vp8.beginFrame(temporal)
        case .vp9: videoLayers[layer].vp9.beginFrame(frame, temporal, isKeyframe: isKeyframe)
        }
        for index in 0..<count {
            let part = VP8Packetizer.part(index, of: count, frameLength: frame.count)
            let header = RTPHeader(
                marker: index == count - 1, payloadType: payloadType,
                sequenceNumber: videoLayers[layer].nextSequenceNumber(), timestamp: timestamp,
                ssrc: videoLayers[layer].ssrc, payload: 0..<0, extensionProfile: nil, extensionElements: 0..<0)
            write(header, extensions: configuration.videoExtensions, audioLevel: nil)
            let payloadOffset = scratch.bytes.count
            scratch.historyPayloadOffset = payloadOffset
            switch codec {
            case .vp8: videoLayers[layer].vp8.descriptor(isFirst: index == 0).write(into: &scratch.bytes)
            case .vp9:
                videoLayers[layer].vp9.descriptor(isFirst: index == 0, isLast: index == count - 1)
                    .write(into: &scratch.bytes)
            }
            scratch.bytes.append(copying: frame.extracting(part))
            videoLayers[layer].count(
                payloadLength: scratch.bytes.count - payloadOffset, timestamp: timestamp, at: self.now)
            _ = paced.push(&scratch)
        }
    }

    /// The extension block at its largest: its header, then transport-wide sequence and send time with padding.
    private static let extensionAllowance = 16

    private mutating func noteBeginning(of stream: OutboundStream) {
        if !stream.isSending(at: now) { reportDeadline = min(reportDeadline, now + Self.firstReportDelay) }
    }

    /// Begins a packet in `scratch`.
    private mutating func write(_ header: RTPHeader, extensions: RTPExtensionMap, audioLevel: UInt8?) {
        var writer = RTPHeaderWriter()
        writer.write(header, extensions: extensions, audioLevel: audioLevel, into: &scratch.bytes)
        scratch.kind = .rtp
        scratch.transportSequenceOffset = writer.transportSequenceOffset
        scratch.absSendTimeOffset = writer.absSendTimeOffset
        scratch.historyPayloadOffset = nil
    }

    // MARK: Retransmission

    /// From this loss on an answer goes twice, where the line has room: the second copy costs less than another round trip.
    private static let lossyAnswers = 0.03

    /// Answers a NACK from the history, by RTX where negotiated.
    ///
    /// The same number within a round trip is the same request, sent twice.
    mutating func retransmit(_ nack: GenericNACK) {
        guard let layer = videoLayer(of: nack.mediaSSRC) else { return }
        let pause = roundTrip.map { min($0 * 3 / 4, .milliseconds(100)) } ?? .milliseconds(20)
        let copies = answersTwice(layer) ? 2 : 1
        nack.forEachSequenceNumber { sequenceNumber in
            guard resends.room >= copies, mayResend,
                let entry = videoLayers[layer].history.take(sequenceNumber, pause: pause, at: now)
            else { return }
            for _ in 0..<copies { queueRetransmission(of: entry, layer: layer) }
        }
    }

    /// What a full queue dropped is not to fill it again: answers take half of what the line carries at most.
    private var mayResend: Bool {
        !hasTransportFeedback || 8 * (resendRate.sum(at: now) + resends.byteCount) < estimator.bitsPerSecond / 2
    }

    private func answersTwice(_ layer: Int) -> Bool {
        guard hasTransportFeedback, videoLayers[layer].rtxSSRC != nil,
            videoLayers[layer].reportedLoss ?? 0 >= Self.lossyAnswers
        else { return false }
        let sent = videoLayers.reduce(0) { $0 + 8 * $1.rate.sum(at: now) }
        return estimator.bitsPerSecond > sent * 6 / 5
    }

    private mutating func queueRetransmission(of entry: RetransmissionHistory.Entry, layer: Int) {
        if let payloadType = configuration.retransmissionType(for: entry.payloadType),
            let rtxSSRC = videoLayers[layer].rtxSSRC
        {
            let sequenceNumber = videoLayers[layer].nextRTXSequenceNumber()
            fillRetransmission(of: entry, payloadType: payloadType, ssrc: rtxSSRC, sequenceNumber, into: &scratch)
        } else {
            // SRTP derives the same nonce again, so nothing in the packet may differ from its first sending.
            videoLayers[layer].countResend()
            scratch.bytes.removeAll(keepingCapacity: true)
            scratch.bytes.append(contentsOf: entry.bytes)
            scratch.kind = .rtp
            scratch.historyPayloadOffset = nil
            scratch.transportSequenceOffset = nil
            scratch.absSendTimeOffset = nil
        }
        if !resends.push(&scratch) { outboundDropped += 1 }
    }

    /// RFC 4588 section 4: another SSRC and payload type, the original sequence number before the payload.
    func fillRetransmission(
        of entry: RetransmissionHistory.Entry, payloadType: UInt8, ssrc: UInt32, _ sequenceNumber: UInt16,
        into packet: inout QueuedPacket
    ) {
        packet.bytes.removeAll(keepingCapacity: true)
        packet.kind = .rtp
        packet.historyPayloadOffset = nil
        packet.bytes.append(contentsOf: entry.bytes[..<entry.payloadOffset])
        packet.bytes[1] = packet.bytes[1] & 0x80 | payloadType & 0x7F
        packet.bytes.set(uint16: sequenceNumber, at: 2)
        packet.bytes.set(uint32: ssrc, at: 8)
        packet.bytes.append(uint16: entry.sequenceNumber)
        packet.bytes.append(contentsOf: entry.bytes[entry.payloadOffset...])
        packet.transportSequenceOffset = entry.transportSequenceOffset
        packet.absSendTimeOffset = entry.absSendTimeOffset
    }

    private mutating func popResend(into packet: inout QueuedPacket) -> Bool {
        guard resends.pop(into: &packet) else { return false }
        resendRate.add(packet.bytes.count, at: now)
        return true
    }

    // MARK: Draining

    /// Exchanges `buffer`'s contents for the next packet to protect and send; nil when none may go now.
    package mutating func pollPacket(into buffer: inout [UInt8]) -> PacketKind? {
        var packet = QueuedPacket()
        swap(&packet.bytes, &buffer)
        defer { swap(&packet.bytes, &buffer) }
        // Whatever leaves during a probe is part of it: what it meets on its way is all of it.
        let probeNumber = probe?.probe.number ?? 0
        if !urgent.pop(into: &packet) {
            if let probe {
                guard probe.next <= now else { return nil }
                guard popResend(into: &packet) || paced.pop(into: &packet) || fillProbe(&packet) else { return nil }
            } else {
                let waiting = resends.byteCount + paced.byteCount
                guard waiting > 0, pacer.mayGo(waiting: waiting, bandwidth: estimatedBandwidth, at: now),
                    popResend(into: &packet) || paced.pop(into: &packet)
                else { return nil }
                pacer.spend(packet.bytes.count)
            }
        }
        if probeNumber > 0 { advanceProbe(packet.bytes.count) }
        if let offset = packet.transportSequenceOffset {
            packet.bytes.set(uint16: transportSequence, at: offset)
            sentPackets.record(transportSequence, size: packet.bytes.count, probe: probeNumber, at: now)
            transportSequence &+= 1
        }
        if let offset = packet.absSendTimeOffset {
            let time = NTPTimestamp(now, offset: configuration.ntpOffset).absSendTime
            packet.bytes.set(uint16: UInt16(truncatingIfNeeded: time >> 8), at: offset)
            packet.bytes[offset + 2] = UInt8(truncatingIfNeeded: time)
        }
        if let payloadOffset = packet.historyPayloadOffset, let ssrc = packet.bytes.span.uint32(at: 8),
            let layer = videoLayer(of: ssrc)
        {
            videoLayers[layer].history.record(packet, payloadOffset: payloadOffset, at: now)
        }
        return packet.kind
    }
}
