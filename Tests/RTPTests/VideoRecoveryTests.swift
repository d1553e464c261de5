import Basis
import LineModel
import Testing

@testable import RTP

/// What is asked for again, when, and how often.
@Suite struct NACKGeneratorTests {
    private static let roundTrip = Duration.milliseconds(50)

    private struct Line {
        var nack = NACKGenerator()
        var now = MonotonicInstant.zero
        var request: [UInt16] = []

        @discardableResult
        mutating func receive(_ sequence: Int64, isRetransmission: Bool = false) -> NACKGenerator.Outcome {
            nack.receive(
                sequence, isRetransmission: isRetransmission, roundTrip: NACKGeneratorTests.roundTrip, at: now)
        }

        /// What is asked for at the next deadline.
        mutating func next() -> [UInt16]? {
            guard let deadline = nack.deadline else { return nil }
            now = max(now, deadline)
            request = []
            nack.collect(into: &request, pause: .milliseconds(55), at: now)
            return request
        }
    }

    @Test func asksAgainAndStops() {
        var line = Line()
        line.receive(65_535)
        line.receive(65_538)
        line.nack.collect(into: &line.request, pause: .milliseconds(55), at: line.now)
        #expect(line.request.isEmpty, "may be merely reordered")
        #expect(line.next() == [0, 1])
        #expect(line.now <= .zero + .milliseconds(5))
        line.now += .milliseconds(51)
        #expect(line.receive(65_536, isRetransmission: true) == .mends(after: .milliseconds(51)))
        var asked = 1
        while let request = line.next() {
            #expect(request == [1])
            asked += 1
        }
        #expect(asked == NACKGenerator.maximumTries)
        #expect(line.nack.noticed(65_537) == .zero)
        #expect(line.receive(70_000) == .hopeless)
        #expect(line.nack.noticed(65_537) == nil && line.nack.deadline == nil)
    }

    @Test func whatIsOvertakenIsLearnt() {
        var line = Line()
        line.receive(1)
        for pair in 0..<20 {
            line.receive(Int64(pair * 2 + 3))
            line.now += .milliseconds(8)
            var request: [UInt16] = []
            line.nack.collect(into: &request, pause: .milliseconds(55), at: line.now)
            #expect(request.isEmpty || pair == 0, "asked for what was only late")
            #expect(line.receive(Int64(pair * 2 + 2)) == .expected)
        }
        #expect(line.nack.loss == 0)
        for sequence in Int64(50)..<8_000 { line.receive(sequence) }
        #expect(line.nack.tolerance < .milliseconds(2), "and forgotten")
    }

    @Test func requestsGoTwiceWhereMuchIsLost() {
        var line = Line()
        for sequence in Int64(1)..<400 where sequence % 20 != 0 { line.receive(sequence) }
        #expect(line.nack.loss > 0.02 && line.nack.loss < 0.1)
        line.nack.forget(below: 399)
        line.receive(401)
        #expect(line.next() == [400])
        let first = line.now
        #expect(line.next() == [400])
        #expect(line.now - first < .milliseconds(15), "the same request again")
        #expect(line.next() == [400])
        #expect(line.now - first == .milliseconds(55), "the next one")
    }

    @Test func whatIsSuspectedAndOnlyLateIsNoLoss() {
        var line = Line()
        line.receive(1)
        line.nack.suspectNext(at: line.now)
        line.nack.suspectNext(at: line.now)
        #expect(line.next() == [2])
        line.now += .milliseconds(40)
        #expect(line.receive(2) == .unjustlySuspected)
        line.nack.suspectNext(at: line.now)
        var asked = 0
        while line.next() != nil { asked += 1 }
        #expect(asked == 3, "what perhaps never was is not asked for for long")
        #expect(line.receive(4) == .expected)
        #expect(line.receive(3, isRetransmission: true) == .mends(after: nil))
        #expect(line.nack.deadline == nil)
    }

    @Test func repairTimeFollowsWhatIsMeasured() {
        var time = RepairTime()
        #expect(time.pause(roundTrip: .milliseconds(100)) == .milliseconds(104))
        for _ in 0..<50 { time.note(.milliseconds(30)) }
        #expect(time.smoothed.map { $0 > .milliseconds(29) && $0 < .milliseconds(31) } == true)
        #expect(time.pause(roundTrip: .milliseconds(100)) < .milliseconds(36))
        time.note(.seconds(20))
        time.note(.zero)
        #expect(time.smoothed.map { $0 < .milliseconds(31) } == true)
    }
}

/// When pictures are shown, and how long they stand.
@Suite struct PlayoutTests {
    private static let start = MonotonicInstant(nanoseconds: 9_000_000_000)

    private func due(_ clock: inout PlayoutClock, _ number: Int, late: Int = 0, isMended: Bool = false) -> Duration {
        let on = Self.start + .milliseconds(number * 40)
        let instant = clock.due(
            timestamp: UInt32(truncatingIfNeeded: 0xFFFF_F000 + number * 3_600), isMended: isMended,
            at: on + .milliseconds(late))
        return instant - on
    }

    @Test func nothingIsHeldBackOnAGoodLine() {
        var clock = PlayoutClock()
        var chance = RandomSource(seed: 1)
        for number in 0..<500 {
            let late = Int.random(in: 0...60, using: &chance)
            #expect(due(&clock, number, late: late) == .milliseconds(late))
        }
        #expect(clock.delay == .zero)
    }

    @Test func theDelayComesWithRetransmissionsAndGoesAfterThem() {
        var clock = PlayoutClock()
        for number in 0..<50 { _ = due(&clock, number) }
        var delays: [Duration] = []
        for number in 50..<400 {
            let isMended = number % 5 == 0
            delays.append(due(&clock, number, late: isMended ? 70 : 0, isMended: isMended))
        }
        let steady = delays.suffix(100)
        #expect(steady.allSatisfy { $0 == steady.last }, "pictures follow each other evenly")
        #expect(clock.delay >= .milliseconds(70) && clock.delay <= .milliseconds(80))
        for number in 400..<1_900 { _ = due(&clock, number) }
        #expect(clock.delay == .zero)
    }

    @Test func nobodyWaitsLongerThanTheBound() {
        var clock = PlayoutClock()
        var before = Duration.zero
        for number in 0..<300 {
            _ = due(&clock, number, late: number % 2 * 400, isMended: number % 2 == 1)
            #expect(clock.delay - before <= .milliseconds(8), "no jump that would be seen")
            before = clock.delay
        }
        #expect(clock.delay == PlayoutClock.most)
    }

    @Test func anotherTimeLineIsNoDelay() {
        var clock = PlayoutClock()
        for number in 0..<10 { _ = due(&clock, number) }
        let now = Self.start + .seconds(60)
        #expect(clock.due(timestamp: 5, isMended: true, at: now) == now)
        #expect(clock.due(timestamp: 0x8000_0000, isMended: true, at: now + .seconds(1)) == now + .seconds(1))
        #expect(clock.delay <= .milliseconds(16))
    }

    @Test func onlyWhatIsMissingFreezes() {
        var meter = FreezeMeter()
        func at(_ milliseconds: Int) -> MonotonicInstant { Self.start + .milliseconds(milliseconds) }
        // Five pictures a second, then 30 with one that comes late, then lost ones.
        meter.note(timestamp: 0, isAfterLoss: false, at: at(0))
        meter.note(timestamp: 18_000, isAfterLoss: false, at: at(200))
        #expect(meter.frozen == .zero)
        meter.note(timestamp: 21_000, isAfterLoss: false, at: at(400))
        #expect(meter.frozen == .milliseconds(200))
        meter.note(timestamp: 21_000 + 45_000, isAfterLoss: true, at: at(900))
        #expect(meter.frozen == .milliseconds(700))
        #expect(meter.total(isBlocked: false, at: at(1_900)) == .milliseconds(700))
        #expect(meter.total(isBlocked: true, at: at(1_900)) == .milliseconds(1_700))
        meter.pause()
        meter.note(timestamp: 0, isAfterLoss: false, at: at(5_000))
        #expect(meter.frozen == .milliseconds(700))
    }
}

/// Whole sessions over a line that loses packets.
@Suite struct VideoRecoveryTests {
    private func video(_ call: Call) throws -> RTPStatistics.InboundVideo {
        try #require(call.far.statistics().inbound.first { $0.kind == .video }?.video)
    }

    /// After the first picture, which cannot be known to be missing.
    private func begin(seed: UInt64, delay: Duration = .milliseconds(25)) -> Call {
        var call = Call(seed: seed)
        call.line.delay = delay
        call.sendFrame(0, isKeyframe: true)
        call.run(.milliseconds(33))
        return call
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func fivePercentLossIsHardlySeen(seed: UInt64) throws {
        var call = begin(seed: seed)
        call.line.loss = 0.05
        call.film(1..<900)
        #expect(call.framesReceived == Array(0..<900))
        #expect(try video(call).frozen < .milliseconds(600), "two freezes in half a minute")
        #expect(try video(call).playoutDelay <= .milliseconds(90))
        #expect(call.keyframeRequests == 0)
    }

    @Test(arguments: [UInt64(4), 5])
    func tenPercentLossOverALongWayStaysAPicture(seed: UInt64) throws {
        var call = begin(seed: seed, delay: .milliseconds(50))
        call.line.loss = 0.1
        call.film(1..<600)
        #expect(call.framesReceived.count > 580)
        #expect(try video(call).frozen < .seconds(2), "a tenth of the time")
        #expect(try video(call).playoutDelay <= PlayoutClock.most)
    }

    @Test func theDelayGoesWhenTheLossesAreOver() throws {
        var call = begin(seed: 6)
        call.line.loss = 0.05
        call.film(1..<300)
        #expect(try video(call).playoutDelay >= .milliseconds(30))
        call.line.loss = 0
        call.film(300..<1_200)
        #expect(try video(call).playoutDelay == .zero)
    }

    @Test func disorderAloneHoldsNothingBack() throws {
        var call = begin(seed: 7)
        call.line.jitter = .milliseconds(15)
        call.film(1..<300)
        #expect(try video(call).playoutDelay == .zero)
        #expect(try video(call).packetsRecovered < 10, "what only comes late is hardly asked for")
    }

    /// Who sends nothing gets no reports: the answers to requests tell the round trip.
    @Test func aSilentReceiverLearnsTheRoundTrip() throws {
        var call = begin(seed: 8, delay: .milliseconds(10))
        #expect(call.far.roundTrip == nil)
        #expect(call.far.mendingTime == .milliseconds(100))
        call.line.loss = 0.05
        call.film(1..<200)
        #expect(call.far.roundTrip == nil)
        #expect(call.far.mendingTime < .milliseconds(26))
    }

    @Test func aLostEndOfAPictureIsAskedForBeforeTheNext() throws {
        var call = begin(seed: 9)
        var lost = (call.near.videoLayers.first?.sequenceNumber ?? 0) &+ 1
        let (loss, first) = (lost, 2)
        // A loss in the middle tells that the line is not perfect.
        call.passes = { $0.sequenceNumber != loss || $0.ssrc != Call.videoSSRC }
        call.film(1..<first + 20)
        #expect(call.framesReceived.count == first + 20)
        lost = (call.near.videoLayers.first?.sequenceNumber ?? 0) &+ 4
        let end = lost
        call.passes = { $0.sequenceNumber != end || $0.ssrc != Call.videoSSRC }
        call.sentRTCP = []
        call.sendFrame(first + 20, isKeyframe: false)
        call.run(.milliseconds(25 + 20))
        let asked = call.sentRTCP.joined().contains {
            if case .genericNACK(let nack) = $0 {
                var numbers: [UInt16] = []
                nack.forEachSequenceNumber { numbers.append($0) }
                return numbers == [end]
            }
            return false
        }
        #expect(asked, "20 ms after it should have come")
        call.run(.milliseconds(60))
        #expect(call.framesReceived.last == first + 20, "without another picture")
    }

    private func request(_ call: inout Call, _ sequences: [UInt16]) -> Int {
        let before = call.near.statistics().outbound.first { $0.kind == .video }?.retransmissions ?? 0
        let nack = GenericNACK(senderSSRC: 1, mediaSSRC: Call.videoSSRC, sequenceNumbers: sequences)
        call.near.retransmit(nack)
        return (call.near.statistics().outbound.first { $0.kind == .video }?.retransmissions ?? 0) - before
    }

    @Test func aRepeatedRequestIsAnsweredOnce() throws {
        var call = begin(seed: 10)
        call.film(1..<120)
        let last = (call.near.videoLayers.first?.sequenceNumber ?? 0) &- 1
        #expect(request(&call, [last]) == 1)
        #expect(request(&call, [last]) == 0)
        call.run(.milliseconds(50))
        #expect(request(&call, [last]) == 1, "a round trip later it is another one")
    }

    @Test func answersGoTwiceWhereMuchIsLostAndTheLineHasRoom() throws {
        var call = begin(seed: 11)
        call.line.loss = 0.06
        call.film(1..<200)
        #expect(call.near.videoLayers.first?.reportedLoss ?? 0 > 0.03)
        // Old enough that nobody asks for it any more.
        let old = (call.near.videoLayers.first?.sequenceNumber ?? 0) &- 300
        call.run(.seconds(1))
        #expect(request(&call, [old]) == 2)
        call.line.loss = 0
        call.film(200..<320)
        let last = (call.near.videoLayers.first?.sequenceNumber ?? 0) &- 1
        #expect(request(&call, [last]) == 1)
    }

    /// What is new waits for what somebody's picture stands for.
    @Test func retransmissionsGoFirst() throws {
        var call = begin(seed: 12)
        call.film(1..<30)
        let last = (call.near.videoLayers.first?.sequenceNumber ?? 0) &- 1
        call.near.sendVideo(
            Call.frame(30, isKeyframe: false, length: 60_000).span, timestamp: 0, isKeyframe: false, at: call.now)
        #expect(request(&call, [last]) == 1)
        var buffer: [UInt8] = []
        _ = call.near.pollPacket(into: &buffer)
        #expect(RTPHeader.parse(buffer)?.ssrc == Call.rtxSSRC)
    }
}
