internal import CICal
internal import Synchronization

/// A property as libical understood it.
struct ICalProperty {
    enum Value {
        case text(String)
        case time(CalendarTime)
        case period(CalendarPeriod)
        case duration(CalendarDuration)
        /// Seconds east of UTC.
        case offset(Int)
    }

    /// In capitals.
    var name: String
    /// Nil where libical takes a value that makes no sense: the 31st of June, a negative duration.
    var value: Value?
    /// Of a RECURRENCE-ID: with the parameter RANGE.
    var hasRange = false
}

/// A component that libical parsed.
struct ICalComponent {
    var name: String
    var properties: [ICalProperty] = []
    var components: [ICalComponent] = []

    /// Its limits are global, and so is whether an error ends the process.
    private static let library = Mutex<Bool>(false)

    /// One component and what is in it; nil for what libical takes for none.
    ///
    /// - Parameter text: from BEGIN to END, of bounded size, depth and number of lines, without a NUL.
    static func parse(_ text: [UInt8]) -> ICalComponent? {
        withLibrary {
            let root = (text + [0]).withUnsafeBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) { $0.baseAddress.flatMap { icalparser_parse_string($0) } }
            }
            guard let root else { return nil }
            defer { icalcomponent_free(root) }
            return ICalComponent(root, depth: 0)
        }
    }

    /// One thread at a time, and nothing stays behind of what libical keeps for each.
    static func withLibrary<Result>(_ body: () -> Result) -> Result {
        library.withLock { isSetUp in
            if !isSetUp { vs_ical_set_up() }
            isSetUp = true
            defer { icalmemory_free_ring() }
            return body()
        }
    }

    private init?(_ component: OpaquePointer, depth: Int) {
        guard let name = icalcomponent_kind_to_string(icalcomponent_isa(component)) else { return nil }
        self.name = String(cString: name)
        var property = icalcomponent_get_first_property(component, ICAL_ANY_PROPERTY)
        while let each = property {
            if let read = ICalProperty(each) { properties.append(read) }
            property = icalcomponent_get_next_property(component, ICAL_ANY_PROPERTY)
        }
        guard depth < 1 else { return }
        var child = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT)
        while let each = child {
            if let read = ICalComponent(each, depth: depth + 1) { components.append(read) }
            child = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)
        }
    }
}

extension ICalProperty {
    fileprivate init?(_ property: OpaquePointer) {
        // What libical writes of its own errors says no more than that a property is not there.
        guard icalproperty_isa(property) != ICAL_XLICERROR_PROPERTY,
            let name = icalproperty_get_property_name(property), let value = icalproperty_get_value(property)
        else { return nil }
        self.name = String(cString: name).uppercased()
        let zone = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER)
            .flatMap { icalparameter_get_tzid($0) }.map { String(cString: $0) }
        hasRange = icalproperty_get_first_parameter(property, ICAL_RANGE_PARAMETER) != nil
        self.value = Self.value(value, zone: zone)
    }

    private static func value(_ value: OpaquePointer, zone: String?) -> Value? {
        switch icalvalue_isa(value) {
        case ICAL_TEXT_VALUE: return icalvalue_get_text(value).map { .text(String(cString: $0)) }
        case ICAL_URI_VALUE: return icalvalue_get_uri(value).map { .text(String(cString: $0)) }
        case ICAL_X_VALUE: return icalvalue_get_x(value).map { .text(unescaped(String(cString: $0))) }
        case ICAL_DATE_VALUE, ICAL_DATETIME_VALUE:
            return CalendarTime(icalvalue_get_datetime(value), zone: zone).map { .time($0) }
        case ICAL_PERIOD_VALUE, ICAL_DATETIMEPERIOD_VALUE: return period(value, zone: zone)
        case ICAL_DURATION_VALUE: return CalendarDuration(icalvalue_get_duration(value)).map { .duration($0) }
        case ICAL_UTCOFFSET_VALUE: return .offset(Int(icalvalue_get_utcoffset(value)))
        default:
            guard let text = icalvalue_as_ical_string_r(value) else { return nil }
            defer { icalmemory_free_buffer(text) }
            return .text(String(cString: text))
        }
    }

    private static func period(_ value: OpaquePointer, zone: String?) -> Value? {
        let read = icalvalue_get_datetimeperiod(value)
        if icaltime_is_null_time(read.period.start) != 0 {
            return CalendarTime(read.time, zone: zone).map { .time($0) }
        }
        guard let start = CalendarTime(read.period.start, zone: zone) else { return nil }
        let hasEnd = icaltime_is_null_time(read.period.end) == 0
        return .period(
            CalendarPeriod(
                start: start, end: hasEnd ? CalendarTime(read.period.end, zone: zone) : nil,
                duration: hasEnd ? nil : CalendarDuration(read.period.duration)))
    }

    /// TEXT (RFC 5545 section 3.3.11), which properties of no standard are in practice.
    private static func unescaped(_ value: String) -> String {
        var scalars = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in value.unicodeScalars {
            if isEscaped {
                isEscaped = false
                scalars.append(scalar == "n" || scalar == "N" ? "\n" : scalar)
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}

extension CalendarTime {
    /// Nil for a day or hour that there is not: libical takes any number.
    init?(_ time: icaltimetype, zone: String?) {
        guard let day = CivilDay(year: Int(time.year), month: Int(time.month), day: Int(time.day)) else { return nil }
        if time.is_date != 0 {
            self = .day(day)
            return
        }
        guard (0..<24).contains(time.hour), (0..<60).contains(time.minute), (0...60).contains(time.second) else {
            return nil
        }
        // A leap second is the last but one.
        let second = Int(time.hour) * 3_600 + Int(time.minute) * 60 + min(59, Int(time.second))
        let local = LocalTime(day, secondOfDay: second)
        if icaltime_is_utc(time) != 0 {
            self = .utc(local.seconds)
        } else if let zone {
            self = .zoned(local, zone: zone)
        } else {
            self = .floating(local)
        }
    }
}

extension CalendarDuration {
    /// Nil for a negative one, and for more than 100 years.
    init?(_ duration: icaldurationtype) {
        let days = Int(duration.days) + 7 * Int(duration.weeks)
        let seconds = Int64(duration.hours) * 3_600 + Int64(duration.minutes) * 60 + Int64(duration.seconds)
        guard duration.is_neg == 0, days <= Self.maximumDays, seconds <= Int64(Self.maximumDays) * 86_400 else {
            return nil
        }
        self.init(days: days, seconds: seconds)
    }
}
