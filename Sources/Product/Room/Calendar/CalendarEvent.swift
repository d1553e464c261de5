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
    var rule: RecurrenceRule?
    var further: [CalendarTime] = []
    var except: [CalendarTime] = []
    /// The instance of a series that this stands for.
    var instance: CalendarTime?
    /// Addresses in what is said of the place and of the meeting.
    var links: [String] = []
    /// Why it is left out.
    var problem: String?

    private static let mostTimes = 2_000
    private static let mostLinks = 20
    /// In Unicode scalars.
    private static let longestTitle = 200

    /// The properties that say anything to us.
    static let names: Set<String> = [
        "UID", "SEQUENCE", "SUMMARY", "CLASS", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
        "EXRULE",
        "RECURRENCE-ID", "LOCATION", "URL", "DESCRIPTION", "CONFERENCE",
    ]

    mutating func take(_ line: ContentLine) {
        switch line.name {
        case "UID": uid = String(line.value.unicodeScalars.prefix(500))
        case "SEQUENCE": sequence = Int(line.value) ?? 0
        case "SUMMARY": title = String(String.UnicodeScalarView(line.text.unicodeScalars.prefix(Self.longestTitle)))
        // What is neither public nor known counts as private (section 3.8.1.3).
        case "CLASS": isPrivate = line.value.uppercased() != "PUBLIC"
        case "STATUS": isCancelled = line.value.uppercased() == "CANCELLED"
        case "DTSTART": start = time(line)
        case "DTEND": end = time(line)
        case "DURATION":
            duration = CalendarDuration(line.value)
            if duration == nil { fail("DURATION") }
        case "RRULE": readRule(line)
        case "EXRULE": fail("EXRULE")
        case "RDATE": further += times(line)
        case "EXDATE": except += times(line)
        case "RECURRENCE-ID":
            instance = time(line)
            if line.parameters["RANGE"] != nil { fail("RECURRENCE-ID;RANGE") }
        case "LOCATION": links = Array((WebAddresses.find(in: line.text, isPlace: true) + links).prefix(Self.mostLinks))
        case "URL", "DESCRIPTION", "CONFERENCE":
            links = Array((links + WebAddresses.find(in: line.text)).prefix(Self.mostLinks))
        default: break
        }
    }

    mutating func fail(_ reason: String) {
        if problem == nil { problem = reason }
    }

    private mutating func readRule(_ line: ContentLine) {
        // More than one is allowed by nobody who also says what it means.
        guard rule == nil else { return fail("RRULE") }
        do throws(RecurrenceRule.Problem) {
            rule = try RecurrenceRule(line.value)
        } catch {
            fail("RRULE:" + error.part)
        }
    }

    private mutating func time(_ line: ContentLine) -> CalendarTime? {
        let time = CalendarTime(line.value, zone: line.parameters["TZID"])
        if time == nil { fail(line.name) }
        return time
    }

    private mutating func times(_ line: ContentLine) -> [CalendarTime] {
        var times: [CalendarTime] = []
        for word in line.value.split(separator: ",") {
            guard let time = CalendarTime(word, zone: line.parameters["TZID"]), times.count < Self.mostTimes else {
                fail(line.parameters["VALUE"].map { "\(line.name);VALUE=\($0)" } ?? line.name)
                break
            }
            times.append(time)
        }
        if further.count + except.count + times.count > Self.mostTimes { fail(line.name) }
        return times
    }
}

/// Finds the addresses of web pages in words.
enum WebAddresses {
    private static let most = 20

    /// - Parameter isPlace: the words are a place: an address without a scheme is one as well.
    static func find(in text: String, isPlace: Bool = false) -> [String] {
        var found: [String] = []
        // Between blanks, angle brackets and quotes: in HTML as well.
        for word in text.split(whereSeparator: { $0.isWhitespace || "<>\"'()[]{}|,;".contains($0) }) {
            guard found.count < most else { break }
            let lower = word.lowercased()
            let scheme = ["https://", "http://"].compactMap { lower.firstRange(of: $0)?.lowerBound }.min()
            if let scheme {
                let distance = lower.distance(from: lower.startIndex, to: scheme)
                found.append(trimmed(word.dropFirst(distance)))
            } else if isPlace, word.contains("/"), word.contains(".") {
                found.append("https://" + trimmed(word))
            }
        }
        return found
    }

    /// Without the punctuation of the sentence that it ends.
    private static func trimmed(_ word: Substring) -> String {
        var word = word
        while let last = word.last, ".:!?".contains(last) { word.removeLast() }
        return String(word)
    }
}
