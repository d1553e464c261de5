/// A value while a script runs. Objects live in the machine's heap, so that circles between them cost nothing.
enum ScriptValue: Equatable, Sendable {
    case undefined
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case object(Int)
    /// There is a value, or none, and only a browser knows.
    case unknown
}

struct ScriptObject: Sendable {
    enum Kind: Sendable {
        case plain
        case array
        case function(ScriptFunction, scope: Int, this: ScriptValue)
        case builtin(ScriptBuiltin, on: ScriptValue)
    }

    var kind: Kind
    /// In the order in which they came (ECMA-262, 10.1.11; numbers are not sorted first).
    private(set) var keys: [String] = []
    private var values: [String: ScriptValue] = [:]
    /// Of an array.
    var elements: [ScriptValue] = []
    /// Whether members may exist that nobody saw written, and those that were seen may have changed.
    var isUnknown = false

    init(_ kind: Kind = .plain) { self.kind = kind }

    /// Nil where there is none; `.unknown` where nobody can tell.
    subscript(name: String) -> ScriptValue? {
        get { values[name] ?? (isUnknown ? .unknown : nil) }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: name) == nil { keys.append(name) }
            } else if values.removeValue(forKey: name) != nil {
                keys.removeAll { $0 == name }
            }
        }
    }

    /// Every value that it holds.
    var contents: [ScriptValue] { elements + keys.compactMap { values[$0] } }

    /// From now on nothing in it is known.
    mutating func forget() {
        isUnknown = true
        keys = []
        values = [:]
        elements = []
    }
}

/// What the language and the page bring along, as far as it is modelled.
enum ScriptBuiltin: Equatable, Sendable {
    case text(String)
    case list(String)
    case object(String)
    /// By its path from the global object: `Object.assign`.
    case global(String)
}

enum ScriptNumber {
    /// `Number::toString` for the numbers of configurations.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        if let integer = Int(exactly: number), abs(integer) < 1 << 53 { return String(integer) }
        return "\(number)"
    }

    /// `StringToNumber`.
    static func value(_ text: String) -> Double {
        let trimmed = ScriptText.trimmed(text)
        if trimmed.isEmpty { return 0 }
        if trimmed.lowercased().hasPrefix("0x") {
            return UInt64(trimmed.dropFirst(2), radix: 16).map { Double($0) } ?? .nan
        }
        guard trimmed.utf8.allSatisfy({ (43...57).contains($0) || $0 | 0x20 == 0x65 }) else { return .nan }
        return Double(trimmed) ?? .nan
    }
}

enum ScriptText {
    static func trimmed(_ text: String, start: Bool = true, end: Bool = true) -> String {
        var scalars = text.unicodeScalars[...]
        while start, let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        while end, let last = scalars.last, isBlank(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "\u{FEFF}"
    }
}
