package import Basis

/// What a speakerphone asks for by its keys.
package enum TelephonyEvent: Equatable, Sendable {
    /// Its mute key: a request, answered by `TelephonyMachine.setMuted`.
    case muteRequested
    /// Its call key, or handset: true asks to join, false to hang up.
    case hookRequested(isOffHook: Bool)
    /// +1 or −1 for each press.
    case volumeRequested(steps: Int)
}

/// A telephone's side of USB HID: input reports in, what they ask for out; the room's state in, output reports out.
///
/// The device is a servant: it shows what we tell it. A call begins with the off-hook report, for many devices ignore
/// mute without it; each request of the mute key is answered with one LED report of the state that the room then has; the
/// call ends with on-hook. Requests that the room leaves unanswered are answered with the state as it was, so that key and
/// lamp do not drift apart.
package struct TelephonyMachine: Sendable {
    /// One usage in one input field.
    private struct Key: Sendable {
        let usage: HIDUsage
        let field: HIDField
        var isOn = false
        var reading: SwitchReading
    }

    /// How long the room has for its answer.
    private static let muteAnswerTime = Duration.seconds(1)
    private static let hookAnswerTime = Duration.seconds(5)

    private let descriptor: ReportDescriptor
    private var keys: [Key] = []
    private let lamps: [HIDField]
    /// Reports with the off-hook lamp first.
    private let outputIDs: [UInt8]
    /// The consumer page's mute is used where the telephony page has none, so that one press counts once.
    private let muteUsage: HIDUsage

    private var isInCall = false
    private var isMuted = false
    private var muteAnswerDue: MonotonicInstant?
    private var hookAnswerDue: MonotonicInstant?
    /// Off hook as the room knows it, or as the device asked for last.
    private var isOffHook = false
    private var lastMuteRequest: MonotonicInstant?
    private var events: [TelephonyEvent] = []
    private var outputs: [[UInt8]] = []

    /// Nil when the device has none of a speakerphone's keys.
    ///
    /// - Parameter usesConsumerMute: false when another interface of the same device has the telephone's mute key.
    package init?(_ descriptor: ReportDescriptor, usesConsumerMute: Bool = true) {
        let inputs = descriptor.fields.filter { $0.direction == .input }
        let hasPhoneMute = inputs.contains { $0.declares(.phoneMute) }
        muteUsage = hasPhoneMute || !usesConsumerMute ? .phoneMute : .consumerMute
        let wanted = [HIDUsage.hookSwitch, muteUsage, .redial, .drop, .volumeUp, .volumeDown]
        for usage in wanted {
            for field in inputs where field.declares(usage) {
                keys.append(Key(usage: usage, field: field, reading: SwitchReading(field)))
            }
        }
        guard !keys.isEmpty else { return nil }
        let shown = [HIDUsage.offHookLamp, .muteLamp, .ringLamp]
        lamps = descriptor.fields.filter { field in
            field.direction == .output && field.usage.map { shown.contains($0) } ?? false
        }
        var ids: [UInt8] = []
        for usage in shown {
            for field in lamps where field.usage == usage && !ids.contains(field.reportID) {
                ids.append(field.reportID)
            }
        }
        outputIDs = ids
        self.descriptor = descriptor
    }

    /// When `advance(to:)` is due.
    package var deadline: MonotonicInstant? {
        var soonest = Soonest()
        soonest.consider(muteAnswerDue, "mute")
        soonest.consider(hookAnswerDue, "hook")
        return soonest.instant
    }

    /// The next request of the device.
    package mutating func pollEvent() -> TelephonyEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// The next report for the device, its number first: 0 for a device that numbers none, as hidraw wants it.
    package mutating func pollOutput() -> [UInt8]? {
        outputs.isEmpty ? nil : outputs.removeFirst()
    }

    /// An input report as hidraw gives it.
    package mutating func receive(_ report: [UInt8], at now: MonotonicInstant) {
        for index in keys.indices {
            let (usage, field) = (keys[index].usage, keys[index].field)
            guard let isOn = descriptor.isOn(usage, of: field, in: report) else { continue }
            switch usage {
            case muteUsage:
                if keys[index].reading.isPress(isOn, truth: isMuted, report: report, at: now) { requestMute(at: now) }
            case .hookSwitch where keys[index].reading.begin(with: isOn, report: report, at: now):
                // Still off hook from a call before we were started: its next report of anything would join a meeting. It is
                // put on hook, and the press after that counts.
                if isOn, !isOffHook { tell(isMuted: isMuted, at: now) }
            case .hookSwitch:
                if keys[index].reading.isPress(isOn, truth: isOffHook, report: report, at: now) {
                    requestHook(isOffHook: !isOffHook, at: now)
                }
            default:
                if isOn, !keys[index].isOn { press(usage, at: now) }
            }
            keys[index].isOn = isOn
        }
    }

    /// The call begins or ends.
    package mutating func setInCall(_ isInCall: Bool, at now: MonotonicInstant) {
        let isNews = isInCall != self.isInCall
        guard isNews || hookAnswerDue != nil else { return }
        hookAnswerDue = nil
        self.isInCall = isInCall
        isOffHook = isInCall
        if isInCall, isNews, isMuted {
            // Off hook by itself first: the same report with both is ignored by some.
            tell(isMuted: false, at: now)
        }
        tell(isMuted: isMuted, at: now)
    }

    /// The one truth about mute. Tells the device when it is news, or the answer to its request.
    package mutating func setMuted(_ isMuted: Bool, at now: MonotonicInstant) {
        let isNews = isMuted != self.isMuted
        self.isMuted = isMuted
        guard muteAnswerDue != nil || isNews && isInCall else { return }
        muteAnswerDue = nil
        tell(isMuted: isMuted, only: .muteLamp, at: now)
    }

    /// Answers what the room did not answer in time.
    package mutating func advance(to now: MonotonicInstant) {
        if let due = muteAnswerDue, due <= now {
            muteAnswerDue = nil
            tell(isMuted: isMuted, only: .muteLamp, at: now)
        }
        if let due = hookAnswerDue, due <= now {
            hookAnswerDue = nil
            isOffHook = isInCall
            tell(isMuted: isMuted, at: now)
        }
    }

    private mutating func press(_ usage: HIDUsage, at now: MonotonicInstant) {
        switch usage {
        case .volumeUp: events.append(.volumeRequested(steps: 1))
        case .volumeDown: events.append(.volumeRequested(steps: -1))
        case .drop: requestHook(isOffHook: false, at: now)
        case .redial: if !isOffHook { requestHook(isOffHook: true, at: now) }
        default: break
        }
    }

    private mutating func requestMute(at now: MonotonicInstant) {
        // One press that two reports or fields tell of counts once.
        if let lastMuteRequest, now - lastMuteRequest < .milliseconds(50) { return }
        lastMuteRequest = now
        muteAnswerDue = now + Self.muteAnswerTime
        events.append(.muteRequested)
    }

    private mutating func requestHook(isOffHook: Bool, at now: MonotonicInstant) {
        guard events.last != .hookRequested(isOffHook: isOffHook) else { return }
        self.isOffHook = isOffHook
        hookAnswerDue = now + Self.hookAnswerTime
        events.append(.hookRequested(isOffHook: isOffHook))
    }

    /// Queues the output reports with our state; with `lamp` only that one which holds the lamp.
    private mutating func tell(isMuted: Bool, only lamp: HIDUsage? = nil, at now: MonotonicInstant) {
        // Out of a call every lamp is dark.
        let showsMute = isMuted && isInCall
        for id in outputIDs {
            let here = lamps.filter { $0.reportID == id }
            if let lamp, !here.contains(where: { $0.usage == lamp }) { continue }
            let length = descriptor.byteCount(.output, id: id)
            guard length > 0 else { continue }
            var report = [UInt8](repeating: 0, count: length)
            if descriptor.numbersReports, !report.isEmpty { report[0] = id }
            for field in here {
                let isOn =
                    switch field.usage {
                    case .offHookLamp: isInCall
                    case .muteLamp: showsMute
                    default: false
                    }
                descriptor.setBits(isOn ? 1 : 0, of: field, in: &report)
            }
            outputs.append(descriptor.numbersReports ? report : [0] + report)
        }
        for index in keys.indices {
            switch keys[index].usage {
            case muteUsage: keys[index].reading.answered(showsMute, at: now)
            case .hookSwitch where lamp == nil: keys[index].reading.answered(isInCall, at: now)
            default: break
            }
        }
    }
}
