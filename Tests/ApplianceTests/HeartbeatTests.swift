import Testing

@testable import Appliance

@Suite struct HeartbeatTests {
    private let begin = Heartbeat(screenTurns: 10, audioSteps: 500, isInCall: true)

    @Test func everythingThatMovesIsAlive() {
        #expect(Heartbeat(screenTurns: 11, audioSteps: 501, isInCall: true).isAlive(since: begin))
    }

    @Test func aScreenOrASoundThatStandsStillIsNot() {
        #expect(!Heartbeat(screenTurns: 10, audioSteps: 900, isInCall: true).isAlive(since: begin))
        #expect(!Heartbeat(screenTurns: 12, audioSteps: 500, isInCall: true).isAlive(since: begin))
    }

    @Test func aThreadThatHangsIsNot() {
        var present = Heartbeat(screenTurns: 11, audioSteps: 501, isInCall: true, stalledThreads: ["vs-camera"])
        #expect(!present.isAlive(since: begin))
        present.stalledThreads = []
        #expect(present.isAlive(since: begin))
    }

    @Test func soundCountsInACallOnly() {
        let idle = Heartbeat(screenTurns: 10, audioSteps: 500, isInCall: false)
        #expect(Heartbeat(screenTurns: 11, audioSteps: 500, isInCall: false).isAlive(since: idle))
        // A call that has just begun is given time.
        #expect(Heartbeat(screenTurns: 11, audioSteps: 500, isInCall: true).isAlive(since: idle))
    }
}
