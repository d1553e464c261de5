import Basis
import Codecs
import Devices
import MediaSession
import RTP
import Testing

@testable import Practice

@Suite struct PracticeMediaTests {
    private static func median(_ values: ArraySlice<UInt8>) -> Int {
        let sorted = values.sorted()
        return Int(sorted[sorted.count / 2])
    }

    /// Of the loudest second, by its crossings of zero.
    private static func frequency(_ samples: [Int16]) -> Double {
        let part = samples.dropFirst(9_600).prefix(48_000)
        let crossings = zip(part, part.dropFirst()).count { $0 < 0 && $1 >= 0 }
        return Double(crossings) * 48_000 / Double(part.count)
    }

    @Test(arguments: [PracticeOptions.Channel.webSocket, .sctp, .both])
    func partnersAreSeenAndHeard(channel: PracticeOptions.Channel) throws {
        let world = try PracticeWorld(PracticeOptions(channel: channel))
        let client = try world.enter()
        world.run(.milliseconds(800))
        #expect(client.isSecured)
        #expect(client.isChannelOpen)
        #expect(client.prefersSCTP == (channel != .webSocket))
        #expect(client.frames.isEmpty)
        #expect(world.conference.observations().first?.channel == (channel == .webSocket ? .webSocket : .sctp))

        client.wantVideo(height: 720, at: world.now)
        world.run(.seconds(9))
        for partner in world.conference.partners {
            let frames = try #require(client.frames[partner.videoSSRC])
            #expect(frames.first?.isKeyframe == true)
            #expect(frames.count > 100)
            var decoder = try VP8Decoder()
            let pool = FramePool(capacity: 2)
            for (index, frame) in frames.prefix(30).enumerated() {
                let picture = try decoder.decode(frame.bytes.span, pool: pool)
                guard index == 29, let picture else { continue }
                #expect(picture.size == PictureSize(width: 640, height: 360))
                let colour = partner.settings.colour
                #expect(abs(Self.median(picture.storage[..<picture.uOffset]) - Int(colour.y)) < 8)
                #expect(abs(Self.median(picture.storage[picture.uOffset..<picture.vOffset]) - Int(colour.u)) < 8)
                #expect(abs(Self.median(picture.storage[picture.vOffset...]) - Int(colour.v)) < 8)
            }
            let samples = try #require(client.pcm[partner.audioSSRC])
            #expect(abs(Self.frequency(samples) - partner.settings.tone) < 8)
        }
        #expect(client.levels.allSatisfy { $0 == PartnerTone.level })
        let speakers = client.channelMessages.compactMap { $0["dominantSpeakerEndpoint"]?.string }
        #expect(Set(speakers) == Set(world.conference.partnerIDs))
        #expect(client.channelMessages.contains { $0["colibriClass"]?.string == "ServerHello" } == !client.prefersSCTP)
        #expect(
            client.channelMessages.contains {
                $0["sourceName"]?.string == client.nick + "-v0" && $0["maxHeight"]?.integer == 720
            })
        let forwarded = client.channelMessages.last { $0["forwardedSources"] != nil }?["forwardedSources"]?.array
        #expect(forwarded?.compactMap(\.string) == world.conference.partners.map(\.videoName))
        #expect(client.media?.statistics().inbound.allSatisfy { $0.lost == 0 } == true)
        #expect(client.media?.statistics().unsupportedPackets == 0)
        #expect(client.media?.statistics().unknownSSRCPackets == 0)
    }

    @Test func constraintsAreObeyed() throws {
        let world = try PracticeWorld(PracticeOptions(channel: .webSocket))
        let client = try world.enter()
        world.run(.milliseconds(800))
        client.wantVideo(height: 180, at: world.now)
        world.run(.seconds(1))
        let ssrc = world.conference.partners[0].videoSSRC
        #expect(client.keyframeSizes[ssrc]?.first == PictureSize(width: 320, height: 180))
        client.wantVideo(height: -1, at: world.now)
        world.run(.seconds(1))
        #expect(client.keyframeSizes[ssrc]?.last == PictureSize(width: 640, height: 360))
        client.wantVideo(height: 0, at: world.now)
        world.run(.milliseconds(300))
        let count = client.frames[ssrc]?.count
        world.run(.seconds(1))
        #expect(client.frames[ssrc]?.count == count)
        client.channelSend(
            #"{"colibriClass":"ReceiverVideoConstraints","lastN":1,"defaultConstraints":{"maxHeight":360},"#
                + #""onStageSources":["\#(world.conference.partners[1].videoName)"]}"#, at: world.now)
        world.run(.milliseconds(300))
        #expect(
            world.conference.observations().first?.forwardedSources == [world.conference.partners[1].videoName])
        #expect(world.conference.observations().first?.rejectedMessages == 0)
    }

    @Test func strictBridgeRejects() throws {
        let world = try PracticeWorld(PracticeOptions(channel: .webSocket))
        let client = try world.enter()
        world.run(.milliseconds(800))
        let rejected = [
            #"{"colibriClass":"ReceiverVideoConstraints","lastn":1}"#, #"{"colibriClass":"ClientHello","x":1}"#,
            #"{"colibriClass":"EndpointMessage"}"#, "nonsense", "[]", #"{"colibriClass":"Unknown"}"#,
            #"{"colibriClass":"SourceVideoTypeMessage","sourceName":"a","videoType":"film"}"#,
        ]
        for text in rejected { client.channelSend(text, at: world.now) }
        client.channelSend(#"{"colibriClass":"ClientHello"}"#, at: world.now)
        client.channelSend(
            #"{"colibriClass":"SourceVideoTypeMessage","sourceName":"a","videoType":"none"}"#, at: world.now)
        world.settle()
        #expect(world.conference.observations().first?.rejectedMessages == rejected.count)
        #expect(client.channelMessages.count { $0["colibriClass"]?.string == "ServerHello" } == 2)
    }

    @Test func wrongFingerprintEndsTheSession() throws {
        let world = try PracticeWorld(PracticeOptions(wrongFingerprint: true))
        let client = try world.enter()
        world.run(.seconds(2))
        #expect(client.events.contains(.failed(.fingerprintMismatch)))
        #expect(!client.isSecured)
    }

    @Test func ownMediaIsCountedAndForwarded() throws {
        let world = try PracticeWorld(PracticeOptions(channel: .webSocket))
        let sender = try world.enter()
        world.run(.milliseconds(800))
        let receiver = try world.enter { $0.features = [] }
        world.run(.milliseconds(800))
        #expect(receiver.isSecured)
        #expect(receiver.sources.contains { $0.owner == sender.nick })
        #expect(sender.sources.filter { $0.owner == receiver.nick }.count == 2)
        receiver.wantVideo(height: 360, at: world.now)
        world.run(.milliseconds(300))

        let size = PictureSize(width: 320, height: 180)
        var encoder = try VP8Encoder(size: size, framesPerSecond: 10, bitrate: 200_000)
        var opus = try OpusEncoder()
        var (packet, encoded): ([UInt8], [UInt8]) = ([], [])
        try opus.encode([Int16](repeating: 900, count: 960).span, into: &packet)
        for index in 0..<30 {
            let picture = VideoFrame(size: size)
            let isKeyframe = try encoder.encode(picture, forceKeyframe: sender.keyframesWanted > 0, into: &encoded)
            if isKeyframe { sender.keyframesWanted = 0 }
            sender.media?.sendVideo(
                encoded.span, timestamp: UInt32(index * 9_000), isKeyframe: isKeyframe, at: world.now)
            sender.media?.sendAudio(
                packet.span, timestamp: UInt32(index * 4_800), level: 33, marker: index == 0, at: world.now)
            world.settle()
            world.run(.milliseconds(100))
        }
        let seen = try #require(world.conference.observations().first)
        #expect(seen.audioPackets == 30)
        #expect(seen.audioLevel == 33)
        #expect(seen.videoFrames == 30)
        #expect(seen.keyframeSize == size)
        let video = try #require(receiver.sources.first { $0.owner == sender.nick && $0.kind == .video })
        let audio = try #require(receiver.sources.first { $0.owner == sender.nick && $0.kind == .audio })
        #expect(receiver.frames[video.ssrc]?.first?.isKeyframe == true)
        #expect((receiver.frames[video.ssrc]?.count ?? 0) > 20)
        #expect(receiver.levels.contains(33))
        #expect(receiver.media?.statistics().inbound.first { $0.ssrc == audio.ssrc }?.packets == 30)

        sender.leave()
        world.run(.milliseconds(100))
        #expect(receiver.presences(of: sender.nick).last?["type"] == "unavailable")
        #expect(!receiver.sources.contains { $0.owner == sender.nick })
        #expect(world.conference.observations().map(\.endpoint) == [receiver.nick])
    }

    @Test func nothingIsMadeWithoutListeners() throws {
        let world = try PracticeWorld()
        #expect(world.conference.soonest.instant == nil)
        let client = try world.enter()
        world.run(.seconds(1))
        #expect(world.conference.film.deadline != nil)
        client.leave()
        world.run(.milliseconds(100))
        #expect(world.conference.soonest.instant == nil)
    }
}
