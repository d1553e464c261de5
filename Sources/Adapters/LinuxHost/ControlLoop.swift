package import Basis
internal import CLinux
package import Devices
internal import Glibc

/// A descriptor to wait for, and what became of it.
package struct PolledDescriptor: Equatable, Sendable {
    package let descriptor: Int32
    /// POLLIN or POLLPRI.
    package var isReadable = false
    /// POLLERR, POLLHUP or POLLNVAL.
    package var isBroken = false

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }
}

/// The system calls of `ControlLoop`.
package protocol PollCalls {
    var now: MonotonicInstant { get }

    /// poll(2); a negative timeout waits for ever. Returns how many are ready, or a negative errno.
    func poll(_ entries: inout [PolledDescriptor], milliseconds: Int32) -> Int32

    /// Sleeps, when not even waiting works.
    func pause(until instant: MonotonicInstant)
}

/// The kernel.
package struct KernelPollCalls: PollCalls {
    private let pulse: ThreadPulse?

    /// - Parameter pulse: of the thread, which rests while it polls.
    package init(pulse: ThreadPulse? = nil) {
        self.pulse = pulse
    }

    package var now: MonotonicInstant { MonotonicClock.now }

    package func poll(_ entries: inout [PolledDescriptor], milliseconds: Int32) -> Int32 {
        var polled = entries.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN | POLLPRI), revents: 0) }
        let wait = { Glibc.poll(&polled, nfds_t(polled.count), milliseconds) < 0 ? -errno : Int32(0) }
        let failure = pulse?.rest(wait) ?? wait()
        guard failure == 0 else { return failure }
        let count = Int32(polled.count { $0.revents != 0 })
        for index in entries.indices {
            let events = Int32(polled[index].revents)
            entries[index].isReadable = events & (POLLIN | POLLPRI) != 0
            entries[index].isBroken = events & (POLLERR | POLLHUP | POLLNVAL) != 0
        }
        return count
    }

    package func pause(until instant: MonotonicInstant) {
        vs_linux_sleep_until(instant.nanoseconds)
    }
}

/// What a `ControlLoop` has met.
package struct ControlCounters: Equatable, Sendable {
    /// Times that poll failed.
    package var pollFailures = 0
    /// Times that a broken descriptor stayed with its source and was left out of the waiting for a while.
    package var brokenDescriptors = 0
    /// Times that a descriptor that was readable turn after turn, and never read, was left out so.
    package var unreadDescriptors = 0
    /// Times that a source wanted to be called again at once for nothing, and had to wait.
    package var hastyDeadlines = 0

    package init() {}
}

/// Waits for all controls of a room at once and serves them, one `turn` after the other.
///
/// Nothing that a source does makes it spin: a broken descriptor that its source keeps, one that it never reads, and a
/// deadline that stays in the past are looked at less and less often, down to once a second.
package struct ControlLoop<Calls: PollCalls> {
    private struct Served {
        let source: any ControlSource
        /// What is to be known of descriptors that were ready in the last turn that waited for them.
        var rests: [Int32: Rest] = [:]
        var deadlineRest = Rest()
    }

    /// Something that is not waited for before an instant, and longer each time.
    private struct Rest {
        /// Turns in a row.
        var streak = 0
        var until = MonotonicInstant(nanoseconds: .min)
        var length = Duration.zero

        mutating func extend(at now: MonotonicInstant) {
            length = min(max(length * 2, .milliseconds(10)), .seconds(1))
            until = now + length
        }
    }

    /// No device has more to read than this many turns in a row take.
    private static var longestStreak: Int { 1_000 }
    /// The pause after a poll that failed.
    private static var failurePause: Duration { .milliseconds(100) }

    package private(set) var counters = ControlCounters()

    private var served: [Served]
    private let calls: Calls
    private let receive: (ControlEvent) -> Void
    private var hotplugs: [HotplugEvent] = []

    /// - Parameter receive: told everything that the sources say.
    package init(sources: [any ControlSource], calls: Calls, receive: @escaping (ControlEvent) -> Void) {
        served = sources.map { Served(source: $0) }
        self.calls = calls
        self.receive = receive
    }

    /// Waits until something is ready or due, and sees to it.
    /// - Parameters:
    ///   - signal: also waited for; its owner clears it.
    ///   - takeCommands: called after the waiting, for what is to be done.
    ///   - state: what devices that came are to be told.
    package mutating func turn(
        waking signal: Int32, takeCommands: () -> [ControlCommand], state: () -> [ControlCommand]
    ) {
        let begin = calls.now
        var entries = [PolledDescriptor(signal)]
        var next = Soonest()
        for index in served.indices { addDescriptors(of: index, to: &entries, at: begin, &next) }
        wait(signal, &entries, until: next.instant, from: begin)

        apply(takeCommands())
        let now = calls.now
        let polled = entries.dropFirst()
        for index in served.indices { serve(index, polled, at: now) }
        spreadHotplugs(at: now, state)
    }

    /// Gives `commands` to every source.
    package mutating func apply(_ commands: [ControlCommand]) {
        let now = calls.now
        for command in commands {
            for index in served.indices {
                withEmit(index) { source, emit in source.apply(command, at: now, emit: emit) }
            }
        }
    }

    /// Lets all devices go.
    package mutating func close() {
        for one in served { one.source.close() }
        served = []
    }

    private func addDescriptors(
        of index: Int, to entries: inout [PolledDescriptor], at now: MonotonicInstant, _ next: inout Soonest
    ) {
        let one = served[index]
        for descriptor in one.source.descriptors where descriptor >= 0 {
            if let rest = one.rests[descriptor], rest.until > now {
                next.consider(rest.until, "a broken descriptor")
            } else {
                entries.append(PolledDescriptor(descriptor))
            }
        }
        if let deadline = one.source.deadline { next.consider(max(deadline, one.deadlineRest.until), "a source") }
    }

    private mutating func wait(
        _ signal: Int32, _ entries: inout [PolledDescriptor], until end: MonotonicInstant?,
        from begin: MonotonicInstant
    ) {
        let left = end.map { max(0, ($0 - begin).wholeNanoseconds) }
        // Rounded up: waking before the end would only mean to wait again. A minute at most, so that no mistake here
        // lets a device wait for ever.
        let milliseconds = min(left.map { $0 / 1_000_000 + ($0 % 1_000_000 == 0 ? 0 : 1) } ?? 60_000, 60_000)
        let status = calls.poll(&entries, milliseconds: Int32(milliseconds))
        guard status < 0, status != -EINTR else { return }
        counters.pollFailures &+= 1
        // ENOMEM, or more descriptors than this process may have: commands are still served meanwhile.
        entries = [PolledDescriptor(signal)]
        let pause = Self.failurePause
        let second = calls.poll(&entries, milliseconds: Int32(pause.wholeMilliseconds))
        if second < 0, second != -EINTR { calls.pause(until: calls.now + pause) }
    }

    private mutating func serve(
        _ index: Int, _ polled: some Sequence<PolledDescriptor>, at now: MonotonicInstant
    ) {
        let source = served[index].source
        let own = Set(source.descriptors)
        var ready: [PolledDescriptor] = []
        for entry in polled where own.contains(entry.descriptor) {
            if entry.isReadable || entry.isBroken {
                ready.append(entry)
            } else {
                served[index].rests[entry.descriptor] = nil
            }
        }
        let isDue = source.deadline.map { max($0, served[index].deadlineRest.until) <= now } ?? false
        guard isDue || !ready.isEmpty else { return }
        withEmit(index) { source, emit in source.process(at: now, emit: emit) }

        let kept = Set(source.descriptors)
        served[index].rests = served[index].rests.filter { kept.contains($0.key) }
        for entry in ready where kept.contains(entry.descriptor) {
            note(entry, of: index, at: now)
        }
        if isDue, let deadline = source.deadline, deadline <= now {
            counters.hastyDeadlines &+= 1
            served[index].deadlineRest.extend(at: now)
        } else if isDue {
            served[index].deadlineRest = Rest()
        }
    }

    /// Lets a descriptor rest that was ready, has been seen to, and cannot be left so.
    private mutating func note(_ entry: PolledDescriptor, of index: Int, at now: MonotonicInstant) {
        var rest = served[index].rests[entry.descriptor] ?? Rest()
        rest.streak += 1
        if entry.isBroken {
            counters.brokenDescriptors &+= 1
            rest.extend(at: now)
        } else if rest.streak > Self.longestStreak {
            counters.unreadDescriptors &+= 1
            rest.extend(at: now)
        }
        served[index].rests[entry.descriptor] = rest
    }

    /// Everybody looks for what came or went, and the room hears of it; then all show the present state again, those
    /// that have just come too.
    private mutating func spreadHotplugs(at now: MonotonicInstant, _ state: () -> [ControlCommand]) {
        guard !hotplugs.isEmpty else { return }
        let events = hotplugs
        hotplugs = []
        for event in events {
            for one in served { one.source.rescan(after: event, at: now, emit: receive) }
            receive(.hotplug(event))
        }
        apply(state())
    }

    /// Calls a source; hot-plug events are kept for `spreadHotplugs`, the rest is passed on.
    private mutating func withEmit(
        _ index: Int, _ body: (any ControlSource, (ControlEvent) -> Void) -> Void
    ) {
        var found: [HotplugEvent] = []
        body(served[index].source) { event in
            if case .hotplug(let hotplug) = event { found.append(hotplug) } else { receive(event) }
        }
        hotplugs += found
    }
}
