import Basis
import Devices
import Glibc
import LinuxHost
import Synchronization
import Testing

@Suite struct ControlThreadTests {
    /// Gathers what the thread says, and lets the test wait for it.
    private final class Ear: Sendable {
        let events = Mutex<[ControlEvent]>([])
        let signal: EventSignal

        init() throws { signal = try EventSignal() }

        func hear(_ event: ControlEvent) {
            events.withLock { $0.append(event) }
            signal.wake()
        }

        /// Waits for an event without a time limit: a thread that fails to tell it makes the test hang, and fail so.
        func wait(for event: ControlEvent) {
            while !events.withLock({ $0.contains(event) }) { signal.wait() }
        }
    }

    /// Says of every command that it came, and reads one byte a time from a pipe as a button.
    private final class Panel: ControlSource {
        private var reading: Int32

        init(_ reading: Int32) {
            self.reading = reading
        }

        var descriptors: [Int32] { reading < 0 ? [] : [reading] }
        var deadline: MonotonicInstant? { nil }

        func process(at _: MonotonicInstant, emit: (ControlEvent) -> Void) {
            var byte: UInt8 = 0
            guard reading >= 0 else { return }
            if read(reading, &byte, 1) == 1 {
                emit(.press(button: .join(room: Int(byte)), .short))
            } else {
                emit(.deviceNote("gone"))
                close()
            }
        }

        func apply(_ command: ControlCommand, at _: MonotonicInstant, emit: (ControlEvent) -> Void) {
            emit(.deviceNote("\(command)"))
        }

        func rescan(after _: HotplugEvent, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

        func close() {
            if reading >= 0 { _ = Glibc.close(reading) }
            reading = -1
        }
    }

    @Test func devicesLiveOnTheirThread() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let ear = try Ear()
        let thread = try ControlThread {
            [Panel(reading)]
        } receive: {
            ear.hear($0)
        }
        var byte: UInt8 = 7
        #expect(write(writing, &byte, 1) == 1)
        ear.wait(for: .press(button: .join(room: 7), .short))
        thread.send(.muted(true))
        ear.wait(for: .deviceNote("\(ControlCommand.muted(true))"))
        close(writing)
        ear.wait(for: .deviceNote("gone"))
        thread.send(.inCall(true))
        ear.wait(for: .deviceNote("\(ControlCommand.inCall(true))"))
        thread.stop()
        thread.stop()
        #expect(thread.counters == ControlCounters())
    }

    /// Opens its device when it is first asked to do something, as buttons and keys do.
    private final class Late: ControlSource {
        let opens: EventSignal
        private var isOpen = false

        init(opens: EventSignal) {
            self.opens = opens
        }

        var descriptors: [Int32] { [] }
        var deadline: MonotonicInstant? { isOpen ? nil : .zero }
        func process(at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {
            if !isOpen { opens.wait() }
            isOpen = true
        }
        func apply(_: ControlCommand, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}
        func rescan(after _: HotplugEvent, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}
        func close() {}
    }

    @Test func isReadyWhenItsDevicesAreServed() throws {
        let opens = try EventSignal()
        let thread = try ControlThread {
            [Late(opens: opens)]
        } receive: { _ in
        }
        #expect(!thread.waitUntilReady(patience: .zero))
        opens.wake()
        #expect(thread.waitUntilReady(patience: .seconds(60)))
        thread.stop()
    }

    @Test func isReadyWithoutAnyDevice() throws {
        let thread = try ControlThread {
            []
        } receive: { _ in
        }
        #expect(thread.waitUntilReady(patience: .seconds(60)))
        thread.stop()
    }

    @Test func aThreadNobodyHoldsAnyMoreEnds() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let ear = try Ear()
        do {
            let thread = try ControlThread {
                [Panel(reading)]
            } receive: {
                ear.hear($0)
            }
            thread.send(.wakeTelevision)
        }
        // Its end of the pipe is closed: nobody reads any more.
        var entry = pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)
        #expect(poll(&entry, 1, 0) == 1 && Int32(entry.revents) & POLLERR != 0)
        close(writing)
    }
}
