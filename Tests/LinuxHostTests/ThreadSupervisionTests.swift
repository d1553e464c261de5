import Basis
import Devices
import LinuxHost
import Testing

@Suite(.timeLimit(.minutes(1))) struct ThreadSupervisionTests {
    private struct Sick: Error, CustomStringConvertible {
        let description: String
    }

    @Test func theDelayGrowsAndStartsAnewAfterAGoodTime() {
        var restart = RestartDelay()
        let delays = (0..<9).map { _ in restart.delay(afterRunning: .seconds(1)) }
        #expect(delays.first == .milliseconds(500) && delays[1] == .seconds(1) && delays[5] == .seconds(16))
        #expect(delays.last == .seconds(30))
        #expect(restart.delay(afterRunning: .seconds(60)) == .milliseconds(500))
        #expect(restart.delay(afterRunning: .seconds(2)) == .seconds(1))
    }

    @Test func workThatFailsIsBegunAgainAndEachFailureToldOnce() throws {
        let pulse = ThreadPulse(name: "test")
        let supervision = ThreadSupervision(pulse: pulse, signal: try EventSignal())
        var begun = 0
        var told: [String] = []
        supervision.run(isStopping: { begun == 3 }, onFailure: { told.append($0) }) {
            begun += 1
            if begun < 3 { throw Sick(description: "no device") }
        }
        #expect(begun == 3 && told == ["no device"])
        #expect(!pulse.isStalled(at: MonotonicClock.now + .seconds(1_000)))
    }

    @Test func aThreadStallsAtWorkAndNotAtRest() {
        let pulse = ThreadPulse(name: "test")
        let begin = MonotonicClock.now
        let late = begin + ThreadPulse.patience + .seconds(5)
        #expect(!pulse.isStalled(at: late))
        pulse.tick(at: begin)
        #expect(!pulse.isStalled(at: begin + .seconds(29)) && pulse.isStalled(at: late))
        pulse.rest { #expect(!pulse.isStalled(at: late)) }
        #expect(pulse.isStalled(at: late + .seconds(60)))
        pulse.end()
        #expect(!pulse.isStalled(at: late + .seconds(60)))
    }
}
