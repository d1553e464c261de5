import Basis

/// What a client asked to receive (jitsi-videobridge, doc/allocation.md).
struct ReceiverConstraints: Equatable, Sendable {
    private static let maximumSources = 256

    private(set) var lastN = -1
    private(set) var onStage: [String] = []
    private(set) var selected: [String] = []
    /// Before the first message nothing is sent.
    private(set) var defaultHeight = 0
    private(set) var heights: [String: Int] = [:]
    private var hasBegun = false

    /// Takes the fields over that are there. False where a strict bridge drops the message.
    mutating func apply(_ message: JSONValue) -> Bool {
        var next = self
        if !next.hasBegun { next.defaultHeight = 180 }
        next.hasBegun = true
        for member in message.members ?? [] {
            switch member.key {
            case "colibriClass", "assumedBandwidthBps": break
            case "lastN":
                guard let value = member.value.integer else { return false }
                next.lastN = value
            case "onStageSources", "selectedSources":
                guard let values = member.value.array, values.count <= Self.maximumSources else { return false }
                let names = values.compactMap(\.string)
                guard names.count == values.count else { return false }
                if member.key == "onStageSources" { next.onStage = names } else { next.selected = names }
            case "defaultConstraints":
                guard let height = Self.height(member.value) else { return false }
                next.defaultHeight = height
            case "constraints":
                guard let values = member.value.members, values.count <= Self.maximumSources else { return false }
                next.heights = [:]
                for value in values {
                    guard let height = Self.height(value.value) else { return false }
                    next.heights[value.key] = height
                }
            default: return false
            }
        }
        self = next
        return true
    }

    mutating func setLastN(_ value: Int) {
        lastN = value
    }

    /// `{"maxHeight":720,"maxFrameRate":30}`.
    private static func height(_ value: JSONValue) -> Int? {
        guard let members = value.members,
            members.allSatisfy({ $0.key == "maxHeight" || $0.key == "maxFrameRate" })
        else { return nil }
        return value["maxHeight"]?.integer
    }

    /// In pixels; 0 where the source is not wanted at all, `Int.max` for no limit.
    func height(of source: String) -> Int {
        let height = heights[source] ?? defaultHeight
        return height < 0 ? .max : height
    }

    /// Those of `sources` that are to be forwarded, the most wanted first.
    func forwarded(of sources: [String]) -> [String] {
        let named = (onStage + selected.filter { !onStage.contains($0) }).filter(sources.contains)
        let ranked = named + sources.filter { !named.contains($0) }
        let wanted = ranked.filter { height(of: $0) > 0 }
        return lastN < 0 ? wanted : Array(wanted.prefix(lastN))
    }
}
