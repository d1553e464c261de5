import Basis
import Devices
import Testing

@testable import MediaEngine

@Suite struct LayerAllocatorTests {
    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    @Test func aWideLineCarriesAllThatIsWanted() {
        var allocator = LayerAllocator()
        #expect(
            allocator.update(top: .high, skipsMiddle: false, line: 0, at: second(0))
                == LayerBudget(low: 200_000, standard: 500_000, high: 1_500_000))
        #expect(
            allocator.update(top: .standard, skipsMiddle: false, line: 0, at: second(0))
                == LayerBudget(low: 200_000, standard: 500_000))
        #expect(allocator.update(top: .low, skipsMiddle: false, line: 0, at: second(0)) == LayerBudget(low: 200_000))
        #expect(allocator.update(top: .none, skipsMiddle: false, line: 0, at: second(0)) == LayerBudget())
    }

    @Test func oneReceiverAloneNeedsNoMiddleLayer() {
        var allocator = LayerAllocator()
        #expect(
            allocator.update(top: .high, skipsMiddle: true, line: 900_000, at: second(0))
                == LayerBudget(low: 200_000, high: 700_000))
        // Where the high one does not fit, the middle one takes its place.
        #expect(
            allocator.update(top: .high, skipsMiddle: true, line: 600_000, at: second(1))
                == LayerBudget(low: 200_000, standard: 400_000))
    }

    @Test func aNarrowLineIsFilledFromBelowAndNeverOverfilled() {
        for line in stride(from: 60_000, through: 3_000_000, by: 20_000) {
            var allocator = LayerAllocator()
            let budget = allocator.update(top: .high, skipsMiddle: false, line: line, at: second(0))
            #expect(budget.low >= 50_000)
            #expect(budget.low + budget.standard + budget.high <= line)
            if budget.standard > 0 { #expect(budget.low == 200_000 && budget.standard >= 150_000) }
            if budget.high > 0 { #expect(budget.standard == 500_000 && budget.high >= 500_000) }
        }
    }

    @Test func aLayerGoesAtOnceAndComesBackWhenTheLineHasBeenGoodForAWhile() {
        var allocator = LayerAllocator()
        func high(_ line: Int, _ at: Int) -> Bool {
            allocator.update(top: .high, skipsMiddle: false, line: line, at: second(at)).high > 0
        }
        #expect(high(1_300_000, 0))
        #expect(!high(1_100_000, 1))
        for time in 2..<10 { #expect(!high(1_250_000, time), "not enough to spare") }
        #expect(!high(1_700_000, 10))
        #expect(!high(1_700_000, 12))
        #expect(high(1_700_000, 13))
    }
}

@Suite struct SendingGovernorTests {
    private func run(
        _ governor: inout SendingGovernor, from start: MonotonicInstant, for seconds: Int,
        cost: (SendingStep) -> Duration
    ) -> MonotonicInstant {
        var now = start
        var frame = 0
        while now - start < .seconds(seconds) {
            if frame % governor.step.divisor == 0 { governor.note(cost: cost(governor.step), at: now) }
            frame += 1
            now += .microseconds(33_333)
        }
        return now
    }

    /// What compressing costs on a machine that takes `milliseconds` for a full picture.
    private func machine(_ milliseconds: Int) -> (SendingStep) -> Duration {
        { .microseconds(milliseconds * 1_000 * $0.height * $0.height / (720 * 720)) }
    }

    @Test func aMachineThatBearsItIsLeftAlone() {
        var governor = SendingGovernor(framesPerSecond: 30)
        _ = run(&governor, from: .zero, for: 60, cost: machine(15))
        #expect(governor.reason == nil)
        #expect(governor.step.height == 720)
    }

    @Test func aBriefPeakIsBorne() {
        var governor = SendingGovernor(framesPerSecond: 30)
        var now = run(&governor, from: .zero, for: 10, cost: machine(12))
        now = run(&governor, from: now, for: 1, cost: machine(30))
        _ = run(&governor, from: now, for: 10, cost: machine(12))
        #expect(governor.reason == nil)
    }

    @Test func aSlowMachineSendsLessUntilItBearsIt() {
        var governor = SendingGovernor(framesPerSecond: 30)
        // Full pictures take nearly all the time: smaller ones do not.
        var now = run(&governor, from: .zero, for: 10, cost: machine(31))
        #expect(governor.reason == .load)
        #expect(governor.step == SendingGovernor.steps[1])
        let before = governor.step
        now = run(&governor, from: now, for: 30, cost: machine(31))
        #expect(governor.step == before, "it does not swing")
        // Much slower: the picture is sent less often, then without its large layers.
        now = run(&governor, from: now, for: 30, cost: machine(220))
        #expect(governor.step.divisor == 2)
        #expect(governor.step.height < 540)
        // The trouble is over.
        now = run(&governor, from: now, for: 120, cost: machine(5))
        #expect(governor.step == SendingGovernor.steps[0])
        #expect(governor.reason == nil)
    }

    @Test func aStepUpThatWasTooEarlyIsTriedLaterEachTime() {
        var governor = SendingGovernor(framesPerSecond: 30)
        // Small pictures are cheap here, large ones are not: only trying tells.
        let cost: (SendingStep) -> Duration = { $0.height == 720 ? .milliseconds(32) : .milliseconds(8) }
        var now = MonotonicInstant.zero
        var changes: [MonotonicInstant] = []
        var last = governor.step
        for _ in 0..<600 {
            now = run(&governor, from: now, for: 1, cost: cost)
            if governor.step != last, governor.step.height == 720 { changes.append(now) }
            last = governor.step
        }
        #expect((3...8).contains(changes.count))
        let pauses = zip(changes, changes.dropFirst()).map { $1 - $0 }
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 + .seconds(2) }, "looked at about each second")
    }

    @Test func heatLowersThePictureAndIsTold() {
        var governor = SendingGovernor(framesPerSecond: 30)
        governor.note(temperature: 79, at: .zero)
        #expect(governor.reason == nil)
        governor.note(temperature: 84, at: .zero + .seconds(5))
        #expect(governor.reason == .heat)
        #expect(governor.step == SendingGovernor.steps[1])
        governor.note(temperature: 84, at: .zero + .seconds(10))
        #expect(governor.step == SendingGovernor.steps[1], "what a step brings takes time")
        governor.note(temperature: 84, at: .zero + .seconds(21))
        #expect(governor.step == SendingGovernor.steps[2])
        governor.note(temperature: 76, at: .zero + .seconds(60))
        #expect(governor.step == SendingGovernor.steps[2])
        governor.note(temperature: 70, at: .zero + .seconds(80))
        governor.note(temperature: 70, at: .zero + .seconds(100))
        #expect(governor.reason == nil)
    }
}

@Suite struct SimulcastLoopTests {
    private func world(_ size: PictureSize = PictureSize(width: 1280, height: 720)) -> CameraWorld {
        let world = CameraWorld(size: size)
        world.exchange.isOn = true
        world.exchange.sendsSimulcast = true
        world.exchange.wantedHeight = 720
        return world
    }

    private func heights(_ frames: [(header: EncodedFrame, bytes: [UInt8])]) -> [Int: Int] {
        Dictionary(frames.map { ($0.header.layer, $0.header.size.height) }, uniquingKeysWith: { $1 })
    }

    @Test func oneCameraGoesOutInThreeSizesOfOneInstant() {
        var world = world()
        let first = world.step()
        #expect(first.map(\.header.layer) == [0, 1, 2])
        #expect(first.map(\.header.size.height) == [180, 360, 720])
        #expect(first.map(\.header.size.width) == [320, 640, 1280])
        #expect(first.allSatisfy { $0.header.isKeyframe })
        #expect(Set(first.map(\.header.timestamp)).count == 1)
        let later = world.step(8)
        #expect(later.map(\.header.layer).filter { $0 == 2 }.count >= 7)
        #expect(world.exchange.statistics.encodedSize?.height == 720)
    }

    @Test func layersThatNobodyWantsAreNotCompressed() {
        var world = world()
        world.exchange.wantedHeight = 360
        #expect(heights(world.step(3)) == [0: 180, 1: 360])
        world.exchange.wantedHeight = 720
        let raised = world.step()
        #expect(raised.map(\.header.layer) == [0, 1, 2])
        #expect(raised.map(\.header.isKeyframe) == [false, false, true], "the others go on undisturbed")
        world.exchange.wantedHeight = 180
        _ = world.step(95)
        #expect(heights(world.step(3)) == [0: 180])
        world.exchange.wantedHeight = 0
        #expect(world.step(3).isEmpty)
        #expect(world.script.isOpen)
    }

    @Test func aKeyframeIsMadeOfTheLayerThatOwesIt() {
        var world = world()
        _ = world.step(15)
        world.exchange.requestKeyframe(layer: 1)
        let answer = world.step()
        #expect(answer.filter(\.header.isKeyframe).map(\.header.layer) == [1])
        _ = world.step(15)
        world.exchange.requestKeyframe()
        #expect(world.step().filter(\.header.isKeyframe).map(\.header.layer) == [0, 1, 2])
    }

    @Test func aSmallCameraGivesNoLargerLayers() {
        var world = world(PictureSize(width: 640, height: 360))
        #expect(heights(world.step()) == [0: 180, 1: 360])
        var square = self.world(PictureSize(width: 640, height: 480))
        #expect(heights(square.step()) == [0: 180, 1: 360, 2: 480])
    }

    @Test func oneReceiverAndANarrowLineSpareLayers() {
        var world = world()
        world.exchange.hasOneReceiver = true
        #expect(heights(world.step()) == [0: 180, 2: 720])
        world.exchange.bitrateLimit = 300_000
        #expect(heights(world.step(3)) == [0: 180])
        _ = world.step(30)
        #expect(world.exchange.statistics.reason == .line)
        #expect(world.exchange.statistics.low.bitrate == 200_000)
    }

    @Test func aTemporalOrderIsKeptInEachLayer() {
        var world = world()
        let frames = world.step(9)
        for layer in 0..<3 {
            let places = frames.filter { $0.header.layer == layer }.map(\.header.temporalLayer)
            #expect(places.prefix(5) == [0, 2, 1, 2, 0])
        }
    }

    @Test func aSlowMachineSendsASmallerPictureAndSaysWhy() {
        let waker = CountingWaker()
        let exchange = CameraExchange(outgoingWaker: waker)
        var time = MonotonicInstant.zero
        var ticks = 0
        // Each picture takes 32 of the 33 milliseconds: the clock is read before and after.
        var loop = CameraLoop(
            exchange: exchange,
            camera: GradientCamera(script: DeviceScript(), size: PictureSize(width: 1280, height: 720)),
            clock: {
                ticks += 1
                return .zero + .milliseconds(32 * ticks)
            })
        exchange.isOn = true
        exchange.sendsSimulcast = true
        exchange.wantedHeight = 720
        var bytes: [UInt8] = []
        var last: [Int: Int] = [:]
        for _ in 0..<110 {
            _ = loop.step(at: time)
            time += .milliseconds(33)
            while let header = exchange.outgoing.pop(into: &bytes) { last[header.layer] = header.size.height }
        }
        #expect(last == [0: 180, 1: 360, 2: 540])
        #expect(exchange.statistics.reason == .load)
    }
}
