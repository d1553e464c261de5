package import Basis

extension RTPSession {
    private static let reportInterval = 0.8...1.2

    /// Who speaks in feedback packets.
    var senderSSRC: UInt32 {
        audio?.ssrc ?? videoLayers.first?.ssrc ?? receiverSSRC
    }

    // MARK: Receiving

    /// Takes a decrypted RTCP datagram.
    package mutating func receiveRTCP(_ packet: Span<UInt8>, at now: MonotonicInstant) {
        arrive(at: now)
        var reader = RTCPReader()
        var isEmpty = true
        while let place = reader.next(in: packet) {
            isEmpty = false
            receive(place, packet.extracting(place.body))
        }
        if isEmpty { malformedPackets += 1 }
    }

    private mutating func receive(_ packet: RTCPReader.Place, _ body: Span<UInt8>) {
        switch (packet.type, packet.format) {
        case (RTCPPacketType.senderReport, let count):
            // Its blocks are read where they lie.
            guard ReportBlock.areWhole(body, at: SenderReport.length, count: Int(count)),
                let report = SenderReport.parse(body, count: 0)
            else { return }
            receiveBlocks(body, at: SenderReport.length, count: Int(count))
            guard let index = place(of: report.ssrc), inbound[index].source.ssrc == report.ssrc else { return }
            inbound[index].receive(report, at: now)
            emit(.senderReport(ssrc: report.ssrc, ntp: report.ntp, rtp: report.rtpTimestamp))
        case (RTCPPacketType.receiverReport, let count):
            guard ReportBlock.areWhole(body, at: ReceiverReport.length, count: Int(count)) else { return }
            receiveBlocks(body, at: ReceiverReport.length, count: Int(count))
        case (RTCPPacketType.transportLayerFeedback, GenericNACK.format):
            var nack = GenericNACK(senderSSRC: 0, mediaSSRC: 0, pairs: [])
            swap(&nack, &nackPairs)
            if nack.read(body) { retransmit(nack) }
            swap(&nack, &nackPairs)
        case (RTCPPacketType.transportLayerFeedback, TransportFeedback.format):
            var feedback = TransportFeedback()
            swap(&feedback, &feedbackScratch)
            if feedback.read(body) { receive(feedback) }
            swap(&feedback, &feedbackScratch)
        case (RTCPPacketType.payloadSpecificFeedback, PictureLossIndication.format):
            guard let indication = PictureLossIndication.parse(body),
                let layer = videoLayer(of: indication.mediaSSRC)
            else { return }
            requestOwnKeyframe(layer: layer)
        case (RTCPPacketType.payloadSpecificFeedback, FullIntraRequest.format):
            for entry in FullIntraRequest.parse(body)?.entries ?? [] {
                guard let layer = videoLayer(of: entry.ssrc),
                    videoLayers[layer].keyframes.isNew(fullIntraRequest: entry.sequenceNumber)
                else { continue }
                requestOwnKeyframe(layer: layer)
            }
        case (RTCPPacketType.payloadSpecificFeedback, ReceiverEstimatedMaximumBitrate.format):
            guard let estimate = ReceiverEstimatedMaximumBitrate.parse(body) else { return }
            emit(.bitrateLimit(bitsPerSecond: Int(clamping: estimate.bitsPerSecond)))
        default: break
        }
    }

    private mutating func receiveBlocks(_ body: Span<UInt8>, at offset: Int, count: Int) {
        for index in 0..<count {
            guard let block = ReportBlock.parse(body, at: offset + index * ReportBlock.length) else { return }
            if block.ssrc == audio?.ssrc {
                audio?.receive(block)
            } else if let layer = videoLayer(of: block.ssrc) {
                videoLayers[layer].receive(block)
            } else {
                continue
            }
            guard block.lastSenderReport != 0 else { continue }
            let arrival = NTPTimestamp(now, offset: configuration.ntpOffset).middle
            let units = arrival &- block.lastSenderReport &- block.delaySinceLastSenderReport
            // Clocks of 1/65536 s may err by a unit below zero; a minute is nonsense.
            let signed = Int64(Int32(bitPattern: units))
            guard signed > -655, signed < 60 * 65_536 else { continue }
            let measured = Duration.nanoseconds(max(0, signed) * 1_000_000_000 / 65_536)
            roundTrip = roundTrip.map { ($0 * 7 + measured) / 8 } ?? measured
        }
    }

    // MARK: Key frames asked of us

    private mutating func requestOwnKeyframe(layer: Int) {
        if videoLayers[layer].keyframes.request(at: now) { emit(.keyframeRequested(layer: layer)) }
    }

    mutating func emitKeyframeRequest(layer: Int) {
        videoLayers[layer].keyframes.tell(at: now)
        emit(.keyframeRequested(layer: layer))
    }

    // MARK: Sending

    /// Begins one RTCP datagram in `scratch`; what is written there then goes out with `queueRTCP`.
    mutating func beginRTCP() {
        scratch.bytes.removeAll(keepingCapacity: true)
        scratch.kind = .rtcp
        scratch.transportSequenceOffset = nil
        scratch.absSendTimeOffset = nil
        scratch.historyPayloadOffset = nil
    }

    mutating func queueRTCP() {
        if !urgent.push(&scratch) { outboundDropped += 1 }
    }

    mutating func sendTransportFeedback() {
        while feedbackRecorder.poll(
            into: &feedbackScratch, senderSSRC: senderSSRC, mediaSSRC: lastMediaSSRC, at: now)
        {
            beginRTCP()
            feedbackScratch.write(into: &scratch.bytes)
            queueRTCP()
        }
    }

    /// Sends what is due each second: a compound per sending SSRC, for the bridge forwards one SR of each; all blocks
    /// about received sources, spread over as many reports as they need.
    mutating func sendReports() {
        reportDeadline = now + .seconds(Double.random(in: Self.reportInterval, using: &random))
        blockScratch.removeAll(keepingCapacity: true)
        for index in inbound.indices where inbound[index].tracker.receivedSinceReport {
            if let block = inbound[index].reportBlock(at: now) { blockScratch.append(block) }
        }
        var reported = 0
        var hasReported = false
        let ntp = NTPTimestamp(now, offset: configuration.ntpOffset)
        if let audio, audio.isSending(at: now) {
            sendReport(audio.senderReport(ntp: ntp, at: now), blocksFrom: &reported)
            hasReported = true
        }
        for layer in videoLayers.indices where videoLayers[layer].isSending(at: now) {
            sendReport(videoLayers[layer].senderReport(ntp: ntp, at: now), blocksFrom: &reported)
            hasReported = true
        }
        while reported < blockScratch.count || !hasReported {
            beginRTCP()
            ReceiverReport.write(ssrc: senderSSRC, blocks: takeBlocks(&reported), into: &scratch.bytes)
            queueCompound(ssrc: senderSSRC)
            hasReported = true
        }
    }

    private mutating func sendReport(_ report: SenderReport, blocksFrom reported: inout Int) {
        beginRTCP()
        report.write(blocks: takeBlocks(&reported), into: &scratch.bytes)
        queueCompound(ssrc: report.ssrc)
    }

    /// As many of the blocks not yet reported as one report holds.
    private func takeBlocks(_ reported: inout Int) -> ArraySlice<ReportBlock> {
        let blocks = blockScratch.dropFirst(reported).prefix(ReportBlock.maximumPerReport)
        reported += blocks.count
        return blocks
    }

    /// Puts the canonical name behind the report in `scratch` and queues both.
    private mutating func queueCompound(ssrc: UInt32) {
        SourceDescription.write(
            CollectionOfOne(SourceDescription.Chunk(ssrc: ssrc, cname: configuration.cname)), into: &scratch.bytes)
        queueRTCP()
    }
}
