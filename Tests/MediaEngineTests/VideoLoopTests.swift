import Basis
import Codecs
import Devices
import MediaEngine
import Testing

struct CameraWorld: ~Copyable {
    let waker = CountingWaker()
    let exchange: CameraExchange
    let script = DeviceScript()
    var loop: CameraLoop<GradientCamera>
    var now = MonotonicInstant.zero

    init(size: PictureSize = PictureSize(width: 1280, height: 720), lag: Duration = .zero) {
        exchange = CameraExchange(outgoingWaker: waker)
        loop = CameraLoop(exchange: exchange, camera: GradientCamera(script: script, size: size, lag: lag))
    }

    /// Steps `count` times 33 ms, emptying the queue; returns what came out.
    mutating func step(_ count: Int = 1) -> [(header: EncodedFrame, bytes: [UInt8])] {
        var frames: [(EncodedFrame, [UInt8])] = []
        var bytes: [UInt8] = []
        for _ in 0..<count {
            _ = loop.step(at: now)
            now += .milliseconds(33)
            while let header = exchange.outgoing.pop(into: &bytes) { frames.append((header, bytes)) }
        }
        return frames
    }
}

@Suite struct CameraLoopTests {
    @Test func theDeviceIsOpenOnlyWhileOn() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        #expect(world.step(3).isEmpty)
        #expect(world.script.opened == 0)
        world.exchange.isOn = true
        _ = world.step(2)
        #expect(world.script.isOpen)
        let hasSelfView = world.exchange.selfView.take() != nil
        #expect(hasSelfView)
        world.exchange.isOn = false
        _ = world.step()
        #expect(!world.script.isOpen)
        let leftOver = world.exchange.selfView.take() != nil
        #expect(!leftOver)
    }

    /// The first choice is back while another camera serves: taken at a quiet moment, in the same stream.
    @Test(arguments: [true, false]) func theBetterCameraIsTakenBack(isSeen: Bool) {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        if isSeen { world.exchange.wantedHeight = 180 }
        var frames = world.step(60)
        #expect(frames.isEmpty != isSeen)
        world.script.isPreferredPresent = true
        let delay = isSeen ? 10 : 3
        // It comes and goes: nothing is touched.
        frames += world.step((delay - 1) * 30)
        world.script.isPreferredPresent = false
        frames += world.step(3)
        world.script.isPreferredPresent = true
        frames += world.step((delay - 1) * 30)
        #expect(world.script.opened == 1)
        frames += world.step(3 * 30)
        #expect(world.script.opened == 2 && world.script.isOpen)
        world.script.isPreferredPresent = false
        frames += world.step(60)
        #expect(world.script.opened == 2)
        guard isSeen else { return }
        // One stream: its time only grows, no card stands between, and the new camera begins with a key frame.
        #expect(world.exchange.statistics.stillCards == 0)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.header.instant < $1.header.instant })
        #expect(frames.count { $0.header.isKeyframe } >= 2)
    }

    @Test func aPresetWaitsUntilTheCameraIsOn() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.choosePreset(2)
        _ = world.step()
        #expect(world.script.preset == nil)
        world.exchange.isOn = true
        _ = world.step()
        #expect(world.script.preset == 2)
    }

    @Test func theSelfViewIsSmallAndOfTheSameShape() {
        var world = CameraWorld(size: PictureSize(width: 640, height: 480))
        world.exchange.isOn = true
        #expect(world.step().isEmpty)
        guard let frame = world.exchange.selfView.take() else {
            Issue.record("no self-view")
            return
        }
        #expect(frame.size == PictureSize(width: 240, height: 180))
    }

    @Test func beforeTheCallTheSelfViewIsLargeAndNothingIsSent() {
        var world = CameraWorld()
        world.exchange.isOn = true
        world.exchange.isSelfViewLarge = true
        #expect(world.step(5).isEmpty)
        #expect(world.exchange.selfView.take()?.size == PictureSize(width: 960, height: 540))
        #expect(world.exchange.statistics.encodedFrames == 0)
        world.exchange.isSelfViewLarge = false
        #expect(world.step().isEmpty)
        #expect(world.exchange.selfView.take()?.size == PictureSize(width: 320, height: 180))
    }

    @Test func followsTheWantedHeightUpAtOnceAndDownLater() {
        var world = CameraWorld()
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        #expect(world.step().first?.header.size == PictureSize(width: 320, height: 180))
        world.exchange.wantedHeight = 720
        let raised = world.step()
        #expect(raised.first?.header.size == PictureSize(width: 1280, height: 720))
        #expect(raised.first?.header.isKeyframe == true)
        world.exchange.wantedHeight = 360
        #expect(world.step(10).allSatisfy { $0.header.size.height == 720 })
        let lowered = world.step(85)
        #expect(lowered.last?.header.size == PictureSize(width: 640, height: 360))
        #expect(lowered.first { $0.header.size.height == 360 }?.header.isKeyframe == true)
        world.exchange.wantedHeight = 0
        #expect(world.step(3).isEmpty)
        #expect(world.script.isOpen)
    }

    @Test func neverSendsMoreThanTheCameraGives() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 240))
        world.exchange.isOn = true
        world.exchange.wantedHeight = -1
        #expect(world.step().first?.header.size == PictureSize(width: 320, height: 240))
    }

    @Test func keyframeRequestsAreMerged() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        _ = world.step(15)
        world.exchange.requestKeyframe()
        #expect(world.step().first?.header.isKeyframe == true)
        world.exchange.requestKeyframe()
        world.exchange.requestKeyframe()
        let following = world.step(20).map(\.header)
        #expect(following.count { $0.isKeyframe } == 1)
        #expect(following.first?.isKeyframe == false)
    }

    @Test func aFullQueueDropsAndGoesOnWithAKeyframe() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        for _ in 0..<20 {
            _ = world.loop.step(at: world.now)
            world.now += .milliseconds(33)
        }
        #expect(world.waker.count == 1)
        var bytes: [UInt8] = []
        var waiting = 0
        while world.exchange.outgoing.pop(into: &bytes) != nil { waiting += 1 }
        #expect(waiting == 4)
        #expect(world.step().first?.header.isKeyframe == true)
        _ = world.step(40)
        #expect(world.exchange.statistics.droppedFrames >= 15)
    }

    @Test func anUnpluggedCameraIsToldAndTriedAgain() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        _ = world.step(2)
        world.script.failure = DeviceError("capture", device: "test", errno: 19)
        _ = world.step(3)
        #expect(!world.script.isOpen)
        #expect(world.exchange.statistics.fault?.severity == .absent)
        world.script.failure = nil
        _ = world.step(40)
        #expect(world.script.opened == 2)
        #expect(world.exchange.statistics.fault == nil)
    }

    @Test(arguments: [
        (-1, SendingLayer.high), (0, .none), (90, .low), (180, .low), (359, .low), (360, .standard),
        (719, .standard), (720, .high), (2_160, .high),
    ])
    func readsTheConstraint(height: Int, layer: SendingLayer) {
        #expect(SendingLayer(maxHeight: height) == layer)
    }
}

extension DecodeExchange {
    fileprivate func decode(source: UInt32, bytes: [UInt8], instant: MonotonicInstant) {
        decode(source: source, frame: bytes.span, isKeyframe: VP8Decoder.isKeyframe(bytes.span), instant: instant)
    }
}

@Suite struct DecodeLoopTests {
    private static func frames(_ count: Int) -> [[UInt8]] {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        return world.step(count).map(\.bytes)
    }

    @Test func picturesComeInTheSlotOfTheirSource() {
        let (decodeWaker, keyframeWaker) = (CountingWaker(), CountingWaker())
        let exchange = DecodeExchange(decodeWaker: decodeWaker, keyframeWaker: keyframeWaker)
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 6))
        let (first, second) = (exchange.add(source: 1), exchange.add(source: 2))
        let frames = Self.frames(5)
        for frame in frames { exchange.decode(source: 1, bytes: frame, instant: .zero + .seconds(9)) }
        exchange.decode(source: 3, bytes: frames[0], instant: .zero)
        #expect(decodeWaker.count == 1)
        var steps = 0
        while loop.step() { steps += 1 }
        #expect(steps == frames.count)
        guard let picture = first.take() else {
            Issue.record("no picture")
            return
        }
        #expect(picture.size == PictureSize(width: 320, height: 180))
        #expect(picture.instant == .zero + .seconds(9))
        let other = second.take() != nil
        #expect(!other)
        #expect(exchange.statistics[1]?.decodedFrames == frames.count)
        #expect(exchange.statistics[1]?.size == PictureSize(width: 320, height: 180))
        #expect(keyframeWaker.count == 0)
    }

    @Test func damageAsksForAKeyframeAndWaitsForIt() {
        let keyframeWaker = CountingWaker()
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: keyframeWaker)
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 3))
        _ = exchange.add(source: 1)
        let frames = Self.frames(3)
        exchange.decode(source: 1, bytes: frames[1], instant: .zero)
        while loop.step() {}
        #expect(exchange.takeKeyframeRequests() == [1])
        #expect(exchange.takeKeyframeRequests().isEmpty)
        #expect(keyframeWaker.count == 1)
        exchange.decode(source: 1, bytes: frames[2], instant: .zero)
        let worked = loop.step()
        #expect(!worked)
        #expect(exchange.droppedFrames == 1)
        exchange.decode(source: 1, bytes: frames[0], instant: .zero)
        while loop.step() {}
        #expect(exchange.statistics[1]?.decodedFrames == 1)
        #expect(exchange.statistics[1]?.damagedFrames == 1)
    }

    @Test func tooManyWaitingBreakTheChainOfThatSourceAlone() {
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: CountingWaker())
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 3))
        _ = (exchange.add(source: 1), exchange.add(source: 2))
        let frames = Self.frames(12)
        for frame in frames { exchange.decode(source: 1, bytes: frame, instant: .zero) }
        exchange.decode(source: 2, bytes: frames[0], instant: .zero)
        #expect(exchange.takeKeyframeRequests() == [1])
        while loop.step() {}
        #expect(exchange.statistics[1]?.decodedFrames == 8)
        #expect(exchange.statistics[2]?.decodedFrames == 1)
    }

    @Test func afterTheLastSourceThePicturesMemoryGoes() {
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: CountingWaker())
        let pool = FramePool(capacity: 1)
        var loop = DecodeLoop(exchange: exchange, pool: pool)
        let slot = exchange.add(source: 1)
        exchange.decode(source: 1, bytes: Self.frames(1)[0], instant: .zero)
        while loop.step() {}
        let isIdleInCall = loop.isIdle
        #expect(!isIdleInCall)
        var size = PictureSize(width: 0, height: 0)
        if var picture = slot.take() {
            size = picture.size
            picture.storage[0] = 99
        }
        exchange.remove(source: 1)
        while loop.step() {}
        let isIdleAfter = loop.isIdle
        #expect(isIdleAfter)
        guard let fresh = pool.frame(size: size) else {
            Issue.record("no picture")
            return
        }
        let first = fresh.storage[0]
        #expect(first == 0)
    }

    /// What would be more than all may hold together is refused, asks for nothing again and again, and takes nothing from
    /// the others.
    @Test func theMemoryOfAllDecodersIsBounded() {
        let keyframeWaker = CountingWaker()
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: keyframeWaker)
        let budget = DecodingBudget(
            limit: DecodingBudget.cost(of: PictureSize(width: 320, height: 180), references: 6))
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 6), budget: budget)
        _ = (exchange.add(source: 1), exchange.add(source: 2))
        let frames = Self.frames(3)
        for frame in frames {
            for source in [1, 2] as [UInt32] { exchange.decode(source: source, bytes: frame, instant: .zero) }
        }
        while loop.step() {}
        #expect(exchange.statistics[1]?.decodedFrames == 3 && exchange.statistics[1]?.damagedFrames == 0)
        #expect(exchange.statistics[2]?.decodedFrames == 0 && exchange.statistics[2]?.damagedFrames == 3)
        #expect(exchange.takeKeyframeRequests().isEmpty && keyframeWaker.count == 0)
        #expect(budget.reserved == budget.limit)
        // The first leaves: there is room for the second.
        exchange.remove(source: 1)
        while loop.step() {}
        #expect(budget.reserved == 0)
        exchange.decode(source: 2, bytes: frames[0], instant: .zero)
        while loop.step() {}
        #expect(exchange.statistics[2]?.decodedFrames == 1)
    }

    @Test func anEmptiedQueueKeepsNoBuffers() {
        let queue = EncodedFrameQueue(capacity: 2, waker: CountingWaker())
        let header = EncodedFrame(isKeyframe: true, size: PictureSize(width: 16, height: 16), instant: .zero)
        func capacityGivenFor(_ count: Int) -> Int {
            var bytes = [UInt8](repeating: 1, count: count)
            #expect(queue.push(&bytes, header: header))
            return bytes.capacity
        }
        var bytes: [UInt8] = []
        for _ in 0..<2 { _ = capacityGivenFor(10_000) }
        for _ in 0..<2 { _ = queue.pop(into: &bytes) }
        #expect(max(capacityGivenFor(10), capacityGivenFor(10)) >= 10_000, "buffers go round")
        queue.removeAll()
        for _ in 0..<2 { #expect(capacityGivenFor(10) == 0) }
    }

    @Test func aRemovedSourceLeavesNothing() {
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: CountingWaker())
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 3))
        let slot = exchange.add(source: 1)
        exchange.decode(source: 1, bytes: Self.frames(1)[0], instant: .zero)
        exchange.remove(source: 1)
        let worked = loop.step()
        #expect(!worked)
        let picture = slot.take() != nil
        #expect(!picture)
        #expect(exchange.statistics.isEmpty)
    }
}
