/// A JSON value (RFC 8259). Objects keep the order of their members; the writer is strict.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The member called `key` of an object; the last one where a key is repeated.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The text of a string; nil for any other value.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number, whole or not; nil for any other value.
    package var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The number when it is whole and fits; nil otherwise.
    package var integer: Int? {
        if case .number(let value) = self { Int(exactly: value) } else { nil }
    }

    /// The truth value; nil for any other value.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of an array; nil for any other value.
    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members of an object in their order; nil for any other value.
    package var members: [JSONMember]? {
        if case .object(let value) = self { value } else { nil }
    }
}

/// One member of an object: a name and its value (RFC 8259 section 4).
package struct JSONMember: Equatable, Sendable {
    /// Unescaped.
    package var key: String
    /// Any value, null included.
    package var value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
    package init(nilLiteral: ()) { self = .null }

    /// A whole number. Beyond 2⁵³ it is rounded, as JSON's readers round it.
    package init(_ value: Int) { self = .number(Double(value)) }
    /// A whole number, exactly.
    package init(_ value: UInt32) { self = .number(Double(value)) }
}

extension JSONValue {
    /// The value as JSON text without white space. Numbers that JSON cannot hold (NaN, infinities) become null.
    package func serialized() -> String {
        var output = ""
        write(into: &output)
        return output
    }

    private func write(into output: inout String) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .number(let value):
            if !value.isFinite {
                output += "null"
            } else if let whole = Int64(exactly: value) {
                output += String(whole)
            } else {
                output += String(value)
            }
        case .string(let value): Self.write(value, into: &output)
        case .array(let values):
            output += "["
            for (index, value) in values.enumerated() {
                if index > 0 { output += "," }
                value.write(into: &output)
            }
            output += "]"
        case .object(let members):
            output += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { output += "," }
                Self.write(member.key, into: &output)
                output += ":"
                member.value.write(into: &output)
            }
            output += "}"
        }
    }

    private static func write(_ text: String, into output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                if scalar.value < 0x20 {
                    output += "\\u00" + Hexadecimal.encode([UInt8(scalar.value)])
                } else {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        output += "\""
    }
}
