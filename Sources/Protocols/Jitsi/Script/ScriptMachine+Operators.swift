extension ScriptMachine {
    // MARK: Conversions

    /// `ToBoolean`; nil where it is not known.
    func truth(_ value: ScriptValue) -> Bool? {
        switch value {
        case .undefined, .null: false
        case .bool(let flag): flag
        case .number(let number): number != 0 && !number.isNaN
        case .string(let text): !text.isEmpty
        case .object: true
        case .unknown: nil
        }
    }

    /// `ToNumber`; nil where it is not known.
    mutating func number(_ value: ScriptValue) throws(ScriptStop) -> Double? {
        switch value {
        case .undefined: return .nan
        case .null: return 0
        case .bool(let flag): return flag ? 1 : 0
        case .number(let number): return number
        case .string(let text):
            try spend(text: text)
            return ScriptNumber.value(text)
        case .object(let id):
            if case .array = heap[id].kind { return try text(value).map { ScriptNumber.value($0) } }
            if case .plain = heap[id].kind, heap[id]["valueOf"] == nil, heap[id]["toString"] == nil { return .nan }
            return nil
        case .unknown: return nil
        }
    }

    /// `ToString`; nil where it is not known.
    mutating func text(_ value: ScriptValue) throws(ScriptStop) -> String? {
        switch value {
        case .undefined: return "undefined"
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return ScriptNumber.text(number)
        case .string(let text): return text
        case .object(let id):
            switch heap[id].kind {
            case .array: return try joined(id, separator: ",")
            case .plain where id == 1:
                if case .string(let address)? = heap[1]["href"] { return address }
                return nil
            case .plain: return heap[id]["toString"] == nil && id != Self.global ? "[object Object]" : nil
            case .function, .builtin: return nil
            }
        case .unknown: return nil
        }
    }

    mutating func joined(_ id: Int, separator: String) throws(ScriptStop) -> String? {
        guard !heap[id].isUnknown else { return nil }
        try enter()
        var output = ""
        for (index, element) in heap[id].elements.enumerated() {
            if index > 0 { output += separator }
            if element == .undefined || element == .null { continue }
            guard let text = try text(element) else {
                leave()
                return nil
            }
            output += text
            try spend(1 + (text.utf8.count + separator.utf8.count) / 16)
        }
        leave()
        return output
    }

    /// `ToInt32`.
    static func integer(_ number: Double) -> Int32 {
        guard number.isFinite else { return 0 }
        return Int32(
            truncatingIfNeeded: Int64(
                exactly: number.truncatingRemainder(dividingBy: 4_294_967_296).rounded(.towardZero)) ?? 0)
    }

    /// What an iterator over `value` gives; nil where it is not known.
    mutating func elements(of value: ScriptValue) throws(ScriptStop) -> [ScriptValue]? {
        switch value {
        case .object(let id):
            guard case .array = heap[id].kind else {
                if case .plain = heap[id].kind, !heap[id].isUnknown { throw raise("TypeError", "not iterable") }
                return nil
            }
            if heap[id].isUnknown { return nil }
            try spend(heap[id].elements.count)
            return heap[id].elements
        case .string(let text):
            try spend(1 + text.utf8.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .unknown: return nil
        case .undefined, .null, .bool, .number: throw raise("TypeError", "not iterable")
        }
    }

    /// The names that `for … in` and `Object.keys` give; nil where they are not known.
    mutating func keys(of value: ScriptValue) throws(ScriptStop) -> [String]? {
        switch value {
        case .object(let id):
            guard !heap[id].isUnknown, id != Self.global, id != 1 else { return nil }
            try spend(1 + heap[id].elements.count + heap[id].keys.count)
            return heap[id].elements.indices.map { String($0) } + heap[id].keys
        case .unknown: return nil
        case .undefined, .null, .bool, .number, .string: return []
        }
    }

    // MARK: Comparing

    /// `===`; nil where it is not known.
    func isSame(_ left: ScriptValue, _ right: ScriptValue) -> Bool? {
        switch (left, right) {
        case (.unknown, _), (_, .unknown): nil
        case (.number(let first), .number(let second)): first == second
        default: left == right
        }
    }

    /// `==` (ECMA-262, 7.2.13).
    private mutating func isEqual(_ left: ScriptValue, _ right: ScriptValue) throws(ScriptStop) -> Bool? {
        switch (left, right) {
        case (.unknown, _), (_, .unknown): return nil
        case (.undefined, .null), (.null, .undefined), (.undefined, .undefined), (.null, .null): return true
        case (.undefined, _), (.null, _), (_, .undefined), (_, .null): return false
        case (.string, .string), (.object, .object), (.bool, .bool), (.number, .number): return isSame(left, right)
        case (.object, .string), (.string, .object):
            guard let first = try text(left), let second = try text(right) else { return nil }
            return first == second
        default:
            guard let first = try number(left), let second = try number(right) else { return nil }
            return first == second
        }
    }

    // MARK: Operators

    mutating func apply(
        _ symbol: ScriptBinary, _ left: ScriptValue, _ right: ScriptValue
    ) throws(ScriptStop) -> ScriptValue {
        try spend()
        switch symbol {
        case .add: return try add(left, right)
        case .same: return isSame(left, right).map { .bool($0) } ?? .unknown
        case .notSame: return isSame(left, right).map { .bool(!$0) } ?? .unknown
        case .equal: return try isEqual(left, right).map { .bool($0) } ?? .unknown
        case .notEqual: return try isEqual(left, right).map { .bool(!$0) } ?? .unknown
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return try compare(symbol, left, right)
        case .isIn: return try isMember(left, of: right)
        case .instanceOf: return .unknown
        case .subtract, .multiply, .divide, .remainder, .power, .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight,
            .shiftRightUnsigned:
            guard let first = try number(left), let second = try number(right) else { return .unknown }
            return Self.calculate(symbol, first, second)
        }
    }

    private mutating func add(_ left: ScriptValue, _ right: ScriptValue) throws(ScriptStop) -> ScriptValue {
        var isText = false
        for side in [left, right] {
            switch side {
            case .string, .object: isText = true
            case .undefined, .null, .bool, .number, .unknown: break
            }
        }
        if isText {
            guard let first = try text(left), let second = try text(right) else { return .unknown }
            let sum = first + second
            try spend(text: sum)
            return .string(sum)
        }
        guard let first = try number(left), let second = try number(right) else { return .unknown }
        return .number(first + second)
    }

    private mutating func compare(
        _ symbol: ScriptBinary, _ left: ScriptValue, _ right: ScriptValue
    ) throws(ScriptStop) -> ScriptValue {
        if case .string(let first) = left, case .string(let second) = right {
            try spend(text: first)
            let isLess = first.utf16.lexicographicallyPrecedes(second.utf16)
            switch symbol {
            case .less: return .bool(isLess)
            case .greaterOrEqual: return .bool(!isLess)
            case .lessOrEqual: return .bool(isLess || first == second)
            default: return .bool(!isLess && first != second)
            }
        }
        guard let first = try number(left), let second = try number(right) else { return .unknown }
        switch symbol {
        case .less: return .bool(first < second)
        case .lessOrEqual: return .bool(first <= second)
        case .greater: return .bool(first > second)
        default: return .bool(first >= second)
        }
    }

    private mutating func isMember(_ name: ScriptValue, of value: ScriptValue) throws(ScriptStop) -> ScriptValue {
        guard let name = try text(name) else { return .unknown }
        switch value {
        case .object(let id):
            if id == Self.global { return .bool(try globalVariable(name) != nil) }
            if let index = Int(name), heap[id].elements.indices.contains(index) { return .bool(true) }
            guard !heap[id].isUnknown else { return .unknown }
            switch heap[id][name] {
            case .unknown?: return .unknown
            case let found: return .bool(found != nil)
            }
        case .unknown: return .unknown
        case .undefined, .null, .bool, .number, .string: throw raise("TypeError", "in")
        }
    }

    private static func calculate(_ symbol: ScriptBinary, _ left: Double, _ right: Double) -> ScriptValue {
        switch symbol {
        case .subtract: .number(left - right)
        case .multiply: .number(left * right)
        case .divide: .number(left / right)
        case .remainder: .number(left.truncatingRemainder(dividingBy: right))
        case .power: power(left, right)
        case .bitAnd: .number(Double(integer(left) & integer(right)))
        case .bitOr: .number(Double(integer(left) | integer(right)))
        case .bitXor: .number(Double(integer(left) ^ integer(right)))
        case .shiftLeft: .number(Double(integer(left) << (integer(right) & 31)))
        case .shiftRight: .number(Double(integer(left) >> (integer(right) & 31)))
        case .shiftRightUnsigned: .number(Double(UInt32(bitPattern: integer(left)) >> UInt32(integer(right) & 31)))
        default: .unknown
        }
    }

    /// Whole exponents; others are not known.
    private static func power(_ base: Double, _ exponent: Double) -> ScriptValue {
        guard let count = Int(exactly: exponent), (0...1024).contains(count) else { return .unknown }
        var result = 1.0
        for _ in 0..<count { result *= base }
        return .number(result)
    }
}
