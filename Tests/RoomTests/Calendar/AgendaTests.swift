import Testing

@testable import Room

@Suite struct AgendaTests {
    private static let hour: Int64 = 3_600

    private func meeting(_ title: String, _ start: Int64, _ end: Int64, isAllDay: Bool = false) -> ScheduledMeeting {
        ScheduledMeeting(title: title, start: start * Self.hour, end: end * Self.hour, isAllDay: isAllDay)
    }

    private func next(_ meetings: [ScheduledMeeting], at hours: Double) -> String? {
        let agenda = Agenda(
            meetings: meetings.sorted { $0.start < $1.start }, period: -Agenda.past...Agenda.reach)
        return agenda.next(at: Int64(hours * 3_600))?.title
    }

    @Test func theNextOneWithinADay() {
        let meetings = [meeting("first", 10, 11), meeting("second", 14, 15)]
        #expect(next(meetings, at: 0) == "first")
        #expect(next(meetings, at: -14.5) == nil, "more than a day ahead")
        #expect(next(meetings, at: 10.5) == "first", "it runs")
        #expect(next(meetings, at: 11) == "second")
        #expect(next(meetings, at: 15) == nil)
    }

    @Test func whatIsAboutToBeginComesBeforeWhatRuns() {
        let meetings = [meeting("long", 8, 12), meeting("next", 12, 13)]
        #expect(next(meetings, at: 11.9) == "long")
        #expect(next(meetings, at: 11.95) == "next")
    }

    @Test func ofTwoThatRunTheLaterOneIsMeant() {
        let meetings = [meeting("seminar", 8, 18), meeting("workshop", 10, 12)]
        #expect(next(meetings, at: 9) == "seminar")
        #expect(next(meetings, at: 11) == "workshop")
        #expect(next(meetings, at: 13) == "seminar")
    }

    @Test func wholeDaysGiveWay() {
        let meetings = [meeting("fair", 0, 24, isAllDay: true), meeting("talk", 14, 15)]
        #expect(next(meetings, at: 9) == "talk")
        #expect(next(meetings, at: 16) == "fair")
        #expect(next(meetings, at: -3) == "talk")
        #expect(next([meetings[0]], at: -3) == "fair")
    }

    @Test func aMeetingWithoutAnEndIsShownUntilItBegins() {
        let meetings = [meeting("start", 10, 10)]
        #expect(next(meetings, at: 9.9) == "start" && next(meetings, at: 10.1) == nil)
    }

    @Test func nothingIsSaidOfAnotherTime() {
        let meetings = [meeting("late", 300, 301)]
        #expect(next(meetings, at: 299.5) == nil, "it was read for eight days")
    }
}
