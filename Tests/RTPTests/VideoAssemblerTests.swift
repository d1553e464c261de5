import Basis
import Testing

@testable import RTP

@Suite struct VideoAssemblerTests {
    private static let key: [UInt8] = [0x10, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 1, 0, 1, 0]
    private static let delta: [UInt8] = [0x10, 0x11]
    private static let rest: [UInt8] = [0x00, 0x55]

    private func put(
        _ assembler: inout VideoAssembler, _ sequence: Int64, _ payload: [UInt8], time: UInt32, marker: Bool
    ) -> VideoAssembler.Insertion {
        assembler.insert(sequence: sequence, timestamp: time, marker: marker, payload: payload.span)
    }

    @Test func waitsForAKeyframeAndOrder() {
        var assembler = VideoAssembler()
        #expect(put(&assembler, 100, Self.delta, time: 1, marker: true) == .stored(startsFrame: true))
        #expect(assembler.nextFrame() == nil)
        #expect(assembler.lacksKeyframe)
        #expect(put(&assembler, 102, Self.rest, time: 2, marker: true) == .stored(startsFrame: false))
        #expect(put(&assembler, 101, Self.key, time: 2, marker: false) == .stored(startsFrame: true))
        #expect(put(&assembler, 104, Self.delta, time: 9, marker: true) == .stored(startsFrame: true))
        let frame = assembler.nextFrame()
        #expect(frame?.isKeyframe == true && frame?.bytes.count == 11)
        #expect(assembler.nextFrame() == nil)
        assembler.updateBlockage(at: .zero)
        #expect(assembler.blockedAt == 103)
        // A packet that only pads fills the hole.
        #expect(put(&assembler, 103, [], time: 2, marker: false) == .stored(startsFrame: false))
        #expect(assembler.nextFrame()?.timestamp == 9)
        #expect(put(&assembler, 103, Self.rest, time: 2, marker: false) == .late)
        #expect(assembler.storedBytes == 0)
        #expect(assembler.framesDropped == 1)
    }

    @Test func framesThatAreGivenBackHoldTheNextOnes() {
        var assembler = VideoAssembler()
        _ = put(&assembler, 1, Self.key + [UInt8](repeating: 9, count: 300), time: 1, marker: true)
        guard let key = assembler.nextFrame() else {
            Issue.record("no frame")
            return
        }
        #expect(key.bytes.count == 311 - 1)
        assembler.reuse(key.bytes)
        _ = put(&assembler, 2, Self.delta, time: 2, marker: true)
        let delta = assembler.nextFrame()
        // In the memory of the first, and without what that held.
        #expect(delta?.bytes == [0x11] && (delta?.bytes.capacity ?? 0) >= 310)
        _ = put(&assembler, 3, Self.delta, time: 3, marker: true)
        let next = assembler.nextFrame()
        #expect(next?.bytes == [0x11] && key.bytes.count == 310)
    }

    @Test func recognisesDuplicatesAndNonsense() {
        var assembler = VideoAssembler()
        #expect(put(&assembler, 10, Self.key, time: 1, marker: false) == .stored(startsFrame: true))
        #expect(put(&assembler, 10, Self.key, time: 1, marker: false) == .duplicate)
        #expect(put(&assembler, 11, [0x80], time: 1, marker: false) == .malformed)
        #expect(put(&assembler, 11, [0x10, 0x00, 1, 2, 3], time: 1, marker: false) == .malformed)
    }

    @Test func layersLeftOutByTheBridgeAreNoLoss() {
        var assembler = VideoAssembler()
        let key: [UInt8] = [0x90, 0xE0, 0x80, 1, 1, 0x00] + Self.key.dropFirst()
        _ = put(&assembler, 1, key, time: 1, marker: true)
        #expect(assembler.nextFrame() != nil)
        for (index, pictureID) in [UInt8(5), 9, 60].enumerated() {
            let payload: [UInt8] = [0x90, 0xE0, 0x80, pictureID, pictureID, 0x00, 0x11]
            let time = UInt32(pictureID) &* 1_000_000_000
            _ = put(&assembler, Int64(index + 2), payload, time: time, marker: true)
            #expect(assembler.nextFrame()?.timestamp == time)
        }
        assembler.updateBlockage(at: .zero)
        #expect(assembler.blockedAt == nil)
        #expect(assembler.framesDropped == 0)
    }

    @Test func giveUpGoesOnAtTheNextKeyframe() {
        var assembler = VideoAssembler()
        _ = put(&assembler, 1, Self.key, time: 1, marker: true)
        #expect(assembler.nextFrame() != nil)
        _ = put(&assembler, 3, Self.delta, time: 3, marker: true)
        _ = put(&assembler, 4, Self.key, time: 4, marker: true)
        _ = put(&assembler, 5, Self.delta, time: 5, marker: true)
        #expect(assembler.nextFrame() == nil)
        assembler.updateBlockage(at: .zero)
        #expect(assembler.blockedAt == 2)
        assembler.giveUp()
        #expect(assembler.nextFrame()?.timestamp == 4)
        #expect(assembler.nextFrame()?.timestamp == 5)
        #expect(assembler.framesDropped == 1)
    }

    @Test func memoryIsBounded() {
        var assembler = VideoAssembler()
        let large = Self.rest + [UInt8](repeating: 7, count: 8000)
        _ = put(&assembler, 1, Self.key, time: 1, marker: false)
        for sequence in Int64(2)..<20_000 {
            _ = put(&assembler, sequence, large, time: 1, marker: false)
            #expect(assembler.storedBytes <= VideoAssembler.maximumBytes)
        }
        #expect(assembler.lacksKeyframe)
    }

    @Test func trackerCountsAsTheRFCDoes() throws {
        var tracker = ReceptionTracker(clockRate: 90_000)
        #expect(tracker.receive(65_534) == .accepted(131_070))
        #expect(tracker.receive(65_535) == .accepted(131_071))
        #expect(tracker.receive(1) == .accepted(131_073))
        #expect(tracker.receive(1) == .duplicate)
        let report = tracker.report(ssrc: 1, lastSenderReport: 0, delaySinceLastSenderReport: 0)
        let first = try #require(report)
        #expect(first.cumulativeLost == 1 && first.fractionLost == 64)
        #expect(first.extendedHighestSequence == 0x1_0001)
        #expect(tracker.receive(0) == .accepted(131_072))
        #expect(tracker.cumulativeLost == 0)
        #expect(tracker.receive(20_000) == .suspicious)
        #expect(tracker.receive(2) == .accepted(131_074))
        #expect(tracker.receive(20_000) == .suspicious)
        guard case .restarted(let sequence) = tracker.receive(20_001) else {
            Issue.record("no restart")
            return
        }
        #expect(sequence > 131_074 && UInt16(truncatingIfNeeded: sequence) == 20_001)
        #expect(tracker.cumulativeLost == 0)
    }

    @Test func jitterIgnoresSteadyPace() {
        var tracker = ReceptionTracker(clockRate: 48_000)
        var now = MonotonicInstant.zero
        for number in 0..<50 {
            tracker.measureJitter(timestamp: UInt32(number * 960), at: now)
            now += .milliseconds(20)
        }
        #expect(tracker.jitter == 0)
        for number in 50..<300 {
            tracker.measureJitter(timestamp: UInt32(number * 960), at: now + .milliseconds(number % 2 * 10))
            now += .milliseconds(20)
        }
        #expect(tracker.jitterMilliseconds > 9 && tracker.jitterMilliseconds < 10.1)
    }

    @Test func rateForgetsAfterASecond() {
        var meter = RateMeter()
        let now = MonotonicInstant(nanoseconds: 10_000_000_000)
        meter.add(5, at: now)
        meter.add(7, at: now + .milliseconds(500))
        #expect(meter.sum(at: now + .milliseconds(900)) == 12)
        #expect(meter.sum(at: now + .milliseconds(1200)) == 7)
        #expect(meter.sum(at: now + .seconds(60)) == 0)
        meter.add(1, at: now + .seconds(60))
        #expect(meter.sum(at: now + .seconds(60)) == 1)
    }
}
