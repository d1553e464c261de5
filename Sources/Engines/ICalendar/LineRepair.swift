/// Lines as libical wants them, made of lines that it refuses although one knows what is meant.
enum LineRepair {
    struct Line: Equatable {
        var line: [UInt8]
        /// How many values it holds.
        var values = 1
    }

    /// libical keeps 500 values of a line, and drops the rest without a word.
    private static let maximumValues = 400
    private static let times: Set<String> = ["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"]

    /// - Returns: as many lines as are needed; none for a line that says nothing.
    static func repair(_ name: String, _ line: [UInt8]) -> [Line] {
        switch name {
        case "RRULE", "EXRULE": rule(line)
        case _ where times.contains(name): time(line, isList: name == "EXDATE" || name == "RDATE")
        default: [Line(line: line)]
        }
    }

    /// Without parts that say nothing: programs write `RRULE:`, `BYDAY=TU,` and `;;`.
    private static func rule(_ line: [UInt8]) -> [Line] {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return [Line(line: line)] }
        var parts: [[UInt8]] = []
        for part in line[(colon + 1)...].split(separator: UInt8(ascii: ";")) {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else {
                if part.contains(where: { $0 > 0x20 }) { parts.append(Array(part)) }
                continue
            }
            let values = part[(equals + 1)...].split(separator: UInt8(ascii: ","))
                .map { $0.filter { $0 > 0x20 } }.filter { !$0.isEmpty }
            guard !values.isEmpty else { continue }
            let name = part[...equals].filter { $0 > 0x20 }
            let isUntil = name.elementsEqual(Array("UNTIL=".utf8)) || name.elementsEqual(Array("until=".utf8))
            parts.append(name + Array((isUntil ? values.map(time) : values).joined(separator: [UInt8(ascii: ",")])))
        }
        guard !parts.isEmpty else { return [] }
        return [Line(line: Array(line[...colon]) + Array(parts.joined(separator: [UInt8(ascii: ";")])))]
    }

    private static func time(_ line: [UInt8], isList: Bool) -> [Line] {
        // A TZID may hold a colon, a time never does.
        guard let colon = line.lastIndex(of: UInt8(ascii: ":")) else { return [Line(line: line)] }
        let values = line[(colon + 1)...].split(separator: UInt8(ascii: ",")).map(period).filter { !$0.isEmpty }
        guard isList else { return values.first.map { [Line(line: Array(line[...colon]) + $0)] } ?? [] }
        return stride(from: 0, to: values.count, by: maximumValues).map { start in
            let part = values[start..<min(values.count, start + maximumValues)]
            return Line(
                line: Array(line[...colon]) + Array(part.joined(separator: [UInt8(ascii: ",")])), values: part.count)
        }
    }

    private static func period(_ value: ArraySlice<UInt8>) -> [UInt8] {
        Array(
            value.split(separator: UInt8(ascii: "/")).map { time(Array($0)) }.joined(separator: [UInt8(ascii: "/")]))
    }

    /// `20261201T1000` has no seconds; in capitals and without blanks.
    private static func time(_ value: [UInt8]) -> [UInt8] {
        var value = value.filter { $0 > 0x20 }.map { (97...122).contains($0) ? $0 - 32 : $0 }
        let isUTC = value.last == UInt8(ascii: "Z")
        let digits = isUTC ? value.dropLast() : value[...]
        if digits.count == 13, digits[8] == UInt8(ascii: "T"), digits[9...].allSatisfy({ (48...57).contains($0) }) {
            value = Array(digits) + Array("00".utf8) + (isUTC ? [UInt8(ascii: "Z")] : [])
        }
        return value
    }
}
