import Basis
import Testing

@testable import RTP

@Suite struct TransportFeedbackTests {
    @Test func readsEveryKindOfChunk() {
        // Run of three small, one-bit vector 0100..., two-bit vector (large, none, small), padded.
        let datagram: [UInt8] = [
            0xAF, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFE, 0, 20, 0xFF, 0xFF, 0xFF, 9,
            0x20, 3, 0x90, 0, 0xE1, 0x00,
            4, 0, 8, 12, 0xFF, 0xFC, 255, 0, 0, 3,
        ]
        // The vector covers 14, the last chunk the remaining three.
        let expected = TransportFeedback(
            senderSSRC: 1, mediaSSRC: 2, baseSequence: 0xFFFE, statusCount: 20, referenceTime: -1, feedbackCount: 9,
            arrivals: [
                .init(offset: 0, delta: 4), .init(offset: 1, delta: 0), .init(offset: 2, delta: 8),
                .init(offset: 4, delta: 12), .init(offset: 17, delta: -4), .init(offset: 19, delta: 255),
            ])
        #expect(RTCPCompound.parse(datagram) == [.transportFeedback(expected)])
    }

    @Test func refusesMissingDeltas() {
        let datagram: [UInt8] = [
            0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0xFF, 0xFF, 0, 0, 1, 9, 0x3F, 0xFF, 0x3F, 0xFF,
        ]
        #expect(RTCPCompound.parse(datagram) == [.unknown(packetType: 205, format: 15)])
    }

    @Test func writingAndReadingAreInverse() {
        var random = RandomSource(seed: 42)
        for _ in 0..<1500 {
            var feedback = TransportFeedback(
                senderSSRC: 7, mediaSSRC: 8, baseSequence: UInt16.random(in: 0...UInt16.max, using: &random),
                statusCount: 0, referenceTime: Int32.random(in: -0x80_0000...0x7F_FFFF, using: &random),
                feedbackCount: UInt8.random(in: 0...255, using: &random), arrivals: [])
            var offset = Int.random(in: 0...3, using: &random)
            let loss = Double.random(in: 0...1, using: &random)
            let large = Double.random(in: 0...1, using: &random)
            for _ in 0..<Int.random(in: 0...150, using: &random) {
                if Double.random(in: 0...1, using: &random) >= loss {
                    let delta =
                        Double.random(in: 0...1, using: &random) < large
                        ? Int16.random(in: .min ... .max, using: &random) : Int16.random(in: 0...255, using: &random)
                    feedback.arrivals.append(.init(offset: UInt16(offset), delta: delta))
                }
                offset += Double.random(in: 0...1, using: &random) < 0.01 ? 300 : 1
            }
            feedback.statusCount = UInt16(offset)
            var buffer: [UInt8] = []
            feedback.write(into: &buffer)
            #expect(buffer.count % 4 == 0)
            #expect(RTCPCompound.parse(buffer) == [.transportFeedback(feedback)])
        }
    }

    /// Every packet that came is reported with its arrival time, every other one in between as missing.
    @Test func recorderTellsTheTruth() {
        var random = RandomSource(seed: 3)
        for _ in 0..<40 {
            var recorder = TransportFeedbackRecorder()
            var feedback = TransportFeedback()
            var now = MonotonicInstant(nanoseconds: Int64.random(in: 0...1_000_000_000_000, using: &random))
            var truth: [UInt16: Int64] = [:]
            var reported: [UInt16: Int64] = [:]
            var sequence = UInt16.random(in: 0...UInt16.max, using: &random)
            var held: UInt16?
            var largest = 0
            func drain() {
                while recorder.poll(into: &feedback, senderSSRC: 1, mediaSSRC: 2, at: now) {
                    var buffer: [UInt8] = []
                    feedback.write(into: &buffer)
                    largest = max(largest, buffer.count)
                    guard RTCPCompound.parse(buffer) == [.transportFeedback(feedback)] else {
                        Issue.record("not read back")
                        return
                    }
                    var ticks = Int64(feedback.referenceTime) * 256
                    for arrival in feedback.arrivals {
                        ticks += Int64(arrival.delta)
                        reported[feedback.baseSequence &+ arrival.offset] = ticks
                    }
                }
            }
            for _ in 0..<600 {
                now += .microseconds(Int64.random(in: 0...4000, using: &random))
                if let deadline = recorder.deadline, deadline <= now { drain() }
                let current = sequence
                sequence &+= 1
                switch Int.random(in: 0..<20, using: &random) {
                case 0: continue
                case 1 where held == nil: held = current
                default:
                    recorder.receive(current, at: now)
                    truth[current] = now.nanoseconds / 250_000
                    if let late = held {
                        recorder.receive(late, at: now)
                        truth[late] = now.nanoseconds / 250_000
                        held = nil
                    }
                }
            }
            now += .seconds(1)
            drain()
            #expect(reported == truth)
            #expect(largest <= 1200)
            #expect(recorder.deadline == nil)
        }
    }
}
