import Basis
import LineModel
import Testing

@testable import RTP

@Suite struct RTPSessionTests {
    @Test func carriesFramesUnchanged() throws {
        var call = Call(seed: 1)
        call.film(0..<60)
        #expect(call.framesReceived == Array(0..<60))
        #expect(call.audioReceived == 60)
        #expect(call.keyframeRequests == 0)
        let statistics = call.far.statistics()
        let video = try #require(statistics.inbound.first { $0.kind == .video })
        #expect(video.lost == 0)
        #expect(video.video?.width == 640 && video.video?.height == 360)
        #expect(video.video?.framesAssembled == 60)
        #expect(video.video?.nacks == 0)
        #expect(video.video?.bufferedBytes == 0)
        let outbound = try #require(call.near.statistics().outbound.first { $0.kind == .video })
        // What is received besides are probes: old packets sent again.
        #expect((0..<40).contains(video.packets - outbound.packets))
        #expect(outbound.remoteFractionLost == 0)
        #expect(call.near.statistics().transportFractionLost == 0)
    }

    @Test func measuresTheRoundTrip() throws {
        var call = Call(seed: 2)
        call.line.delay = .milliseconds(40)
        call.film(0..<120)
        let roundTrip = try #require(call.near.statistics().roundTrip)
        #expect(roundTrip > .milliseconds(75) && roundTrip < .milliseconds(85))
    }

    @Test(arguments: [UInt64(3), 4, 5])
    func rtxMendsFivePercentLoss(seed: UInt64) throws {
        var call = Call(seed: seed)
        call.line.jitter = .milliseconds(4)
        // The first frame comes unharmed: the loss of a stream's very first packet cannot be noticed.
        call.sendFrame(0, isKeyframe: true)
        call.run(.milliseconds(33))
        call.line.loss = 0.05
        call.film(1..<450)
        #expect(call.framesReceived == Array(0..<450))
        let video = try #require(call.far.statistics().inbound.first { $0.kind == .video }?.video)
        #expect(video.packetsRecovered > 50)
        #expect(video.framesDropped == 0)
    }

    @Test func recoversFromHeavyLoss() {
        var call = Call(seed: 20)
        call.line.loss = 0.4
        call.line.jitter = .milliseconds(30)
        call.film(0..<150)
        call.line.loss = 0
        call.film(150..<600)
        let received = call.framesReceived
        #expect(received == received.sorted() && Set(received).count == received.count)
        // At the latest when ten seconds of rationed requests are over.
        #expect(received.suffix(110).elementsEqual(490..<600))
        #expect(call.keyframeRequests > 0)
    }

    @Test func resendsWithoutRTX() throws {
        var call = Call(seed: 6, hasRTX: false)
        call.line.loss = 0.03
        call.film(0..<200)
        #expect(call.framesReceived.count >= 199)
        #expect(call.near.statistics().outbound.contains { $0.kind == .video && $0.retransmissions > 10 })
    }

    @Test func surrendersToAKeyframe() throws {
        var call = Call(seed: 7)
        call.film(0..<10)
        let lost = (call.near.videoLayers.first?.sequenceNumber ?? 0) &+ 1
        // Neither the packet nor any retransmission gets through.
        call.passes = { $0.sequenceNumber != lost && $0.ssrc != Call.rtxSSRC }
        call.film(10..<60)
        #expect(call.keyframeRequests == 1)
        let received = call.framesReceived
        #expect(received.prefix(10).elementsEqual(0..<10))
        let resumed = try #require(received.dropFirst(10).first)
        #expect(resumed > 15 && resumed < 35, "patience of half a second at most, then a key frame")
        #expect(received.suffix(60 - resumed).elementsEqual(resumed..<60))
        let keyframes = call.farEvents.filter {
            if case .videoFrame(_, _, _, _, _, true) = $0 { true } else { false }
        }
        #expect(keyframes.count == 2)
    }

    @Test func joinsInMidStream() {
        var call = Call(seed: 8)
        call.far.removeInbound(name: "n-v0")
        call.film(0..<20)
        #expect(call.framesReceived.isEmpty)
        #expect(call.far.statistics().unknownSSRCPackets > 20)
        call.far.addInbound(
            InboundSource(name: "n-v0", kind: .video, ssrc: Call.videoSSRC, rtxSSRC: Call.rtxSSRC), at: call.now)
        call.film(20..<40)
        #expect(call.keyframeRequests == 1)
        #expect(call.framesReceived.last == 39)
        #expect((call.framesReceived.first ?? 0) <= 24)
    }

    @Test func keyframeRequestsKeepTheBridgesLimits() {
        var call = Call(seed: 9)
        call.film(0..<3)
        call.sentRTCP = []
        var sent: [MonotonicInstant] = []
        // Nobody answers: delta frames only.
        for number in 3..<900 {
            call.far.requestKeyframe(ssrc: Call.videoSSRC, at: call.now)
            call.sendFrame(number, isKeyframe: false, length: 100)
            let before = call.sentRTCP.count
            call.run(.milliseconds(33))
            for compound in call.sentRTCP[before...] {
                for case .pictureLossIndication in compound { sent.append(call.now) }
            }
        }
        #expect(sent.count >= 6)
        for index in sent.indices.dropFirst(3) {
            #expect(sent[index] - sent[index - 3] > .milliseconds(9900))
        }
        for index in sent.indices.dropFirst() {
            #expect(sent[index] - sent[index - 1] >= .milliseconds(900))
        }
    }

    @Test func mergesKeyframeRequestsOfThePeer() {
        var call = Call(seed: 10)
        call.film(0..<2)
        var indication: [UInt8] = []
        PictureLossIndication(senderSSRC: 1, mediaSSRC: Call.videoSSRC).write(into: &indication)
        for _ in 0..<3 {
            call.near.receiveRTCP(indication.span, at: call.now)
            call.run(.milliseconds(50))
        }
        #expect(call.keyframeRequests == 1)
        call.run(.milliseconds(200))
        #expect(call.keyframeRequests == 2, "one that no key frame answered is passed on later")
        call.near.receiveRTCP(indication.span, at: call.now)
        call.sendFrame(2, isKeyframe: true)
        call.run(.seconds(1))
        #expect(call.keyframeRequests == 2, "the key frame answered it")
    }

    @Test func reportsEachSourceInItsOwnCompound() {
        var call = Call(seed: 11)
        call.film(0..<90)
        var senders: [UInt32: Int] = [:]
        for compound in call.sentRTCP {
            var reports = 0
            var requests = 0
            for packet in compound {
                switch packet {
                case .senderReport(let report):
                    reports += 1
                    senders[report.ssrc, default: 0] += 1
                case .pictureLossIndication, .fullIntraRequest: requests += 1
                default: break
                }
            }
            #expect(reports + requests <= 1)
        }
        #expect((senders[Call.audioSSRC] ?? 0) >= 3)
        #expect((senders[Call.videoSSRC] ?? 0) >= 3)
        let reported = call.farEvents.contains {
            if case .senderReport(Call.videoSSRC, _, _) = $0 { true } else { false }
        }
        #expect(reported)
    }

    @Test func senderReportFollowsTheMediaClock() throws {
        var call = Call(seed: 12)
        call.sendFrame(0, isKeyframe: true)
        call.run(.milliseconds(60))
        let report = try #require(
            call.sentRTCP.joined().compactMap { packet -> SenderReport? in
                if case .senderReport(let report) = packet, report.ssrc == Call.videoSSRC { report } else { nil }
            }.first)
        #expect(report.rtpTimestamp == 4_294_900_000 + 50 * 90)
        #expect(report.packetCount == 5)
        let expected = NTPTimestamp(MonotonicInstant(nanoseconds: 5_050_000_000), offset: .seconds(3_900_000_000))
        #expect(report.ntp == expected)
    }

    @Test func blocksOfManySourcesAreSpread() {
        var call = Call(seed: 13)
        for ssrc in UInt32(1000)..<1070 {
            call.near.addInbound(InboundSource(name: "x\(ssrc)-a0", kind: .audio, ssrc: ssrc), at: call.now)
            var packet: [UInt8] = [0x80, 111, 0, 1, 0, 0, 0, 1]
            packet.append(uint32: ssrc)
            packet.append(0)
            _ = call.near.receiveRTP(packet, at: call.now)
        }
        call.run(.milliseconds(1300))
        var blocks: [UInt32] = []
        for case .receiverReport(let report) in call.sentRTCP.joined() { blocks += report.blocks.map(\.ssrc) }
        #expect(blocks.sorted() == Array(1000..<1070))
    }

    @Test func boundsItsSources() {
        var call = Call(seed: 14)
        for ssrc in UInt32(1000)..<2000 {
            call.far.addInbound(InboundSource(name: "x", kind: .video, ssrc: ssrc, rtxSSRC: ssrc + 5000), at: call.now)
        }
        #expect(call.far.statistics().inbound.count == RTPSession.maximumInboundSources)
        call.far.removeInbound(name: "x")
        #expect(call.far.statistics().inbound.count == 2)
        call.far.removeInbound(ssrc: Call.audioSSRC)
        #expect(call.far.statistics().inbound.map(\.ssrc) == [Call.videoSSRC])
    }

    @Test func audioIsHandedOverOnce() {
        var call = Call(seed: 15)
        let packet: [UInt8] = [
            0x90, 0xEF, 0, 7, 0, 0, 3, 0xC0, 0, 0, 0, 0xA0, 0xBE, 0xDE, 0, 1, 0x10, 0x9E, 0, 0, 0xF8, 0xFF,
        ]
        let received = call.far.receiveRTP(packet, at: call.now)
        #expect(
            received == .audio(ssrc: 0xA0, sequenceNumber: 7, timestamp: 960, payload: 20..<22, level: 30))
        #expect(call.far.receiveRTP(packet, at: call.now) == .consumed)
        #expect(call.far.receiveRTP([1, 2], at: call.now) == .malformed)
        #expect(call.far.statistics().inbound.first?.duplicates == 1)
    }

    @Test func everyPacketCarriesTheNextTransportSequence() {
        var call = Call(seed: 16)
        call.sendFrame(0, isKeyframe: true)
        call.near.sendAudio([1].span, timestamp: 0, level: 9, marker: true, at: call.now)
        call.drain()
        var sequences: [UInt16] = []
        for flight in call.line.flights where flight.kind == .rtp {
            guard let header = RTPHeader.parse(flight.bytes),
                let range = header.extensionElement(id: 5, in: flight.bytes),
                let sequence = flight.bytes.span.uint16(at: range.lowerBound)
            else { continue }
            sequences.append(sequence)
        }
        #expect(sequences == Array(0..<6))
    }

    @Test func bitrateLimitIsPassedOn() {
        var call = Call(seed: 17)
        var estimate: [UInt8] = []
        ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitsPerSecond: 512_000, ssrcs: []).write(into: &estimate)
        call.near.receiveRTCP(estimate.span, at: call.now)
        #expect(call.near.pollEvent() == .bitrateLimit(bitsPerSecond: 512_000))
    }

    @Test func fullQueueDropsWholeFrames() {
        var call = Call(seed: 18)
        let frame = Call.frame(0, isKeyframe: true, length: 300_000)
        for _ in 0..<20 { call.near.sendVideo(frame.span, timestamp: 0, isKeyframe: true, at: call.now) }
        #expect(call.near.paced.count <= 1024)
        #expect(call.near.statistics().outboundDropped > 0)
        #expect(call.near.pollEvent() == .keyframeRequested(layer: 0))
    }

    @Test func survivesAnything() {
        var call = Call(seed: 19)
        call.film(0..<10)
        var samples: [[UInt8]] = []
        call.passes = { _ in true }
        call.sendFrame(10, isKeyframe: true, length: 20_000)
        samples = call.line.flights.map(\.bytes)
        #expect(!samples.isEmpty)
        var buffer: [UInt8] = []
        for round in 0..<12_000 {
            var bytes = call.random.bytes(Int.random(in: 0...60, using: &call.random))
            if round % 4 != 0, let sample = samples.randomElement(using: &call.random) {
                bytes = sample
                for _ in 0..<Int.random(in: 0...4, using: &call.random) {
                    let index = Int.random(in: 0..<min(40, bytes.count), using: &call.random)
                    bytes[index] = UInt8.random(in: 0...255, using: &call.random)
                }
                // Any sequence number and both SSRCs of the video.
                bytes.set(uint16: UInt16.random(in: 0...UInt16.max, using: &call.random), at: 2)
                bytes.set(uint32: Bool.random(using: &call.random) ? Call.videoSSRC : Call.rtxSSRC, at: 8)
            }
            call.now += .milliseconds(Int64.random(in: 0...20, using: &call.random))
            _ = call.far.receiveRTP(bytes, at: call.now)
            call.far.receiveRTCP(bytes.span, at: call.now)
            call.near.receiveRTCP(bytes.span, at: call.now)
            call.far.advance(to: call.now)
            call.near.advance(to: call.now)
            while call.far.pollPacket(into: &buffer) != nil {}
            while call.near.pollPacket(into: &buffer) != nil {}
            while call.far.pollEvent() != nil {}
            while call.near.pollEvent() != nil {}
            let video = call.far.statistics().inbound.first { $0.kind == .video }?.video
            #expect((video?.bufferedBytes ?? 0) <= VideoAssembler.maximumBytes)
        }
        #expect(call.far.statistics().malformedPackets > 100)
    }
}
