/// An IPv4 or IPv6 address (without zone).
package enum IPAddress: Hashable, Sendable {
    /// In host order: 192.0.2.1 is 0xC0000201.
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// Reads dotted-quad IPv4 and RFC 4291 section 2.2 IPv6 text (no zone); nil for anything else, names included.
    package init?(_ text: String) {
        guard text.utf8.count <= 45 else { return nil }
        if let v4 = Self.parseV4(text) {
            self = .v4(v4)
        } else if let words = Self.parseV6(text) {
            var halves: [UInt64] = [0, 0]
            for (index, word) in words.enumerated() { halves[index / 4] = halves[index / 4] << 16 | UInt64(word) }
            self = .v6(high: halves[0], low: halves[1])
        } else {
            return nil
        }
    }

    /// Reads 4 or 16 network-order bytes.
    package init?(bytes: [UInt8]) {
        let span = bytes.span
        switch bytes.count {
        case 4:
            guard let value = span.uint32(at: 0) else { return nil }
            self = .v4(value)
        case 16:
            guard let high = span.uint64(at: 0), let low = span.uint64(at: 8) else { return nil }
            self = .v6(high: high, low: low)
        default:
            return nil
        }
    }

    /// 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        switch self {
        case .v4(let value): output.append(uint32: value)
        case .v6(let high, let low):
            output.append(uint64: high)
            output.append(uint64: low)
        }
        return output
    }

    /// Whether it is an IPv6 address, IPv4-mapped ones included.
    package var isV6: Bool {
        if case .v6 = self { true } else { false }
    }

    /// Whether it lies in 127.0.0.0/8 or is ::1.
    package var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// 169.254/16 and fe80::/10: meaningless beyond one link.
    package var isLinkLocal: Bool {
        switch self {
        case .v4(let value): value >> 16 == 0xA9FE
        case .v6(let high, _): high >> 54 == 0xFE80 >> 6
        }
    }

    private static func parseV4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    private static func parseV6(_ text: String) -> [UInt16]? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.contains(":"), halves.count <= 2 else { return nil }
        var sides: [[UInt16]] = []
        for (index, half) in halves.enumerated() {
            guard let words = parseV6Words(String(half), isLast: index == halves.count - 1) else { return nil }
            sides.append(words)
        }
        if sides.count == 1 { return sides[0].count == 8 ? sides[0] : nil }
        let present = sides[0].count + sides[1].count
        guard present <= 7 else { return nil }
        return sides[0] + [UInt16](repeating: 0, count: 8 - present) + sides[1]
    }

    private static func parseV6Words(_ text: String, isLast: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        var words: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.contains(".") {
                guard let v4 = parseV4(String(part)) else { return nil }
                words.append(UInt16(v4 >> 16))
                words.append(UInt16(truncatingIfNeeded: v4))
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ Hexadecimal.isDigit($0) }),
                let word = UInt16(part, radix: 16)
            else { return nil }
            words.append(word)
        }
        return words.count <= 8 ? words : nil
    }
}

extension Hexadecimal {
    /// Whether an ASCII byte is a hexadecimal digit.
    package static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or RFC 5952 canonical IPv6.
    package var description: String {
        switch self {
        case .v4(let value):
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        case .v6(let high, let low):
            let words = (0..<8).map { index in
                UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
            }
            var best = 0..<0
            var start = 0
            while start < 8 {
                var end = start
                while end < 8, words[end] == 0 { end += 1 }
                if end - start > max(1, best.count) { best = start..<end }
                start = max(end, start + 1)
            }
            let text = { (range: Range<Int>) in words[range].map { String($0, radix: 16) }.joined(separator: ":") }
            if best.isEmpty { return text(0..<8) }
            return text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
        }
    }
}

/// An address and a port, as a UDP socket has one at each end.
package struct TransportAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host's part.
    package var address: IPAddress
    /// In host byte order.
    package var port: UInt16

    package init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    package var description: String {
        address.isV6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

/// The way of a datagram: our socket's bound address and the peer's address.
package struct DatagramPath: Hashable, Sendable, CustomStringConvertible {
    /// The address of our socket.
    package var local: TransportAddress
    /// The address of the peer.
    package var remote: TransportAddress

    package init(local: TransportAddress, remote: TransportAddress) {
        self.local = local
        self.remote = remote
    }

    package var description: String { "\(local)→\(remote)" }
}
