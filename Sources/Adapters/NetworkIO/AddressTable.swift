import Basis
import Glibc

/// What the kernel knows of the host's IPv6 addresses beyond their value: `/proc/net/if_inet6`, one a line, as 32 digits,
/// interface number, prefix length, scope, flags and interface name.
struct AddressTable {
    private struct Entry {
        let address: IPAddress
        let interface: Substring
        let flags: UInt32

        /// linux/if_addr.h.
        var isTemporary: Bool { flags & 0x01 != 0 }
        /// Duplicate address detection failed (0x08) or is not over (0x40), or the address is only kept for connections
        /// that have it already (0x20).
        var isUnusable: Bool { flags & 0x68 != 0 }
    }

    /// Addresses that nothing new should use.
    private(set) var avoided: Set<IPAddress> = []

    init(_ text: String) {
        let entries = text.split(separator: "\n").prefix(1_024).compactMap(Self.entry)
        // Temporary addresses (RFC 8981) hide who browses; they are replaced every day, also in the middle of a meeting. A
        // box that has a lasting one uses that.
        let lasting = Set(
            entries.filter { !$0.isTemporary && !$0.isUnusable && !$0.address.isLinkLocal }.map(\.interface))
        for entry in entries where entry.isUnusable || entry.isTemporary && lasting.contains(entry.interface) {
            avoided.insert(entry.address)
        }
    }

    /// As of now; of a kernel without IPv6 nothing is avoided.
    static func current() -> AddressTable {
        guard let file = fopen("/proc/net/if_inet6", "re") else { return AddressTable("") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        return AddressTable(String(decoding: bytes.prefix(count), as: UTF8.self))
    }

    private static func entry(_ line: Substring) -> Entry? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count == 6, fields[0].utf8.count == 32, let high = UInt64(fields[0].prefix(16), radix: 16),
            let low = UInt64(fields[0].suffix(16), radix: 16), let flags = UInt32(fields[4], radix: 16)
        else { return nil }
        return Entry(address: .v6(high: high, low: low), interface: fields[5], flags: flags)
    }
}
