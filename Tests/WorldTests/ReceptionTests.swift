import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

@Suite struct ReceptionLadderTests {
    private struct Line {
        var ladder = ReceptionLadder()
        var second = 0

        mutating func pass(_ seconds: Int, loss: Double, frozen: Double? = nil, bandwidth: Int? = nil) {
            for _ in 0..<seconds {
                second += 1
                ladder.note(loss: loss, frozen: frozen, bandwidth: bandwidth, at: .zero + .seconds(second))
            }
        }
    }

    @Test func aGoodLineAndABadSecondChangeNothing() {
        var line = Line()
        line.pass(10, loss: 0.01)
        line.pass(1, loss: 0.4)
        line.pass(10, loss: 0.05)
        #expect(line.ladder.level == .full)
    }

    @Test func picturesThatStandGetSmallerThenFewerThenGo() {
        var line = Line()
        var levels: [ReceptionLadder.Level] = []
        for _ in 0..<40 {
            line.pass(1, loss: 0.2, frozen: 0.7)
            if levels.last != line.ladder.level { levels.append(line.ladder.level) }
        }
        #expect(levels == [.full, .medium, .small, .half, .one, .none])
    }

    /// Retransmissions mend a fifth over a short way: what is shown well is not taken away.
    @Test func lossesThatAreMendedStopNothing() {
        var line = Line()
        line.pass(120, loss: 0.2, frozen: 0.02)
        #expect(line.ladder.level == .medium)
        line.pass(120, loss: 0.1, frozen: 0)
        #expect(line.ladder.level == .full)
        line.pass(120, loss: 0.1, frozen: 0.05)
        #expect(line.ladder.level == .full)
    }

    @Test func theLastPictureGoesOnlyWhenItHardlyMoves() {
        var line = Line()
        line.pass(120, loss: 0.25, frozen: 0.5)
        #expect(line.ladder.level == .one)
        line.pass(20, loss: 0.5, frozen: 0.9)
        #expect(line.ladder.level == .none)
        line.pass(9, loss: 0.2)
        #expect(line.ladder.level == .one, "tried again, though a fifth is lost")
    }

    @Test func whereNoPictureComesLossesMustDo() {
        var line = Line()
        line.pass(120, loss: 0.1)
        #expect(line.ladder.level == .small)
        line.pass(30, loss: 0.3)
        #expect(line.ladder.level == .none)
    }

    @Test func whatTheBridgeCannotSendIsNotAskedFor() {
        var line = Line()
        line.pass(60, loss: 0, bandwidth: 90_000)
        #expect(line.ladder.level == .one, "a bridge that sends nothing learns nothing")
        line.pass(120, loss: 0, bandwidth: 2_000_000)
        #expect(line.ladder.level == .full)
    }

    @Test func recoveryTakesLongerEachTimeItWasTooEarly() {
        var line = Line()
        var raised: [Int] = []
        var before = line.ladder.level
        for _ in 0..<400 {
            // Small pictures pass, larger ones do not.
            line.pass(1, loss: line.ladder.level < .small ? 0.12 : 0.01)
            if line.ladder.level < before { raised.append(line.second) }
            before = line.ladder.level
        }
        let pauses = zip(raised, raised.dropFirst()).map { $1 - $0 }
        #expect(pauses.count >= 3)
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
        #expect((pauses.last ?? 0) >= 60)
        line.pass(200, loss: 0)
        #expect(line.ladder.level == .full)
    }
}

@Suite struct VideoDemandTests {
    private let speaker = DrawnPicture(name: "s-v0", height: 800, isLarge: true)
    private let share = DrawnPicture(name: "x-v1", height: 900, isShare: true, isLarge: true)
    private func tile(_ number: Int, height: Int = 200) -> DrawnPicture {
        DrawnPicture(name: "t\(number)-v0", height: height)
    }

    @Test(arguments: [(100, 180), (240, 180), (241, 360), (480, 360), (481, 720), (2_000, 720)])
    func aCameraIsAskedForAsItIsDrawn(drawn: Int, asked: Int) {
        let constraints = VideoDemand.constraints(for: [tile(1, height: drawn)], level: .full)
        #expect(constraints.maximumHeights == ["t1-v0": asked])
        #expect(constraints.lastN == 1)
        #expect(constraints.defaultMaximumHeight == 0)
    }

    @Test func theLargeOneIsOnStageAndTheOthersAreSelectedInTheirOrder() {
        let constraints = VideoDemand.constraints(for: [tile(2), speaker, tile(1)], level: .full)
        #expect(constraints.onStageSources == ["s-v0"])
        #expect(constraints.selectedSources == ["t2-v0", "t1-v0"])
        #expect(constraints.lastN == 3)
    }

    @Test func aSharedScreenStaysLegible() {
        func height(_ level: ReceptionLadder.Level, drawn: Int = 900) -> Int? {
            VideoDemand.constraints(
                for: [DrawnPicture(name: "x", height: drawn, isShare: true, isLarge: true)], level: level
            ).maximumHeights["x"]
        }
        #expect(height(.full) == 720)
        #expect(height(.full, drawn: 1_080) == 1_080)
        #expect(height(.full, drawn: 150) == 360)
        #expect(height(.medium, drawn: 1_080) == 1_080)
        #expect(height(.one, drawn: 1_080) == 720)
    }

    @Test func aPoorLineTakesTheLastFirst() {
        let pictures = [tile(1), tile(2), share, tile(3)]
        func names(_ level: ReceptionLadder.Level) -> [String] {
            let constraints = VideoDemand.constraints(for: pictures, level: level)
            #expect(constraints.lastN == constraints.maximumHeights.count)
            return constraints.onStageSources + constraints.selectedSources
        }
        #expect(names(.small) == ["x-v1", "t1-v0", "t2-v0", "t3-v0"])
        #expect(names(.half) == ["x-v1", "t1-v0"])
        #expect(names(.one) == ["x-v1"])
        #expect(names(.none) == [])
        #expect(VideoDemand.constraints(for: [], level: .full).lastN == 0)
    }
}

/// What the box asks of the bridge, and what the bridge asks of the box, in whole calls.
@Suite struct LayersInCallTests {
    private func inCall(_ options: WorldOptions = WorldOptions()) throws -> World {
        let world = try World(options)
        try #require(world.join())
        return world
    }

    private func frames(_ world: World) -> [Int] { world.observation?.layers.map(\.frames) ?? [] }

    private func since(_ before: [Int], _ world: World) -> [Int] { zip(frames(world), before).map { $0 - $1 } }

    @Test func theCameraGoesOutInThreeSizes() throws {
        let world = try inCall()
        world.run(.seconds(3))
        let observation = try #require(world.observation)
        #expect(observation.layers.count == 3)
        #expect(observation.layers.allSatisfy { $0.frames > 20 && $0.keyframes >= 1 })
        #expect(observation.layers.map { $0.keyframeSize.map { "\($0)" } } == ["320x180", "640x360", "1280x720"])
        #expect(observation.refusals == [])
        let accept = world.journal.compactMap { record in
            if case .sent(.signalling, let text) = record.entry, text.contains("session-accept") { text } else { nil }
        }.first
        #expect(accept?.contains("SIM") == true)
    }

    @Test func layersFollowWhatTheOthersWant() throws {
        let world = try inCall()
        world.run(.seconds(1))
        world.inMeeting { $0.look(height: 180, at: $1) }
        world.run(.milliseconds(300))
        var before = frames(world)
        world.run(.seconds(2))
        #expect(since(before, world)[1...] == [0, 0])
        #expect(since(before, world)[0] > 15)
        let keyframes = world.observation?.layers.map(\.keyframes) ?? []
        world.inMeeting { $0.look(height: 720, at: $1) }
        world.run(.seconds(1))
        let later = world.observation?.layers.map(\.keyframes) ?? []
        #expect(zip(later, keyframes).map { $0 - $1 } == [0, 1, 1], "what comes back begins with a key frame")
        world.inMeeting { $0.look(height: 0, at: $1) }
        world.run(.milliseconds(300))
        before = frames(world)
        world.run(.seconds(1))
        #expect(since(before, world) == [0, 0, 0])
    }

    @Test func aKeyframeIsAnsweredOnTheLayerThatWasAsked() throws {
        let world = try inCall()
        world.run(.seconds(2))
        let endpoint = try #require(world.observation?.endpoint)
        let before = world.observation?.layers.map(\.keyframes) ?? []
        world.inMeeting { $0.requestKeyframe(layer: 1, of: endpoint, at: $1) }
        world.run(.milliseconds(300))
        let after = world.observation?.layers.map(\.keyframes) ?? []
        #expect(zip(after, before).map { $0 - $1 } == [0, 1, 0])
        // The first SSRC stands for all of them.
        world.inMeeting { $0.requestKeyframe(layer: 0, of: endpoint, at: $1) }
        world.run(.milliseconds(300))
        let last = world.observation?.layers.map(\.keyframes) ?? []
        #expect(zip(last, after).map { $0 - $1 } == [1, 1, 1])
    }

    @Test(arguments: [true, false]) func oneSizeIsSentWhereTheServerOrTheRoomWantsOne(byServer: Bool) throws {
        let practice = PracticeOptions(channel: .webSocket, framesPerSecond: 5, disablesSimulcast: byServer)
        let world = try inCall(WorldOptions(practice: practice, sendsSimulcast: byServer))
        world.run(.seconds(2))
        #expect(world.observation?.layers.count == 1)
        #expect((world.observation?.videoFrames ?? 0) > 15)
        #expect(world.observation?.refusals == [])
    }

    @Test func aLossyLineGetsSmallerPicturesAndAGoodOneAllOfThemAgain() throws {
        let world = try inCall()
        world.run(.seconds(2))
        #expect(world.receptionLevel == .full)
        world.network.loss = 0.5
        world.run(.seconds(20))
        #expect(world.receptionLevel > .small)
        #expect(world.observation.map { $0.forwardedSources.count < 2 } == true)
        let heard = world.heard.values.reduce(0, +)
        world.run(.seconds(5))
        #expect(world.heard.values.reduce(0, +) > heard + 100, "sound goes on")
        world.network.loss = 0
        #expect(world.run(atMost: .seconds(120)) { $0.receptionLevel == .full })
        world.run(.seconds(2))
        #expect(world.observation?.forwardedSources.count == 2)
    }

    @Test func audioOnlyStopsAllPicturesAndLeavesTheSound() throws {
        let world = try inCall()
        world.press(.camera, .long)
        world.run(.seconds(1))
        #expect(world.room.audioOnly)
        #expect(world.observation?.forwardedSources == [])
        #expect(world.observation?.videoMuted == true)
        let (before, video) = (world.pictures, world.traffic.video)
        let heard = world.heard.values.reduce(0, +)
        world.run(.seconds(5))
        #expect(world.newPictures(since: before) == [0, 0])
        #expect(world.traffic.video == video)
        #expect(world.heard.values.reduce(0, +) > heard + 100)
        world.press(.camera, .long)
        world.run(.seconds(3))
        #expect(world.observation?.forwardedSources.count == 2)
        #expect(world.newPictures(since: before).allSatisfy { $0 > 5 })
        #expect(world.observation?.videoMuted == false)
    }

    @Test func manyChangesAreToldAtABoundedPace() throws {
        let world = try inCall()
        world.run(.seconds(5))
        let before = world.texts(.bridgeChannel, containing: "ReceiverVideoConstraints")
        for _ in 0..<20 {
            world.press(.camera, .long)
            world.run(.milliseconds(100))
        }
        world.run(.seconds(3))
        let told = world.texts(.bridgeChannel, containing: "ReceiverVideoConstraints") - before
        #expect((3...6).contains(told))
        #expect(!world.room.audioOnly)
        #expect(world.observation?.forwardedSources.count == 2, "the last word counts")
    }
}
