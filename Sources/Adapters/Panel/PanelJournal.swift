import Basis

/// What happened to the box, for the page's list: found by comparing each state with the one before.
///
/// It is kept in memory alone. When a meeting ends, the names of those who came and went are dropped.
struct PanelJournal {
    /// More recent ones push out the oldest.
    static let maximumEntries = 100

    enum Kind: String, CaseIterable, Sendable {
        case started, pressed, held, joining, joined, reconnecting, moving, cancelled, left, message
        case lineCut = "line-cut"
        case lineBack = "line-back"
        case arrived, departed
        case theirHand = "their-hand"
        case microphoneOff = "microphone-off"
        case microphoneOn = "microphone-on"
        case cameraOff = "camera-off"
        case cameraOn = "camera-on"
        case handRaised = "hand-raised"
        case handLowered = "hand-lowered"
        case recordingOn = "recording-on"
        case recordingOff = "recording-off"
        case fault
        case faultOver = "fault-over"
        case television
        case noTelevision = "no-television"
        case volume

        /// Whether the subject is the name of somebody from afar.
        var isAboutSomebody: Bool {
            switch self {
            case .arrived, .departed, .theirHand: true
            default: false
            }
        }
    }

    struct Entry: Equatable, Sendable {
        /// Milliseconds since 1970.
        var at: Int64
        var kind: Kind
        /// What the sentence is about: a name, a label, a number; empty when it says all by itself.
        var subject = ""

        var json: JSONValue {
            ["at": .number(Double(at)), "kind": .string(kind.rawValue), "subject": .string(subject)]
        }
    }

    /// The oldest first.
    private(set) var entries: [Entry] = []
    private var last = JSONValue.null
    /// The meeting that we were in last.
    private var room = ""

    init(startedAt now: Int64) {
        entries.append(Entry(at: now, kind: .started))
    }

    var json: JSONValue { .array(entries.map(\.json)) }

    /// Takes an event of the box.
    /// - Returns: the new entries; and whether older ones have changed besides.
    mutating func note(_ event: String, _ value: JSONValue, at now: Int64) -> (new: [Entry], isRewritten: Bool) {
        var found: [Entry] = []
        var isRewritten = false
        switch event {
        case "button":
            guard let name = value["name"]?.string else { break }
            found.append(
                Entry(at: now, kind: value["press"]?.string == "short" ? .pressed : .held, subject: name))
        case "status":
            found = changes(from: last, to: value).map { Entry(at: now, kind: $0, subject: $1) }
            last = value
            if value["busy"]?.bool == false { isRewritten = forgetNames() }
        default: break
        }
        for entry in found {
            // A knob that is turned makes one line.
            if entry.kind == .volume, entries.last?.kind == .volume {
                entries.removeLast()
                isRewritten = true
            }
            entries.append(entry)
        }
        if entries.count > Self.maximumEntries { entries.removeFirst(entries.count - Self.maximumEntries) }
        return (found, isRewritten)
    }

    private mutating func forgetNames() -> Bool {
        var isRewritten = false
        for index in entries.indices where entries[index].kind.isAboutSomebody && !entries[index].subject.isEmpty {
            entries[index].subject = ""
            isRewritten = true
        }
        return isRewritten
    }

    // MARK: What changed

    private static func isInMeeting(_ status: JSONValue) -> Bool { status["state"]?.string == "in-call" }

    private mutating func changes(from old: JSONValue, to new: JSONValue) -> [(Kind, String)] {
        var list = phaseChanges(from: old, to: new)
        if Self.isInMeeting(old), Self.isInMeeting(new) {
            list += peopleChanges(from: old, to: new)
            list += switches(
                [("interrupted", .lineCut, .lineBack), ("recording", .recordingOn, .recordingOff)], from: old, to: new)
        }
        if new["busy"]?.bool == true {
            list += switches(
                [
                    ("microphone_muted", .microphoneOff, .microphoneOn), ("camera_on", .cameraOn, .cameraOff),
                    ("hand_raised", .handRaised, .handLowered),
                ], from: old, to: new)
        }
        let (before, now) = (Self.faults(old), Self.faults(new))
        list += now.filter { fault in !before.contains { $0.text == fault.text } }.map { (.fault, $0.text) }
        // A numbered one is of an attempt to join: it ends with it, which mends nothing.
        list += before.filter { fault in !fault.isNumbered && !now.contains { $0.text == fault.text } }
            .map { (.faultOver, $0.text) }
        list += televisionChanges(from: old["display"] ?? .null, to: new["display"] ?? .null)
        if let before = old["volume"]?.integer, let now = new["volume"]?.integer, before != now {
            list.append((.volume, "\(now)"))
        }
        return list
    }

    private mutating func phaseChanges(from old: JSONValue, to new: JSONValue) -> [(Kind, String)] {
        let (before, now) = (old["state"]?.string, new["state"]?.string)
        if let label = new["room"]?["label"]?.string { room = label }
        guard before != now else { return [] }
        var list: [(Kind, String)] = []
        switch (before, now) {
        case ("in-call", "joining"):
            if let destination = new["moved_to"]?.string {
                list.append((.moving, destination))
            } else {
                list.append((.reconnecting, room))
            }
        case (_, "joining"): list.append((.joining, room))
        case (_, "in-call"): list.append((.joined, room))
        case ("in-call", "leaving"), ("in-call", "idle"), ("in-call", "fault"): list.append((.left, room))
        case ("joining", "leaving"), ("joining", "idle"): list.append((.cancelled, ""))
        default: break
        }
        // A fault's sentence is among the faults.
        if now == "idle", let message = new["message"]?.string { list.append((.message, message)) }
        return list
    }

    private func peopleChanges(from old: JSONValue, to new: JSONValue) -> [(Kind, String)] {
        func people(_ status: JSONValue) -> [String: (name: String, hand: Bool)] {
            let list = (status["people"]?.array ?? []).compactMap { person in
                person["id"]?.string.map {
                    ($0, (name: person["name"]?.string ?? "", hand: person["hand"]?.bool == true))
                }
            }
            return Dictionary(list) { first, _ in first }
        }
        let (before, now) = (people(old), people(new))
        let arrived = now.filter { before[$0.key] == nil }.map { (Kind.arrived, $0.value.name) }
        let departed = before.filter { now[$0.key] == nil }.map { (Kind.departed, $0.value.name) }
        let hands = now.filter { $0.value.hand && before[$0.key]?.hand == false }.map {
            (Kind.theirHand, $0.value.name)
        }
        return [arrived, departed, hands].flatMap { $0.sorted { $0.1 < $1.1 } }
    }

    private func switches(
        _ members: [(name: String, on: Kind, off: Kind)], from old: JSONValue, to new: JSONValue
    ) -> [(Kind, String)] {
        members.compactMap { member in
            guard let before = old[member.name]?.bool, let now = new[member.name]?.bool, before != now else {
                return nil
            }
            return (now ? member.on : member.off, "")
        }
    }

    private static func faults(_ status: JSONValue) -> [(text: String, isNumbered: Bool)] {
        (status["faults"]?.array ?? []).compactMap { fault in
            fault["text"]?.string.map { ($0, fault["number"]?.integer != nil) }
        }
    }

    private func televisionChanges(from old: JSONValue, to new: JSONValue) -> [(Kind, String)] {
        guard let before = old["connected"]?.bool, let now = new["connected"]?.bool, before != now else { return [] }
        let name = [new["name"]?.string, new["connector"]?.string].compactMap { $0 }.first { !$0.isEmpty } ?? ""
        return [now ? (.television, name) : (.noTelevision, "")]
    }
}
