import Basis
import HID
import Testing

/// A device on the table and the room that answers it at once, in virtual time.
struct TelephoneBench {
    var machine: TelephonyMachine
    var now = MonotonicInstant.zero
    var isMuted = false
    var isInCall = false
    /// Whether the room answers requests.
    var answers = true
    var requests: [TelephonyEvent] = []
    var outputs: [[UInt8]] = []

    init(_ bytes: [UInt8]) throws {
        machine = try #require(TelephonyMachine(ReportDescriptor(bytes)))
    }

    mutating func report(_ bytes: [UInt8], after milliseconds: Int = 100) {
        pass(milliseconds)
        machine.receive(bytes, at: now)
        drain()
    }

    mutating func pass(_ milliseconds: Int) {
        now += .milliseconds(milliseconds)
        machine.advance(to: now)
        drain()
    }

    mutating func call(_ isInCall: Bool) {
        self.isInCall = isInCall
        machine.setInCall(isInCall, at: now)
        drain()
    }

    mutating func mute(_ isMuted: Bool) {
        self.isMuted = isMuted
        machine.setMuted(isMuted, at: now)
        drain()
    }

    mutating func drain() {
        while let event = machine.pollEvent() {
            requests.append(event)
            guard answers else { continue }
            switch event {
            case .muteRequested:
                isMuted.toggle()
                machine.setMuted(isMuted, at: now)
            case .hookRequested(let isOffHook):
                isInCall = isOffHook
                machine.setInCall(isOffHook, at: now)
            case .volumeRequested: break
            }
        }
        while let output = machine.pollOutput() { outputs.append(output) }
    }

    /// The outputs since the last time.
    mutating func taken() -> [[UInt8]] {
        defer { outputs = [] }
        return outputs
    }
}

@Suite struct TelephonyMachineTests {
    @Test func aCallOfTheConferencePuck() throws {
        var bench = try TelephoneBench(TelephoneFixtures.conferencePuck)
        bench.call(true)
        #expect(bench.taken() == [[3, 0b00_0001, 0]])
        // The device says it is off hook; nobody asked for anything.
        bench.report([3, 0b01, 0])
        #expect(bench.requests.isEmpty)
        // Its mute key: one-shot, 1 then 0; one request, one answer.
        bench.report([3, 0b101, 0])
        bench.report([3, 0b001, 0])
        #expect(bench.requests == [.muteRequested] && bench.isMuted)
        #expect(bench.taken() == [[3, 0b00_0101, 0]])
        bench.report([3, 0b101, 0])
        bench.report([3, 0b001, 0])
        #expect(bench.requests == [.muteRequested, .muteRequested] && !bench.isMuted)
        #expect(bench.taken() == [[3, 0b00_0001, 0]])
        // Muted by another button: the lamp follows, nothing is asked.
        bench.mute(true)
        #expect(bench.taken() == [[3, 0b00_0101, 0]])
        bench.mute(true)
        #expect(bench.taken().isEmpty)
        // Its call key hangs up.
        bench.report([3, 0b000, 0])
        #expect(bench.requests.last == .hookRequested(isOffHook: false))
        #expect(bench.taken() == [[3, 0, 0]])
        #expect(bench.machine.deadline == nil)
    }

    @Test func offHookComesBeforeMuteInACallThatBeginsMuted() throws {
        var bench = try TelephoneBench(TelephoneFixtures.conferencePuck)
        bench.mute(true)
        #expect(bench.taken().isEmpty)
        bench.call(true)
        #expect(bench.taken() == [[3, 0b00_0001, 0], [3, 0b00_0101, 0]])
    }

    @Test func theHeadsetHasAReportForEachLamp() throws {
        var bench = try TelephoneBench(TelephoneFixtures.headset)
        bench.call(true)
        #expect(bench.taken() == [[0x17, 1], [0x09, 0], [0x18, 0]])
        bench.report([8, 0b11])
        #expect(bench.requests == [.muteRequested])
        // Only the report with the mute lamp is the answer.
        #expect(bench.taken() == [[0x09, 1]])
        bench.report([8, 0b01])
        bench.call(false)
        #expect(bench.taken() == [[0x17, 0], [0x09, 0], [0x18, 0]])
        bench.report([1, 0xE9, 0])
        bench.report([1, 0, 0])
        bench.report([1, 0xEA, 0])
        bench.report([1, 0xEA, 0])
        bench.report([1, 0, 0])
        #expect(bench.requests == [.muteRequested, .volumeRequested(steps: 1), .volumeRequested(steps: -1)])
        #expect(bench.taken().isEmpty)
    }

    @Test func reportsWithoutNumberAreWrittenWithZero() throws {
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.call(true)
        #expect(bench.taken() == [[0, 0b01]])
        bench.mute(true)
        #expect(bench.taken() == [[0, 0b11]])
    }

    @Test func aStateReportedBackIsNoPress() throws {
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.call(true)
        bench.report([0b01], after: 20)
        // Muted by the room: the device follows, and says so.
        bench.mute(true)
        bench.report([0b11], after: 30)
        #expect(bench.requests.isEmpty && bench.isMuted)
        bench.mute(false)
        bench.report([0b01], after: 30)
        #expect(bench.requests.isEmpty && !bench.isMuted)
        // Its own key, a level: 1, our answer, and long after 0.
        bench.report([0b11], after: 4_000)
        #expect(bench.requests.count == 1 && bench.isMuted)
        bench.report([0b11], after: 40)
        bench.report([0b01], after: 5_000)
        #expect(bench.requests.count == 2 && !bench.isMuted)
        bench.report([0b11], after: 6_000)
        #expect(bench.requests.count == 3 && bench.isMuted)
        // The room unmutes, the device follows late in the echo's time.
        bench.pass(4_000)
        bench.mute(false)
        bench.report([0b01], after: 450)
        #expect(bench.requests.count == 3)
    }

    @Test func aKeyThatIsHeldAsAStateCountsOnce() throws {
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.call(true)
        bench.report([0b01], after: 20)
        for press in 1...6 {
            bench.report([0b11], after: 2_000)
            bench.report([0b01], after: 150)
            #expect(bench.requests.count == press)
            #expect(bench.isMuted == (press % 2 == 1))
        }
        // Held for long: still one.
        bench.report([0b11], after: 2_000)
        bench.report([0b01], after: 1_500)
        #expect(bench.requests.count == 7)
    }

    @Test func anEchoNeverSwitchesTheMicrophoneOn() throws {
        // However late it comes, as with wireless ones.
        for delay in [20, 400, 600, 1_500, 4_000, 20_000] {
            var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
            bench.call(true)
            bench.report([0b01], after: delay)
            bench.mute(true)
            bench.report([0b11], after: delay)
            #expect(bench.requests.isEmpty && bench.isMuted && bench.isInCall)
        }
        // A device that was on already is told "off" for a moment when the call begins, and says so.
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.mute(true)
        bench.report([0b10])
        bench.call(true)
        #expect(bench.taken() == [[0, 0b01], [0, 0b11]])
        bench.report([0b01], after: 30)
        bench.report([0b11], after: 30)
        #expect(bench.requests.isEmpty && bench.isMuted)
    }

    @Test func aStateKeptForLongIsNoMomentaryKey() throws {
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.call(true)
        bench.report([0b01])
        // Twice within a blink, which looks like a tap: the second press is lost.
        bench.report([0b11], after: 5_000)
        bench.report([0b01], after: 300)
        #expect(bench.requests.count == 1 && bench.isMuted)
        bench.mute(false)
        bench.report([0b11], after: 5_000)
        bench.report([0b01], after: 5_000)
        #expect(bench.requests.count == 3 && !bench.isMuted)
        bench.report([0b11], after: 5_000)
        bench.report([0b01], after: 1_000)
        #expect(bench.requests.count == 5 && !bench.isMuted)
    }

    @Test func puttingDownTheHandsetCancelsAJoinUnderWay() throws {
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.answers = false
        bench.report([0b00])
        bench.report([0b01])
        bench.report([0b00], after: 2_000)
        #expect(bench.requests == [.hookRequested(isOffHook: true), .hookRequested(isOffHook: false)])
        bench.pass(10_000)
        #expect(bench.machine.deadline == nil)
    }

    @Test func theCallKeyJoinsAndHangsUp() throws {
        var bench = try TelephoneBench(TelephoneFixtures.plainTelephone)
        bench.report([0b00])
        bench.report([0b01])
        #expect(bench.requests == [.hookRequested(isOffHook: true)])
        #expect(bench.taken() == [[0, 0b01]])
        bench.report([0b00], after: 60_000)
        #expect(bench.requests.last == .hookRequested(isOffHook: false) && bench.requests.count == 2)
        // A momentary call key: its release does not hang up again.
        bench.report([0b01], after: 5_000)
        bench.report([0b00], after: 120)
        #expect(bench.requests.count == 3 && bench.isInCall)
    }

    /// After a restart in a call the device is still off hook: its next report, of whatever key, joins nothing.
    @Test func theFirstReportAfterOpeningIsNoCall() throws {
        var bench = try TelephoneBench(TelephoneFixtures.conferencePuck)
        bench.report([3, 0b101, 0])
        #expect(bench.requests == [.muteRequested])
        // It is put on hook, follows, and its key works again.
        #expect(bench.taken().contains([3, 0, 0]))
        bench.report([3, 0, 0], after: 30)
        #expect(bench.requests == [.muteRequested] && !bench.isInCall)
        bench.report([3, 1, 0], after: 5_000)
        #expect(bench.requests.last == .hookRequested(isOffHook: true))
        // In a call that goes on the state is what the room knows: nothing is told, and the key hangs up.
        var other = try TelephoneBench(TelephoneFixtures.plainTelephone)
        other.call(true)
        _ = other.taken()
        other.report([0b01])
        #expect(other.requests.isEmpty && other.taken().isEmpty)
        other.report([0b00], after: 5_000)
        #expect(other.requests == [.hookRequested(isOffHook: false)])
    }

    @Test func dropHangsUpAndRedialJoins() throws {
        var bench = try TelephoneBench(TelephoneFixtures.conferencePuck)
        bench.report([3, 0b01_0000, 0])
        #expect(bench.requests == [.hookRequested(isOffHook: true)])
        bench.report([3, 0, 0])
        bench.report([3, 0b10_0000, 0])
        bench.report([3, 0, 0])
        #expect(bench.requests == [.hookRequested(isOffHook: true), .hookRequested(isOffHook: false)])
    }

    @Test func requestsNobodyAnswersAreAnsweredWithTheOldState() throws {
        var bench = try TelephoneBench(TelephoneFixtures.conferencePuck)
        bench.call(true)
        _ = bench.taken()
        bench.answers = false
        bench.report([3, 0b101, 0])
        #expect(bench.taken().isEmpty)
        #expect(bench.machine.deadline == bench.now + .seconds(1))
        bench.pass(1_000)
        #expect(bench.taken() == [[3, 0b00_0001, 0]])
        #expect(bench.machine.deadline == nil)
        bench.call(false)
        bench.report([3, 0, 0])
        _ = bench.taken()
        bench.report([3, 1, 0], after: 3_000)
        #expect(bench.requests.last == .hookRequested(isOffHook: true))
        bench.pass(5_000)
        #expect(bench.taken() == [[3, 0, 0]])
        #expect(bench.machine.deadline == nil)
    }

    @Test func theAnswerMayBeThatNothingChanges() throws {
        var bench = try TelephoneBench(TelephoneFixtures.conferencePuck)
        bench.call(true)
        _ = bench.taken()
        bench.answers = false
        bench.report([3, 0b100, 0])
        bench.mute(false)
        #expect(bench.taken().count == 1)
        bench.mute(false)
        #expect(bench.taken().isEmpty)
    }

    @Test func theConsumerMuteCountsOnlyWithoutATelephones() throws {
        var puck = try TelephoneBench(TelephoneFixtures.conferencePuck)
        puck.report([1, 0b100])
        #expect(puck.requests.isEmpty)
        var speaker = try TelephoneBench(TelephoneFixtures.loudspeaker)
        speaker.report([0b100])
        speaker.report([0])
        #expect(speaker.requests == [.muteRequested])
        speaker.report([0b001])
        #expect(speaker.requests.last == .volumeRequested(steps: 1))
        // Another interface of the device has the telephone's.
        let descriptor = ReportDescriptor(TelephoneFixtures.loudspeaker)
        var other = try #require(TelephonyMachine(descriptor, usesConsumerMute: false))
        other.receive([0b100], at: .zero)
        #expect(other.pollEvent() == nil)
        other.receive([0b110], at: .zero)
        #expect(other.pollEvent() == .volumeRequested(steps: -1))
    }

    @Test func otherDevicesAreNoTelephones() {
        #expect(TelephonyMachine(ReportDescriptor(TelephoneFixtures.keyboard)) == nil)
        #expect(TelephonyMachine(ReportDescriptor([])) == nil)
    }

    @Test func repeatedOneShotsCountAndRepeatedReportsOfOtherKeysDoNot() throws {
        var bench = try TelephoneBench(TelephoneFixtures.headset)
        bench.call(true)
        // A device that never sends the 0.
        bench.report([8, 0b11])
        bench.report([8, 0b11], after: 1_000)
        #expect(bench.requests.count == 2)
        bench.report([8, 0b11], after: 20)
        #expect(bench.requests.count == 2)
        // The hook changes while the mute bit stays.
        bench.report([8, 0b10], after: 1_000)
        #expect(bench.requests.count { $0 == .muteRequested } == 2)
    }
}
