import Basis
import Devices
import Scene
import Testing

@testable import Appliance

/// The loop with its world: a scripted display, a time, and what it told.
private final class World {
    let script = DisplayScript()
    var now = MonotonicInstant(nanoseconds: 10_000_000_000)
    var isPowerWanted = true
    private(set) var changes: [(state: DisplayState, fault: String?)] = []
    private(set) var remote: [String] = []
    private var loop: ScreenLoop<ScriptedDisplay>
    let slot = FrameSlot()

    init() throws {
        loop = try ScreenLoop(
            display: ScriptedDisplay(script: script), content: Self.content(isLive: false, slots: [:]))
    }

    static func content(isLive: Bool, slots: [SceneSource: FrameSlot]) -> ScreenContent {
        var scene = SceneState(deviceName: "Salle", phase: .idle(buttons: [], rooms: []))
        if isLive {
            scene = SceneState(
                deviceName: "Salle", roomName: "Conseil", phase: .inCall,
                participants: [
                    SceneParticipant(id: "p", name: "Camille", audioMuted: false, hasVideo: true, sourceID: "s0")
                ], participantCount: 2, microphoneMuted: false)
        }
        return ScreenContent(scene: scene, slots: slots, attempt: 1, isLive: isLive)
    }

    func goLive() { loop.show(Self.content(isLive: true, slots: [.remote("s0"): slot])) }

    func showReconnecting() {
        let scene = SceneState(deviceName: "Salle", roomName: "Conseil", phase: .reconnecting)
        loop.show(ScreenContent(scene: scene, slots: [:], attempt: 2, isLive: false))
    }

    func goIdle() { loop.show(Self.content(isLive: false, slots: [:])) }

    func put(luma: UInt8) {
        var frame = VideoFrame(size: PictureSize(width: 320, height: 180))
        for index in 0..<frame.uOffset { frame.storage[index] = luma }
        slot.put(frame)
    }

    func step(after time: Duration = .milliseconds(20), isHotplug: Bool = false) throws {
        now += time
        try loop.keepDisplay(at: now, isPowerWanted: isPowerWanted, isHotplug: isHotplug) {
            changes.append(($0, $1))
        }
        loop.showWhatIsNew(at: now) { remote.append($0) }
        loop.wait(wakeDescriptor: 3, at: now)
    }

    var mark: PictureMark { loop.pictureMark }

    /// Blue, green and red at a place in hundredths of the screen.
    func pixel(across: Int, down: Int) -> [UInt8] {
        var target = Canvas(size: PictureSize(width: 1, height: 1))
        loop.copy(into: &target)
        let index = target.size.height * down / 100 * target.stride + target.size.width * across / 100 * 4
        return Array(target.bytes[index..<index + 3])
    }

    func copied() -> (size: PictureSize, centre: [UInt8]) {
        var target = Canvas(size: PictureSize(width: 1, height: 1))
        loop.copy(into: &target)
        let index = target.size.height / 2 * target.stride + target.size.width / 2 * 4
        return (target.size, Array(target.bytes[index..<index + 3]))
    }
}

@Suite struct ScreenLoopTests {
    private static let whole = [PixelRectangle(x: 0, y: 0, width: 640, height: 360)]

    @Test func anIdleScreenIsDrawnOnce() throws {
        let world = try World()
        try world.step()
        #expect(world.script.takeLog() == ["open", "present"])
        #expect(world.script.takeDamage() == [Self.whole])
        for _ in 0..<5 { try world.step(after: .seconds(1)) }
        #expect(world.script.takeLog() == ["refresh", "refresh"], "looked at every 2 s, nothing drawn")
        #expect(world.script.deadlines.last == world.now + .seconds(1), "and it sleeps in between")
    }

    /// The last picture stays, dimmed, as long as the call is interrupted; another call does not begin with it.
    @Test func whileTheLineIsAwayTheLastPictureStays() throws {
        func corner(_ world: World) -> Int { Int(world.pixel(across: 8, down: 80)[1]) }
        let world = try World()
        world.goLive()
        world.put(luma: 235)
        try world.step()
        let bright = corner(world)
        for _ in 0..<3 {
            world.showReconnecting()
            try world.step(after: .seconds(1))
        }
        let dimmed = corner(world)
        world.goIdle()
        world.showReconnecting()
        try world.step(after: .seconds(1))
        let without = corner(world)
        #expect(bright > 200 && dimmed < bright / 2 && dimmed > without + 10, "\(bright) \(dimmed) \(without)")
    }

    @Test func inACallThePaceIsTheDisplays() throws {
        let world = try World()
        world.goLive()
        try world.step()
        _ = world.script.takeDamage()
        world.put(luma: 40)
        world.script.isReady = false
        try world.step()
        #expect(world.script.takeDamage().isEmpty && world.remote.isEmpty)
        world.put(luma: 200)
        world.script.isReady = true
        try world.step()
        #expect(world.script.takeDamage().count == 1 && world.remote == ["s0"], "the latest alone")
        #expect(world.copied().centre.allSatisfy { $0 > 180 })
        #expect(world.script.deadlines.last == world.now + .milliseconds(20), "50 Hz")
    }

    @Test func onlyWhatIsSeenAnewGetsAnotherMark() throws {
        let world = try World()
        try world.step()
        let idle = world.mark
        for _ in 0..<5 { try world.step(after: .seconds(1)) }
        #expect(world.mark == idle)
        world.goLive()
        try world.step()
        #expect(world.mark != idle)
        world.put(luma: 40)
        try world.step()
        let live = world.mark
        world.goLive()
        try world.step()
        #expect(world.mark == live, "the same content again")
        world.put(luma: 50)
        try world.step()
        #expect(world.mark != live)
        world.script.takesVideo = true
        world.goLive()
        try world.step()
        let below = world.mark
        world.put(luma: 60)
        try world.step()
        #expect(world.mark != below, "the video below the canvas counts")
    }

    @Test func withoutATelevisionCopiesAreThereAllTheSame() throws {
        let world = try World()
        world.script.state.isConnected = false
        world.goLive()
        try world.step()
        for _ in 0..<100 {
            world.put(luma: 200)
            try world.step()
        }
        #expect(world.script.takeDamage().isEmpty)
        #expect((1...3).contains(world.remote.count), "composed about once a second")
        #expect(world.copied().centre.allSatisfy { $0 > 180 })
        world.script.state.isConnected = true
        try world.step(after: .seconds(2))
        #expect(world.script.takeDamage().count == 1)
    }

    @Test func anotherTelevisionIsComposedForAnew() throws {
        let world = try World()
        try world.step()
        _ = world.script.takeDamage()
        world.script.state.size = PictureSize(width: 800, height: 600)
        try world.step(after: .seconds(2))
        #expect(world.copied().size == PictureSize(width: 800, height: 600))
        let damage = try #require(world.script.takeDamage().first)
        #expect(damage.contains(PixelRectangle(x: 0, y: 0, width: 800, height: 600)))
        #expect(world.changes.last?.state.size == PictureSize(width: 800, height: 600))
    }

    @Test func aRefusedPictureIsPresentedAgain() throws {
        let world = try World()
        world.script.presentError = DeviceError("commit", device: "card", errno: 16)
        try world.step()
        try world.step()
        #expect(world.script.takeDamage().isEmpty)
        #expect(world.changes.count == 2 && world.changes.last?.fault == "card: commit failed (errno 16)")
        for _ in 0..<3 { try world.step(after: .seconds(2)) }
        #expect(world.changes.count == 2, "told once")
        world.script.presentError = nil
        try world.step()
        #expect(world.script.takeDamage() == [Self.whole])
        try world.step()
        #expect(world.changes.count == 3 && world.changes.last?.fault == nil)
    }

    @Test func aVanishedCardIsClosedAndOpenedAgain() throws {
        let world = try World()
        try world.step()
        world.script.refreshError = DeviceError("refresh", device: "card", errno: 19)
        world.script.openError = DeviceError("open", device: "card", errno: 2)
        _ = world.script.takeLog()
        try world.step(after: .seconds(2))
        #expect(world.script.takeLog() == ["refresh", "close"])
        try world.step(after: .milliseconds(100))
        #expect(world.script.takeLog().isEmpty)
        try world.step(after: .seconds(2))
        #expect(world.script.takeLog() == ["open", "close"])
        world.script.openError = nil
        world.script.refreshError = nil
        try world.step(after: .seconds(2))
        #expect(world.script.takeLog().first == "open")
        try world.step()
        #expect(world.changes.last?.fault == nil)
    }

    @Test func aHopelessDisplayIsTriedAfterAHotplugAlone() throws {
        let world = try World()
        world.script.openError = DeviceError("open", device: "card", detail: "no atomic", severity: .permanent)
        try world.step()
        #expect(world.changes.last?.fault == "card: open failed: no atomic")
        #expect(world.script.deadlines.last == .some(nil), "nothing to wait for but what is new")
        for _ in 0..<5 { try world.step(after: .seconds(5)) }
        #expect(world.script.takeLog() == ["open", "close"])
        world.script.openError = nil
        try world.step(isHotplug: true)
        #expect(world.script.takeLog() == ["open", "present"])
        try world.step(isHotplug: true)
        #expect(world.script.takeLog() == ["probe"])
    }

    @Test func theSignalIsSwitchedOnce() throws {
        let world = try World()
        try world.step()
        _ = world.script.takeLog()
        world.isPowerWanted = false
        try world.step()
        try world.step()
        #expect(world.script.takeLog() == ["off"])
        world.isPowerWanted = true
        try world.step()
        #expect(world.script.takeLog() == ["on"])
    }

    @Test func aDisplayWithAPlaneGetsTheVideoItself() throws {
        let world = try World()
        world.script.takesVideo = true
        world.goLive()
        try world.step()
        #expect(world.script.videos.isEmpty)
        _ = world.script.takeDamage()
        world.put(luma: 200)
        try world.step()
        #expect(world.script.videos == [200] && world.script.takeDamage() == [Self.whole])
        world.put(luma: 90)
        try world.step()
        #expect(world.script.videos == [200, 90] && world.script.takeDamage() == [[]], "the canvas stays as it is")
        try world.step()
        #expect(world.script.videos.count == 2)
        #expect(world.copied().centre.allSatisfy { (75...105).contains($0) }, "a copy shows the video too")
        try world.step()
        #expect(world.script.videos == [200, 90, 90] && world.script.takeDamage() == [Self.whole])
    }
}
