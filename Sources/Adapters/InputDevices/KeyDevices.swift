package import Basis
package import Controls
package import Devices

/// How keypads, remotes and media keys are used.
package struct KeySettings: Sendable {
    package var map: KeyMap
    /// Devices whose keys mean nothing here.
    package var ignored: [DeviceIdentity]
    /// Whether nobody else, the console first of all, gets the keys.
    package var isExclusive: Bool
    /// Whether a key held for 10 s outside calls is a reset. Not by default: things are put down on keyboards.
    package var mayReset: Bool

    package init(
        map: KeyMap = KeyMap(), ignored: [DeviceIdentity] = [], isExclusive: Bool = true, mayReset: Bool = false
    ) {
        self.map = map
        self.ignored = ignored
        self.isExclusive = isExclusive
        self.mayReset = mayReset
    }
}

/// The keys of all evdev devices that have any that mean something.
///
/// Not those of a speakerphone: it tells of the same keys by hidraw, and `Speakerphones` serves it. Not the keys that the
/// kernel makes of the TV's remote: CEC tells of them too.
package final class KeyDevices<Calls: InputCalls>: ControlSource {
    private struct Keypad {
        /// For instance `event3`.
        let name: String
        let node: InputNode
        let title: String
        /// The folder of its USB device.
        let device: String?
        var gestures: [UInt16: ButtonGesture] = [:]
    }

    /// BUS_CEC of linux/input.h.
    private static var cecBus: UInt16 { 0x1E }
    /// Reads from a device at a time.
    private static var mostReads: Int { 8 }

    private let settings: KeySettings
    private let calls: Calls
    private let tree: DeviceTree<Calls>
    private var keypads: [Keypad] = []
    private var search: NodeSearch
    private var isInCall = false

    /// Nothing is opened before the first `process`, which is due at once.
    package init(_ settings: KeySettings, calls: Calls, at now: MonotonicInstant) {
        self.settings = settings
        self.calls = calls
        tree = DeviceTree(calls: calls)
        search = NodeSearch(due: now)
    }

    package var descriptors: [Int32] { keypads.map(\.node.descriptor) }

    package var deadline: MonotonicInstant? {
        var soonest = Soonest()
        soonest.consider(search.deadline, "search")
        for keypad in keypads {
            for gesture in keypad.gestures.values {
                soonest.consider(gesture.deadline, "gesture")
            }
        }
        return soonest.instant
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        var index = 0
        while index < keypads.count {
            do throws(DeviceError) {
                try takeEvents(index, at: now)
                tell(index, at: now, emit)
                index += 1
            } catch {
                lose(index, error, at: now, emit)
            }
        }
        if search.isDue(at: now) { lookForDevices(at: now, emit) }
    }

    package func apply(_ command: ControlCommand, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard case .inCall(let isInCall) = command else { return }
        self.isInCall = isInCall
        for index in keypads.indices {
            for code in keypads[index].gestures.keys {
                keypads[index].gestures[code]?.setInCall(isInCall, at: now)
            }
            tell(index, at: now, emit)
        }
    }

    package func rescan(after event: HotplugEvent, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard event.subsystem == "input" || event.subsystem == "hidraw" else { return }
        // A node of this name that comes or goes is another one than ours.
        if event.action == .add || event.action == .remove,
            let index = keypads.firstIndex(where: { "input/\($0.name)" == event.node })
        {
            release(index, at: now, emit)
        }
        search.restart(at: now)
        process(at: now, emit: emit)
    }

    package func close() {
        for keypad in keypads { calls.close(keypad.node) }
        keypads.removeAll()
        search = NodeSearch(due: nil)
    }

    private func takeEvents(_ index: Int, at now: MonotonicInstant) throws(DeviceError) {
        for _ in 0..<Self.mostReads {
            let events: [InputEvent]
            do throws(DeviceError) {
                events = try calls.readEvents(keypads[index].node)
            } catch {
                // The descriptor stays readable, so we come again.
                if error.errno == PassingErrno.interrupted || error.errno == PassingErrno.again { return }
                throw error
            }
            if events.isEmpty { return }
            search.succeeded(keypads[index].name)
            for event in events { take(event, index, at: now) }
        }
    }

    private func take(_ event: InputEvent, _ index: Int, at now: MonotonicInstant) {
        switch event {
        case .key(let code, let value, let instant):
            // 2 is the keyboard's repetition.
            guard value == 0 || value == 1, settings.map.role(of: code) != nil else { return }
            var gesture = keypads[index].gestures[code] ?? newGesture(at: min(instant, now))
            gesture.edge(isPressed: value == 1, at: min(instant, now))
            keypads[index].gestures[code] = gesture
        case .dropped:
            for code in keypads[index].gestures.keys {
                keypads[index].gestures[code]?.cancel(at: now)
            }
        }
    }

    private func newGesture(at now: MonotonicInstant) -> ButtonGesture {
        var gesture = ButtonGesture(debounce: .zero, mayReset: settings.mayReset, at: now)
        gesture.setInCall(isInCall, at: now)
        return gesture
    }

    private func tell(_ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        for code in keypads[index].gestures.keys.sorted() {
            keypads[index].gestures[code]?.advance(to: now)
            while let event = keypads[index].gestures[code]?.poll() {
                if let role = settings.map.role(of: code) { emit(ControlEvent(event, of: role)) }
            }
        }
    }

    private func lookForDevices(at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        let telephones = Set(tree.telephones().map(\.device))
        for index in keypads.indices.reversed() {
            guard let device = keypads[index].device, telephones.contains(device) else { continue }
            release(index, at: now, emit)
        }
        let names = calls.names(inDirectory: "/dev/input").filter { $0.hasPrefix("event") }
        search.begin(names)
        for name in names where search.wants(name, at: now) && !keypads.contains(where: { $0.name == name }) {
            do throws(DeviceError) {
                if let keypad = try adopt(name, telephones) {
                    search.adopted(name)
                    keypads.append(keypad)
                    emit(.deviceNote("The keys of \(keypad.title) (\(keypad.node.path)) are buttons now."))
                } else {
                    search.dismiss(name)
                }
            } catch {
                if search.failed(name, error, at: now) { emit(.deviceNote("No keys of \(name): \(error).")) }
            }
        }
    }

    /// The keypad behind the node `name`; nil when it is none, or somebody else's.
    private func adopt(_ name: String, _ telephones: Set<String>) throws(DeviceError) -> Keypad? {
        let device = calls.realPath("/sys/class/input/\(name)").flatMap { tree.device(of: $0) }
        if let device, telephones.contains(device) { return nil }
        let (facts, bus) = tree.facts(ofInput: name, device: device)
        if bus == Self.cecBus || settings.ignored.contains(where: { $0.matches(facts) }) { return nil }
        let node = try calls.open("/dev/input/\(name)", isWritable: false)
        do throws(DeviceError) {
            let bits = try calls.keyBits(node)
            let hasKeys = settings.map.codes.contains { code in
                let byte = Int(code >> 3)
                return byte < bits.count && bits[byte] >> UInt8(code & 7) & 1 == 1
            }
            guard hasKeys else {
                calls.close(node)
                return nil
            }
            try calls.useMonotonicClock(node)
            if settings.isExclusive { try calls.grab(node) }
        } catch {
            calls.close(node)
            throw error
        }
        return Keypad(name: name, node: node, title: facts.name.isEmpty ? name : facts.name, device: device)
    }

    private func lose(_ index: Int, _ error: DeviceError, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        let name = keypads[index].name
        release(index, at: now, emit)
        _ = search.failed(name, error, at: now)
        emit(.deviceNote("The keys of \(name) are gone: \(error)."))
    }

    /// Lets the device go; what was held comes to nothing.
    private func release(_ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        for code in keypads[index].gestures.keys {
            keypads[index].gestures[code]?.cancel(at: now)
        }
        tell(index, at: now, emit)
        calls.close(keypads[index].node)
        keypads.remove(at: index)
    }
}

extension KeyDevices where Calls == KernelInput {
    /// The keypads of this machine.
    package convenience init(_ settings: KeySettings, at now: MonotonicInstant) {
        self.init(settings, calls: KernelInput(), at: now)
    }
}
