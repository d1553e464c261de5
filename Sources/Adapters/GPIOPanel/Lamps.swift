package import Basis
internal import Controls
package import Devices

/// The lamp of the room and those beside the buttons.
package final class Lamps<Calls: GPIOCalls>: ControlSource {
    private struct Lamp {
        let role: LampRole
        var channels: [LampChannel]
        let isColoured: Bool
    }

    private let calls: Calls
    private var lamps: [Lamp]
    private var room: RoomLamp
    private var isMuted = false
    private var litButtons: Set<ButtonRole> = []
    private var next: MonotonicInstant?

    /// Nothing is opened before the first `process`, which is due at once.
    package init(_ lamps: [LampLine], isDarkWhenIdle: Bool = false, calls: Calls, at now: MonotonicInstant) {
        self.calls = calls
        self.lamps = lamps.map { line in
            let isColoured =
                switch line.wiring {
                case .line, .led: false
                case .colourLines, .colourLeds, .multicolourLed: true
                }
            return Lamp(role: line.role, channels: LampChannel.channels(of: line.wiring), isColoured: isColoured)
        }
        room = RoomLamp(isDarkWhenIdle: isDarkWhenIdle, at: now)
        next = now
    }

    package var descriptors: [Int32] { [] }

    package var deadline: MonotonicInstant? {
        lamps.isEmpty ? nil : next
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        let (light, blink) = (room.light(at: now), room.blink(at: now))
        var soonest = Soonest()
        for index in lamps.indices {
            let shown: LampLight
            switch lamps[index].role {
            case .room:
                shown = lamps[index].isColoured ? light : blink
                soonest.consider(room.instant(of: shown.change), "pattern")
            case .button(let role): shown = buttonLight(role)
            }
            for channel in lamps[index].channels.indices {
                if let failure = lamps[index].channels[channel].show(shown, at: now, calls) {
                    emit(.deviceNote("The lamp \(lamps[index].role) does not work: \(failure)."))
                }
                soonest.consider(lamps[index].channels[channel].retry.due, "retry")
            }
        }
        next = soonest.instant
    }

    package func apply(_ command: ControlCommand, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        switch command {
        case .lamp(let signal, let number): room.show(signal, number: number, at: now)
        case .muted(let isMuted):
            self.isMuted = isMuted
            room.setMuted(isMuted, at: now)
        case .buttonLamp(let role, let isLit):
            if isLit { litButtons.insert(role) } else { litButtons.remove(role) }
        case .inCall, .wakeTelevision, .releaseTelevision, .televisionVolume: return
        }
        process(at: now, emit: emit)
    }

    package func rescan(after event: HotplugEvent, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard event.subsystem == "gpio" || event.subsystem == "leds" else { return }
        for lamp in lamps.indices {
            for channel in lamps[lamp].channels.indices {
                lamps[lamp].channels[channel].refresh(at: now)
            }
        }
        process(at: now, emit: emit)
    }

    package func close() {
        for lamp in lamps.indices {
            for channel in lamps[lamp].channels.indices {
                lamps[lamp].channels[channel].close(calls)
            }
        }
        lamps.removeAll()
    }

    /// The lamp beside the microphone's button tells the one truth about mute, in red; the others what they are asked.
    private func buttonLight(_ role: ButtonRole) -> LampLight {
        let isMute = role == .mute
        let isLit = isMute ? isMuted : litButtons.contains(role)
        return LampLight(steady: isMute ? .red : .white, isLit: isLit)
    }
}

extension Lamps where Calls == KernelGPIO {
    /// The lamps of this board.
    package convenience init(_ lamps: [LampLine], isDarkWhenIdle: Bool = false, at now: MonotonicInstant) {
        self.init(lamps, isDarkWhenIdle: isDarkWhenIdle, calls: KernelGPIO(), at: now)
    }
}
