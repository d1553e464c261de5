import Devices
import Basis
import CEC
import Testing

/// Answers to the TV, its remote control, and nonsense.
@Suite struct CECAnswerTests {
    @Test func theQuestionsOfATelevisionAreAnswered() {
        var bus = Bus(.watch)
        let answers: [(CECMessage, CECMessage, CECLogicalAddress)] = [
            (.giveOSDName, .setOSDName("Visiosalle"), .television),
            (.giveDevicePowerStatus, .reportPowerStatus(.on), .television),
            (.getCECVersion, .cecVersion(5), .television),
            (.giveDeviceVendorID, .deviceVendorID(0xC03), .broadcast),
            (.givePhysicalAddress, .reportPhysicalAddress(Bus.address, deviceType: 4), .broadcast),
            (.menuRequest(.query), .menuStatus(isActivated: true), .television),
            (.menuRequest(.deactivate), .menuStatus(isActivated: false), .television),
            (.menuRequest(.query), .menuStatus(isActivated: false), .television),
            (.menuRequest(.activate), .menuStatus(isActivated: true), .television),
            (.abort, .featureAbort(opcode: 0xFF, .refused), .television),
            (.other(opcode: 0x1A, operands: [1]), .featureAbort(opcode: 0x1A, .unrecognizedOpcode), .television),
            (.giveAudioStatus, .featureAbort(opcode: 0x71, .unrecognizedOpcode), .television),
        ]
        for (question, answer, destination) in answers {
            let said = bus.say(question)
            #expect(said == [CECFrame(from: Bus.player, to: destination, answer)], "\(question)")
            // Neither what was asked of everybody, nor of somebody else, nor by somebody without an address.
            #expect(bus.say(question, to: .broadcast).isEmpty)
            #expect(bus.say(question, to: CECLogicalAddress(8)).isEmpty)
            if destination != .broadcast { #expect(bus.say(question, from: .broadcast).isEmpty) }
        }
    }

    @Test func reportsAndRefusalsAreNotAnswered() {
        var bus = Bus(.watch)
        for message: CECMessage in [
            .poll, .featureAbort(opcode: 0x8F, .refused), .inactiveSource(Bus.address), .cecVersion(4),
            .setOSDName("TV"), .deviceVendorID(1), .menuStatus(isActivated: true),
            .reportAudioStatus(isMuted: false, volume: 3), .reportPhysicalAddress(.television, deviceType: 0),
            .userControlReleased,
        ] {
            #expect(bus.say(message).isEmpty)
            #expect(bus.events.isEmpty)
        }
    }

    @Test func beingSelectedByTheTelevisionMakesUsTheSource() {
        for selection: CECMessage in [
            .setStreamPath(Bus.address), .routingChange(from: .television, to: Bus.address),
            .routingInformation(Bus.address),
        ] {
            var bus = Bus(.watch)
            #expect(bus.say(.requestActiveSource, to: .broadcast).isEmpty)
            #expect(bus.say(selection, to: .broadcast).messages == [.activeSource(Bus.address)])
            #expect(bus.say(.requestActiveSource, to: .broadcast).messages == [.activeSource(Bus.address)])
        }
    }

    @Test func aSwitchBetweenTheTelevisionAndUsDecidesLater() {
        var bus = Bus(.watch, isPlugged: false)
        bus.machine.configure(physical: CECPhysicalAddress(0x1200), logical: Bus.player, at: bus.now)
        _ = bus.say(.setStreamPath(CECPhysicalAddress(0x1200)), to: .broadcast)
        #expect(bus.machine.isActiveSource)
        _ = bus.say(.routingChange(from: .television, to: CECPhysicalAddress(0x1000)), to: .broadcast)
        #expect(bus.machine.isActiveSource)
        _ = bus.say(.routingInformation(CECPhysicalAddress(0x1300)), to: .broadcast)
        #expect(!bus.machine.isActiveSource)
    }

    @Test func keysAreButtons() {
        var bus = Bus(.watch)
        let keys: [(CECUserControl, ButtonRole)] = [
            (.select, .ok), (.enter, .ok), (.exit, .hangUp), (.mute, .mute), (.muteFunction, .mute),
            (.volumeUp, .volumeUp), (.volumeDown, .volumeDown), (.up, .up), (.down, .down), (.left, .left),
            (.right, .right),
        ]
        for (key, button) in keys {
            #expect(bus.say(.userControlPressed(key)).isEmpty)
            #expect(bus.events == [.press(button: button)])
            _ = bus.say(.userControlReleased)
            #expect(bus.events.isEmpty)
        }
        _ = bus.say(.userControlPressed(CECUserControl(code: 0x40)))
        #expect(bus.events.isEmpty)
    }

    @Test func aHeldKeyIsOnePressAndHeldLoudnessIsMany() {
        var bus = Bus(.watch)
        var presses = 0
        func hold(_ key: CECUserControl, _ count: Int, every pause: Duration) -> Int {
            presses = 0
            for _ in 0..<count {
                _ = bus.say(.userControlPressed(key))
                presses += bus.events.count
                bus.now += pause
            }
            return presses
        }
        #expect(hold(.select, 10, every: .milliseconds(400)) == 1)
        // Never released: after the safety timeout it is a new press.
        bus.now += .milliseconds(151)
        #expect(hold(.select, 1, every: .milliseconds(100)) == 1)
        #expect(hold(.exit, 5, every: .milliseconds(200)) == 1)
        #expect(hold(.volumeUp, 5, every: .milliseconds(200)) == 5)
        // Let go and pressed again at once is two.
        #expect(hold(.select, 1, every: .milliseconds(50)) == 1)
        _ = bus.say(.userControlReleased)
        #expect(hold(.select, 1, every: .milliseconds(50)) == 1)
        // Somebody else's release is not ours.
        _ = bus.say(.userControlReleased, from: CECLogicalAddress(8))
        #expect(hold(.select, 1, every: .zero) == 0)
    }

    @Test func withoutAnAddressNothingIsHeard() {
        var bus = Bus(.full, isPlugged: false)
        #expect(bus.say(.giveOSDName).isEmpty)
        bus.machine.configure(physical: Bus.address, logical: .broadcast, at: bus.now)
        #expect(bus.settle().isEmpty)
        for nowhere in [CECPhysicalAddress.invalid, .television] {
            bus.machine.configure(physical: nowhere, logical: Bus.player, at: bus.now)
            #expect(bus.settle().isEmpty)
        }
    }

    /// Frames that nobody drains and senseless bytes do not grow anything or trap.
    @Test func whateverTheBusSaysIsSurvivedAndBounded() {
        var random = RandomSource(seed: 11)
        var bus = Bus(.full)
        var frames = 0
        for round in 0..<30_000 {
            switch Int.random(in: 0..<40, using: &random) {
            case 0: bus.machine.wakeTelevision(at: bus.now)
            case 1: bus.machine.releaseTelevision()
            case 2: bus.machine.changeVolume(steps: Int(truncatingIfNeeded: random.next()))
            case 3: bus.unplug()
            case 4...6: bus.plug()
            case 7: bus.machine.advance(to: bus.now)
            case 8: bus.machine.transmitted(random.bytes(3).span, .notAcknowledged)
            default:
                var bytes = random.bytes(Int.random(in: 0...17, using: &random))
                if Bool.random(using: &random), !bytes.isEmpty { bytes[0] = 0x04 }
                bus.machine.receive(bytes.span, at: bus.now)
            }
            bus.now += .milliseconds(Int.random(in: 0...700, using: &random))
            guard round % 100 == 0 else { continue }
            let settled = bus.settle()
            frames += settled.count
            #expect(settled.count <= 32 && bus.events.count <= 64)
            #expect(settled.allSatisfy { $0.initiator == Bus.player && $0.bytes.count <= 16 })
            #expect(settled.allSatisfy { $0.message != .standby || $0.destination == .television })
        }
        #expect(frames > 1_000)
        #expect(bus.machine.droppedFrames > 0)
    }
}
