/// Values inside the bytes of a report; the number of the report, if any, is its first byte.
extension ReportDescriptor {
    /// The number of `report`; 0 when the device numbers none, nil when it is empty.
    package func id(ofReport report: [UInt8]) -> UInt8? {
        numbersReports ? report.first : (report.isEmpty ? nil : 0)
    }

    /// The element of `field` as it is written, without sign; nil when the report is another one or too short.
    package func rawValue(of field: HIDField, element: Int = 0, in report: [UInt8]) -> UInt32? {
        guard element >= 0, element < field.count, id(ofReport: report) == field.reportID else { return nil }
        let first = field.bitOffset + element * field.bitSize + (numbersReports ? 8 : 0)
        guard first >= 0, first + field.bitSize <= report.count * 8 else { return nil }
        var value: UInt32 = 0
        for bit in 0..<field.bitSize {
            let position = first + bit
            if report[position >> 3] >> UInt8(position & 7) & 1 == 1 { value |= 1 << UInt32(bit) }
        }
        return value
    }

    /// Whether `usage` is on in `report`: a variable that is not 0, or an array that holds it. Nil when the report does not
    /// tell.
    package func isOn(_ usage: HIDUsage, of field: HIDField, in report: [UInt8]) -> Bool? {
        guard field.isArray else { return rawValue(of: field, in: report).map { $0 != 0 } }
        var isTold = false
        for element in 0..<field.count {
            guard let raw = rawValue(of: field, element: element, in: report) else { break }
            isTold = true
            // Values below the logical minimum mean "no key".
            let choice = Int64(raw) - Int64(field.logicalMinimum)
            guard choice >= 0 else { continue }
            if Self.usage(choice: choice, of: field.usages) == usage { return true }
        }
        return isTold ? false : nil
    }

    /// Writes the element of the variable `field`; ignored where `report` has no room for it.
    package func setBits(_ value: UInt32, of field: HIDField, in report: inout [UInt8]) {
        let first = field.bitOffset + (numbersReports ? 8 : 0)
        guard first >= 0, first + field.bitSize <= report.count * 8 else { return }
        for bit in 0..<field.bitSize {
            let position = first + bit
            let mask = UInt8(1) << UInt8(position & 7)
            if value >> UInt32(bit) & 1 == 1 {
                report[position >> 3] |= mask
            } else {
                report[position >> 3] &= ~mask
            }
        }
    }

    private static func usage(choice: Int64, of ranges: [HIDUsageRange]) -> HIDUsage? {
        var left = choice
        for range in ranges {
            if left < Int64(range.count) { return range.usage(at: UInt32(left)) }
            left -= Int64(range.count)
        }
        return nil
    }
}
