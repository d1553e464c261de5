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
        let packets = RTCPCompound.parse(packet)
        if packets.isEmpty { malformedPackets += 1 }
        for packet in packets {
            switch packet {
            case .senderReport(let report):
                receive(report.blocks)
                if let index = place(of: report.ssrc), inbound[index].source.ssrc == report.ssrc {
                    inbound[index].receive(report, at: self.now)
                    emit(.senderReport(ssrc: report.ssrc, ntp: report.ntp, rtp: report.rtpTimestamp))
                }
            case .receiverReport(let report):
                receive(report.blocks)
            case .genericNACK(let nack):
                retransmit(nack)
            case .transportFeedback(let feedback):
                receive(feedback)
            case .pictureLossIndication(let indication):
                if let layer = videoLayer(of: indication.mediaSSRC) { requestOwnKeyframe(layer: layer) }
            case .fullIntraRequest(let request):
                for entry in request.entries {
                    guard let layer = videoLayer(of: entry.ssrc),
                        videoLayers[layer].keyframes.isNew(fullIntraRequest: entry.sequenceNumber)
                    else { continue }
                    requestOwnKeyframe(layer: layer)
                }
            case .receiverEstimatedMaximumBitrate(let estimate):
                emit(.bitrateLimit(bitsPerSecond: Int(clamping: estimate.bitsPerSecond)))
            case .sourceDescription, .goodbye, .unknown:
                break
            }
        }
    }

    private mutating func receive(_ blocks: [ReportBlock]) {
        for block in blocks {
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

    /// Queues one RTCP datagram.
    mutating func queueRTCP(_ write: (inout [UInt8]) -> Void) {
        scratch.bytes.removeAll(keepingCapacity: true)
        write(&scratch.bytes)
        scratch.kind = .rtcp
        scratch.transportSequenceOffset = nil
        scratch.absSendTimeOffset = nil
        scratch.historyPayloadOffset = nil
        if !urgent.push(&scratch) { outboundDropped += 1 }
    }

    mutating func sendTransportFeedback() {
        while let feedback = feedbackRecorder.poll(senderSSRC: senderSSRC, mediaSSRC: lastMediaSSRC, at: now) {
            queueRTCP { feedback.write(into: &$0) }
        }
    }

    /// Sends what is due each second: a compound per sending SSRC, for the bridge forwards one SR of each; all blocks
    /// about received sources, spread over as many reports as they need.
    mutating func sendReports() {
        reportDeadline = now + .seconds(Double.random(in: Self.reportInterval, using: &random))
        var blocks: [ReportBlock] = []
        for index in inbound.indices where inbound[index].tracker.receivedSinceReport {
            if let block = inbound[index].reportBlock(at: now) { blocks.append(block) }
        }
        var remaining = blocks[...]
        var hasReported = false
        let ntp = NTPTimestamp(now, offset: configuration.ntpOffset)
        for stream in outboundStreams where stream.isSending(at: now) {
            var report = stream.senderReport(ntp: ntp, at: now)
            report.blocks = Array(remaining.prefix(ReportBlock.maximumPerReport))
            remaining = remaining.dropFirst(report.blocks.count)
            queueCompound(.senderReport(report), ssrc: stream.ssrc)
            hasReported = true
        }
        while !remaining.isEmpty || !hasReported {
            let report = ReceiverReport(
                ssrc: senderSSRC, blocks: Array(remaining.prefix(ReportBlock.maximumPerReport)))
            remaining = remaining.dropFirst(report.blocks.count)
            queueCompound(.receiverReport(report), ssrc: senderSSRC)
            hasReported = true
        }
    }

    private mutating func queueCompound(_ report: RTCPPacket, ssrc: UInt32) {
        let description = SourceDescription(chunks: [.init(ssrc: ssrc, cname: configuration.cname)])
        queueRTCP { RTCPCompound.write([report, .sourceDescription(description)], into: &$0) }
    }
}
