import Basis
import DRMDisplay
import Devices
import Testing

@Suite struct KMSDisplayTests {
    static let small = PictureSize(width: 640, height: 360)

    static func kernel(modes: [DisplayMode] = Samples.smallModes) -> FakeKernel {
        let kernel = FakeKernel()
        kernel.plug(modes: modes, edid: Samples.edid())
        return kernel
    }

    static func display(
        _ kernel: FakeKernel, _ settings: DisplaySettings = DisplaySettings()
    ) throws -> Subject {
        let display = Subject(kernel, settings)
        try display.open()
        return display
    }

    @Test func aPictureReachesTheScreenAtTheNextBlank() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        #expect(
            display.state
                == DisplayState(
                    isConnected: true, size: Self.small, refreshRate: 60, connector: "HDMI-A-1", name: "SAM LE40"))
        #expect(display.isReady)
        try display.present(Samples.canvas(Self.small, colour: 0x11_2233), damage: Samples.whole(Self.small))
        #expect(!display.isReady)
        #expect(kernel.commits.last?.flags == [.pageFlipEvent, .nonblock, .allowModeset])
        let before = kernel.now
        display.wait()
        #expect(display.isReady && kernel.now - before == .milliseconds(16))
        for (x, y) in [(0, 0), (639, 0), (0, 359), (639, 359)] { #expect(kernel.pixel(x, y) == 0x11_2233) }
        try display.present(Samples.canvas(Self.small, colour: 0x44_5566), damage: Samples.whole(Self.small))
        #expect(kernel.commits.last?.flags == [.pageFlipEvent, .nonblock], "the mode is set once")
        #expect(kernel.pixel(5, 5) == 0x44_5566)
        #expect(display.lostFlips == 0)
    }

    /// Each buffer gets what changed since it was shown itself, and nothing else.
    @Test func onlyDamageIsCopied() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        var canvas = Samples.canvas(Self.small, colour: 0x1)
        var expected = [UInt32](repeating: 1, count: 12)
        var damage = Samples.whole(Self.small)
        for step in 0..<12 {
            try display.present(canvas, damage: damage)
            display.wait()
            for (index, colour) in expected.enumerated() {
                #expect(kernel.pixel(50 * index + 5, 20) == colour, "step \(step), place \(index)")
            }
            #expect(kernel.pixel(630, 300) == 1, "not told, not copied")
            let area = PixelRectangle(x: 50 * step, y: 10, width: 20, height: 20)
            Samples.fill(&canvas, area, colour: UInt32(100 + step))
            // Both buffers have seen the whole by then; this is never told.
            if step > 0 {
                Samples.fill(&canvas, PixelRectangle(x: 620, y: 290, width: 20, height: 20), colour: 77)
            }
            expected[step] = UInt32(100 + step)
            damage = [area]
        }
    }

    @Test func damageOutsideTheCanvasIsHarmless() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        let canvas = Samples.canvas(Self.small, colour: 9)
        var chance = RandomSource(seed: 3)
        for _ in 0..<200 {
            func any() -> Int { Int.random(in: -2_000...2_000, using: &chance) }
            let damage = (0..<40).map { _ in PixelRectangle(x: any(), y: any(), width: any(), height: any()) }
            try display.present(canvas, damage: damage)
            display.wait()
        }
        #expect(kernel.pixel(1, 1) == 9)
    }

    @Test func aFlipWithoutEventIsGivenUp() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        kernel.flipsGetEvents = false
        for count in 1...4 {
            let shownBefore = kernel.framebuffer(on: 41)
            try display.present(
                Samples.canvas(Self.small, colour: UInt32(count)), damage: Samples.whole(Self.small))
            #expect(kernel.framebuffer(on: 41) != shownBefore)
            let before = kernel.now
            display.wait()
            #expect(display.isReady && kernel.now - before == .milliseconds(250))
            #expect(display.lostFlips == count)
            kernel.vblank()
        }
        #expect(kernel.count(.createDumbBuffer) == 3, "a third picture, since two may be on the screen")
        kernel.flipsGetEvents = true
        try display.present(Samples.canvas(Self.small, colour: 50), damage: Samples.whole(Self.small))
        kernel.events += FakeKernel.event(type: 2, userData: 1)
        display.wait(until: kernel.now)
        #expect(!display.isReady, "the event of a flip given up is not that of this one")
        display.wait()
        #expect(display.isReady && kernel.pixel(0, 0) == 50 && display.lostFlips == 4)
    }

    @Test func anEventThatCameWhileNobodyWaitedCounts() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        try display.present(Samples.canvas(Self.small, colour: 1), damage: [])
        kernel.pass(.seconds(1))
        #expect(display.isReady)
        try display.present(Samples.canvas(Self.small, colour: 2), damage: Samples.whole(Self.small))
        #expect(display.lostFlips == 0 && kernel.pixel(0, 0) == 2)
    }

    @Test func waitingEndsByWakeOrDeadline() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        let deadline = kernel.now + .milliseconds(40)
        display.wait(until: deadline)
        #expect(kernel.now == deadline)
        kernel.isWakeSet = true
        display.wait()
        #expect(kernel.now == deadline && kernel.count(.poll) == 2)
        display.close()
        display.wait()
        #expect(kernel.count(.poll) == 3, "a closed display waits too")
    }

    @Test func theTelevisionMayComeLater() throws {
        let kernel = FakeKernel()
        kernel.plug(modes: Samples.televisionModes, edid: Samples.edid())
        kernel.unplug()
        let display = try Self.display(kernel)
        #expect(
            display.state == DisplayState(isConnected: false, size: PictureSize(width: 1920, height: 1080)))
        #expect(!display.isReady)
        #expect(throws: DeviceError.self) {
            try display.present(
                Canvas(size: PictureSize(width: 1920, height: 1080)), damage: [])
        }
        #expect(try !display.refresh())
        kernel.plug(modes: Samples.smallModes)
        #expect(try display.refresh())
        #expect(display.state.isConnected && display.state.size == Self.small && display.isReady)
        try display.present(Samples.canvas(Self.small, colour: 3), damage: Samples.whole(Self.small))
        #expect(kernel.pixel(0, 0) == 3)
        #expect(try !display.refresh())
    }

    @Test func anUnpluggedTelevisionIsLetGoAndTakenAgain() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        try display.present(Samples.canvas(Self.small, colour: 3), damage: Samples.whole(Self.small))
        kernel.unplug()
        #expect(try display.look())
        #expect(!display.state.isConnected && display.state.size == Self.small && !display.isReady)
        #expect(kernel.values[31]?["ACTIVE"] == 0 && kernel.framebuffers.isEmpty && kernel.blobs.isEmpty)
        kernel.plug(modes: [FakeKernel.mode(800, 600, 60)])
        #expect(try display.look())
        let size = PictureSize(width: 800, height: 600)
        #expect(display.state.size == size && display.isReady)
        try display.present(Samples.canvas(size, colour: 4), damage: [])
        #expect(kernel.pixel(799, 599) == 4, "new buffers get the whole picture, whatever changed")
    }

    @Test func anotherTelevisionInItsPlaceIsNoticed() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        try display.present(Samples.canvas(Self.small, colour: 3), damage: [])
        display.wait()
        kernel.plug(modes: [FakeKernel.mode(800, 600, 60)], edid: Samples.edid(maker: "LGE", name: "Other"))
        #expect(try display.look())
        #expect(display.state.size == PictureSize(width: 800, height: 600) && display.state.name == "LGE Other")
    }

    @Test func aTelevisionInStandbyKeepsItsModes() throws {
        let kernel = Self.kernel(modes: [FakeKernel.mode(800, 600, 60)])
        let display = try Self.display(kernel)
        kernel.plug(modes: [], edid: [])
        #expect(try !display.look(), "what is shown stays")
        kernel.unplug()
        try display.look()
        kernel.plug(modes: [])
        try display.look()
        #expect(display.state.size == PictureSize(width: 800, height: 600) && display.state.name == "SAM LE40")
    }

    @Test func aTelevisionThatNeverSaysAnythingGetsFullHDOrLess() throws {
        let kernel = Self.kernel(modes: [])
        let display = try Self.display(kernel)
        #expect(display.state.size == PictureSize(width: 1920, height: 1080))
        display.close()
        kernel.refusedModes = ["1920x1080"]
        try display.open()
        #expect(display.state.size == PictureSize(width: 1280, height: 720))
        display.close()
        #expect(kernel.nothingIsHeld)
        kernel.refusedModes = ["1920x1080", "1280x720"]
        try display.open()
        #expect(!display.state.isConnected && !display.isReady)
        let error = #expect(throws: DeviceError.self) { try display.look() }
        #expect(error?.severity == .permanent && error?.device == "HDMI-A-1")
        #expect(error?.detail == "the driver takes none of: 1920x1080 at 60 Hz, 1280x720 at 60 Hz")
        kernel.refusedModes = []
        #expect(try display.look() && display.isReady)
    }

    @Test func theSettingsChooseTheConnector() throws {
        let kernel = Self.kernel()
        kernel.plug(12, type: 10, number: 2, modes: [FakeKernel.mode(800, 600, 60)])
        let display = try Self.display(kernel, DisplaySettings(connector: "DP-2"))
        #expect(display.state.connector == "DP-2" && display.state.size == PictureSize(width: 800, height: 600))
        let other = try Self.display(Self.kernel(), DisplaySettings(connector: "VGA-1"))
        #expect(!other.state.isConnected)
    }

    @Test func connectorsMayComeAndGo() throws {
        let kernel = Self.kernel()
        let display = try Self.display(kernel)
        kernel.sockets[11] = nil
        kernel.plug(77, type: 10, number: 5, modes: [FakeKernel.mode(800, 600, 60)])
        #expect(try display.refresh() && !display.state.isConnected)
        #expect(try display.look() && display.state.connector == "DP-5")
        kernel.values[77]?["EDID"] = 5
        #expect(try !display.look(), "an EDID that cannot be read changes nothing")
        try display.show(6)
        #expect(kernel.pixel(0, 0) == 6)
    }

    @Test func whatAnotherProgramLeftIsCleared() throws {
        let kernel = Self.kernel()
        kernel.plug(12, number: 2, modes: [FakeKernel.mode(800, 600, 60)])
        // The console shows on the second connector by the first CRTC, and on the first by the second.
        let console = try Self.display(kernel, DisplaySettings(connector: "HDMI-A-2"))
        try console.present(Canvas(size: PictureSize(width: 800, height: 600)), damage: [])
        console.wait()
        #expect(kernel.values[12]?["CRTC_ID"] == 31)
        let display = try Self.display(kernel, DisplaySettings(connector: "HDMI-A-1"))
        try display.present(Samples.canvas(Self.small, colour: 8), damage: [])
        #expect(kernel.values[12]?["CRTC_ID"] == 0 && kernel.values[11]?["CRTC_ID"] == 31)
        #expect(kernel.pixel(0, 0) == 8)
    }

    @Test func marginsAreLeftByTheDriverWhereItCan() throws {
        let settings = DisplaySettings(margins: .init(left: 10, top: 5, right: 10, bottom: 5))
        let kernel = Self.kernel()
        for name in ["left margin", "top margin", "right margin", "bottom margin"] {
            kernel.values[11]?[name] = 0
            kernel.ranges[name] = 0...100
        }
        let display = try Self.display(kernel, settings)
        #expect(display.state.size == Self.small)
        try display.present(Samples.canvas(Self.small, colour: 8), damage: [])
        #expect(kernel.values[11]?["left margin"] == 64 && kernel.values[11]?["bottom margin"] == 18)
    }

    @Test func marginsAreComposedWhereTheDriverCannot() throws {
        let kernel = Self.kernel()
        let display = try Self.display(
            kernel, DisplaySettings(margins: .init(left: 10, top: 5, right: 10, bottom: 99)))
        let size = PictureSize(width: 512, height: 270)
        #expect(display.state.size == size)
        try display.present(Samples.canvas(size, colour: 8), damage: Samples.whole(size))
        #expect(kernel.pixel(63, 100) == 0 && kernel.pixel(64, 18) == 8 && kernel.pixel(575, 287) == 8)
        #expect(kernel.pixel(576, 100) == 0 && kernel.pixel(100, 17) == 0 && kernel.pixel(100, 288) == 0)
    }
}
