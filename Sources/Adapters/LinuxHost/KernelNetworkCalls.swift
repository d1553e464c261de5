package import Basis
internal import CLinux
internal import Devices
internal import Glibc

/// The kernel: rtnetlink(7) announces, getifaddrs(3) tells.
package struct KernelNetworkCalls: NetworkCalls {
    /// What getifaddrs says in one line: an interface has several.
    package struct Entry {
        package var name: String
        /// IFF_… of linux/if.h.
        package var flags: UInt32
        package var address: IPAddress?

        package init(name: String, flags: UInt32, address: IPAddress? = nil) {
            self.name = name
            self.flags = flags
            self.address = address
        }
    }

    /// IFF_LOWER_UP: there is a carrier.
    private static let lowerUp: UInt32 = 1 << 16
    private static let loopback: UInt32 = 1 << 3

    private let root: String
    private let entries: (inout [Entry]) -> Int32

    /// - Parameters:
    ///   - root: where sysfs is mounted; another folder in tests.
    ///   - entries: lists the interfaces with their addresses; a negative errno for a failure.
    package init(root: String = "/sys", entries: ((inout [Entry]) -> Int32)? = nil) {
        self.root = root
        self.entries = entries ?? Self.kernelEntries
    }

    package func open() -> Int32 {
        vs_linux_route_socket()
    }

    package func close(_ socket: Int32) {
        _ = Glibc.close(socket)
    }

    package func receive(_ socket: Int32) -> Int32 {
        vs_linux_route_receive(socket)
    }

    package func interfaces(into list: inout [NetworkInterface]) -> Int32 {
        var found: [Entry] = []
        let status = entries(&found)
        guard status >= 0 else { return status }
        list = []
        for entry in found {
            if !list.contains(where: { $0.name == entry.name }) { list.append(interface(entry)) }
            guard let address = entry.address, let index = list.firstIndex(where: { $0.name == entry.name }) else {
                continue
            }
            list[index].addresses.append(address)
        }
        return 0
    }

    private func interface(_ entry: Entry) -> NetworkInterface {
        var interface = NetworkInterface(name: entry.name)
        interface.isLoopback = entry.flags & Self.loopback != 0
        interface.isHardware = access("\(root)/class/net/\(entry.name)/device", F_OK) == 0
        interface.hasCarrier = entry.flags & Self.lowerUp != 0
        return interface
    }

    private static func kernelEntries(_ found: inout [Entry]) -> Int32 {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return -errno }
        defer { freeifaddrs(first) }
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let name = entry.ifa_name else { continue }
            found.append(
                Entry(name: String(cString: name), flags: entry.ifa_flags, address: entry.ifa_addr.flatMap(address)))
        }
        return 0
    }

    private static func address(_ pointer: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET:
            pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                IPAddress.v4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
            }
        case AF_INET6:
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
            }
        default: nil
        }
    }
}
