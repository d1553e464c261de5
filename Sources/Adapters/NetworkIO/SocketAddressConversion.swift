import Basis
import Glibc
import NIOCore

/// The kernel's sockaddr_in and sockaddr_in6 as ip(7) and ipv6(7) lay them out: family in host order at 0, port at 2,
/// an IPv4 address at 4, an IPv6 address at 8; 16 and 28 bytes long.
///
/// Read and written as bytes, for the members of these structs belong to whichever module included their header first.
extension TransportAddress {
    private static let lengthV4 = 16
    private static let lengthV6 = 28

    /// Nil for anything but IPv4 and IPv6. An IPv4-mapped IPv6 address counts as the IPv4 address.
    init?(kernel bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.lengthV4 else { return nil }
        let port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        switch CInt(bytes.loadUnaligned(as: UInt16.self)) {
        case AF_INET:
            self.init(.v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))), port: port)
        case AF_INET6 where bytes.count >= Self.lengthV6:
            let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            if high == 0, low >> 32 == 0xFFFF {
                self.init(.v4(UInt32(truncatingIfNeeded: low)), port: port)
            } else {
                self.init(.v6(high: high, low: low), port: port)
            }
        default:
            return nil
        }
    }

    init?(_ socketAddress: SocketAddress) {
        let converted = socketAddress.withSockAddr { pointer, length in
            TransportAddress(kernel: UnsafeRawBufferPointer(start: pointer, count: length))
        }
        guard let converted else { return nil }
        self = converted
    }

    /// Calls `body` with the address as the kernel wants it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // Twenty-eight bytes, aligned for either struct.
        var storage: (UInt64, UInt64, UInt64, UInt32) = (0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            let length: Int
            switch address {
            case .v4(let value):
                bytes.storeBytes(of: UInt16(AF_INET), as: UInt16.self)
                bytes.storeBytes(of: value.bigEndian, toByteOffset: 4, as: UInt32.self)
                length = Self.lengthV4
            case .v6(let high, let low):
                bytes.storeBytes(of: UInt16(AF_INET6), as: UInt16.self)
                bytes.storeBytes(of: high.bigEndian, toByteOffset: 8, as: UInt64.self)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt64.self)
                length = Self.lengthV6
            }
            return bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                guard let base = rebound.baseAddress else { preconditionFailure("a tuple has an address") }
                return body(base, socklen_t(length))
            }
        }
    }

    /// The address in NIO's form.
    func socketAddress() throws -> SocketAddress {
        try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: Int(port))
    }
}
