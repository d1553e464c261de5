import Devices
import Glibc
import LinuxHost
import Synchronization
import TemporaryFiles
import Testing

@Suite struct SystemNotifyTests {
    private final class FakeManager: NotifyCalls {
        struct State {
            var heard: [String] = []
            var paths: [[UInt8]] = []
            var failures: [Int32] = []
            var calls = 0
        }

        let state = Mutex(State())

        func send(_ bytes: [UInt8], to path: [UInt8]) -> Int32 {
            state.withLock {
                $0.calls += 1
                if !$0.failures.isEmpty { return -$0.failures.removeFirst() }
                $0.heard.append(String(decoding: bytes, as: UTF8.self))
                $0.paths.append(path)
                return 0
            }
        }
    }

    private func notify(_ environment: [String: String], _ manager: FakeManager) -> SystemNotify<FakeManager> {
        SystemNotify(environment: { environment[$0] }, process: 42, calls: manager)
    }

    @Test func theManagerIsToldHowWeAre() throws {
        let manager = FakeManager()
        let notify = notify(["NOTIFY_SOCKET": "/run/notify"], manager)
        try notify.ready(status: "Prêt")
        try notify.status("two\nlines")
        try notify.watchdog()
        try notify.stopping()
        #expect(
            manager.state.withLock { $0.heard } == [
                "READY=1\nSTATUS=Prêt", "STATUS=two lines", "WATCHDOG=1", "STOPPING=1",
            ])
        #expect(manager.state.withLock { $0.paths.allSatisfy { $0 == Array("/run/notify".utf8) } })
    }

    @Test func withoutAManagerNothingIsSent() throws {
        for environment in [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "@"], ["NOTIFY_SOCKET": "vsock:2:1234"]] {
            let manager = FakeManager()
            let notify = notify(environment.merging(["WATCHDOG_USEC": "1000"]) { $1 }, manager)
            try notify.ready(status: "")
            try notify.watchdog()
            #expect(!notify.isListenedTo && notify.watchdogInterval == nil)
            #expect(manager.state.withLock { $0.calls } == 0)
        }
    }

    @Test func theWatchdogIsForTheProcessItNames() {
        let socket = ["NOTIFY_SOCKET": "@x"]
        func interval(_ more: [String: String]) -> Duration? {
            notify(socket.merging(more) { $1 }, FakeManager()).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "20000000"]) == .seconds(20))
        #expect(interval(["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "42"]) == .seconds(20))
        #expect(interval(["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "43"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "-5"]) == nil)
        #expect(interval([:]) == nil)
    }

    @Test func aFailureIsToldAndASignalIsNotOne() throws {
        let manager = FakeManager()
        let notify = notify(["NOTIFY_SOCKET": "@x"], manager)
        manager.state.withLock { $0.failures = [EINTR, EINTR] }
        try notify.watchdog()
        for number in [ECONNREFUSED, ENOENT, EAGAIN, EACCES] {
            manager.state.withLock { $0.failures = [number] }
            #expect(throws: DeviceError("notify", device: "NOTIFY_SOCKET", errno: number)) { try notify.watchdog() }
        }
        manager.state.withLock {
            $0.failures = [Int32](repeating: EINTR, count: 100)
            $0.calls = 0
        }
        #expect(throws: DeviceError.self) { try notify.watchdog() }
        #expect(manager.state.withLock { $0.calls } == 4)
        #expect(manager.state.withLock { $0.paths.first?.first } == 0)
    }

    /// A real datagram, to a socket in the abstract namespace and to one on disk.
    @Test(arguments: [true, false]) func aDatagramArrives(isAbstract: Bool) throws {
        let folder = TemporaryFolder()
        let name = isAbstract ? "@visiosalle-test-\(getpid())" : folder.path + "/notify"
        var bytes = Array(name.utf8)
        if isAbstract { bytes[0] = 0 }
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        #expect(socket >= 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // sun_family takes two bytes; a name on disk ends with a zero.
        let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
        }
        #expect(bound == 0)
        let notify = SystemNotify(
            environment: { $0 == "NOTIFY_SOCKET" ? name : nil }, process: 1, calls: KernelNotifyCalls())
        try notify.stopping()
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "STOPPING=1")

        let nobody = SystemNotify(
            environment: { $0 == "NOTIFY_SOCKET" ? folder.path + "/nobody" : nil }, process: 1,
            calls: KernelNotifyCalls())
        #expect(throws: DeviceError("notify", device: "NOTIFY_SOCKET", errno: ENOENT)) { try nobody.watchdog() }
        let long = SystemNotify(
            environment: { $0 == "NOTIFY_SOCKET" ? "/" + String(repeating: "x", count: 200) : nil }, process: 1,
            calls: KernelNotifyCalls())
        #expect(throws: DeviceError("notify", device: "NOTIFY_SOCKET", errno: EINVAL)) { try long.watchdog() }
    }
}
