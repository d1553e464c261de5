package import Basis

extension RTPSession {
    /// Takes a decrypted RTP packet. Audio is handed back by range; video is assembled inside.
    package mutating func receiveRTP(_ packet: Span<UInt8>, at now: MonotonicInstant) -> Received {
        arrive(at: now)
        guard let header = RTPHeader.parse(packet) else {
            malformedPackets += 1
            return .malformed
        }
        noteTransportSequence(header, in: packet)
        guard let index = place(of: header.ssrc) else {
            unknownSSRCPackets += 1
            return .unknownSSRC(header.ssrc)
        }
        lastMediaSSRC = inbound[index].source.ssrc
        inbound[index].count(packetLength: packet.count, at: self.now)
        if header.ssrc != inbound[index].source.ssrc {
            receiveRetransmission(header, in: packet, at: index)
            return .consumed
        }
        guard let sequence = inbound[index].track(header, at: self.now) else { return .consumed }
        switch inbound[index].source.kind {
        case .audio:
            guard !header.payload.isEmpty else { return .consumed }
            let level = audioLevel(header, in: packet)
            if header.payloadType == configuration.redPayloadType,
                RedundantAudio(packet.extracting(header.payload), payloadType: configuration.opusPayloadType) != nil
            {
                return .redundantAudio(
                    ssrc: header.ssrc, sequenceNumber: header.sequenceNumber, timestamp: header.timestamp,
                    payload: header.payload, level: level)
            }
            guard header.payloadType == configuration.opusPayloadType else {
                unsupportedPackets += 1
                return .consumed
            }
            return .audio(
                ssrc: header.ssrc, sequenceNumber: header.sequenceNumber, timestamp: header.timestamp,
                payload: header.payload, level: level)
        case .video:
            // A probe has no payload and any type; it still fills its place in the sequence.
            let codec = configuration.videoCodec(payloadType: header.payloadType)
            guard header.payload.isEmpty || codec != nil else {
                unsupportedPackets += 1
                if inbound[index].unsupportedPayloadType != header.payloadType {
                    inbound[index].unsupportedPayloadType = header.payloadType
                    emit(.unsupportedFormat(ssrc: header.ssrc, payloadType: header.payloadType))
                }
                return .consumed
            }
            if codec != nil { inbound[index].unsupportedPayloadType = nil }
            receiveVideo(
                at: index, sequence: sequence, header, codec: codec ?? .vp8,
                payload: packet.extracting(header.payload), isRetransmission: false)
            advanceVideo(at: index)
            return .consumed
        }
    }

    private mutating func noteTransportSequence(_ header: RTPHeader, in packet: Span<UInt8>) {
        guard let id = configuration.extensions(payloadType: header.payloadType).transportWideCC,
            let range = header.extensionElement(id: id, in: packet), range.count >= 2,
            let sequence = packet.uint16(at: range.lowerBound)
        else { return }
        feedbackRecorder.receive(sequence, at: now)
    }

    private func audioLevel(_ header: RTPHeader, in packet: Span<UInt8>) -> UInt8? {
        guard let id = configuration.audioExtensions.audioLevel,
            let range = header.extensionElement(id: id, in: packet), !range.isEmpty
        else { return nil }
        return packet.uint8(at: range.lowerBound).map { $0 & 0x7F }
    }

    /// Restores a packet from RTX (RFC 4588 section 4): its payload begins with the original sequence number.
    ///
    /// The bridge also probes with it: padding alone, or packets long known, which the assembler recognises.
    private mutating func receiveRetransmission(_ header: RTPHeader, in packet: Span<UInt8>, at index: Int) {
        guard header.payload.count > 2, let original = packet.uint16(at: header.payload.lowerBound),
            let highest = inbound[index].tracker.highest, inbound[index].video != nil
        else { return }
        let payload = packet.extracting(header.payload.lowerBound + 2..<header.payload.upperBound)
        receiveVideo(
            at: index, sequence: SequenceUnwrapper.extend(original, near: highest), header,
            codec: configuration.retransmittedCodec(payloadType: header.payloadType), payload: payload,
            isRetransmission: true)
        advanceVideo(at: index)
    }

    private mutating func receiveVideo(
        at index: Int, sequence: Int64, _ header: RTPHeader, codec: VideoCodec, payload: Span<UInt8>,
        isRetransmission: Bool
    ) {
        let (roundTrip, now) = (mendingTime, now)
        let answer = inbound[index].video?.receive(
            sequence: sequence, timestamp: header.timestamp, marker: header.marker, codec: codec, payload: payload,
            isRetransmission: isRetransmission, roundTrip: roundTrip, at: now)
        if let answer = answer ?? nil { repairTime.note(answer) }
    }

    /// How long a lost packet takes to come when it is asked for.
    var mendingTime: Duration { repairTime.smoothed ?? assumedRoundTrip }

    /// Hands out complete frames, gives up hopeless ones, asks for lost packets and key frames.
    mutating func advanceVideo(at index: Int) {
        let roundTrip = mendingTime
        let name = inbound[index].source.name
        let ssrc = inbound[index].source.ssrc
        repeat {
            while let frame = inbound[index].video?.nextFrame(at: now) {
                emit(
                    .videoFrame(
                        name: name, ssrc: ssrc, codec: frame.codec, bytes: frame.bytes, timestamp: frame.timestamp,
                        isKeyframe: frame.isKeyframe))
            }
        } while inbound[index].video?.advance(roundTrip: roundTrip, at: now) == true
        nackScratch.removeAll(keepingCapacity: true)
        let pause = repairTime.pause(roundTrip: assumedRoundTrip)
        inbound[index].video?.collectMissing(into: &nackScratch, pause: pause, at: now)
        if !nackScratch.isEmpty {
            nackPairs.senderSSRC = senderSSRC
            nackPairs.mediaSSRC = ssrc
            nackPairs.pack(nackScratch)
            beginRTCP()
            nackPairs.write(into: &scratch.bytes)
            queueRTCP()
        }
        if inbound[index].video?.pollKeyframeRequest(at: now) == true {
            let indication = PictureLossIndication(senderSSRC: senderSSRC, mediaSSRC: ssrc)
            beginRTCP()
            indication.write(into: &scratch.bytes)
            queueRTCP()
        }
    }

    /// Gives back the buffer of a frame of `ssrc` that is done with: without that each frame takes memory anew. To be called
    /// when nobody else holds it.
    package mutating func reuse(_ frame: consuming [UInt8], of ssrc: UInt32) {
        guard let index = place(of: ssrc) else { return }
        inbound[index].video?.reuse(frame)
    }

    /// Wants a key frame of a received source: a PLI as soon as the bridge would let it through, repeated until one comes.
    package mutating func requestKeyframe(ssrc: UInt32, at now: MonotonicInstant) {
        arrive(at: now)
        guard let index = place(of: ssrc) else { return }
        inbound[index].video?.demandKeyframe(at: self.now)
        if inbound[index].video != nil { advanceVideo(at: index) }
    }
}
