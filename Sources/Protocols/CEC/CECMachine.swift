package import Basis

/// A player on the CEC bus of one HDMI connector: wakes the TV, answers its questions and reads its remote control.
///
/// A machine: after every input the owner drains `pollTransmit` and `pollEvent` and wakes at `deadline`. Claiming a
/// logical address is the kernel's; the machine is told of it by `configure`. Nothing that the bus does is an error: a
/// TV without CEC is noted once.
package struct CECMachine: Sendable {
    /// What the box says of itself on the wire, and how much it may do there.
    package struct Configuration: Equatable, Sendable {
        /// How much it may do to the TV.
        package var policy: CECPolicy
        /// The name in the TV's list of sources; at most 14 characters of ASCII.
        package var osdName: String
        /// The IEEE's number of the maker; that of HDMI Licensing, as tools without a maker say.
        package var vendorID: UInt32

        package init(policy: CECPolicy, osdName: String = "Visiosalle", vendorID: UInt32 = 0x00_0C03) {
            self.policy = policy
            self.osdName = osdName
            self.vendorID = vendorID
        }
    }

    /// The TV is being woken.
    struct Wake: Sendable {
        let start: MonotonicInstant
        /// Attempts made so far.
        var attempts = 0
        /// When the next attempt, or giving up, is due.
        var next: MonotonicInstant
        /// It said that it was off, or said nothing at all.
        var wasOff = false
    }

    enum Presence: Sendable { case unknown, answers, silent }

    static let maximumTransmits = 32
    static let maximumEvents = 64

    /// As given at the start.
    package let configuration: Configuration
    /// Frames that found no room among those waiting.
    package private(set) var droppedFrames = 0
    /// Whether the TV is on because of us.
    package internal(set) var wokeTelevision: Bool
    /// Whether we are what the TV shows, as far as the bus told.
    package internal(set) var isActiveSource = false

    var physical: CECPhysicalAddress?
    var logical: CECLogicalAddress?
    var presence = Presence.unknown
    var hasNotedSilence = false
    var isTelevisionOn: Bool?
    /// A call wants the TV: it is woken again when it is plugged in anew.
    var isWanted = false
    var wake: Wake?
    var isMenuActivated = true
    /// An audio system plays the TV's sound, and has its loudness.
    var hasSystemAudio = false
    /// The key being held, by whom, and when it was last told.
    var held: (initiator: CECLogicalAddress, key: CECUserControl, at: MonotonicInstant)?

    private var transmits: [CECFrame] = []
    private var events: [CECEvent] = []

    /// - Parameter wokeTelevision: what the last `CECEvent.wokeTelevision` before a restart said.
    package init(configuration: Configuration, wokeTelevision: Bool = false) {
        self.configuration = configuration
        self.wokeTelevision = wokeTelevision
    }

    // MARK: Inputs

    /// Where we are plugged in and who we are on the bus; nil or invalid while nothing is plugged in or the address is
    /// still being claimed.
    package mutating func configure(
        physical newPhysical: CECPhysicalAddress?, logical newLogical: CECLogicalAddress?, at now: MonotonicInstant
    ) {
        guard configuration.policy != .off else { return }
        guard let newPhysical, newPhysical.isValid, newPhysical != .television, let newLogical, newLogical != .broadcast
        else {
            disconnect()
            return
        }
        guard physical != newPhysical || logical != newLogical else { return }
        disconnect()
        (physical, logical) = (newPhysical, newLogical)
        send(.giveSystemAudioModeStatus, to: .audioSystem)
        if isWanted {
            beginWake(at: now)
        } else {
            send(.giveDevicePowerStatus, to: .television)
            // After a restart: whoever is shown instead of us speaks up, and the TV is no longer ours to switch off.
            if wokeTelevision { send(.requestActiveSource, to: .broadcast) }
        }
    }

    /// The bytes of a received frame.
    package mutating func receive(_ bytes: Span<UInt8>, at now: MonotonicInstant) {
        guard let logical, let frame = CECFrame(bytes), frame.initiator != logical,
            frame.destination == logical || frame.isBroadcast
        else { return }
        handle(frame, at: now)
    }

    /// What became of a frame taken from `pollTransmit`.
    package mutating func transmitted(_ bytes: Span<UInt8>, _ result: CECTransmitResult) {
        guard logical != nil, let frame = CECFrame(bytes), frame.destination == .television else { return }
        switch result {
        case .acknowledged: noteAnswer()
        case .notAcknowledged:
            wake?.wasOff = true
            guard presence == .unknown else { return }
            presence = .silent
            guard !hasNotedSilence else { return }
            hasNotedSilence = true
            emit(.note("the TV does not answer by CEC: it has none, or it is turned off in its settings"))
        case .failed: break
        }
    }

    /// Does what has become due.
    package mutating func advance(to now: MonotonicInstant) {
        if let wake, wake.next <= now { continueWake(wake, at: now) }
    }

    // MARK: Outputs

    /// When `advance` is due.
    package var deadline: MonotonicInstant? {
        wake?.next
    }

    /// The next frame to put on the wire.
    package mutating func pollTransmit() -> CECFrame? {
        transmits.isEmpty ? nil : transmits.removeFirst()
    }

    /// What the TV or its remote asked for, the oldest first; nil when there is nothing more.
    package mutating func pollEvent() -> CECEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    // MARK: Shared by the extensions

    mutating func send(_ message: CECMessage, to destination: CECLogicalAddress) {
        guard let logical else { return }
        guard transmits.count < Self.maximumTransmits else {
            droppedFrames &+= 1
            return
        }
        transmits.append(CECFrame(from: logical, to: destination, message))
    }

    mutating func emit(_ event: CECEvent) {
        guard events.count < Self.maximumEvents else { return }
        events.append(event)
    }

    /// The TV has said something or acknowledged a frame.
    mutating func noteAnswer() {
        presence = .answers
        hasNotedSilence = false
    }

    mutating func setTelevision(isOn: Bool?) {
        guard isTelevisionOn != isOn else { return }
        isTelevisionOn = isOn
        emit(.televisionPower(isOn: isOn))
    }

    mutating func setWoke(_ woke: Bool) {
        guard wokeTelevision != woke else { return }
        wokeTelevision = woke
        emit(.wokeTelevision(woke))
    }

    /// Nothing is known any more of what is at the other end. A TV that was woken stays woken: many let go of the cable
    /// for a moment while they start.
    private mutating func disconnect() {
        (physical, logical) = (nil, nil)
        transmits = []
        wake = nil
        presence = .unknown
        isActiveSource = false
        hasSystemAudio = false
        held = nil
        setTelevision(isOn: nil)
    }
}
