import Basis
import Testing

@testable import RTP

/// Packets that overtake each other are neither lost nor a sign of a queue.
@Suite struct DisorderTests {
    @Test func whatWasSaidToBeLostMayComeLate() {
        var log = SentPacketLog()
        log.record(7, size: 100, probe: 0, at: .zero)
        let losses = [log.noteLoss(7), log.noteLoss(7)]
        #expect(losses == [true, false], "counted once")
        guard case .late = log.noteArrival(7) else {
            Issue.record("it was late")
            return
        }
        let again = log.noteArrival(7)
        #expect(again == nil)
        let isLost = log.noteLoss(7)
        #expect(!isLost, "it has come")
        log.record(8, size: 100, probe: 0, at: .zero)
        guard case .first = log.noteArrival(8) else {
            Issue.record("it was in time")
            return
        }
        let unknown = log.noteArrival(9)
        #expect(unknown == nil)
    }

    /// Each third packet comes 30 ms after the two sent behind it: once that has been seen, no feedback calls it lost.
    @Test func feedbackWaitsForPacketsThatAreMerelyLate() {
        var recorder = TransportFeedbackRecorder()
        var feedback = TransportFeedback()
        var arrivals: [(at: MonotonicInstant, sequence: UInt16)] = []
        for number in 0..<600 {
            let sent = MonotonicInstant.zero + .milliseconds(10 * number)
            arrivals.append((sent + .milliseconds(number % 3 == 0 ? 50 : 20), UInt16(number)))
        }
        arrivals.sort { $0.at < $1.at }
        var missing = 0
        var told = Set<UInt16>()
        func drain(at now: MonotonicInstant) {
            while recorder.poll(into: &feedback, senderSSRC: 1, mediaSSRC: 2, at: now) {
                if now > .zero + .seconds(1) { missing += Int(feedback.statusCount) - feedback.arrivals.count }
                for arrival in feedback.arrivals { told.insert(feedback.baseSequence &+ arrival.offset) }
            }
        }
        for arrival in arrivals {
            while let deadline = recorder.deadline, deadline <= arrival.at { drain(at: deadline) }
            recorder.receive(arrival.sequence, at: arrival.at)
        }
        while let deadline = recorder.deadline { drain(at: deadline) }
        #expect(told.count == 600)
        #expect(missing == 0)
    }

    @Test func aRealLossIsToldWithoutMuchDelay() {
        var recorder = TransportFeedbackRecorder()
        var feedback = TransportFeedback()
        var lost = 0
        for number in 0..<300 where number % 10 != 5 {
            let now = MonotonicInstant.zero + .milliseconds(10 * number)
            recorder.receive(UInt16(number), at: now)
            while let deadline = recorder.deadline, deadline <= now,
                recorder.poll(into: &feedback, senderSSRC: 1, mediaSSRC: 2, at: now)
            {
                lost += Int(feedback.statusCount) - feedback.arrivals.count
            }
        }
        #expect(lost >= 28)
    }

    // MARK: Loss

    private func run(
        _ control: inout LossControl, seconds: Range<Int>, loss: (Double) -> Double, random: inout RandomSource
    ) {
        for tenth in seconds.lowerBound * 10..<seconds.upperBound * 10 {
            let share = loss(control.rate)
            let packets = max(5, Int(min(control.rate, 2_000_000) / 80_000))
            let lost = (0..<packets).count { _ in Double.random(in: 0..<1, using: &random) < share }
            control.update(
                came: packets - lost, lost: lost, late: 0, delayRate: 2_000_000, isQueueEmpty: true,
                at: .zero + .milliseconds(100 * tenth))
        }
    }

    @Test func whatGetsLostAnywayIsNoReasonToSendLess() {
        var random = RandomSource(seed: 3)
        var control = LossControl(ceiling: 4_000_000)
        run(&control, seconds: 0..<60, loss: { _ in 0.1 }, random: &random)
        #expect(control.rate > 1_200_000)
    }

    @Test func whatGetsLostBecauseMoreIsSentIs() {
        var random = RandomSource(seed: 4)
        var control = LossControl(ceiling: 4_000_000)
        // A policer of 600 kbit/s without a queue.
        run(&control, seconds: 0..<60, loss: { rate in max(0, 1 - 600_000 / rate) }, random: &random)
        #expect(control.rate < 900_000)
        #expect(control.rate > 400_000)
    }
}
