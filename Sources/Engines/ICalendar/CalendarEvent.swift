/// A VEVENT (RFC 5545 section 3.6.1), as far as it says when a meeting is, what it is called and where one joins it.
struct CalendarEvent: Sendable {
    /// Names one meeting with all its instances; empty for one without.
    var uid = ""
    var sequence = 0
    var title = ""
    /// Marked as not for everybody's eyes.
    var isPrivate = false
    var isCancelled = false
    var start: CalendarTime?
    var end: CalendarTime?
    var duration: CalendarDuration?
    var rules: [RecurrenceRule] = []
    var exceptionRules: [RecurrenceRule] = []
    var further: [CalendarPeriod] = []
    var except: [CalendarTime] = []
    /// The instance of a series that this stands for.
    var instance: CalendarTime?
    /// It stands for all later instances as well (RANGE=THISANDFUTURE).
    var isRange = false
    /// Addresses in what is said of the place and of the meeting.
    var links: [String] = []
    /// What of it is not understood and therefore does not count.
    var problems: [String] = []

    private static let maximumTimes = 2_000
    private static let maximumRules = 10
    private static let maximumLinks = 20
    /// In Unicode scalars.
    static let maximumTitle = 200

    /// The properties that say anything to us.
    static let properties: Set<String> = descriptions.union([
        "UID", "SEQUENCE", "SUMMARY", "CLASS", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
        "EXRULE", "RECURRENCE-ID", "URL", "CONFERENCE",
    ])
    /// Of these a part is better than nothing.
    static let descriptions: Set<String> = ["LOCATION", "DESCRIPTION", "X-ALT-DESC"]

    /// - Parameters:
    ///   - component: as libical understood it.
    ///   - piece: what it was given.
    init(_ component: ICalComponent, of piece: CalendarScanner.Piece) {
        var understood: [String: Int] = [:]
        for property in component.properties {
            guard let value = property.value else { continue }
            if take(property, value) { understood[property.name, default: 0] += 1 }
        }
        let times = ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "EXRULE", "RDATE", "EXDATE"]
        for name in times where understood[name, default: 0] < piece.counts[name, default: 0] { problems.append(name) }
        problems += piece.cut
    }

    /// Whether the value is of a kind that the property can have.
    private mutating func take(_ property: ICalProperty, _ value: ICalProperty.Value) -> Bool {
        switch (property.name, value) {
        case ("UID", .text(let text)): uid = String(text.unicodeScalars.prefix(500))
        case ("SEQUENCE", .text(let text)): sequence = Int(text) ?? 0
        case ("SUMMARY", .text(let text)):
            title = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.maximumTitle)))
        // What is neither public nor known counts as private (section 3.8.1.3).
        case ("CLASS", .text(let text)): isPrivate = text.uppercased() != "PUBLIC"
        case ("STATUS", .text(let text)): isCancelled = text.uppercased() == "CANCELLED"
        case ("DTSTART", .time(let time)): start = time
        case ("DTEND", .time(let time)): end = time
        case ("DURATION", .duration(let length)): duration = length
        case ("RRULE", .text(let text)): return keep(text, in: \.rules)
        case ("EXRULE", .text(let text)): return keep(text, in: \.exceptionRules)
        case ("RDATE", .time(let time)): return keepFurther(CalendarPeriod(start: time))
        case ("RDATE", .period(let period)): return keepFurther(period)
        case ("EXDATE", .time(let time)):
            guard except.count < Self.maximumTimes else { return false }
            except.append(time)
        case ("RECURRENCE-ID", .time(let time)):
            instance = time
            isRange = property.hasRange
        case ("LOCATION", .text(let text)): keepLinks(MeetingLinks.find(in: text, isPlace: true) + links)
        case ("URL", .text(let text)), ("DESCRIPTION", .text(let text)), ("CONFERENCE", .text(let text)),
            ("X-ALT-DESC", .text(let text)):
            keepLinks(links + MeetingLinks.find(in: text))
        default: return false
        }
        return true
    }

    private mutating func keep(_ text: String, in rules: WritableKeyPath<CalendarEvent, [RecurrenceRule]>) -> Bool {
        guard let rule = RecurrenceRule(text) else { return false }
        // The same twice is the same.
        if self[keyPath: rules].contains(rule) { return true }
        guard self[keyPath: rules].count < Self.maximumRules else { return false }
        self[keyPath: rules].append(rule)
        return true
    }

    private mutating func keepFurther(_ period: CalendarPeriod) -> Bool {
        guard further.count < Self.maximumTimes else { return false }
        further.append(period)
        return true
    }

    private mutating func keepLinks(_ found: [String]) { links = Array(found.prefix(Self.maximumLinks)) }
}
