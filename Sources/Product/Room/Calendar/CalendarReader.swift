/// Takes an iCalendar text apart: its events, and the time zones that it defines itself.
struct CalendarReader {
    private static let mostEvents = 20_000
    private static let mostZones = 200
    private static let mostObservances = 50

    private(set) var events: [CalendarEvent] = []
    private(set) var zones: [String: CalendarZone] = [:]
    /// Whether there was a calendar at all.
    private(set) var isCalendar = false
    private(set) var hasTooMany = false

    /// The components that the present line is in, the outermost first.
    private var components: [String] = []
    private var event = CalendarEvent()
    private var zoneName = ""
    /// A zone with a hole in it would be a wrong one.
    private var isZoneWhole = true
    private var observances: [ZoneObservance] = []
    private var observance = ObservanceLines()

    private struct ObservanceLines {
        var start: LocalTime?
        var offsetBefore: Int?
        var offset: Int?
        var rule: RecurrenceRule?
        var dates: [LocalTime] = []
        var isUnderstood = true
    }

    /// - Parameter isWanted: whether an event may be of any use; all others are forgotten at once.
    mutating func read(_ bytes: [UInt8], isWanted: (CalendarEvent) -> Bool) {
        var lines = UnfoldedLines(bytes)
        while let (line, isWhole) = lines.next() {
            guard let name = name(of: line) else { continue }
            switch name {
            case "BEGIN":
                if let line = ContentLine(line) { begin(line.value.uppercased()) }
            case "END":
                if let line = ContentLine(line) { end(line.value.uppercased(), isWanted) }
            default:
                if isWhole { property(name, line) } else { cutProperty(name) }
            }
        }
    }

    /// The name of a line that matters where it stands.
    private func name(of line: [UInt8]) -> String? {
        let bytes = line.prefix(24).prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
        guard bytes.count < line.count, bytes.count < 24 else { return nil }
        let name = String(decoding: bytes, as: UTF8.self).uppercased()
        if name == "BEGIN" || name == "END" { return name }
        switch components.count {
        case 2 where components[1] == "VEVENT": return CalendarEvent.names.contains(name) ? name : nil
        case 2 where components[1] == "VTIMEZONE": return name == "TZID" ? name : nil
        case 3 where components[1] == "VTIMEZONE": return name
        default: return nil
        }
    }

    private mutating func begin(_ component: String) {
        guard components.count < 16 else { return }
        components.append(String(component.prefix(40)))
        switch components.count {
        case 1: isCalendar = isCalendar || component == "VCALENDAR"
        case 2 where component == "VEVENT": event = CalendarEvent()
        case 2 where component == "VTIMEZONE": (zoneName, observances, isZoneWhole) = ("", [], true)
        case 3 where components[1] == "VTIMEZONE": observance = ObservanceLines()
        default: break
        }
    }

    private mutating func end(_ component: String, _ isWanted: (CalendarEvent) -> Bool) {
        // What is not closed is closed with what it is in.
        guard let depth = components.lastIndex(of: component) else { return }
        if depth == 1, components[0] == "VCALENDAR" {
            if component == "VEVENT" { keepEvent(isWanted) }
            if component == "VTIMEZONE" { keepZone() }
        } else if depth == 2, components[1] == "VTIMEZONE" {
            keepObservance()
        }
        components.removeSubrange(depth...)
    }

    private mutating func keepEvent(_ isWanted: (CalendarEvent) -> Bool) {
        guard isWanted(event) else { return }
        guard events.count < Self.mostEvents else {
            hasTooMany = true
            return
        }
        events.append(event)
    }

    private mutating func keepZone() {
        guard isZoneWhole, !zoneName.isEmpty, zones.count < Self.mostZones else { return }
        zones[zoneName] = CalendarZone(observances: observances)
    }

    private mutating func keepObservance() {
        guard let start = observance.start, let before = observance.offsetBefore, let offset = observance.offset,
            observance.isUnderstood, observances.count < Self.mostObservances
        else {
            isZoneWhole = false
            return
        }
        observances.append(
            ZoneObservance(
                first: start, offsetBefore: before, offset: offset, rule: observance.rule, dates: observance.dates))
    }

    private mutating func property(_ name: String, _ bytes: [UInt8]) {
        guard let line = ContentLine(bytes) else { return cutProperty(name) }
        switch components.count {
        case 2 where name == "TZID": zoneName = line.value
        case 2: event.take(line)
        default: observanceProperty(line)
        }
    }

    /// A line that is too long or makes no sense. Of a description that is no loss.
    private mutating func cutProperty(_ name: String) {
        if components.count == 3 {
            observance.isUnderstood = false
        } else if components.last == "VEVENT", name != "DESCRIPTION", name != "LOCATION" {
            event.fail(name)
        }
    }

    private mutating func observanceProperty(_ line: ContentLine) {
        switch line.name {
        case "DTSTART":
            if case .floating(let local) = CalendarTime(line.value) { observance.start = local }
        case "TZOFFSETFROM": observance.offsetBefore = Self.offset(line.value)
        case "TZOFFSETTO": observance.offset = Self.offset(line.value)
        case "RRULE":
            let rule = try? RecurrenceRule(line.value)
            observance.isUnderstood = observance.isUnderstood && rule?.frequency == .yearly && rule?.count == nil
            observance.rule = rule
        case "RDATE":
            for word in line.value.split(separator: ",") {
                guard case .floating(let local) = CalendarTime(word), observance.dates.count < 500 else {
                    observance.isUnderstood = false
                    break
                }
                observance.dates.append(local)
            }
        default: break
        }
    }

    /// `+0100` or `-103045` in seconds (RFC 5545 section 3.3.14).
    static func offset(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5 || bytes.count == 7, let sign = bytes.first,
            sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            bytes.dropFirst().allSatisfy({ (48...57).contains($0) })
        else { return nil }
        func pair(_ index: Int) -> Int {
            index < bytes.count ? Int(bytes[index] - 48) * 10 + Int(bytes[index + 1] - 48) : 0
        }
        let (hours, minutes, seconds) = (pair(1), pair(3), pair(5))
        guard hours < 24, minutes < 60, seconds < 60 else { return nil }
        let offset = hours * 3_600 + minutes * 60 + seconds
        return sign == UInt8(ascii: "-") ? -offset : offset
    }
}
