import Basis
import LineModel
import Testing

@testable import RTP

/// Cases of RFC 8867 section 5 that are quick to run; `mediabench bandwidth` has all of them, as figures.
@Suite struct EvaluationTests {
    /// 5.1: what is there is used, and the queue is no place to stand in.
    @Test func aVaryingLineIsUsed() throws {
        let line = EvaluationCases.variableCapacity(seed: 1)
        #expect(line.rate(from: 10, to: 40) > 850_000)
        #expect(line.rate(from: 45, to: 60) > 1_900_000)
        #expect(line.rate(from: 85, to: 100) > 800_000)
        #expect(line.queue(95, from: 5, to: 100) < 150)
        let settled = try #require(line.settled(100, from: 60, to: 80))
        #expect(settled < 5)
    }

    /// 5.4: whoever comes later gets a share, and the line is used.
    @Test func flowsOfOneKindShare() {
        let line = EvaluationCases.competingFlows(seed: 1, until: 70)
        #expect(line.rate(from: 50, to: 70) > 2_400_000)
        for flow in 0..<3 { #expect(line.rate(of: flow, from: 45, to: 70) > 350_000, "a third of a fair share") }
    }

    /// 5.6: beside a TCP transfer that keeps the queue full, half to one and a half times a fair share.
    @Test func aTransferLeavesUsOurShareAndGetsItsOwn() {
        let line = EvaluationCases.longTransfer(seed: 1, until: 60)
        let share = line.rate(from: 25, to: 60) / 1_000_000
        #expect(share > 0.5 && share < 1.5)
    }

    @Test func theEquationIsThatOfTheRFC() {
        // RFC 5348 section 3.1 with one loss in a hundred packets and a round trip of 100 ms: about 1.35 Mbit/s.
        var share = TransferShare(rate: 1_000_000, response: 0.1, at: .zero)
        var now = MonotonicInstant.zero
        for _ in 0..<20 {
            now += .seconds(1)
            share.note(came: 99, lost: 1, response: 0.1, at: now)
        }
        let rate = share.rate(response: 0.1)
        #expect(rate > 1_200_000 && rate < 1_500_000)
        #expect(share.rate(response: 0.4) < rate / 3.5)
    }

    @Test func aQueueThatStandsIsSeenAndALongerWayLearnt() {
        var queue = StandingQueue()
        func pass(_ seconds: Range<Int>, delay: Int64, _ queue: inout StandingQueue) {
            for packet in seconds.lowerBound * 50..<seconds.upperBound * 50 {
                let sent = MonotonicInstant(nanoseconds: Int64(packet) * 20_000_000)
                // The clocks have nothing in common; every third packet is late.
                queue.add(
                    sent: sent, arrival: sent.nanoseconds / 1_000 + 77_000_000 + delay + (packet % 3 == 0 ? 9_000 : 0))
            }
        }
        pass(0..<10, delay: 30_000, &queue)
        #expect(queue.delay == 0)
        pass(10..<12, delay: 110_000, &queue)
        #expect(queue.delay == 0.08)
        pass(12..<50, delay: 110_000, &queue)
        #expect(queue.delay == 0, "half a minute later it is the way")
        queue.isForgetting = false
        pass(50..<55, delay: 30_000, &queue)
        pass(55..<120, delay: 110_000, &queue)
        #expect(queue.delay == 0.08)
        queue.restart()
        #expect(queue.delay == 0)
    }
}
