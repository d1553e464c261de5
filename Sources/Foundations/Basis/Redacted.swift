/// A secret that never shows in a description: passwords, tokens, ICE credentials, keys.
package struct Redacted<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret itself; reading it is an act that a reviewer can search for.
    package let revealed: Value

    /// Hides `value` from descriptions, mirrors and logs.
    package init(_ value: Value) {
        revealed = value
    }

    package var description: String { "‹redacted›" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}

/// Something that a machine noticed and that belongs in the journal: a value, written by whoever drives the machine.
package struct Diagnostic: Equatable, Sendable {
    /// How much it matters, after syslog's severities (RFC 5424 section 6.2.1).
    package enum Level: String, Comparable, Sendable {
        case debug, info, notice, warning, error

        package static func < (left: Self, right: Self) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .notice: 2
            case .warning: 3
            case .error: 4
            }
        }
    }

    /// How much it matters.
    package let level: Level
    /// A short stable name in kebab case, for instance `ice-connected`.
    package let code: String
    /// The circumstances, free of secrets and of personal names.
    package let detail: String

    package init(_ level: Level, _ code: String, _ detail: String = "") {
        self.level = level
        self.code = code
        self.detail = detail
    }
}
