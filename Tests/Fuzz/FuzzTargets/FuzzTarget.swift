/// A parser of remote bytes with everything that its results reach at once, as a function of one input.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case stun, rtp, rtcp, vp8, vp9, opus, xml, json, jingle, room, config, xmpp, calendar, toml

    /// Feeds `bytes`; throws when a property does not hold. Whatever else is wrong traps.
    package func run(_ bytes: [UInt8]) throws(BrokenProperty) {
        switch self {
        case .stun: try fuzzSTUN(bytes)
        case .rtp: try fuzzRTP(bytes)
        case .rtcp: try fuzzRTCP(bytes)
        case .vp8: try fuzzVP8(bytes)
        case .vp9: try fuzzVP9(bytes)
        case .opus: try fuzzOpus(bytes)
        case .xml: try fuzzXML(bytes)
        case .json: try fuzzJSON(bytes)
        case .jingle: try fuzzJingle(bytes)
        case .room: try fuzzRoom(bytes)
        case .config: try fuzzConfig(bytes)
        case .xmpp: try fuzzXMPP(bytes)
        case .calendar: try fuzzCalendar(bytes)
        case .toml: try fuzzTOML(bytes)
        }
    }
}

/// What should hold for every input and did not for one.
package struct BrokenProperty: Error, CustomStringConvertible {
    package let description: String
}

func check(_ condition: Bool, _ property: @autoclosure () -> String) throws(BrokenProperty) {
    if !condition { throw BrokenProperty(description: property()) }
}

/// The value, or a broken property where it must not be nil.
func demand<Value>(_ value: Value?, _ property: @autoclosure () -> String) throws(BrokenProperty) -> Value {
    guard let value else { throw BrokenProperty(description: property()) }
    return value
}
