/// The methods of texts.
extension ScriptMachine {
    mutating func callText(
        _ name: String, _ text: String, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        try spend(1 + text.utf8.count / 4)
        switch name {
        case "toString", "valueOf": return .string(text)
        case "toLowerCase", "toLocaleLowerCase": return .string(text.lowercased())
        case "toUpperCase", "toLocaleUpperCase": return .string(text.uppercased())
        case "trim": return .string(ScriptText.trimmed(text))
        case "trimStart": return .string(ScriptText.trimmed(text, end: false))
        case "trimEnd": return .string(ScriptText.trimmed(text, start: false))
        case "concat":
            var output = text
            for argument in arguments {
                guard let more = try self.text(argument) else { return .unknown }
                output += more
                try spend(text: output)
            }
            return .string(output)
        case "charAt", "slice", "substr", "substring": return try part(name, text, arguments)
        case "split" where arguments.isEmpty: return try makeArray([.string(text)])
        default: break
        }
        guard let other = try self.text(argument(arguments, 0)) else { return try notModelled(arguments) }
        try spend(1 + other.utf8.count)
        let bytes = Array(text.utf8)
        let sought = Array(other.utf8)
        switch name {
        case "startsWith", "endsWith":
            guard arguments.count == 1 else { return .unknown }
            return .bool(
                name == "startsWith" ? bytes.starts(with: sought) : bytes.reversed().starts(with: sought.reversed()))
        case "includes", "indexOf", "lastIndexOf":
            guard arguments.count == 1 else { return .unknown }
            let places = try self.places(of: sought, in: bytes)
            if name == "includes" { return .bool(!places.isEmpty) }
            guard let place = name == "indexOf" ? places.first : places.last else { return .number(-1) }
            return .number(Double(String(decoding: bytes[..<place], as: UTF8.self).utf16.count))
        case "split": return try split(bytes, by: sought, limit: argument(arguments, 1))
        case "replace", "replaceAll": return try replace(name, bytes, sought, by: argument(arguments, 1))
        default: return .unknown
        }
    }

    /// Where `sought` stands, from left to right and without overlap.
    private mutating func places(of sought: [UInt8], in bytes: [UInt8]) throws(ScriptStop) -> [Int] {
        guard !sought.isEmpty else { return [0] }
        var places: [Int] = []
        var index = 0
        while index + sought.count <= bytes.count {
            if bytes[index] == sought[0] {
                try spend()
                if bytes[index..<index + sought.count].elementsEqual(sought) {
                    try spend(sought.count / 16)
                    places.append(index)
                    index += sought.count
                    continue
                }
            }
            index += 1
        }
        return places
    }

    private mutating func split(
        _ bytes: [UInt8], by separator: [UInt8], limit: ScriptValue
    ) throws(ScriptStop) -> ScriptValue {
        guard limit == .undefined else { return .unknown }
        var list: [ScriptValue] = []
        if separator.isEmpty {
            for unit in String(decoding: bytes, as: UTF8.self).utf16 {
                list.append(.string(String(decoding: [unit], as: UTF16.self)))
            }
        } else {
            var start = 0
            for place in try places(of: separator, in: bytes) {
                list.append(.string(String(decoding: bytes[start..<place], as: UTF8.self)))
                start = place + separator.count
            }
            list.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
        }
        return try makeArray(list)
    }

    private mutating func replace(
        _ name: String, _ bytes: [UInt8], _ sought: [UInt8], by replacement: ScriptValue
    ) throws(ScriptStop) -> ScriptValue {
        if case .object = replacement { return try notModelled([replacement]) }
        guard let text = try text(replacement), !text.contains("$"), !sought.isEmpty else { return .unknown }
        let places = try places(of: sought, in: bytes)
        var output: [UInt8] = []
        var start = 0
        for place in name == "replace" ? places.prefix(1) : places[...] {
            output += bytes[start..<place] + Array(text.utf8)
            try spend(1 + text.utf8.count / 16)
            start = place + sought.count
        }
        output += bytes[start...]
        return .string(String(decoding: output, as: UTF8.self))
    }

    private mutating func part(
        _ name: String, _ text: String, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        let units = Array(text.utf16)
        guard let first = try position(argument(arguments, 0), fallback: 0),
            let second = try position(argument(arguments, 1), fallback: Int.max)
        else { return .unknown }
        func clamped(_ index: Int) -> Int { min(max(index, 0), units.count) }
        func fromEnd(_ index: Int) -> Int { index < 0 ? clamped(units.count &+ index) : clamped(index) }
        let range: Range<Int>
        switch name {
        case "charAt": range = first >= 0 && first < units.count ? first..<first + 1 : 0..<0
        case "slice": range = fromEnd(first)..<max(fromEnd(first), fromEnd(second))
        case "substr":
            let start = fromEnd(first)
            range = start..<start + min(max(second, 0), units.count - start)
        default:
            let (start, end) = (clamped(first), clamped(second))
            range = min(start, end)..<max(start, end)
        }
        return .string(String(decoding: units[range], as: UTF16.self))
    }

    /// `ToIntegerOrInfinity` of an argument; nil where it is not known.
    mutating func position(_ value: ScriptValue, fallback: Int) throws(ScriptStop) -> Int? {
        if value == .undefined { return fallback }
        guard let number = try number(value) else { return nil }
        if number.isNaN { return 0 }
        return Int(exactly: max(min(number, 1e9), -1e9).rounded(.towardZero))
    }
}
