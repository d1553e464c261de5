import Basis
import Devices
import Glibc
import LinuxHost
import Testing

@Suite struct ControlMailboxTests {
    @Test func theLatestWordOnEachThingWaits() {
        var mailbox = ControlMailbox()
        for command: ControlCommand in [
            .muted(true), .lamp(.booting, number: 0), .buttonLamp(role: .hand, isLit: true), .muted(false),
            .lamp(.fault, number: 3), .wakeTelevision, .buttonLamp(role: .camera, isLit: true), .releaseTelevision,
            .inCall(true), .televisionVolume(steps: 2), .televisionVolume(steps: -1),
        ] {
            mailbox.put(command)
        }
        #expect(
            mailbox.takeAll() == [
                .buttonLamp(role: .hand, isLit: true), .muted(false), .lamp(.fault, number: 3),
                .buttonLamp(role: .camera, isLit: true), .releaseTelevision, .inCall(true),
                .televisionVolume(steps: 1),
            ])
        #expect(mailbox.takeAll().isEmpty)
        #expect(mailbox.state.contains(.muted(false)) && mailbox.state.contains(.inCall(true)))
        #expect(mailbox.state.count == 5)
    }

    @Test func nothingGrows() {
        var mailbox = ControlMailbox()
        for number in 0..<1_000 {
            mailbox.put(.buttonLamp(role: .preset(index: number), isLit: true))
            mailbox.put(.televisionVolume(steps: .max))
        }
        #expect(mailbox.state.count == 64)
        mailbox.put(.muted(true))
        #expect(mailbox.state.count == 65)
        let commands = mailbox.takeAll()
        #expect(commands.count <= 66 && commands.contains(.televisionVolume(steps: 20)))
        #expect(commands.last == .muted(true))
    }
}

/// A source that does what the test says.
final class ScriptedSource: ControlSource {
    var descriptors: [Int32] = []
    var deadline: MonotonicInstant?
    var work: (ScriptedSource, MonotonicInstant, (ControlEvent) -> Void) -> Void = { _, _, _ in }
    var processed: [MonotonicInstant] = []
    var commands: [ControlCommand] = []
    var rescans: [HotplugEvent] = []
    var isClosed = false

    func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        processed.append(now)
        work(self, now, emit)
    }

    func apply(_ command: ControlCommand, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {
        commands.append(command)
    }

    func rescan(after event: HotplugEvent, at _: MonotonicInstant, emit: (ControlEvent) -> Void) {
        rescans.append(event)
        emit(.deviceNote("looked"))
    }

    func close() {
        isClosed = true
    }
}

@Suite struct ControlLoopTests {
    /// poll in virtual time: a wait passes at once and takes as long as it was to.
    private final class FakePoll: PollCalls {
        var now = MonotonicInstant.zero
        var readable: Set<Int32> = []
        var broken: Set<Int32> = []
        var failures: [Int32] = []
        var waits: [Int32] = []
        var pauses = 0

        func poll(_ entries: inout [PolledDescriptor], milliseconds: Int32) -> Int32 {
            waits.append(milliseconds)
            if !failures.isEmpty { return -failures.removeFirst() }
            var count: Int32 = 0
            for index in entries.indices {
                entries[index].isReadable = readable.contains(entries[index].descriptor)
                entries[index].isBroken = broken.contains(entries[index].descriptor)
                if entries[index].isReadable || entries[index].isBroken { count += 1 }
            }
            if count == 0 { now += .milliseconds(milliseconds) }
            return count
        }

        func pause(until instant: MonotonicInstant) {
            pauses += 1
            now = max(now, instant)
        }
    }

    private struct Room {
        let poll = FakePoll()
        let sources: [ScriptedSource]
        var loop: ControlLoop<FakePoll>
        let heard = Heard()

        final class Heard { var events: [ControlEvent] = [] }

        init(_ count: Int) {
            let heard = heard
            sources = (0..<count).map { _ in ScriptedSource() }
            loop = ControlLoop(sources: sources, calls: poll) { heard.events.append($0) }
        }

        mutating func turn(_ commands: [ControlCommand] = [], state: [ControlCommand] = []) {
            loop.turn(waking: 3, takeCommands: { commands }, state: { state })
        }

        /// Turns until so much time has passed; how many it took.
        mutating func turns(in duration: Duration) -> Int {
            let end = poll.now + duration
            var count = 0
            while poll.now < end, count < 100_000 {
                turn()
                count += 1
            }
            return count
        }
    }

    @Test func whoIsReadyOrDueIsServed() {
        var room = Room(3)
        room.sources[0].descriptors = [10, 11]
        room.sources[1].descriptors = [12]
        room.sources[2].deadline = .zero + .milliseconds(5)
        room.sources[2].work = { source, _, emit in
            source.deadline = nil
            emit(.press(button: .mute, .short))
        }
        room.poll.readable = [11]
        room.sources[0].work = { [poll = room.poll] _, _, _ in poll.readable = [] }
        room.turn()
        #expect(room.sources.map(\.processed.count) == [1, 0, 0])
        room.turn()
        #expect(room.sources[2].processed == [.zero + .milliseconds(5)])
        #expect(room.heard.events == [.press(button: .mute, .short)])
        #expect(room.poll.waits == [5, 5])
        room.turn()
        #expect(room.poll.waits.last == 60_000)
        room.loop.close()
        #expect(room.sources.allSatisfy { $0.isClosed })
    }

    @Test func commandsReachEverybody() {
        var room = Room(2)
        room.turn([.muted(true), .inCall(true)])
        #expect(room.sources.allSatisfy { $0.commands == [.muted(true), .inCall(true)] })
    }

    @Test func everybodyLooksAfterAHotplugAndShowsTheStateAgain() {
        var room = Room(2)
        let event = HotplugEvent(action: .add, subsystem: "input", node: "input/event3", path: "/x")
        room.sources[0].descriptors = [10]
        room.poll.readable = [10]
        room.sources[0].work = { [poll = room.poll] _, _, emit in
            poll.readable = []
            emit(.hotplug(event))
            emit(.hotplug(.everything))
        }
        room.turn(state: [.muted(true)])
        #expect(room.sources.allSatisfy { $0.rescans == [event, .everything] && $0.commands == [.muted(true)] })
        #expect(
            room.heard.events == [
                .deviceNote("looked"), .deviceNote("looked"), .hotplug(event), .deviceNote("looked"),
                .deviceNote("looked"), .hotplug(.everything),
            ])
    }

    @Test func aBrokenDescriptorThatIsKeptIsLookedAtLessAndLess() {
        var room = Room(2)
        room.sources[0].descriptors = [10, 11]
        room.sources[1].descriptors = [12]
        room.poll.broken = [10]
        #expect(room.turns(in: .seconds(60)) < 200)
        #expect(room.loop.counters.brokenDescriptors > 50)
        #expect(room.sources[0].processed.count == room.loop.counters.brokenDescriptors)
        // The others are heard at once meanwhile.
        room.poll.readable = [11, 12]
        room.sources[0].work = { [poll = room.poll] _, _, _ in poll.readable.remove(11) }
        room.sources[1].work = { [poll = room.poll] _, _, _ in poll.readable.remove(12) }
        let before = room.poll.now
        room.turn()
        #expect(room.sources[1].processed.last == before && room.sources[0].processed.last == before)
        // Whole again, it counts as before.
        room.poll.broken = []
        _ = room.turns(in: .seconds(2))
        room.poll.readable = [10]
        room.sources[0].work = { [poll = room.poll] _, _, _ in poll.readable = [] }
        let after = room.poll.now
        room.turn()
        #expect(room.sources[0].processed.last == after)
    }

    @Test func aBrokenDescriptorThatIsDroppedCostsNothing() {
        var room = Room(1)
        room.sources[0].descriptors = [10]
        room.poll.broken = [10]
        room.sources[0].work = { source, _, _ in source.descriptors = [] }
        #expect(room.turns(in: .seconds(120)) <= 3)
        #expect(room.loop.counters == ControlCounters())
    }

    @Test func aDescriptorThatIsNeverReadDoesNotSpin() {
        var room = Room(1)
        room.sources[0].descriptors = [10]
        room.poll.readable = [10]
        #expect(room.turns(in: .seconds(60)) < 1_200)
        #expect(room.loop.counters.unreadDescriptors > 50)
        // Read at last, it counts as before.
        room.sources[0].work = { [poll = room.poll] _, _, _ in poll.readable = [] }
        _ = room.turns(in: .seconds(2))
        room.poll.readable = [10]
        let before = room.poll.now
        room.turn()
        #expect(room.sources[0].processed.last == before)
    }

    @Test func aDeadlineThatStaysInThePastDoesNotSpin() {
        var room = Room(1)
        room.sources[0].deadline = .zero
        #expect(room.turns(in: .seconds(60)) < 200)
        #expect(room.loop.counters.hastyDeadlines > 50)
        // Once it moves on, it is kept to.
        room.sources[0].deadline = room.poll.now + .seconds(5)
        room.sources[0].work = { source, now, _ in source.deadline = now + .milliseconds(20) }
        _ = room.turns(in: .seconds(6))
        let last = room.sources[0].processed.suffix(2)
        #expect((last.last ?? .zero) - (last.first ?? .zero) == .milliseconds(20))
    }

    @Test(arguments: [EINTR, ENOMEM, EINVAL, EFAULT]) func aPollThatFailsDoesNotSpin(_ number: Int32) {
        var room = Room(1)
        room.poll.failures = [Int32](repeating: number, count: 40)
        room.turn([.muted(true)])
        #expect(room.sources[0].commands == [.muted(true)])
        if number == EINTR {
            #expect(room.loop.counters.pollFailures == 0)
        } else {
            for _ in 0..<19 { room.turn() }
            #expect(room.loop.counters.pollFailures == 20)
            #expect(room.poll.pauses == 20 && room.poll.now == .zero + .seconds(2))
        }
        room.poll.failures = []
        room.sources[0].deadline = room.poll.now
        room.sources[0].work = { source, _, _ in source.deadline = nil }
        room.turn()
        #expect(room.sources[0].processed.count == 1)
    }

    @Test func theRealPollTellsReadableFromBroken() {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let calls = KernelPollCalls()
        var entries = [PolledDescriptor(ends[0]), PolledDescriptor(ends[1])]
        #expect(calls.poll(&entries, milliseconds: 0) == 0)
        #expect(!entries[0].isReadable && !entries[0].isBroken)
        var byte: UInt8 = 1
        #expect(write(ends[1], &byte, 1) == 1)
        #expect(calls.poll(&entries, milliseconds: -1) == 1)
        #expect(entries[0].isReadable && !entries[0].isBroken && !entries[1].isReadable)
        close(ends[1])
        entries = [PolledDescriptor(ends[0])]
        #expect(calls.poll(&entries, milliseconds: -1) == 1)
        #expect(entries[0].isReadable && entries[0].isBroken)
        close(ends[0])
    }
}
