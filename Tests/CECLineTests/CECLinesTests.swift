import Basis
import CEC
import CECLine
import Devices
import Glibc
import Testing

@Suite struct CECLinesTests {
    @Test func aCallWakesTheTelevisionAndIdlenessLetsItSleep() {
        let room = CECRoom()
        room.kernel.adapters["cec0"]?.television = .standby
        room.run(for: .seconds(1))
        #expect(room.lines.descriptors.count == 1)
        #expect(room.take() == [.televisionPower(isOn: false)])
        room.apply(.wakeTelevision)
        room.run(for: .seconds(30))
        #expect(room.kernel.frames().contains(.imageViewOn))
        #expect(room.kernel.frames().contains(.activeSource(CECPhysicalAddress(0x1000))))
        #expect(room.take() == [.televisionPower(isOn: true)])
        room.apply(.releaseTelevision)
        room.run(for: .seconds(1))
        #expect(room.kernel.frames().last == .standby)
        // It was asleep when asked for the first time, before the picture was.
        #expect(room.remembered == [["cec0"], []])
        #expect(room.lines.deadline == nil)
    }

    @Test func withoutAnAdapterNothingIsSaid() {
        let room = CECRoom()
        room.kernel.adapters = [:]
        room.run(for: .seconds(60))
        room.apply(.wakeTelevision)
        room.apply(.muted(true))
        #expect(room.take().isEmpty && room.lines.descriptors.isEmpty && room.lines.deadline == nil)
        #expect(room.kernel.madeInAll == 0)
    }

    @Test func offLeavesTheWireAlone() {
        let room = CECRoom(.off)
        room.run(for: .seconds(60))
        room.apply(.wakeTelevision)
        room.hotplug(.add, "cec0")
        #expect(room.lines.deadline == nil && room.kernel.madeInAll == 0)
    }

    @Test func theRemoteControlHasButtons() {
        let room = CECRoom(.watch)
        room.run(for: .seconds(1))
        _ = room.take()
        room.kernel.say(.userControlPressed(.select))
        room.kernel.say(.userControlReleased)
        room.kernel.say(.userControlPressed(.exit))
        room.run(for: .seconds(1))
        #expect(room.take() == [.press(button: .ok, .short), .press(button: .hangUp, .short)])
    }

    @Test func aCableIsFollowed() {
        let room = CECRoom()
        room.kernel.adapters["cec0"]?.physical = 0xFFFF
        room.apply(.wakeTelevision)
        room.run(for: .seconds(60))
        #expect(room.kernel.frames().isEmpty)
        room.kernel.setCable(true)
        room.run(for: .seconds(5))
        #expect(room.kernel.frames().contains(.imageViewOn))
        #expect(room.take() == [.televisionPower(isOn: true)])
        room.kernel.setCable(false)
        room.run(for: .seconds(60))
        #expect(room.take() == [.televisionPower(isOn: nil)])
        #expect(room.lines.deadline == nil)
    }

    @Test func everyAdapterIsServed() {
        let room = CECRoom()
        room.kernel.adapters["cec1"] = FakeCECKernel.Adapter(television: .standby)
        room.run(for: .seconds(1))
        #expect(room.lines.descriptors.count == 2)
        room.apply(.wakeTelevision)
        room.run(for: .seconds(10))
        #expect(room.kernel.frames("cec0").contains(.imageViewOn) && room.kernel.frames("cec1").contains(.imageViewOn))
        // The room's TV is on while one of them is.
        _ = room.take()
        room.kernel.say(.standby, "cec0")
        room.run(for: .seconds(1))
        #expect(room.take().isEmpty)
        room.kernel.say(.standby, "cec1")
        room.run(for: .seconds(1))
        #expect(room.take() == [.televisionPower(isOn: false)])
    }

    @Test func anAdapterThatIsPulledOutIsLetGoAndComesBack() {
        let room = CECRoom()
        room.run(for: .seconds(1))
        room.apply(.wakeTelevision)
        room.run(for: .seconds(5))
        let before = room.kernel.adapters["cec0"]
        for _ in 0..<50 {
            room.kernel.adapters = [:]
            room.run(for: .milliseconds(50))
            #expect(room.lines.descriptors.isEmpty && room.kernel.openDescriptors.isEmpty)
            room.hotplug(.remove, "cec0")
            room.kernel.adapters["cec0"] = before
            room.kernel.adapters["cec0"]?.transmitted = []
            room.hotplug(.add, "cec0")
            room.run(for: .milliseconds(50))
            #expect(room.lines.descriptors.count == 1)
            #expect(room.kernel.frames().contains(.imageViewOn))
        }
        #expect(room.kernel.opened == 51 && room.kernel.wrongCloses == 0)
        room.lines.close()
        #expect(room.kernel.opened == room.kernel.closed && room.lines.deadline == nil)
    }

    @Test func lostHotplugEventsMeanALookAtEverything() {
        let room = CECRoom()
        room.run(for: .seconds(1))
        room.kernel.adapters["cec7"] = FakeCECKernel.Adapter()
        room.hotplug(.add, "video0", subsystem: "video4linux")
        #expect(room.lines.descriptors.count == 1)
        room.hotplug(.other, "", subsystem: "")
        #expect(room.lines.descriptors.count == 2)
        room.kernel.adapters["cec7"] = nil
        room.kernel.canList = false
        room.hotplug(.other, "", subsystem: "")
        #expect(room.lines.descriptors.count == 2)
        room.kernel.canList = true
        room.run(for: .seconds(31))
        #expect(room.lines.descriptors.count == 1 && room.kernel.openDescriptors.count == 1)
    }

    /// A node may get its permissions after its event.
    @Test func aNodeWithoutPermissionIsTriedAgain() {
        let room = CECRoom()
        room.kernel.fault = (.open, 1, 3, EACCES)
        room.run(for: .milliseconds(1))
        #expect(room.lines.descriptors.isEmpty)
        #expect(room.take() == [.deviceNote("cec0: open failed (errno 13)")])
        room.run(for: .seconds(7))
        #expect(room.lines.descriptors.count == 1)
        #expect(room.take() == [.televisionPower(isOn: true)])
    }

    @Test func anAdapterThatCannotSpeakIsNotUsed() {
        let room = CECRoom()
        room.kernel.adapters["cec0"]?.capabilities = 2
        room.run(for: .seconds(300))
        #expect(room.lines.descriptors.isEmpty && room.kernel.openDescriptors.isEmpty)
        #expect(room.calls < 20 && room.take().count == 1)
    }

    @Test func anInputIsLeftAlone() {
        let room = CECRoom()
        room.kernel.adapters["cec1"] = FakeCECKernel.Adapter(physical: 0, mask: 1)
        room.apply(.wakeTelevision)
        room.run(for: .seconds(60))
        room.hotplug(.add, "cec1")
        room.run(for: .seconds(60))
        #expect(room.kernel.adapters["cec1"]?.mask == 1 && room.kernel.frames("cec1").isEmpty)
        #expect(room.lines.descriptors.count == 1 && room.kernel.openDescriptors.count == 1)
        #expect(room.take().filter { if case .deviceNote = $0 { true } else { false } }.count == 1)
        #expect(room.lines.deadline == nil)
    }

    /// Where the driver gives the address, none is asked for.
    @Test func anAddressOfTheDriverIsUsed() {
        let room = CECRoom()
        room.kernel.adapters["cec0"]?.capabilities = 4
        room.kernel.adapters["cec0"]?.mask = 1 << 8
        room.run(for: .seconds(1))
        #expect(room.kernel.made[.claimPlayer] == nil)
        #expect(room.kernel.adapters["cec0"]?.transmitted.first?.initiator == CECLogicalAddress(8))
    }

    @Test func aLostAddressIsClaimedAgain() {
        let room = CECRoom()
        room.run(for: .seconds(1))
        room.kernel.adapters["cec0"]?.mask = 0
        room.kernel.adapters["cec0"]?.events.append(.stateChange(physical: 0x1000, addressMask: 0))
        room.run(for: .seconds(12))
        #expect(room.kernel.adapters["cec0"]?.mask == 0x10)
        #expect(room.lines.deadline == nil)
    }

    @Test func aFullQueueOfTheKernelIsWaitedFor() {
        let room = CECRoom()
        room.run(for: .seconds(1))
        let made = room.kernel.made[.transmit] ?? 0
        room.kernel.fault = (.transmit, made + 1, 5, EBUSY)
        room.apply(.wakeTelevision)
        #expect(!room.kernel.frames().contains(.imageViewOn))
        room.run(for: .milliseconds(400))
        #expect(room.kernel.frames().contains(.imageViewOn))
        // For ever is not waited.
        room.kernel.fault = (.transmit, 1, .max, EBUSY)
        room.apply(.televisionVolume(steps: 1))
        let calls = room.calls
        room.run(for: .seconds(60))
        #expect(room.calls - calls < 100 && room.lines.deadline == nil)
    }

    @Test func aTelevisionWithoutCECIsNotedOnceAndFailsNothing() {
        let room = CECRoom()
        room.kernel.adapters["cec0"]?.television = nil
        room.run(for: .seconds(1))
        room.apply(.wakeTelevision)
        room.run(for: .seconds(60))
        room.apply(.releaseTelevision)
        room.run(for: .seconds(60))
        #expect(room.take().count == 1)
        #expect(room.kernel.opened == 1)
    }

    @Test func whatWasWokenIsKnownAfterARestart() {
        let room = CECRoom(woken: ["cec0"])
        room.run(for: .seconds(1))
        room.apply(.releaseTelevision)
        room.run(for: .seconds(1))
        #expect(room.kernel.frames().last == .standby)
        #expect(room.remembered == [[]])
    }
}
