internal import Basis

/// A file of the tz database (RFC 8536, tzfile(5)).
struct ZoneFile: Sendable {
    private static let mostTransitions = 5_000

    private var transitions: [(at: Int64, offset: Int)] = []
    private var first = 0
    /// What holds after the last transition.
    private var rule: PosixZoneRule?

    init?(_ bytes: [UInt8]) {
        guard let old = Header(bytes, at: 0) else { return nil }
        if old.version == 0 {
            guard readBlock(bytes, at: Header.size, old, wide: false) != nil else { return nil }
            return
        }
        // The first block is for readers of 32 bits alone.
        let start = Header.size + old.blockSize(timeSize: 4)
        guard let header = Header(bytes, at: start),
            let end = readBlock(bytes, at: start + Header.size, header, wide: true)
        else { return nil }
        // The footer: a line feed, the rule as in the variable TZ, a line feed.
        guard bytes.span.uint8(at: end) == UInt8(ascii: "\n") else { return nil }
        let footer = bytes[(end + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        guard footer.count <= 200 else { return nil }
        rule = PosixZoneRule(Array(footer))
        guard rule != nil || footer.isEmpty else { return nil }
    }

    func offset(at instant: Int64) -> Int {
        guard let last = transitions.last, instant < last.at else {
            return rule?.offset(at: instant) ?? transitions.last?.offset ?? first
        }
        // The last transition at or before the instant, by halves.
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : transitions[low - 1].offset
    }

    private struct Header {
        static let size = 44
        var version: UInt8
        var (utcCount, standardCount, leapCount, timeCount, typeCount, charCount) = (0, 0, 0, 0, 0, 0)

        init?(_ bytes: [UInt8], at start: Int) {
            guard bytes.span.holds(Self.size, at: start), bytes.span.uint32(at: start) == 0x545A_6966,
                let version = bytes.span.uint8(at: start + 4)
            else { return nil }
            self.version = version
            var counts: [Int] = []
            for index in 0..<6 {
                guard let count = bytes.span.uint32(at: start + 20 + 4 * index), count <= ZoneFile.mostTransitions
                else {
                    return nil
                }
                counts.append(Int(count))
            }
            (utcCount, standardCount, leapCount) = (counts[0], counts[1], counts[2])
            (timeCount, typeCount, charCount) = (counts[3], counts[4], counts[5])
            guard (1...256).contains(typeCount) else { return nil }
        }

        func blockSize(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + charCount + leapCount * (timeSize + 4) + standardCount
                + utcCount
        }
    }

    /// Reads the transitions; the place after the block.
    private mutating func readBlock(_ bytes: [UInt8], at start: Int, _ header: Header, wide: Bool) -> Int? {
        let size = wide ? 8 : 4
        let length = header.blockSize(timeSize: size)
        guard bytes.span.holds(length, at: start) else { return nil }
        let types = start + header.timeCount * size
        let offsets = types + header.timeCount
        func offset(ofType type: Int) -> Int? {
            guard type < header.typeCount, let raw = bytes.span.uint32(at: offsets + 6 * type) else { return nil }
            let offset = Int(Int32(bitPattern: raw))
            // RFC 8536 section 3.2: between −25 and 26 hours.
            return (-90_000...93_600).contains(offset) ? offset : nil
        }
        guard let initial = offset(ofType: 0) else { return nil }
        first = initial
        for index in 0..<header.timeCount {
            let place = start + index * size
            guard let type = bytes.span.uint8(at: types + index), let offset = offset(ofType: Int(type)),
                let at = wide
                    ? bytes.span.uint64(at: place).map({ Int64(bitPattern: $0) })
                    : bytes.span.uint32(at: place).map({ Int64(Int32(bitPattern: $0)) }),
                transitions.last.map({ $0.at < at }) ?? true
            else { return nil }
            transitions.append((at, offset))
        }
        return start + length
    }
}

extension CalendarZone {
    /// The zone of a file of the tz database; nil for anything else.
    package init?(file bytes: [UInt8]) {
        guard let file = ZoneFile(bytes) else { return nil }
        self.init { file.offset(at: $0) }
    }
}
