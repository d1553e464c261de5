import Basis
import Testing

@testable import RTP

@Suite struct RTCPTests {
    private func bytes(_ packets: RTCPPacket...) -> [UInt8] {
        var buffer: [UInt8] = []
        RTCPCompound.write(packets, into: &buffer)
        return buffer
    }

    private let block = ReportBlock(
        ssrc: 0x0102_0304, fractionLost: 64, cumulativeLost: -2, extendedHighestSequence: 0x0001_0005, jitter: 17,
        lastSenderReport: 0xAABB_CCDD, delaySinceLastSenderReport: 65_536)

    private let blockBytes: [UInt8] = [
        1, 2, 3, 4, 64, 0xFF, 0xFF, 0xFE, 0, 1, 0, 5, 0, 0, 0, 17, 0xAA, 0xBB, 0xCC, 0xDD, 0, 1, 0, 0,
    ]

    @Test func senderReport() {
        let report = RTCPPacket.senderReport(
            SenderReport(
                ssrc: 0x11, ntp: NTPTimestamp(rawValue: 0x0102_0304_0506_0708), rtpTimestamp: 0x22, packetCount: 3,
                octetCount: 4, blocks: [block]))
        let expected: [UInt8] =
            [0x81, 200, 0, 12, 0, 0, 0, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0x22, 0, 0, 0, 3, 0, 0, 0, 4]
            + blockBytes
        #expect(bytes(report) == expected)
        #expect(RTCPCompound.parse(expected) == [report])
    }

    @Test func receiverReport() {
        let report = RTCPPacket.receiverReport(ReceiverReport(ssrc: 0x11, blocks: [block]))
        let expected: [UInt8] = [0x81, 201, 0, 7, 0, 0, 0, 0x11] + blockBytes
        #expect(bytes(report) == expected)
        #expect(RTCPCompound.parse(expected) == [report])
    }

    @Test(arguments: ["", "a", "ab", "abc", "Visiosalle"])
    func sourceDescription(cname: String) {
        let description = RTCPPacket.sourceDescription(
            SourceDescription(chunks: [.init(ssrc: 5, cname: cname), .init(ssrc: 6, cname: "x")]))
        let written = bytes(description)
        #expect(written.count % 4 == 0)
        #expect(RTCPCompound.parse(written) == [description])
    }

    @Test func sourceDescriptionBytes() {
        let description = RTCPPacket.sourceDescription(SourceDescription(chunks: [.init(ssrc: 5, cname: "ab")]))
        #expect(bytes(description) == [0x81, 202, 0, 3, 0, 0, 0, 5, 1, 2, 0x61, 0x62, 0, 0, 0, 0])
    }

    @Test func goodbye() {
        let goodbye = RTCPPacket.goodbye(Goodbye(ssrcs: [1, 2]))
        #expect(bytes(goodbye) == [0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2])
        #expect(RTCPCompound.parse(bytes(goodbye)) == [goodbye])
    }

    @Test func genericNACK() {
        let nack = GenericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumbers: [65_535, 0, 15, 16, 40])
        let expected: [UInt8] = [
            0x81, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFF, 0x80, 0x01, 0, 16, 0, 0, 0, 40, 0, 0,
        ]
        #expect(bytes(.genericNACK(nack)) == expected)
        #expect(RTCPCompound.parse(expected) == [.genericNACK(nack)])
        var numbers: [UInt16] = []
        nack.forEachSequenceNumber { numbers.append($0) }
        #expect(numbers == [65_535, 0, 15, 16, 40])
    }

    @Test func pictureLossIndication() {
        let indication = RTCPPacket.pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2))
        #expect(bytes(indication) == [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2])
        #expect(RTCPCompound.parse(bytes(indication)) == [indication])
    }

    @Test func fullIntraRequest() {
        let request = RTCPPacket.fullIntraRequest(
            FullIntraRequest(senderSSRC: 1, entries: [.init(ssrc: 2, sequenceNumber: 9)]))
        #expect(bytes(request) == [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 9, 0, 0, 0])
        #expect(RTCPCompound.parse(bytes(request)) == [request])
    }

    @Test func receiverEstimatedMaximumBitrate() {
        // 0x27FFF << 3 = 1,310,712 bit/s.
        let expected: [UInt8] = [
            0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 1, 0x0E, 0x7F, 0xFF, 0, 0, 0, 7,
        ]
        let estimate = ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitsPerSecond: 1_310_712, ssrcs: [7])
        #expect(RTCPCompound.parse(expected) == [.receiverEstimatedMaximumBitrate(estimate)])
        #expect(bytes(.receiverEstimatedMaximumBitrate(estimate)) == expected)
    }

    @Test func bitrateSaturates() throws {
        let huge: [UInt8] = [
            0x8F, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 0, 0xFF, 0xFF, 0xFF,
        ]
        let estimate = ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitsPerSecond: .max, ssrcs: [])
        #expect(RTCPCompound.parse(huge) == [.receiverEstimatedMaximumBitrate(estimate)])
        var random = RandomSource(seed: 4)
        for _ in 0..<500 {
            let value = random.next() >> UInt64.random(in: 0...63, using: &random)
            var buffer: [UInt8] = []
            ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitsPerSecond: value, ssrcs: []).write(into: &buffer)
            guard case .receiverEstimatedMaximumBitrate(let read)? = RTCPCompound.parse(buffer).first else {
                Issue.record("not read back")
                return
            }
            #expect(read.bitsPerSecond <= value && value - read.bitsPerSecond <= value >> 17)
        }
    }

    @Test func compoundsAndStrangers() {
        var datagram = bytes(.goodbye(Goodbye(ssrcs: [1])))
        datagram += [0x8B, 207, 0, 1, 0, 0, 0, 1]
        datagram += [0x81, 206, 0, 1, 0, 0, 0, 1]
        let indication = RTCPPacket.pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2))
        datagram += bytes(indication)
        datagram += [0x80, 201, 0, 9]
        #expect(
            RTCPCompound.parse(datagram) == [
                .goodbye(Goodbye(ssrcs: [1])), .unknown(packetType: 207, format: 11),
                .unknown(packetType: 206, format: 1), indication,
            ])
    }

    @Test func tellsRTCPFromRTP() {
        #expect(RTCPCompound.isRTCP([0x80, 200]))
        #expect(!RTCPCompound.isRTCP([0x80, 0xE4]))
        #expect(!RTCPCompound.isRTCP([0x80, 111]))
        #expect(!RTCPCompound.isRTCP([0x16]))
    }

    @Test func survivesAnything() {
        var random = RandomSource(seed: 11)
        let samples: [[UInt8]] = [
            bytes(
                .senderReport(
                    SenderReport(
                        ssrc: 1, ntp: .init(rawValue: 1), rtpTimestamp: 1, packetCount: 1,
                        octetCount: 1, blocks: [block, block]))),
            bytes(.sourceDescription(SourceDescription(chunks: [.init(ssrc: 5, cname: "name")]))),
            bytes(.genericNACK(GenericNACK(senderSSRC: 1, mediaSSRC: 2, sequenceNumbers: [1, 2, 30]))),
            bytes(
                .transportFeedback(
                    TransportFeedback(
                        senderSSRC: 1, mediaSSRC: 2, baseSequence: 3, statusCount: 40,
                        referenceTime: -5, feedbackCount: 6,
                        arrivals: [.init(offset: 1, delta: 5), .init(offset: 39, delta: -1)]))),
            bytes(.receiverEstimatedMaximumBitrate(.init(senderSSRC: 1, bitsPerSecond: 9, ssrcs: [7]))),
        ]
        var packets = 0
        for round in 0..<6000 {
            var datagram = random.bytes(Int.random(in: 0...80, using: &random))
            if round % 3 != 0 {
                datagram = samples[round % samples.count]
                for _ in 0..<3 {
                    let index = Int.random(in: 0..<datagram.count, using: &random)
                    datagram[index] = UInt8.random(in: 0...255, using: &random)
                }
            }
            packets += RTCPCompound.parse(datagram).count
        }
        #expect(packets > 1000)
        let many = [UInt8](repeating: 0, count: 4000).enumerated().map { [UInt8(0x80), 210, 0, 0][$0.offset % 4] }
        #expect(RTCPCompound.parse(many).count == RTCPCompound.maximumPackets)
    }
}
