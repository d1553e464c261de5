import Basis
import Devices
import Glibc
import LinuxHost
import Testing

@Suite struct AddressMonitorTests {
    /// The kernel's socket; `script` holds what each receive gives, negative errnos among it.
    private final class FakeNews: AddressCalls {
        var script: [Int32] = []
        var opening: [Int32] = []
        var sockets: Set<Int32> = []
        var opened: Int32 = 0

        func open() -> Int32 {
            if !opening.isEmpty { return -opening.removeFirst() }
            opened += 1
            sockets.insert(opened)
            return opened
        }

        func close(_ socket: Int32) {
            #expect(sockets.remove(socket) != nil)
        }

        func receive(_ socket: Int32) -> Int32 {
            guard sockets.contains(socket) else { return -EBADF }
            return script.isEmpty ? -EAGAIN : script.removeFirst()
        }
    }

    private func process(_ monitor: AddressMonitor<FakeNews>, at milliseconds: Int) -> [ControlEvent] {
        var events: [ControlEvent] = []
        monitor.process(at: .zero + .milliseconds(milliseconds)) { events.append($0) }
        return events
    }

    @Test func manyNewsAreToldAsOneALittleLater() throws {
        let calls = FakeNews()
        let monitor = AddressMonitor(calls: calls)
        #expect(process(monitor, at: 0).isEmpty)
        #expect(monitor.descriptors == [1] && monitor.deadline == nil)
        calls.script = [1, 0, 1, -EINTR, 1]
        #expect(process(monitor, at: 1_000).isEmpty)
        calls.script = [1]
        #expect(process(monitor, at: 1_100).isEmpty)
        let due = try #require(monitor.deadline)
        #expect(due == .zero + .milliseconds(1_150))
        #expect(process(monitor, at: 1_150) == [.addressesChanged])
        #expect(process(monitor, at: 9_000).isEmpty)
        monitor.close()
        #expect(calls.sockets.isEmpty && monitor.descriptors.isEmpty && monitor.deadline == nil)
    }

    @Test func whatIsNoNewsIsNotTold() {
        let calls = FakeNews()
        let monitor = AddressMonitor(calls: calls)
        calls.script = [0, 0, 0]
        #expect(process(monitor, at: 0).isEmpty)
        #expect(monitor.deadline == nil)
    }

    @Test func lostNewsCountAsNews() {
        let calls = FakeNews()
        let monitor = AddressMonitor(calls: calls)
        calls.script = [-ENOBUFS]
        #expect(process(monitor, at: 0).isEmpty)
        #expect(process(monitor, at: 200) == [.addressesChanged])
    }

    @Test func aBrokenSocketIsMadeAnewAndWhatWasMissedIsTold() {
        let calls = FakeNews()
        let monitor = AddressMonitor(calls: calls)
        calls.script = [-EIO]
        let events = process(monitor, at: 0)
        #expect(events.count == 1 && calls.sockets.isEmpty)
        calls.opening = [ENFILE]
        #expect(process(monitor, at: 500).isEmpty)
        #expect(process(monitor, at: 1_000).count == 1)
        #expect(process(monitor, at: 3_000) == [.addressesChanged])
        #expect(monitor.descriptors == [2])
    }

    /// The kernel's own socket opens without privileges and says nothing by itself.
    @Test func theKernelHasSuchASocket() {
        let calls = KernelAddressCalls()
        let socket = calls.open()
        guard socket >= 0 else { return #expect(-socket == EPERM || -socket == EAFNOSUPPORT) }
        let result = calls.receive(socket)
        #expect(result == -EAGAIN || result >= 0)
        calls.close(socket)
    }
}
