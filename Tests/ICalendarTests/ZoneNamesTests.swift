import Testing

@testable import ICalendar

@Suite struct ZoneNamesTests {
    @Test(arguments: [
        ("Europe/Paris", true), ("EUROPE/PARIS", true), ("europe/paris", true), ("/Europe/Paris", true),
        ("\"Europe/Paris\"", true), ("/mozilla.org/20050126_1/Europe/Paris", true),
        ("/softwarestudio.org/Tzfile/Europe/Paris", true), ("Romance Standard Time", true),
        ("romance standard time", true),
        ("/Romance Standard Time", true), ("Europe/Nowhere", false), ("Mars Standard Time", false), ("", false),
        ("/", false),
    ])
    func namesOfOneZone(name: String, isKnown: Bool) {
        var names = ZoneNames(
            own: .utc, definitions: [], period: 0...1,
            named: { $0 == "Europe/Paris" ? CalendarZone { _ in 3_600 } : nil })
        var budget = 0
        #expect((names.zone(name, budget: &budget) != nil) == isKnown)
    }

    @Test func windowsKnowsItsZonesByOneName() {
        #expect(WindowsZones.name(of: "Romance Standard Time") == "Europe/Paris")
        #expect(WindowsZones.name(of: "w. europe standard time") == "Europe/Berlin")
        #expect(WindowsZones.name(of: "UTC-11") == "Etc/GMT+11")
        #expect(WindowsZones.name(of: "Europe/Paris") == nil)
    }
}
