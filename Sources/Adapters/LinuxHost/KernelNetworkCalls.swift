package import Basis
internal import CLinux
internal import Devices
internal import Glibc

/// The kernel: rtnetlink(7) announces, sysfs and getifaddrs(3) tell.
package struct KernelNetworkCalls: NetworkCalls {
    /// ARPHRD_LOOPBACK of linux/if_arp.h.
    private static let loopbackType = "772"

    private let root: String
    private let addresses: (inout [String: [IPAddress]]) -> Int32

    /// - Parameters:
    ///   - root: where sysfs is mounted; another folder in tests.
    ///   - addresses: finds the addresses by the names of their interfaces; a negative errno for a failure.
    package init(root: String = "/sys", addresses: ((inout [String: [IPAddress]]) -> Int32)? = nil) {
        self.root = root
        self.addresses = addresses ?? Self.kernelAddresses
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
        var found: [String: [IPAddress]] = [:]
        let status = addresses(&found)
        guard status >= 0 else { return status }
        list = Folder.entries("\(root)/class/net").compactMap { name in
            let folder = "\(root)/class/net/\(name)"
            guard let type = line("\(folder)/type") else { return nil }
            var interface = NetworkInterface(name: name)
            interface.isLoopback = type == Self.loopbackType
            interface.isHardware = access("\(folder)/device", F_OK) == 0
            // Reading fails with EINVAL while the interface is down: nothing is connected then either.
            interface.hasCarrier = line("\(folder)/carrier") == "1"
            interface.addresses = found[name] ?? []
            return interface
        }
        return 0
    }

    private func line(_ path: String) -> String? {
        guard let text = try? TextFile.read(path, limit: 256) else { return nil }
        return String(text.prefix { !$0.isNewline })
    }

    private static func kernelAddresses(_ found: inout [String: [IPAddress]]) -> Int32 {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return -errno }
        defer { freeifaddrs(first) }
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let name = entry.ifa_name, let bytes = entry.ifa_addr, let address = address(bytes) else { continue }
            found[String(cString: name), default: []].append(address)
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
