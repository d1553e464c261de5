import Basis
import Devices
import Testing

@testable import Room

/// The ladder with a time, answering its requests as a network would.
private struct Climb {
    var ladder: ConnectionCheck
    var now = MonotonicInstant.zero
    var isNameKnown = true
    var trouble: RungTrouble?
    /// Requests are left without an answer.
    var isSilent = false
    var requests: [ConnectionCheck.Request] = []

    static let server = ConnectionCheck.Server(host: "visio.example.org", port: 443, isSecure: true)
    static let good = NetworkState(hasCarrier: true, address: IPAddress("192.0.2.7"))
    static let unplugged = NetworkState(hasCarrier: false)

    init(servers: [ConnectionCheck.Server] = [server], seed: UInt64 = 0) {
        ladder = ConnectionCheck(servers: servers, seed: seed)
        ladder.watch(true, at: now)
    }

    mutating func answer() {
        ladder.advance(to: now)
        while let request = ladder.pollRequest() {
            requests.append(request)
            if isSilent { continue }
            switch request {
            case .resolve(let number, _): ladder.resolved(number, isFound: isNameKnown, at: now)
            case .connect(let number, _): ladder.connected(number, trouble, at: now)
            }
        }
    }

    mutating func network(_ state: NetworkState) {
        ladder.networkChanged(state, at: now)
        answer()
    }

    /// Runs for so long, as whoever arms a timer would.
    mutating func run(_ time: Duration) {
        let end = now + time
        var turns = 0
        while let deadline = ladder.deadline, deadline <= end {
            now = max(now, deadline)
            answer()
            turns += 1
            guard turns < 1_000 else { return #expect(Bool(false), "it spins") }
        }
        now = end
    }
}

@Suite struct ConnectionCheckTests {
    private static let server = Climb.server

    @Test func aServerThatAnswersIsLookedAtOnceAMinute() {
        var climb = Climb()
        climb.network(Climb.good)
        #expect(climb.requests == [.resolve(number: 1, Self.server), .connect(number: 2, Self.server)])
        #expect(!climb.ladder.isBroken)
        #expect(
            climb.ladder.rungs == [.cable: .works, .address: .works, .names: .works, .tls: .works])
        climb.requests = []
        climb.run(.seconds(59))
        #expect(climb.requests.isEmpty)
        climb.run(.seconds(1))
        #expect(climb.requests.count == 2)
        climb.run(.seconds(600))
        #expect(climb.requests.count == 22)
    }

    @Test func boxesAreSpreadOverTime() {
        var climb = Climb(seed: 12_345)
        climb.network(Climb.good)
        #expect(climb.ladder.deadline == .zero + .milliseconds(72_345))
    }

    @Test func anUnpluggedCableIsToldSoonAndOverAtOnce() {
        var climb = Climb()
        climb.network(Climb.good)
        climb.now += .seconds(10)
        climb.network(Climb.unplugged)
        #expect(!climb.ladder.isBroken, "a plug may be moved")
        #expect(climb.ladder.rungs == [.cable: .fails(.noCarrier)])
        climb.run(.seconds(2))
        #expect(climb.ladder.isBroken)
        climb.requests = []
        climb.run(.seconds(3_600))
        #expect(climb.requests.isEmpty, "nobody is asked without a cable")
        #expect(climb.ladder.deadline == nil)
        climb.network(NetworkState(hasCarrier: true))
        #expect(climb.ladder.isBroken && climb.ladder.rungs == [.cable: .works, .address: .trying])
        climb.now += .seconds(3)
        climb.isSilent = true
        climb.network(Climb.good)
        #expect(climb.ladder.rungs[.names] == .trying && climb.requests.count == 1, "asked at once")
        guard case .resolve(let number, _) = climb.requests[0] else { return #expect(Bool(false)) }
        climb.ladder.resolved(number, isFound: true, at: climb.now)
        #expect(climb.ladder.rungs[.names] == .works && climb.ladder.rungs[.tls] == .trying && climb.ladder.isBroken)
        climb.ladder.connected(number + 1, nil, at: climb.now)
        #expect(!climb.ladder.isBroken)
    }

    @Test func anAddressMayTakeItsTime() {
        var climb = Climb()
        climb.network(NetworkState(hasCarrier: true))
        climb.run(.seconds(9))
        #expect(!climb.ladder.isBroken && climb.ladder.rungs[.address] == .trying)
        climb.run(.seconds(1))
        #expect(climb.ladder.isBroken && climb.ladder.rungs[.address] == .fails(.noAddress))
        climb.network(Climb.good)
        #expect(!climb.ladder.isBroken)
    }

    @Test func aNameThatIsUnknownIsAskedForLessAndLess() {
        var climb = Climb()
        climb.isNameKnown = false
        climb.network(Climb.good)
        #expect(!climb.ladder.isBroken, "once may be chance")
        climb.run(.seconds(2))
        #expect(climb.ladder.isBroken)
        #expect(climb.ladder.rungs[.names] == .fails(.nameUnknown) && climb.ladder.rungs[.tls] == nil)
        climb.requests = []
        climb.run(.seconds(120))
        #expect(climb.requests.count == 6, "after 4, 8, 16 and 30 s, then each 30 s")
        climb.requests = []
        climb.run(.seconds(3_600))
        #expect(climb.requests.count == 120)
        climb.isNameKnown = true
        climb.run(.seconds(60))
        #expect(!climb.ladder.isBroken && climb.ladder.rungs[.tls] == .works)
    }

    @Test(arguments: [RungTrouble.noAnswer, .certificateRefused])
    func aServerThatCannotBeGreetedIsTold(trouble: RungTrouble) {
        var climb = Climb()
        climb.trouble = trouble
        climb.network(Climb.good)
        climb.run(.seconds(2))
        #expect(climb.ladder.isBroken)
        #expect(climb.ladder.rungs[.names] == .works && climb.ladder.rungs[.tls] == .fails(trouble))
        // While it is tried again its cross stays.
        climb.isSilent = true
        climb.run(.seconds(4))
        #expect(climb.ladder.rungs[.tls] == .fails(trouble))
    }

    @Test func silenceIsAnAnswerToo() {
        var climb = Climb()
        climb.isSilent = true
        climb.network(Climb.good)
        climb.run(.seconds(8))
        #expect(climb.ladder.rungs[.names] == .fails(.nameUnknown) && !climb.ladder.isBroken)
        climb.run(.seconds(10))
        #expect(climb.ladder.isBroken)
        // The answer to a question that is given up is no answer.
        guard case .resolve(let number, _) = climb.requests[0] else { return #expect(Bool(false)) }
        climb.ladder.resolved(number, isFound: true, at: climb.now)
        #expect(climb.ladder.rungs[.names] == .fails(.nameUnknown))
        let count = climb.requests.count
        climb.run(.seconds(3_600))
        #expect(climb.requests.count - count < 100)
    }

    @Test func oneServerOfSeveralIsEnough() {
        let other = ConnectionCheck.Server(host: "autre.example.org", port: 443, isSecure: true)
        var climb = Climb(servers: [Self.server, other, Self.server])
        climb.isSilent = true
        climb.network(Climb.good)
        climb.ladder.resolved(1, isFound: false, at: climb.now)
        climb.answer()
        #expect(climb.requests == [.resolve(number: 1, Self.server), .resolve(number: 2, other)])
        climb.ladder.resolved(2, isFound: true, at: climb.now)
        climb.ladder.connected(3, nil, at: climb.now)
        #expect(climb.ladder.subject == other && climb.ladder.rungs[.tls] == .works)
        // When all fail, the one that was reached furthest is told of.
        climb.ladder.networkChanged(NetworkState(hasCarrier: true, address: .v4(1)), at: climb.now)
        climb.requests = []
        climb.answer()
        guard case .resolve(let number, _) = climb.requests[0] else { return #expect(Bool(false)) }
        climb.ladder.resolved(number, isFound: true, at: climb.now)
        climb.ladder.connected(number + 1, .noAnswer, at: climb.now)
        climb.answer()
        climb.ladder.resolved(number + 2, isFound: false, at: climb.now)
        #expect(climb.ladder.subject == Self.server)
        #expect(climb.ladder.rungs[.names] == .works && climb.ladder.rungs[.tls] == .fails(.noAnswer))
    }

    @Test func aServerOnThisMachineNeedsNoCable() {
        let local = ConnectionCheck.Server(host: "127.0.0.1", port: 8000, isSecure: false, isLocal: true)
        var climb = Climb(servers: [local])
        climb.network(Climb.unplugged)
        climb.run(.seconds(60))
        #expect(!climb.ladder.isBroken && climb.ladder.rungs[.cable] == .works && climb.ladder.rungs[.tls] == .works)
    }

    @Test func nothingIsAskedDuringCalls() {
        var climb = Climb()
        climb.network(Climb.good)
        climb.requests = []
        climb.ladder.watch(false, at: climb.now)
        climb.run(.seconds(600))
        #expect(climb.requests.isEmpty && climb.ladder.deadline == nil)
        climb.ladder.watch(true, at: climb.now)
        climb.run(.seconds(59))
        #expect(climb.requests.isEmpty, "the call showed that all is well")
        climb.run(.seconds(1))
        #expect(climb.requests.count == 2)
        // A cable pulled during a call is told once the call is over.
        climb.ladder.watch(false, at: climb.now)
        climb.network(Climb.unplugged)
        climb.run(.seconds(60))
        #expect(!climb.ladder.isBroken)
        climb.ladder.watch(true, at: climb.now)
        climb.answer()
        #expect(climb.ladder.isBroken)
    }

    @Test func withoutMeetingsNobodyIsAsked() {
        var climb = Climb(servers: [])
        climb.network(Climb.good)
        climb.run(.seconds(3_600))
        #expect(climb.requests.isEmpty && !climb.ladder.isBroken)
    }

    @Test func aWrongClockIsARungOfItsOwn() {
        var climb = Climb()
        climb.ladder.clockRead(.wrong)
        #expect(climb.ladder.rungs[.time] == .fails(.clockWrong))
        climb.ladder.clockRead(.kept)
        #expect(climb.ladder.rungs[.time] == .works)
        climb.ladder.clockRead(.plausible)
        #expect(climb.ladder.rungs[.time] == nil)
    }

    /// What each fault of an attempt says of the rungs, with how far the attempt had come.
    @Test func aJoinTellsHowFarItCame() {
        func after(
            _ reached: ConnectionRung?, _ fault: RoomFault
        ) -> [ConnectionRung: RungState] {
            var ladder = ConnectionCheck(servers: [Self.server], seed: 0)
            ladder.joinBegan(Self.server)
            if let reached { ladder.joinReached(reached) }
            ladder.joinFailed(fault)
            return ladder.rungs
        }
        #expect(after(nil, .serverNotFound) == [.names: .fails(.nameUnknown)])
        #expect(after(nil, .serverUnreachable) == [.names: .works, .tls: .fails(.noAnswer)])
        #expect(after(.tls, .serverUnreachable) == [.names: .works, .tls: .works, .signalling: .fails(.noAnswer)])
        #expect(after(nil, .certificateRefused) == [.names: .works, .tls: .fails(.certificateRefused)])
        #expect(
            after(.tls, .notAMeetingServer) == [
                .names: .works, .tls: .works, .signalling: .fails(.notAMeetingServer),
            ])
        #expect(after(.tls, .accountRefused) == [.names: .works, .tls: .works, .signalling: .works])
        #expect(
            after(.signalling, .mediaBlocked) == [
                .names: .works, .tls: .works, .signalling: .works, .bridge: .fails(.blocked),
            ])
        #expect(after(.bridge, .mediaKeyMismatch)[.media] == .fails(.keyMismatch))
        #expect(after(.bridge, .mediaKeyMismatch)[.bridge] == .works)
        #expect(after(.signalling, .mediaFailed)[.media] == .fails(.engineFailed))
        #expect(after(.media, .meetingFull)[.media] == .works)
    }

    @Test func aJoinThatFailedOnTheWayKeepsTheScreenWarned() {
        var climb = Climb()
        climb.network(Climb.good)
        climb.ladder.watch(false, at: climb.now)
        climb.ladder.joinBegan(Self.server)
        climb.ladder.joinFailed(.serverNotFound)
        climb.ladder.watch(true, at: climb.now)
        #expect(climb.ladder.isBroken)
        climb.run(.seconds(2))
        #expect(!climb.ladder.isBroken, "looked at again soon")
    }
}
