/// Where something stands in a text, both from 1; columns count code points.
package struct TOMLPlace: Equatable, Sendable {
    /// From 1.
    package let line: Int
    /// From 1, in code points.
    package let column: Int

    /// The place at `line` and `column`.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A value of a TOML text (TOML 1.0).
package enum TOMLValue: Equatable, Sendable {
    /// A string of any of the four kinds.
    case text(String)
    /// A whole number of 64 bits.
    case integer(Int)
    /// A number with a fraction or an exponent, infinity or NaN.
    case real(Double)
    /// `true` or `false`.
    case boolean(Bool)
    /// A date, a time or both; which one is not told.
    case date
    /// An array, also one of tables.
    case array([TOMLNode])
    /// A table, also an inline one.
    case table(TOMLTable)
}

/// A value and where it stands.
package struct TOMLNode: Equatable, Sendable {
    /// What is written.
    package let value: TOMLValue
    /// That of its key, or, for the element of an array, its own.
    package let place: TOMLPlace

    /// The string; nil for a value of another kind.
    package var text: String? { if case .text(let text) = value { text } else { nil } }
    /// The whole number; nil for a value of another kind.
    package var integer: Int? { if case .integer(let integer) = value { integer } else { nil } }
    /// `true` or `false`; nil for a value of another kind.
    package var boolean: Bool? { if case .boolean(let boolean) = value { boolean } else { nil } }
    /// The elements; nil for a value of another kind.
    package var array: [TOMLNode]? { if case .array(let array) = value { array } else { nil } }
    /// The table; nil for a value of another kind.
    package var table: TOMLTable? { if case .table(let table) = value { table } else { nil } }
}

/// The members of a table in the order of the text.
package struct TOMLTable: Equatable, Sendable {
    /// In the order of the text, each key once.
    package let members: [Member]

    /// A key and its value.
    package struct Member: Equatable, Sendable {
        /// The key, unquoted; of a dotted key, one part.
        package let key: String
        /// Its value, with the place of the key.
        package let node: TOMLNode
    }

    /// Keys in the order of the text.
    package var keys: [String] { members.map(\.key) }

    /// The value of a key, or nil.
    package subscript(key: String) -> TOMLNode? { members.first { $0.key == key }?.node }
}
