import Basis
import Codecs
import Devices
import MediaEngine
import Testing

@Suite struct StillCardTests {
    private static let size = PictureSize(width: 320, height: 180)
    private static let unplugged = DeviceError("capture", device: "test", errno: 19)

    private static func call(lag: Duration = .zero) -> CameraWorld {
        let world = CameraWorld(size: size, lag: lag)
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        return world
    }

    /// Luma of the upper left corner after decoding all of `frames`; nil when one of them does not decode.
    private static func corner(_ frames: [[UInt8]]) -> UInt8? {
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: CountingWaker())
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 3))
        let slot = exchange.add(source: 1)
        for frame in frames {
            exchange.decode(
                source: 1, frame: frame.span, isKeyframe: VP8Decoder.isKeyframe(frame.span), instant: .zero)
            while loop.step() {}
        }
        guard exchange.statistics[1]?.decodedFrames == frames.count, let picture = slot.take() else { return nil }
        return picture.storage[0]
    }

    @Test func aLostCameraLeavesACardInTheSameStreamAndComesBack() throws {
        var world = Self.call()
        let before = world.step(10)
        world.script.failure = Self.unplugged
        let first = world.step()
        #expect(first.count == 1)
        let during = first + world.step(90)
        // Two a second in three seconds.
        #expect((6...7).contains(during.count))
        #expect(during.allSatisfy { $0.header.size == Self.size })
        let corner = try #require(Self.corner((before + during).map(\.bytes)))
        #expect((30...42).contains(corner))
        #expect(world.exchange.statistics.stillCards == during.count)
        world.script.failure = nil
        let after = world.step(20)
        let back = try #require(after.firstIndex { $0.header.isKeyframe })
        // At most one more card before it, and pictures at the camera's pace from then on.
        #expect(back <= 1)
        #expect(after.count >= 4)
        #expect(world.exchange.statistics.fault == nil)
        let all = before + during + after
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.header.instant < $1.header.instant })
        let light = try #require(Self.corner(all.map(\.bytes)))
        #expect((10...24).contains(light))
    }

    @Test func aLostCameraIsTriedEveryHalfSecond() {
        var world = Self.call()
        _ = world.step(2)
        world.script.failure = Self.unplugged
        _ = world.step(1)
        let attempts = world.script.attempts
        _ = world.step(91)
        #expect((5...6).contains(world.script.attempts - attempts))
        world.script.failure = nil
        _ = world.step(16)
        #expect(world.script.isOpen)
    }

    @Test func aCameraThatIsMissingFromTheStartIsACardToo() {
        var world = Self.call()
        world.script.failure = DeviceError("open", device: "test", errno: 2)
        let frames = world.step(20)
        #expect((1...2).contains(frames.count))
        #expect(frames.first?.header.isKeyframe == true)
        #expect(frames.first?.header.size == Self.size)
        let isOwnPictureShown = world.exchange.selfView.take() != nil
        #expect(isOwnPictureShown)
    }

    @Test func aCameraThatOpensAndGivesNothingKeepsItsCard() {
        var world = Self.call()
        _ = world.step(3)
        world.script.failure = Self.unplugged
        _ = world.step()
        world.script.failure = nil
        world.script.isSilent = true
        let frames = world.step(90)
        #expect(world.script.isOpen)
        #expect((5...7).contains(frames.count))
        #expect(world.exchange.statistics.fault != nil)
    }

    @Test func aCameraThatIsOnlyStartingHasNoCard() {
        var world = Self.call()
        world.script.isSilent = true
        #expect(world.step(60).isEmpty)
        #expect(world.script.isOpen)
    }

    @Test func offMeansNothingAtAll() {
        var world = Self.call()
        _ = world.step(3)
        world.script.failure = Self.unplugged
        #expect(!world.step(20).isEmpty)
        world.exchange.isOn = false
        #expect(world.step(100).isEmpty)
        let isOwnPictureShown = world.exchange.selfView.take() != nil
        #expect(!isOwnPictureShown)
        let attempts = world.script.attempts
        _ = world.step(100)
        #expect(world.script.attempts == attempts)
        #expect(world.exchange.statistics.fault == nil)
    }

    @Test func aCardNobodyAskedForIsNotSent() {
        var world = Self.call()
        world.exchange.wantedHeight = 0
        world.script.failure = Self.unplugged
        #expect(world.step(60).isEmpty)
        let isOwnPictureShown = world.exchange.selfView.take() != nil
        #expect(isOwnPictureShown)
    }

    @Test func failuresThatDoNotPassAreALoss() {
        var world = Self.call()
        _ = world.step(3)
        world.script.failure = DeviceError("capture", device: "test", errno: 5)
        #expect(world.step(50).isEmpty)
        #expect(world.script.isOpen)
        #expect(!world.step(20).isEmpty)
        #expect(!world.script.isOpen)
        world.script.failure = nil
        _ = world.step(40)
        #expect(world.exchange.statistics.fault == nil)
    }

    @Test func timeGrowsAlthoughPicturesAreOlderThanTheCard() {
        var world = Self.call(lag: .milliseconds(100))
        var frames = world.step(3)
        world.script.failure = Self.unplugged
        frames += world.step(16)
        world.script.failure = nil
        frames += world.step(30)
        #expect(frames.count > 10)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.header.instant < $1.header.instant })
    }

    @Test func whatTheCameraCountsIsTold() {
        var world = Self.call()
        world.script.counters.corruptFrames = 3
        world.script.counters.lostFrames = 5
        _ = world.step(40)
        #expect(world.exchange.statistics.corruptFrames == 3)
        #expect(world.exchange.statistics.lostFrames == 5)
    }

    @Test(arguments: ["16x16", "160x90", "320x240", "1280x720", "1920x1080", "722x1280"])
    func theCardIsACrossedCamera(text: String) throws {
        let size = try #require(PictureSize(text))
        guard let card = StillCard.draw(size: size) else {
            Issue.record("no card")
            return
        }
        #expect(card.size == size)
        let luma = Set(card.storage[..<card.uOffset])
        #expect(luma.isSuperset(of: [36, 110, 200]))
        #expect(luma.isSubset(of: [36, 52, 110, 200]))
        #expect(card.storage[card.uOffset...].allSatisfy { $0 == 128 })
        let corners = [card.storage[0], card.storage[card.uOffset - 1]]
        #expect(corners == [36, 36])
    }

    @Test func noCardForWhatIsNoSize() {
        let isEmptyDrawn = StillCard.draw(size: PictureSize(width: 0, height: 720)) != nil
        let isHugeDrawn = StillCard.draw(size: PictureSize(width: 1 << 40, height: 720)) != nil
        #expect(!isEmptyDrawn && !isHugeDrawn)
    }
}
