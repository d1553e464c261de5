import Basis
import Conference
import Practice
import SimWorld
import Testing

/// Which codec pictures are in, by what everybody in the room says that it takes.
@Suite struct CodecTests {
    private static let partners = ["Camille", "Idris"].map { name in
        PracticePartner(name: name, colour: .teal, tone: 440, videoCodec: .vp9)
    }

    private func inCall(_ codec: VideoCodec, channel: PracticeOptions.Channel = .webSocket) throws -> World {
        let practice = PracticeOptions(channel: channel, partners: Self.partners, framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice, videoCodec: codec))
        try #require(world.join())
        return world
    }

    private func sent(_ world: World) -> [VideoCodec?] { world.observation?.layers.map(\.codec) ?? [] }

    private func received(_ world: World) -> [VideoCodec?] { world.pictures.values.map(\.codec) }

    private func frames(_ world: World) -> [Int] { world.observation?.layers.map(\.frames) ?? [] }

    @Test func aRoomOfVP9IsInVP9() throws {
        let world = try inCall(.vp9)
        world.run(.seconds(3))
        #expect(received(world) == [.vp9, .vp9])
        #expect(world.pictures.values.allSatisfy { $0.frames > 8 && $0.keyframes >= 1 })
        #expect(sent(world) == [.vp9, nil, nil], "in one size")
        let layer = try #require(world.observation?.layers.first)
        #expect(layer.frames > 20 && layer.keyframeSize.map { "\($0)" } == "640x360")
        #expect(world.observation?.refusals == [])
        let accept = world.journal.compactMap { record in
            if case .sent(.signalling, let text) = record.entry, text.contains("session-accept") { text } else { nil }
        }.first
        #expect(accept?.contains("VP9") == true)
    }

    @Test func theUsualBoxGetsAndSendsVP8() throws {
        let world = try inCall(.vp8)
        world.run(.seconds(3))
        #expect(received(world) == [.vp8, .vp8])
        #expect(sent(world) == [.vp8, .vp8, .vp8])
    }

    @Test func somebodyWithoutVP9MakesItVP8AsLongAsTheyAreThere() throws {
        let world = try inCall(.vp9)
        world.run(.seconds(2))
        #expect(sent(world) == [.vp9, nil, nil])
        world.inMeeting { $0.addPartner(PracticePartner(name: "Zoé", colour: .violet, tone: 600), at: $1) }
        world.run(.seconds(2))
        #expect(sent(world) == [.vp8, .vp8, .vp8])
        #expect(received(world).allSatisfy { $0 == .vp8 } && world.pictures.count == 3)
        let layers = try #require(world.observation?.layers)
        #expect(layers.map { $0.keyframeSize.map { "\($0)" } } == ["320x180", "640x360", "1280x720"])
        world.inMeeting { $0.removePartner(named: "Zoé", at: $1) }
        world.run(.seconds(1))
        let before = frames(world)
        world.run(.seconds(2))
        #expect(zip(frames(world), before).map { $0 - $1 }[1...] == [0, 0])
        #expect(sent(world).first == .vp9)
        #expect(received(world).contains(.vp9))
    }

    @Test func picturesComeThroughALossyLine() throws {
        let world = try inCall(.vp9)
        world.network.loss = 0.05
        world.run(.seconds(10))
        #expect(received(world) == [.vp9, .vp9])
        #expect(world.pictures.values.allSatisfy { $0.frames > 40 })
        #expect((world.observation?.layers.first?.frames ?? 0) > 80)
    }
}
