/// A VTIMEZONE (RFC 5545 section 3.6.5).
struct ZoneDefinition: Sendable {
    static let properties: Set<String> = ["TZID", "X-LIC-LOCATION"]
    static let observanceProperties: Set<String> = ["DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"]
    private static let maximumObservances = 50
    private static let maximumDates = 500

    /// STANDARD or DAYLIGHT.
    struct Observance: Sendable {
        /// When it first begins, by the clocks that were valid before.
        var first: LocalTime
        var offsetBefore: Int
        var offset: Int
        var rules: [RecurrenceRule] = []
        var dates: [LocalTime] = []
    }

    /// As the times of this text name it.
    var name = ""
    /// The same in the tz database.
    var location: String?
    /// Empty where the zone has a hole: it would be a wrong one.
    private(set) var observances: [Observance] = []

    /// - Parameters:
    ///   - component: as libical understood it.
    ///   - piece: what it was given.
    init(_ component: ICalComponent, of piece: CalendarScanner.Piece) {
        for property in component.properties {
            guard case .text(let text) = property.value else { continue }
            if property.name == "TZID" { name = text }
            if property.name == "X-LIC-LOCATION" { location = text }
        }
        let read = component.components.prefix(Self.maximumObservances).map(Self.observance)
        let understood = component.components.reduce(0) { $0 + $1.properties.count }
        let given = piece.counts.reduce(0) { $0 + (Self.observanceProperties.contains($1.key) ? $1.value : 0) }
        guard understood == given, piece.cut.isEmpty, component.components.count <= Self.maximumObservances,
            !read.contains(where: { $0 == nil })
        else { return }
        observances = read.compactMap { $0 }
    }

    private static func observance(_ component: ICalComponent) -> Observance? {
        var start: LocalTime?
        var (before, offset): (Int?, Int?) = (nil, nil)
        var rules: [RecurrenceRule] = []
        var dates: [LocalTime] = []
        for property in component.properties {
            switch (property.name, property.value) {
            case ("DTSTART", .time(.floating(let local))), ("DTSTART", .time(.zoned(let local, _))): start = local
            case ("TZOFFSETFROM", .offset(let seconds)): before = seconds
            case ("TZOFFSETTO", .offset(let seconds)): offset = seconds
            case ("RRULE", .text(let text)):
                guard let rule = RecurrenceRule(text), rules.count < 4 else { return nil }
                rules.append(rule)
            case ("RDATE", .time(.floating(let local))):
                guard dates.count < maximumDates else { return nil }
                dates.append(local)
            default: return nil
            }
        }
        guard let start, let before, let offset, (-90_000...93_600).contains(before),
            (-90_000...93_600).contains(offset)
        else { return nil }
        return Observance(first: start, offsetBefore: before, offset: offset, rules: rules, dates: dates)
    }

    /// The zone as it is in and around `period`; nil without observances, or where following their rules costs too much.
    func zone(around period: ClosedRange<Int64>, budget: inout Int) -> CalendarZone? {
        guard let earliest = observances.min(by: { $0.first < $1.first }) else { return nil }
        var onsets: [(at: Int64, offset: Int)] = []
        for observance in observances {
            guard let begun = Self.onsets(of: observance, around: period, budget: &budget) else { return nil }
            onsets += begun.map { ($0.seconds &- Int64(observance.offsetBefore), observance.offset) }
        }
        onsets.sort { $0.at < $1.at }
        let transitions = onsets
        let before = earliest.offsetBefore
        return CalendarZone { instant in transitions.last { $0.at <= instant }?.offset ?? before }
    }

    /// When an observance begins, from one that is before the period on.
    private static func onsets(
        of observance: Observance, around period: ClosedRange<Int64>, budget: inout Int
    ) -> [LocalTime]? {
        let year: Int64 = 366 * 86_400
        var begun = [observance.first] + observance.dates
        for rule in observance.rules {
            let until = rule.until?.local { LocalTime(seconds: $0 &+ Int64(observance.offsetBefore)) }
            // Where it ended long ago, its last one counts.
            let end = min(LocalTime(seconds: period.upperBound) + year, until ?? LocalTime(seconds: .max))
            let begin = min(LocalTime(seconds: period.lowerBound), end) - 2 * year
            guard
                let starts = rule.starts(
                    of: observance.first, isDay: false, in: begin...end, until: until, budget: &budget)
            else { return nil }
            begun += starts
        }
        return begun
    }
}
