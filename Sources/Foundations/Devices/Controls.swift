package import Basis

/// What somebody in the room did, or what became of a device that watches for it.
package enum ControlEvent: Equatable, Sendable {
    case press(button: ButtonRole, ButtonPress)
    /// A button is being held towards the reset; the time left. Nil: it was let go.
    case resetCountdown(Duration?)
    /// A button is pressed far too often or never let go, or works again.
    case stuck(button: ButtonRole, isStuck: Bool)
    /// A speakerphone asks for the other mute state. The answer is `ControlCommand.muted`.
    case muteRequested
    /// A speakerphone's handset or call key: true asks to join or stay, false to hang up.
    case hookRequested(isOffHook: Bool)
    /// Steps of loudness asked for by keys: +1, −1.
    case volumeRequested(steps: Int)
    /// What the TV says of itself by CEC; nil when it says nothing.
    case televisionPower(isOn: Bool?)
    /// The kernel added, removed or changed a device.
    case hotplug(HotplugEvent)
    /// A cable or an address came or went; the first time, what there is.
    case network(NetworkState)
    /// The software of the box begins to be replaced, has come so far, or is not replaced any more.
    case update(UpdateState)
    /// A device for controls came, went or failed, in one English sentence for the log.
    case deviceNote(String)
}

/// One uevent of the kernel.
package struct HotplugEvent: Equatable, Sendable {
    /// The kernel's `ACTION`; `other` for those that nobody here acts on.
    package enum Action: String, Sendable { case add, remove, change, bind, unbind, other }

    /// What happened to the device.
    package var action: Action
    /// For instance `video4linux`, `sound`, `drm`, `usb`, `input`, `hidraw`, `gpio`, `cec`.
    package var subsystem: String
    /// The node below `/dev`, for instance `video0`; empty when there is none.
    package var node: String
    /// The path below `/sys`.
    package var path: String

    package init(action: Action, subsystem: String, node: String, path: String) {
        self.action = action
        self.subsystem = subsystem
        self.node = node
        self.path = path
    }
}

/// What the lamps are to say. Patterns are those of the LED table in `docs/operating`.
package enum LampSignal: String, CaseIterable, Equatable, Sendable {
    case booting, idle, connecting, inCall, inCallMuted, handRaised, recorded, reconnecting, noNetwork, fault
    case updating, resetCountdown
}

/// What is asked of the devices that have buttons, lamps or a wire to the TV.
package enum ControlCommand: Equatable, Sendable {
    /// The signal of the room lamp; `number` is the fault's for `.fault`.
    case lamp(LampSignal, number: Int)
    /// The one truth about mute, to every lamp and speakerphone.
    case muted(Bool)
    /// A lamp next to the button `role` is lit steadily or dark.
    case buttonLamp(role: ButtonRole, isLit: Bool)
    /// A call begins or ends: speakerphones go off or on hook; resets are refused in calls.
    case inCall(Bool)
    /// A call comes up: wake the TV and show us.
    case wakeTelevision
    /// Idle for long: the TV may sleep, if we woke it.
    case releaseTelevision
    /// Raises (+1) or lowers (−1) the TV's own loudness where it has it.
    case televisionVolume(steps: Int)
}

/// A device for controls, or several, served by the thread that waits for all of them.
///
/// A class behind `any`: these events are rare.
package protocol ControlSource: AnyObject {
    /// What to wait for being readable; asked again after every call.
    var descriptors: [Int32] { get }

    /// When `process` is due in any case.
    var deadline: MonotonicInstant? { get }

    /// Handles whatever is readable or due. Never waits.
    func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void)

    /// Carries out what concerns this device; everything else is ignored.
    func apply(_ command: ControlCommand, at now: MonotonicInstant, emit: (ControlEvent) -> Void)

    /// A device may have come or gone: look again.
    func rescan(after event: HotplugEvent, at now: MonotonicInstant, emit: (ControlEvent) -> Void)

    /// Lamps dark, lines and devices let go.
    func close()
}
