import Basis
import Devices
import Glibc
import LinuxHost
import TemporaryFiles
import Testing

@Suite struct NetworkStateTests {
    private func interface(
        _ name: String, hardware: Bool = true, carrier: Bool = true, _ addresses: String...
    ) -> NetworkInterface {
        var interface = NetworkInterface(name: name)
        interface.isHardware = hardware
        interface.hasCarrier = carrier
        interface.addresses = addresses.compactMap { IPAddress($0) }
        return interface
    }

    @Test func aCableAndAnAddressAreAConnection() {
        let state = NetworkState([interface("eth0", "fe80::1", "192.0.2.7")])
        #expect(state.hasCarrier && state.address == IPAddress("192.0.2.7"))
        #expect(state.addresses == [IPAddress("fe80::1"), IPAddress("192.0.2.7")])
        #expect(NetworkState([interface("eth0", "fe80::1", "169.254.3.4")]).address == nil)
        // Addresses stay for a while where the cable was.
        #expect(NetworkState([interface("eth0", carrier: false, "192.0.2.7")]) == NetworkState(hasCarrier: false))
        #expect(NetworkState([]) == NetworkState(hasCarrier: false))
    }

    @Test func loopbackIsNoConnection() {
        var loopback = interface("lo", hardware: false, "127.0.0.1", "::1", "192.0.2.1")
        loopback.isLoopback = true
        #expect(NetworkState([loopback]) == NetworkState(hasCarrier: false))
    }

    @Test func whatProgramsMadeIsNoCable() {
        let bridge = interface("docker0", hardware: false, "172.17.0.1")
        #expect(!NetworkState([bridge, interface("eth0", carrier: false)]).hasCarrier)
        // In a container there is nothing else.
        #expect(NetworkState([interface("eth0", hardware: false, "172.17.0.2")]).hasCarrier)
        // The address of the device comes first; one of a bridge over it is as good.
        let both = NetworkState([bridge, interface("eth0", "192.0.2.7")])
        #expect(both.address == IPAddress("192.0.2.7"))
        #expect(NetworkState([interface("eth0"), interface("br0", hardware: false, "192.0.2.9")]).address != nil)
    }
}

@Suite struct NetworkMonitorTests {
    private final class FakeNetwork: NetworkCalls {
        var opening: Int32?
        var looking: Int32?
        /// What each receive gives; then there is nothing more.
        var announcements: [Int32] = []
        var list: [NetworkInterface] = []
        var sockets: Set<Int32> = []
        var opened: Int32 = 0
        var looks = 0

        func open() -> Int32 {
            if let opening { return -opening }
            opened += 1
            sockets.insert(opened)
            return opened
        }

        func close(_ socket: Int32) {
            #expect(sockets.remove(socket) != nil)
        }

        func receive(_ socket: Int32) -> Int32 {
            guard sockets.contains(socket) else { return -EBADF }
            return announcements.isEmpty ? -EAGAIN : announcements.removeFirst()
        }

        func interfaces(into list: inout [NetworkInterface]) -> Int32 {
            looks += 1
            if let looking { return -looking }
            list = self.list
            return 0
        }

        func plug(_ isPlugged: Bool, address: String? = nil) {
            var interface = NetworkInterface(name: "eth0")
            interface.isHardware = true
            interface.hasCarrier = isPlugged
            interface.addresses = address.flatMap { IPAddress($0) }.map { [$0] } ?? []
            list = [interface]
        }
    }

    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    private func told(_ monitor: NetworkMonitor<FakeNetwork>, at now: MonotonicInstant) -> [ControlEvent] {
        var events: [ControlEvent] = []
        monitor.process(at: now) { events.append($0) }
        return events
    }

    private func plugged(_ text: String? = nil) -> ControlEvent {
        let address = text.flatMap { IPAddress($0) }
        return .network(NetworkState(hasCarrier: true, address: address, addresses: address.map { [$0] } ?? []))
    }

    @Test func changesAreToldOnceALittleLater() {
        let calls = FakeNetwork()
        let monitor = NetworkMonitor(calls: calls)
        #expect(monitor.deadline == .zero)
        calls.plug(false)
        #expect(told(monitor, at: .zero) == [.network(NetworkState(hasCarrier: false))])
        #expect(monitor.descriptors == [1] && monitor.deadline == second(20))
        calls.plug(true)
        calls.announcements = [64, 64, -EINTR, 64]
        #expect(told(monitor, at: second(1)).isEmpty)
        #expect(calls.announcements.isEmpty)
        // What comes meanwhile puts nothing off.
        calls.announcements = [64]
        #expect(told(monitor, at: second(1) + .milliseconds(100)).isEmpty)
        #expect(monitor.deadline == second(1) + .milliseconds(150))
        #expect(told(monitor, at: second(1) + .milliseconds(150)) == [plugged()])
        calls.announcements = [64]
        #expect(told(monitor, at: second(2)).isEmpty && told(monitor, at: second(3)).isEmpty)
        calls.plug(true, address: "192.0.2.7")
        calls.announcements = [-ENOBUFS]
        #expect(told(monitor, at: second(4)).isEmpty)
        #expect(told(monitor, at: second(5)) == [plugged("192.0.2.7")])
        // A lease renewed.
        calls.plug(true)
        calls.announcements = [64]
        #expect(told(monitor, at: second(6)).isEmpty)
        calls.plug(true, address: "192.0.2.7")
        calls.announcements = [64]
        #expect(told(monitor, at: second(6) + .milliseconds(20)).isEmpty && told(monitor, at: second(7)).isEmpty)
        monitor.close()
        #expect(calls.sockets.isEmpty && monitor.descriptors.isEmpty && monitor.deadline == nil)
        #expect(told(monitor, at: second(8)).isEmpty && calls.sockets.isEmpty)
    }

    @Test(arguments: [EACCES, EMFILE, ENFILE, ENOMEM, EAFNOSUPPORT, EPROTONOSUPPORT, ENOBUFS])
    func withoutAnnouncementsItLooksNowAndThen(number: Int32) {
        let calls = FakeNetwork()
        calls.opening = number
        calls.plug(true)
        let monitor = NetworkMonitor(calls: calls)
        let first = told(monitor, at: .zero)
        #expect(first.count == 2 && first.last == .network(NetworkState(hasCarrier: true)))
        #expect(monitor.deadline == second(2) && monitor.descriptors.isEmpty)
        calls.plug(false)
        #expect(told(monitor, at: second(2)) == [.network(NetworkState(hasCarrier: false))], "noted once")
        calls.opening = nil
        #expect(told(monitor, at: second(4)).isEmpty)
        #expect(monitor.descriptors == [1] && monitor.deadline == second(24))
    }

    @Test(arguments: [EIO, ENOMEM, EBADF, ENOTCONN, EINVAL, 0])
    func aBrokenSocketIsMadeAnew(number: Int32) {
        let calls = FakeNetwork()
        let monitor = NetworkMonitor(calls: calls)
        _ = told(monitor, at: .zero)
        calls.announcements = [-number]
        let events = told(monitor, at: second(1))
        #expect(events.count == 1 && calls.sockets.isEmpty && monitor.descriptors.isEmpty)
        guard case .deviceNote = events.first else { return #expect(Bool(false), "\(events)") }
        #expect(monitor.deadline == second(3))
        #expect(told(monitor, at: second(3)).isEmpty)
        #expect(monitor.descriptors == [2])
    }

    @Test(arguments: [EMFILE, ENOMEM, EACCES, ENOBUFS])
    func aKernelThatDoesNotTellChangesNothing(number: Int32) {
        let calls = FakeNetwork()
        calls.plug(true)
        let monitor = NetworkMonitor(calls: calls)
        _ = told(monitor, at: .zero)
        calls.looking = number
        let events = told(monitor, at: second(20))
        #expect(events.count == 1)
        guard case .deviceNote = events.first else { return #expect(Bool(false), "\(events)") }
        #expect(told(monitor, at: second(40)).isEmpty, "noted once")
        calls.looking = nil
        #expect(told(monitor, at: second(60)).isEmpty, "as it was")
    }

    @Test func aFloodOfAnnouncementsIsTakenInTurns() {
        let calls = FakeNetwork()
        calls.announcements = Array(repeating: 64, count: 1_000)
        let monitor = NetworkMonitor(calls: calls)
        _ = told(monitor, at: .zero)
        #expect(calls.announcements.count > 800 && calls.looks == 1)
    }
}

@Suite struct KernelNetworkCallsTests {
    private static let carrier: UInt32 = 0x1_0000
    private static let loopback: UInt32 = 0x8

    @Test func interfacesAreGatheredFromTheirEntries() {
        let root = TemporaryFolder()
        let folders = ["/class", "/class/net", "/class/net/eth0", "/class/net/eth0/device", "/class/net/br0"]
        for folder in folders { mkdir(root.path + folder, 0o755) }
        let calls = KernelNetworkCalls(root: root.path) { entries in
            entries = [
                .init(name: "lo", flags: Self.loopback | Self.carrier), .init(name: "eth0", flags: Self.carrier),
                .init(name: "br0", flags: 1), .init(name: "lo", flags: Self.loopback, address: .v4(0x7F00_0001)),
                .init(name: "eth0", flags: Self.carrier, address: .v4(0xC000_0207)),
                .init(name: "eth0", flags: Self.carrier, address: IPAddress("2001:db8::7")),
            ]
            return 0
        }
        var list: [NetworkInterface] = []
        #expect(calls.interfaces(into: &list) == 0)
        #expect(list.map(\.name) == ["lo", "eth0", "br0"])
        #expect(list[0].isLoopback && !list[0].isHardware && list[0].addresses == [.v4(0x7F00_0001)])
        #expect(list[1].isHardware && list[1].hasCarrier && !list[1].isLoopback && list[1].addresses.count == 2)
        #expect(!list[2].isHardware && !list[2].hasCarrier && list[2].addresses.isEmpty)
        for folder in folders.reversed() { rmdir(root.path + folder) }
    }

    @Test(arguments: [EMFILE, ENOMEM, EACCES])
    func aFailureIsPassedOn(number: Int32) {
        var list = [NetworkInterface(name: "kept")]
        #expect(KernelNetworkCalls(root: "/none") { _ in -number }.interfaces(into: &list) == -number)
        #expect(list.map(\.name) == ["kept"])
    }

    @Test func thisMachineAnswers() {
        let calls = KernelNetworkCalls()
        let socket = calls.open()
        #expect(socket >= 0)
        #expect(calls.receive(socket) == -EAGAIN)
        calls.close(socket)
        var list: [NetworkInterface] = []
        #expect(calls.interfaces(into: &list) == 0)
        #expect(list.contains { $0.isLoopback })
    }
}

@Suite struct WallClockTests {
    @Test func anInstantIsATimeOfTheZone() throws {
        // 2026-06-01 12:00 UTC.
        let time = try #require(WallClock.civil(1_780_315_200))
        let minutes = time.hour * 60 + time.minute - time.offset / 60
        #expect((minutes + 2_880) % 1_440 == 720)
        #expect(time.year == 2026 && (time.month == 6 || time.month == 5))
    }
}

@Suite struct TimeZoneDatabaseTests {
    @Test func zonesAreFoundByTheirNames() throws {
        let folder = TemporaryFolder()
        for (name, text) in [("UTC", "TZif2..."), ("tzdata.zi", "# version"), ("short", "TZ")] {
            let file = try #require(fopen("\(folder.path)/\(name)", "w"))
            fputs(text, file)
            fclose(file)
        }
        let zones = TimeZoneDatabase(folder: folder.path)
        #expect(zones.isInstalled && zones.contains("UTC"))
        #expect(zones.file("UTC") == Array("TZif2...".utf8))
        for name in ["Europe/Pari", "", "/UTC", "../UTC", "UTC/", ".", "tzdata.zi", "short", "a//b", "UT C"] {
            #expect(!zones.contains(name), "\(name)")
        }
        #expect(!TimeZoneDatabase(folder: folder.path + "/none").isInstalled)
    }
}
