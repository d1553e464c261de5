import Basis
import LinuxHost
import Testing

@Suite struct LinuxHostTests {
    @Test func theClockNeverGoesBack() {
        var last = MonotonicClock.now
        for _ in 0..<1_000 {
            let now = MonotonicClock.now
            #expect(now >= last)
            last = now
        }
    }

    @Test func aSignalStaysSetUntilSeenAndWakesOnce() throws {
        let signal = try EventSignal()
        #expect(!signal.clear())
        signal.wake()
        signal.wake()
        #expect(signal.wait())
        #expect(!signal.wait(timeout: .zero))
        signal.wake()
        #expect(signal.clear())
        #expect(!signal.clear())
    }

    @Test func aThreadRunsItsBodyAndIsJoined() throws {
        let (start, done) = (try EventSignal(), try EventSignal())
        let thread = try NamedThread(name: "a-name-too-long-for-it", priority: .nice(1)) { [start, done] in
            start.wait()
            done.wake()
        }
        let other = try NamedThread(name: "vs-test", priority: .realTime(1)) { [done] in done.wait() }
        start.wake()
        thread.join()
        other.join()
        thread.join()
        #expect(!done.clear())
    }

    @Test func theScheduleKeepsItsGridAndGivesUpAfterAStall() {
        var schedule = PeriodicSchedule(interval: .milliseconds(10), mostBehind: 5, from: .zero)
        #expect(schedule.advance(at: .zero) == .zero + .milliseconds(10))
        #expect(schedule.advance(at: .zero + .milliseconds(13)) == .zero + .milliseconds(20))
        // 45 ms late: three periods are caught up at once.
        #expect(schedule.advance(at: .zero + .milliseconds(65)) == .zero + .milliseconds(30))
        #expect(schedule.skipped == 0)
        // A second late: the grid goes on, the backlog is dropped.
        #expect(schedule.advance(at: .zero + .milliseconds(1_042)) == .zero + .milliseconds(1_040))
        #expect(schedule.skipped == 100)
        #expect(schedule.advance(at: .zero + .milliseconds(1_043)) == .zero + .milliseconds(1_050))
    }

    @Test func theTimerReturnsInOrder() {
        var timer = PeriodicTimer(interval: .milliseconds(1))
        let first = timer.wait()
        #expect(timer.wait() >= first)
    }

    @Test func readsTheProportionalSetSize() {
        let text =
            "00400000-7ffd rw-p 0 00:00 0 [rollup]\nRss:            9000 kB\nPss:            1234 kB\nPss_Dirty: 9 kB\n"
        #expect(MemoryReport.proportionalSetSize(inRollup: text) == 1_234)
        #expect(MemoryReport.proportionalSetSize(inRollup: "Rss: 1 kB\n") == nil)
        #expect(MemoryReport.proportionalSetSize(inRollup: "Pss: many kB\n") == nil)
        #expect((MemoryReport.current().openFiles ?? 3) >= 1)
    }
}
