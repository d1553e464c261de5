import Basis
import CEC
import Testing

/// Waking the TV and letting it sleep.
@Suite struct CECTelevisionTests {
    private let selected = CECMessage.activeSource(Bus.address)

    @Test func aSleepingTelevisionIsWokenAndSelected() {
        var bus = Bus(.full)
        bus.machine.wakeTelevision(at: bus.now)
        let first = bus.settle()
        #expect(first.messages == [.giveDevicePowerStatus, .imageViewOn, selected])
        #expect(first.map(\.destination) == [.television, .television, .broadcast])
        #expect(bus.say(.reportPowerStatus(.standby)).isEmpty)
        #expect(bus.events == [.televisionPower(isOn: false)])

        #expect(bus.pass(.milliseconds(1_999)).isEmpty)
        #expect(bus.pass(.milliseconds(1)).messages == [.imageViewOn, .giveDevicePowerStatus, selected])
        #expect(bus.say(.reportPowerStatus(.standbyToOn)).isEmpty)
        #expect(bus.pass(.seconds(3)).messages == [.imageViewOn, .giveDevicePowerStatus, selected])
        // It may have missed us while it was starting.
        #expect(bus.say(.reportPowerStatus(.on)).messages == [selected])
        #expect(bus.events == [.televisionPower(isOn: true), .wokeTelevision(true)])
        #expect(bus.machine.deadline == nil)

        bus.machine.releaseTelevision()
        let last = bus.settle()
        #expect(last.messages == [.inactiveSource(Bus.address), .standby])
        #expect(last.allSatisfy { $0.destination == .television })
        #expect(bus.events == [.wokeTelevision(false)])
        bus.machine.releaseTelevision()
        #expect(bus.settle().isEmpty)
    }

    @Test func attemptsComeAtTwoFiveAndTenSecondsAndEnd() {
        var bus = Bus(.wake)
        bus.machine.wakeTelevision(at: bus.now)
        bus.report(bus.settle(), .acknowledged)
        var times: [Int64] = []
        for _ in 0..<40 {
            if !bus.pass(.seconds(1)).isEmpty { times.append((bus.now - .zero).wholeMilliseconds) }
            if bus.events.contains(where: { if case .note = $0 { true } else { false } }) {
                #expect(bus.now == .zero + .seconds(20))
            }
        }
        #expect(times == [2_000, 5_000, 10_000])
        #expect(bus.machine.deadline == nil)
        #expect(!bus.machine.wokeTelevision)
    }

    @Test func aTelevisionThatWasOnIsSelectedAndNotSaidToBeWoken() {
        var bus = Bus(.full)
        bus.machine.wakeTelevision(at: bus.now)
        #expect(bus.settle().messages == [.giveDevicePowerStatus, .imageViewOn, selected])
        #expect(bus.say(.reportPowerStatus(.on)).isEmpty)
        #expect(!bus.machine.wokeTelevision)
        #expect(bus.pass(.seconds(60)).isEmpty)
        // It shows us, so it may sleep all the same.
        bus.machine.releaseTelevision()
        #expect(bus.settle().messages == [.inactiveSource(Bus.address), .standby])
    }

    @Test func whoIsShownInsteadOfUsGoesOnBeingShown() {
        for other: CECMessage in [
            .activeSource(CECPhysicalAddress(0x2000)), .setStreamPath(CECPhysicalAddress(0x2000)),
            .routingChange(from: Bus.address, to: .television), .activeSource(.television),
            .routingInformation(CECPhysicalAddress(0x3000)),
        ] {
            var bus = Bus(.full, woke: true)
            bus.machine.wakeTelevision(at: bus.now)
            _ = bus.settle()
            _ = bus.say(.reportPowerStatus(.on))
            #expect(bus.machine.isActiveSource)
            #expect(bus.say(other, to: .broadcast).isEmpty)
            #expect(!bus.machine.isActiveSource && !bus.machine.wokeTelevision)
            bus.machine.releaseTelevision()
            #expect(bus.settle().isEmpty, "\(other)")
            // A message meant for all counts for nothing when it comes to us alone.
            #expect(bus.say(.setStreamPath(Bus.address)).isEmpty)
        }
    }

    @Test func aBoxThatStartsWithTheTelevisionDoesNotWin() {
        var bus = Bus(.wake)
        bus.machine.wakeTelevision(at: bus.now)
        _ = bus.settle()
        _ = bus.say(.reportPowerStatus(.standby))
        _ = bus.say(.activeSource(CECPhysicalAddress(0x2000)), from: CECLogicalAddress(3), to: .broadcast)
        #expect(bus.pass(.seconds(2)).messages.contains(selected))
        #expect(bus.say(.reportPowerStatus(.on)).messages == [selected])
        #expect(bus.machine.isActiveSource)
    }

    @Test(arguments: [CECLogicalAddress.broadcast, Bus.player]) func itsOwnStandbyIsObeyed(to: CECLogicalAddress) {
        var bus = Bus(.full)
        bus.machine.wakeTelevision(at: bus.now)
        _ = bus.settle()
        _ = bus.say(.reportPowerStatus(.standby))
        #expect(bus.say(.standby, to: to).isEmpty)
        #expect(bus.pass(.seconds(60)).isEmpty)
        bus.unplug()
        bus.plug()
        #expect(!bus.settle().messages.contains(.imageViewOn))
        bus.machine.releaseTelevision()
        #expect(bus.settle().isEmpty)
    }

    @Test func standbyIsToldOnce() {
        var bus = Bus(.watch)
        _ = bus.say(.reportPowerStatus(.on))
        #expect(bus.events == [.televisionPower(isOn: true)])
        _ = bus.say(.standby, to: .broadcast)
        #expect(bus.events == [.televisionPower(isOn: false)])
        _ = bus.say(.standby, to: .broadcast)
        #expect(bus.events.isEmpty)
        // One player tells another to sleep: not the TV.
        _ = bus.say(.reportPowerStatus(.on))
        _ = bus.say(.standby, from: CECLogicalAddress(8))
        #expect(bus.events.isEmpty)
    }

    @Test func aCableThatComesInACallWakesTheTelevision() {
        var bus = Bus(.wake, isPlugged: false)
        bus.machine.wakeTelevision(at: bus.now)
        #expect(bus.settle().isEmpty && bus.machine.deadline == nil)
        bus.plug()
        #expect(bus.settle().messages.contains(.imageViewOn))
        _ = bus.say(.reportPowerStatus(.on))
        bus.unplug()
        _ = bus.settle()
        #expect(bus.events == [.televisionPower(isOn: nil)])
        #expect(bus.pass(.seconds(30)).isEmpty)
        bus.plug()
        #expect(bus.settle().messages.contains(.imageViewOn))
        bus.machine.releaseTelevision()
        bus.unplug()
        bus.plug()
        #expect(!bus.settle().messages.contains(.imageViewOn))
    }

    @Test func theSameAddressAgainChangesNothing() {
        var bus = Bus(.wake)
        bus.machine.wakeTelevision(at: bus.now)
        _ = bus.settle()
        bus.plug()
        #expect(bus.settle().isEmpty)
        #expect(bus.machine.deadline == .zero + .seconds(2))
    }

    @Test func aTelevisionWithoutCECIsNotedOnce() {
        var bus = Bus(.full, isPlugged: false)
        bus.plug()
        let frames = bus.settle()
        for frame in frames { bus.machine.transmitted(frame.bytes.span, .notAcknowledged) }
        _ = bus.settle()
        #expect(bus.events.count == 1)
        bus.machine.wakeTelevision(at: bus.now)
        bus.report(bus.settle(), .notAcknowledged)
        #expect(bus.events.isEmpty)
        bus.report(bus.pass(.seconds(60)), .notAcknowledged)
        #expect(bus.events.isEmpty && bus.machine.deadline == nil)
        bus.unplug()
        bus.plug()
        bus.report(bus.settle(), .notAcknowledged)
        #expect(bus.events.isEmpty)
    }

    @Test func aTelevisionThatIsSilentAsleepCountsAsWoken() {
        var bus = Bus(.full)
        bus.machine.wakeTelevision(at: bus.now)
        bus.report(bus.settle(), .notAcknowledged)
        bus.report(bus.pass(.seconds(2)), .acknowledged)
        #expect(bus.say(.reportPowerStatus(.on)).messages == [selected])
        #expect(bus.machine.wokeTelevision)
    }

    @Test func eachLevelDoesWhatItSays() {
        for policy in CECPolicy.allCases {
            var bus = Bus(policy)
            bus.machine.wakeTelevision(at: bus.now)
            let wakes = !bus.settle().isEmpty
            _ = bus.say(.reportPowerStatus(.on))
            let answers = bus.say(.giveOSDName).messages == [.setOSDName("Visiosalle")]
            bus.machine.changeVolume(steps: 1)
            let turnsUp = !bus.settle().isEmpty
            bus.machine.releaseTelevision()
            let releases = !bus.settle().isEmpty
            #expect(answers == (policy >= .watch))
            #expect(wakes == (policy >= .wake) && turnsUp == wakes)
            #expect(releases == (policy == .full))
        }
        #expect(CECPolicy.allCases == CECPolicy.allCases.sorted())
    }

    @Test func afterARestartTheWokenTelevisionMaySleep() {
        var bus = Bus(.full, woke: true, isPlugged: false)
        bus.plug()
        #expect(bus.settle().messages.contains(.requestActiveSource))
        var same = bus
        bus.machine.releaseTelevision()
        #expect(bus.settle().messages == [.standby])
        // Unless somebody else is shown meanwhile.
        _ = same.say(.activeSource(CECPhysicalAddress(0x2000)), from: CECLogicalAddress(3), to: .broadcast)
        #expect(same.events == [.wokeTelevision(false)])
        same.machine.releaseTelevision()
        #expect(same.settle().isEmpty)
    }

    @Test func loudnessGoesToWhoPlaysTheSound() {
        var bus = Bus(.wake)
        bus.machine.changeVolume(steps: 2)
        let steps = bus.settle()
        #expect(
            steps.messages == [
                .userControlPressed(.volumeUp), .userControlReleased, .userControlPressed(.volumeUp),
                .userControlReleased,
            ])
        #expect(steps.allSatisfy { $0.destination == .television })
        _ = bus.say(.setSystemAudioMode(isOn: true), from: .audioSystem, to: .broadcast)
        bus.machine.changeVolume(steps: .min)
        let down = bus.settle()
        #expect(down.count == 20 && down.first?.message == .userControlPressed(.volumeDown))
        #expect(down.allSatisfy { $0.destination == .audioSystem })
        // Only the audio system itself is believed.
        _ = bus.say(.systemAudioModeStatus(isOn: false), from: CECLogicalAddress(8))
        bus.machine.changeVolume(steps: 1)
        #expect(bus.settle().allSatisfy { $0.destination == .audioSystem })
    }
}
