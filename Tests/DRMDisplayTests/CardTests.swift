import Basis
import DRMDisplay
import Devices
import Testing

@Suite struct CardTests {
    @Test func aDriverWithoutAtomicIsRefusedInWords() {
        let kernel = KMSDisplayTests.kernel()
        kernel.isAtomic = false
        kernel.driver = "oldfb"
        let error = #expect(throws: DeviceError.self) { try Subject(kernel).open() }
        #expect(error?.severity == .permanent && error?.device == "/dev/dri/card0")
        #expect(
            error?.detail
                == "the driver oldfb has no atomic mode setting, only the legacy one, which is not served")
        #expect(kernel.nothingIsHeld)
    }

    @Test func aCardWithoutDumbBuffersIsRefusedInWords() {
        let kernel = KMSDisplayTests.kernel()
        kernel.hasDumb = false
        let error = #expect(throws: DeviceError.self) { try Subject(kernel).open() }
        #expect(error?.severity == .permanent && error?.detail == "the driver fake has no dumb buffers")
        #expect(kernel.nothingIsHeld)
    }

    @Test func aCardWithoutOutputsIsPassedOver() {
        let kernel = FakeKernel()
        let error = #expect(throws: DeviceError.self) { try Subject(kernel).open() }
        #expect(error?.severity == .absent && error?.detail == "this card has no outputs")
        kernel.paths = []
        let none = #expect(throws: DeviceError.self) { try Subject(kernel).open() }
        #expect(none?.severity == .absent && none?.device == "/dev/dri")
        #expect(kernel.nothingIsHeld)
    }

    @Test func theNextCardIsTried() throws {
        let kernel = KMSDisplayTests.kernel()
        kernel.paths = ["/dev/dri/card0", "/dev/dri/card1"]
        kernel.failing = (.resources, 1, 95)
        let display = try KMSDisplayTests.display(kernel)
        #expect(display.isReady && kernel.count(.open) == 2 && kernel.descriptors.count == 1)
        kernel.failing = (.resources, kernel.count(.resources) + 1, 95)
        let error = #expect(throws: DeviceError.self) {
            try Subject(kernel, DisplaySettings(card: "/dev/dri/card1")).open()
        }
        #expect(error?.device == "/dev/dri/card1", "the one named alone")
    }

    @Test func theMasterIsWaitedFor() throws {
        let kernel = KMSDisplayTests.kernel()
        kernel.isMasterElsewhere = true
        let display = Subject(kernel)
        let error = #expect(throws: DeviceError.self) { try display.open() }
        #expect(error?.severity == .transient && kernel.nothingIsHeld)
        #expect(error?.detail == "another program or console has the display; it is taken back when free")
        kernel.isMasterElsewhere = false
        try display.open()
        #expect(display.isReady)
    }

    @Test func theMasterIsRegainedAfterAConsoleSwitch() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        try display.show(7)
        kernel.takeMasterAway()
        let error = #expect(throws: DeviceError.self) { try display.show(8) }
        #expect(error?.severity == .transient)
        #expect(error?.detail == "another program or console has the display; it is taken back when free")
        #expect(!display.isReady)
        #expect(throws: DeviceError.self) { try display.refresh() }
        // The other program showed something of its own.
        kernel.values[41]?["FB_ID"] = 0
        kernel.values[41]?["CRTC_ID"] = 0
        kernel.isMasterElsewhere = false
        kernel.pass(.seconds(2))
        #expect(try !display.refresh())
        #expect(kernel.pixel(0, 0) == 7, "what was seen last is seen again, without a new picture")
        #expect(kernel.commits.last?.flags.contains(.allowModeset) == true)
        display.wait()
        try display.show(9)
        #expect(kernel.pixel(0, 0) == 9)
    }

    @Test func aCardTakenOutIsToldOnceAndOpenedAgain() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        try display.show(7)
        kernel.isCardGone = true
        let before = kernel.count(.poll)
        display.wait(until: kernel.now + .seconds(5))
        display.wait(until: kernel.now + .seconds(5))
        #expect(kernel.count(.poll) <= before + 3, "a hung-up descriptor is not polled for ever")
        #expect(!display.isReady)
        let error = #expect(throws: DeviceError.self) { try display.refresh() }
        #expect(error?.severity == .absent)
        display.close()
        #expect(kernel.nothingIsHeld && !display.state.isConnected)
        #expect(throws: DeviceError.self) { try display.open() }
        kernel.isCardGone = false
        try display.open()
        try display.show(8)
        #expect(kernel.pixel(0, 0) == 8)
    }

    @Test func aReadableCardWithNothingToReadDoesNotSpin() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        kernel.events = [1, 2, 3]
        let before = kernel.count(.poll)
        display.wait(until: kernel.now + .seconds(1))
        #expect(kernel.count(.poll) - before <= 8 && kernel.count(.read) >= 1)
        try display.show(8)
        #expect(kernel.pixel(0, 0) == 8)
    }

    @Test func theSignalGoesOffAndOn() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        try display.show(7)
        try display.setPower(isOn: false)
        #expect(kernel.values[31]?["ACTIVE"] == 0 && !display.isReady && display.state.isConnected)
        kernel.pass(.seconds(60))
        try display.refresh()
        #expect(kernel.values[31]?["ACTIVE"] == 0)
        try display.setPower(isOn: true)
        #expect(kernel.values[31]?["ACTIVE"] == 1 && kernel.pixel(0, 0) == 7)
        display.wait()
        #expect(display.isReady)
    }

    @Test func theSignalGoesOffAfterTheFlipUnderWay() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        try display.present(Samples.canvas(display.state.size, colour: 7), damage: [])
        try display.setPower(isOn: false)
        #expect(kernel.values[31]?["ACTIVE"] == 1 && !display.isReady)
        display.wait(until: kernel.now + .milliseconds(100))
        #expect(kernel.values[31]?["ACTIVE"] == 0)
    }

    @Test func aLostLinkIsSetAnew() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        try display.show(7)
        kernel.values[11]?["link-status"] = 1
        try display.look()
        #expect(kernel.commits.last?.flags.contains(.allowModeset) == true && kernel.pixel(0, 0) == 7)
    }
}
