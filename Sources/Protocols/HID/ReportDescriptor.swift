/// What a control or a value means: usage page and id of the USB HID Usage Tables.
package struct HIDUsage: Hashable, Sendable {
    /// The usage page (HID Usage Tables section 3), for instance 0x0B for telephony.
    package var page: UInt16
    /// The usage within the page.
    package var id: UInt16

    package init(page: UInt16, id: UInt16) {
        self.page = page
        self.id = id
    }
}

/// A run of usages of one page, as arrays of keys declare them.
package struct HIDUsageRange: Equatable, Sendable {
    /// The usage page of all of them.
    package var page: UInt16
    /// The lowest usage id.
    package var first: UInt16
    /// The highest usage id, included.
    package var last: UInt16

    /// The usage at `index`; nil beyond the end.
    package func usage(at index: UInt32) -> HIDUsage? {
        index < count ? HIDUsage(page: page, id: first &+ UInt16(truncatingIfNeeded: index)) : nil
    }

    /// How many usages there are; none when the range is the wrong way round.
    package var count: UInt32 { last < first ? 0 : UInt32(last - first) + 1 }
}

/// One value, or one array of pressed keys, inside a report.
package struct HIDField: Equatable, Sendable {
    /// Which kind of report a field belongs to, seen from the host (HID 1.11 section 6.2.2.4).
    package enum Direction: Equatable, Sendable { case input, output, feature }

    /// Which kind of report it belongs to.
    package var direction: Direction
    /// 0 when the device numbers no reports.
    package var reportID: UInt8
    /// Counted from the first bit after the report id.
    package var bitOffset: Int
    /// Of one element, 1…32.
    package var bitSize: Int
    /// Elements: 1 for a variable, the places for keys pressed at once for an array.
    package var count: Int
    /// For a variable one usage, for an array those that its values choose from.
    package var usages: [HIDUsageRange]
    /// Whether its elements name the usages that are on, rather than being one for each usage (HID 1.11 section
    /// 6.2.2.5).
    package var isArray: Bool
    /// The value is a change, not a state (6.2.2.5).
    package var isRelative: Bool
    /// Declared constant. Some telephones declare their hook switch so and change it nevertheless.
    package var isConstant: Bool
    /// The lowest value of an element (HID 1.11 section 6.2.2.7).
    package var logicalMinimum: Int32
    /// The highest value of an element.
    package var logicalMaximum: Int32

    /// The usage of a variable.
    package var usage: HIDUsage? { isArray ? nil : usages.first?.usage(at: 0) }

    /// Whether `usage` can occur in this field.
    package func declares(_ usage: HIDUsage) -> Bool {
        usages.contains { $0.page == usage.page && ($0.first...max($0.first, $0.last)).contains(usage.id) }
    }
}

/// The fields of all reports of a device: USB HID 1.11 section 6.2.2, read from its report descriptor.
///
/// Total: any bytes give some descriptor; what is malformed ends the reading, what is without meaning here (strings,
/// designators, units, long items) is skipped. Bounded: at most 8 KiB per report, 1024 fields, 64 ranges in a field.
package struct ReportDescriptor: Equatable, Sendable {
    /// In the order of declaration. Padding, which has no usage, is left out.
    package private(set) var fields: [HIDField] = []
    /// Whether each report begins with its number.
    package private(set) var numbersReports = false

    private struct ReportKey: Hashable {
        var direction: HIDField.Direction
        var id: UInt8
    }
    private var bits: [ReportKey: Int] = [:]

    private static let mostBits = 8_192 * 8
    private static let mostFields = 1_024
    private static let mostRanges = 64
    private static let deepestStack = 8

    /// Items that stay until they are changed (6.2.2.7).
    private struct Globals {
        var page: UInt16 = 0
        var logicalMinimum: Int32 = 0
        var logicalMaximum: Int32 = 0
        var size = 0
        var count = 0
        var id: UInt8 = 0
    }

    /// Items that the next main item uses up (6.2.2.8). A page of nil is the global one at the main item.
    private struct Locals {
        struct Range {
            var page: UInt16?
            var first: UInt16
            var last: UInt16
        }
        var ranges: [Range] = []
        var minimum: (page: UInt16?, id: UInt16)?
        /// Inside a delimiter only the first of the alternatives counts.
        var delimiter: (isOpen: Bool, taken: Bool) = (false, false)
    }

    /// Reads a report descriptor as the kernel hands it out; what cannot be understood is left out.
    package init(_ bytes: [UInt8]) {
        var globals = Globals()
        var stack: [Globals] = []
        var locals = Locals()
        var index = 0
        while index < bytes.count {
            let prefix = bytes[index]
            index += 1
            if prefix == 0xFE {
                // A long item: size, tag, data.
                guard index < bytes.count else { return }
                index += 2 + Int(bytes[index])
                continue
            }
            let size = prefix & 3 == 3 ? 4 : Int(prefix & 3)
            guard bytes.count - index >= size else { return }
            var raw: UInt32 = 0
            for position in 0..<size {
                raw |= UInt32(bytes[index + position]) << UInt32(8 * position)
            }
            index += size
            let tag = prefix >> 4
            switch (prefix >> 2) & 3 {
            case 0:
                let direction: HIDField.Direction? =
                    switch tag {
                    case 8: .input
                    case 9: .output
                    case 11: .feature
                    default: nil  // collections
                    }
                if let direction { add(direction, flags: raw, globals, locals) }
                locals = Locals()
            case 1: Self.readGlobal(tag, raw: raw, size: size, &globals, &stack)
            case 2: Self.readLocal(tag, raw: raw, size: size, &locals)
            default: break
            }
            if globals.id != 0 { numbersReports = true }
        }
    }

    /// Bytes of a whole report, with its number if the device numbers reports; 0 when there is no such report.
    package func byteCount(_ direction: HIDField.Direction, id: UInt8) -> Int {
        guard let count = bits[ReportKey(direction: direction, id: id)], count > 0 else { return 0 }
        return (count + 7) / 8 + (numbersReports ? 1 : 0)
    }

    private static func readGlobal(
        _ tag: UInt8, raw: UInt32, size: Int, _ globals: inout Globals, _ stack: inout [Globals]
    ) {
        switch tag {
        case 0: globals.page = UInt16(truncatingIfNeeded: raw)
        case 1: globals.logicalMinimum = signed(raw, size: size)
        case 2:
            // A maximum of 255 in one byte is meant unsigned where the minimum is not negative.
            let value = signed(raw, size: size)
            let isUnsigned = globals.logicalMinimum >= 0 && value < 0
            globals.logicalMaximum = isUnsigned ? Int32(clamping: raw) : value
        case 7: globals.size = Int(min(raw, 1 << 16))
        case 8: globals.id = UInt8(truncatingIfNeeded: raw)
        case 9: globals.count = Int(min(raw, 1 << 16))
        case 10: if stack.count < deepestStack { stack.append(globals) }
        case 11: if let last = stack.popLast() { globals = last }
        default: break
        }
    }

    private static func readLocal(_ tag: UInt8, raw: UInt32, size: Int, _ locals: inout Locals) {
        if tag == 10 {
            locals.delimiter = (raw == 1, false)
            return
        }
        guard tag <= 2 else { return }
        let page = size == 4 ? UInt16(truncatingIfNeeded: raw >> 16) : nil
        let id = UInt16(truncatingIfNeeded: raw)
        let range: Locals.Range
        switch tag {
        case 0: range = Locals.Range(page: page, first: id, last: id)
        case 1:
            locals.minimum = (page, id)
            return
        default:
            guard let minimum = locals.minimum else { return }
            locals.minimum = nil
            guard minimum.id <= id else { return }
            range = Locals.Range(page: minimum.page ?? page, first: minimum.id, last: id)
        }
        if locals.delimiter.isOpen {
            if locals.delimiter.taken { return }
            locals.delimiter.taken = true
        }
        if locals.ranges.count < mostRanges { locals.ranges.append(range) }
    }

    private static func signed(_ raw: UInt32, size: Int) -> Int32 {
        switch size {
        case 1: Int32(Int8(truncatingIfNeeded: raw))
        case 2: Int32(Int16(truncatingIfNeeded: raw))
        default: Int32(truncatingIfNeeded: raw)
        }
    }

    /// An Input, Output or Feature item (6.2.2.4).
    private mutating func add(_ direction: HIDField.Direction, flags: UInt32, _ globals: Globals, _ locals: Locals) {
        let key = ReportKey(direction: direction, id: globals.id)
        let start = bits[key, default: 0]
        // Both factors are at most 65536.
        let end = start + globals.size * globals.count
        guard end <= Self.mostBits else { return }
        bits[key] = end
        let ranges = locals.ranges.map {
            HIDUsageRange(page: $0.page ?? globals.page, first: $0.first, last: $0.last)
        }
        guard !ranges.isEmpty, (1...32).contains(globals.size), globals.count > 0 else { return }
        let isArray = flags & 2 == 0
        var field = HIDField(
            direction: direction, reportID: globals.id, bitOffset: start, bitSize: globals.size,
            count: isArray ? globals.count : 1, usages: ranges, isArray: isArray, isRelative: flags & 4 != 0,
            isConstant: flags & 1 != 0, logicalMinimum: globals.logicalMinimum,
            logicalMaximum: globals.logicalMaximum)
        if isArray {
            if fields.count < Self.mostFields { fields.append(field) }
            return
        }
        // Each element takes the next usage; the last one serves all that are left.
        var (range, position) = (0, UInt32(0))
        for element in 0..<globals.count {
            guard fields.count < Self.mostFields else { return }
            while range < ranges.count - 1, position >= ranges[range].count {
                (range, position) = (range + 1, 0)
            }
            let usage = ranges[range].usage(at: min(position, ranges[range].count &- 1))
            position += 1
            guard let usage else { return }
            field.usages = [HIDUsageRange(page: usage.page, first: usage.id, last: usage.id)]
            field.bitOffset = start + element * globals.size
            fields.append(field)
        }
    }
}
