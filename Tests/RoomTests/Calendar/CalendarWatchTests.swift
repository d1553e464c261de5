import Basis
import Testing

@testable import Room

@Suite struct CalendarWatchTests {
    private static let noon: Int64 = 1_780_315_200

    private func agenda(_ titles: String..., omissions: [String] = []) -> Agenda {
        Agenda(
            meetings: titles.map { ScheduledMeeting(title: $0, start: Self.noon + 3_600, end: Self.noon + 7_200) },
            period: Self.noon - Agenda.past...Self.noon + Agenda.reach, omissions: omissions)
    }

    private func instant(_ seconds: Int64) -> MonotonicInstant { .zero + .seconds(seconds) }

    /// A watch that has waited for the first look.
    private func begun(refresh: Duration = .seconds(900), seed: UInt64 = 1) -> (CalendarWatch, Int?) {
        var watch = CalendarWatch(refresh: refresh, random: RandomSource(seed: seed))
        watch.update(isIdle: true, clock: Self.noon, at: .zero)
        let first = watch.pollRequest()
        #expect(first == nil && watch.deadline.map { $0 <= instant(5) } == true)
        watch.update(isIdle: true, clock: Self.noon, at: instant(5))
        let number = watch.pollRequest()
        return (watch, number)
    }

    private func polled(_ watch: inout CalendarWatch) throws -> Int {
        let number = watch.pollRequest()
        return try #require(number)
    }

    private func texts(_ watch: inout CalendarWatch) -> [String] {
        var texts: [String] = []
        while let diagnostic = watch.pollDiagnostic() { texts.append("\(diagnostic.code): \(diagnostic.detail)") }
        return texts
    }

    @Test func itIsFetchedAgainAndAgain() throws {
        var (watch, number) = begun()
        #expect(watch.deadline == nil, "one at a time")
        watch.received(try #require(number), .success(agenda("Conseil")), at: instant(6))
        #expect(watch.next(at: Self.noon)?.title == "Conseil")
        let due = try #require(watch.deadline)
        #expect(due >= instant(6 + 900) && due <= instant(6 + 990))
        watch.update(isIdle: true, clock: Self.noon, at: due - .seconds(1))
        let asked1 = watch.pollRequest()
        #expect(asked1 == nil)
        watch.update(isIdle: true, clock: Self.noon, at: due)
        let second = try polled(&watch)
        let asked2 = watch.pollRequest()
        #expect(asked2 == nil, "asked once")
        watch.received(number ?? 0, .success(agenda("old")), at: due)
        #expect(watch.next(at: Self.noon)?.title == "Conseil", "an answer to the first request comes too late")
        watch.received(second, .success(agenda("Bureau")), at: due)
        #expect(watch.next(at: Self.noon)?.title == "Bureau")
    }

    @Test func boxesAreSpread() {
        let dues = (0..<8).map { seed -> MonotonicInstant? in
            var (watch, number) = begun(seed: UInt64(seed))
            watch.received(number ?? 0, .success(agenda()), at: instant(6))
            return watch.deadline
        }
        #expect(Set(dues).count > 4)
    }

    @Test func aServerThatRefusesIsAskedEverMoreRarelyAndTheLastGoodOneStays() throws {
        var (watch, number) = begun()
        watch.received(try #require(number), .success(agenda("Conseil")), at: instant(6))
        _ = texts(&watch)
        var now = try #require(watch.deadline)
        var pauses: [Int64] = []
        for _ in 0..<14 {
            watch.update(isIdle: true, clock: Self.noon, at: now)
            watch.received(try polled(&watch), .failure(.refused(status: 403)), at: now)
            let due = try #require(watch.deadline)
            pauses.append((due - now).wholeNanoseconds / 1_000_000_000)
            now = due
        }
        #expect((15...19).contains(pauses[0]) && (30...38).contains(pauses[1]))
        #expect(pauses.allSatisfy { $0 <= 4_500 } && pauses[13] >= 3_600)
        #expect(watch.next(at: Self.noon)?.title == "Conseil")
        let said = texts(&watch)
        #expect(said == ["calendar: HTTP status 403"], "said once")
        watch.update(isIdle: true, clock: Self.noon, at: now)
        watch.received(try polled(&watch), .success(agenda("Bureau")), at: now)
        let later = texts(&watch)
        #expect(later == ["calendar: 1 meetings in the next days"])
        #expect((try #require(watch.deadline) - now).wholeMilliseconds >= 900_000, "as if nothing had been")
    }

    @Test func anotherTroubleIsSaidAnew() throws {
        var (watch, number) = begun()
        watch.received(try #require(number), .failure(.unreachable("no address for x")), at: instant(6))
        let due = try #require(watch.deadline)
        watch.update(isIdle: true, clock: Self.noon, at: due)
        watch.received(try polled(&watch), .failure(.notACalendar), at: due)
        let said = texts(&watch)
        #expect(
            said == ["calendar: no address for x", "calendar: the answer is no iCalendar text"])
        #expect(watch.next(at: Self.noon) == nil)
    }

    @Test func omissionsAreSaidOnce() throws {
        var (watch, number) = begun()
        watch.received(try #require(number), .success(agenda(omissions: ["EXRULE", "DTSTART"])), at: instant(6))
        let said = texts(&watch)
        #expect(
            said == [
                "calendar: 0 meetings in the next days", "calendar-left-out: EXRULE", "calendar-left-out: DTSTART",
            ])
        let due = try #require(watch.deadline)
        watch.update(isIdle: true, clock: Self.noon, at: due)
        watch.received(try polled(&watch), .success(agenda(omissions: ["DTSTART", "DTEND"])), at: due)
        let later = texts(&watch)
        #expect(later == ["calendar-left-out: DTEND"])
    }

    @Test func nothingIsFetchedDuringACallOrWithoutTheTime() throws {
        var watch = CalendarWatch(refresh: .seconds(900), random: RandomSource(seed: 3))
        watch.update(isIdle: true, clock: nil, at: instant(100))
        watch.update(isIdle: true, clock: nil, at: instant(200))
        let asked3 = watch.pollRequest()
        #expect(asked3 == nil && watch.deadline == nil)
        watch.update(isIdle: false, clock: Self.noon, at: instant(300))
        let asked4 = watch.pollRequest()
        #expect(asked4 == nil && watch.deadline == nil)
        watch.update(isIdle: true, clock: Self.noon, at: instant(400))
        watch.update(isIdle: true, clock: Self.noon, at: instant(406))
        let number = try polled(&watch)
        // A call begins while it is under way: what comes is kept.
        watch.update(isIdle: false, clock: Self.noon, at: instant(407))
        watch.received(number, .success(agenda("Conseil")), at: instant(408))
        #expect(watch.deadline == nil && watch.next(at: Self.noon)?.title == "Conseil")
        watch.update(isIdle: false, clock: Self.noon, at: instant(9_000))
        let asked5 = watch.pollRequest()
        #expect(asked5 == nil)
        watch.update(isIdle: true, clock: Self.noon, at: instant(9_001))
        let asked6 = watch.pollRequest()
        #expect(asked6 != nil, "it is overdue")
    }

    @Test func aClockThatIsPutRightByDaysAsksAnew() throws {
        var (watch, number) = begun()
        watch.received(try #require(number), .success(agenda("Conseil")), at: instant(6))
        watch.update(isIdle: true, clock: Self.noon + 30 * 86_400, at: instant(7))
        let asked7 = watch.pollRequest()
        #expect(asked7 != nil && watch.next(at: Self.noon + 30 * 86_400) == nil)
    }
}
