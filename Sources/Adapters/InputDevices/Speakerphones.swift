package import Basis
package import Devices
internal import HID

/// The keys and lamps of all USB speakerphones, by hidraw.
///
/// Every device is told of mute and calls, also one that is plugged in during the call.
package final class Speakerphones<Calls: InputCalls>: ControlSource {
    private struct Phone {
        /// For instance `hidraw0`.
        let name: String
        let node: InputNode
        let title: String
        var machine: TelephonyMachine
        /// Reports still to be written.
        var outputs: [[UInt8]] = []
        var writeAgainAt: MonotonicInstant?
        /// Attempts in a row that had to be put off.
        var delays = 0
        /// Writes refused one after the other.
        var refusals = 0
    }

    /// Reports taken from a device at a time.
    private static var mostReports: Int { 32 }
    private static var mostOutputs: Int { 16 }
    /// After so many refused reports the device gets no more: each may cost the kernel's five seconds.
    private static var mostRefusals: Int { 3 }
    private static var mostDelays: Int { 10 }
    private static var writePause: Duration { .milliseconds(50) }

    private let calls: Calls
    private let tree: DeviceTree<Calls>
    private var phones: [Phone] = []
    private var search: NodeSearch
    private var isInCall = false
    private var isMuted = false

    /// Nothing is opened before the first `process`, which is due at once.
    package init(calls: Calls, at now: MonotonicInstant) {
        self.calls = calls
        tree = DeviceTree(calls: calls)
        search = NodeSearch(due: now)
    }

    package var descriptors: [Int32] { phones.map(\.node.descriptor) }

    package var deadline: MonotonicInstant? {
        var soonest = Soonest()
        soonest.consider(search.deadline, "search")
        for phone in phones {
            soonest.consider(phone.machine.deadline, "answer")
            soonest.consider(phone.writeAgainAt, "write")
        }
        return soonest.instant
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        forEachPhone(at: now, emit) { (index) throws(DeviceError) in
            try takeReports(index, at: now)
            phones[index].machine.advance(to: now)
            try settle(index, at: now, emit)
        }
        if search.isDue(at: now) { lookForDevices(at: now, emit) }
    }

    package func apply(_ command: ControlCommand, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        switch command {
        case .inCall(let isInCall):
            self.isInCall = isInCall
            for index in phones.indices { phones[index].machine.setInCall(isInCall, at: now) }
        case .muted(let isMuted):
            self.isMuted = isMuted
            for index in phones.indices { phones[index].machine.setMuted(isMuted, at: now) }
        default: return
        }
        forEachPhone(at: now, emit) { (index) throws(DeviceError) in try settle(index, at: now, emit) }
    }

    package func rescan(after event: HotplugEvent, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard event.subsystem == "hidraw" else { return }
        // A node of this name that comes or goes is another one than ours.
        if event.action == .add || event.action == .remove,
            let index = phones.firstIndex(where: { $0.name == event.node })
        {
            calls.close(phones.remove(at: index).node)
        }
        search.restart(at: now)
        process(at: now, emit: emit)
    }

    /// On hook, lamps dark.
    package func close() {
        for phone in phones {
            var machine = phone.machine
            machine.setInCall(false, at: .zero)
            while let report = machine.pollOutput(), phone.refusals < Self.mostRefusals {
                // Nobody is left to tell of a failure.
                try? calls.writeReport(report, to: phone.node)
            }
            calls.close(phone.node)
        }
        phones.removeAll()
        search = NodeSearch(due: nil)
    }

    /// Runs `body` for the index of every phone; one that fails is let go.
    private func forEachPhone(
        at now: MonotonicInstant, _ emit: (ControlEvent) -> Void, _ body: (Int) throws(DeviceError) -> Void
    ) {
        var index = 0
        while index < phones.count {
            do throws(DeviceError) {
                try body(index)
                index += 1
            } catch {
                let phone = phones.remove(at: index)
                calls.close(phone.node)
                _ = search.failed(phone.name, error, at: now)
                emit(.deviceNote("\(phone.title) is gone: \(error)."))
            }
        }
    }

    private func takeReports(_ index: Int, at now: MonotonicInstant) throws(DeviceError) {
        for _ in 0..<Self.mostReports {
            do throws(DeviceError) {
                guard let report = try calls.readReport(phones[index].node) else { return }
                search.succeeded(phones[index].name)
                phones[index].machine.receive(report, at: now)
            } catch {
                // The descriptor stays readable, so we come again.
                if error.errno == PassingErrno.interrupted || error.errno == PassingErrno.again { return }
                throw error
            }
        }
    }

    /// Tells what the device asks for, and writes what it is to know.
    private func settle(_ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) throws(DeviceError) {
        while let event = phones[index].machine.pollEvent() {
            switch event {
            case .muteRequested: emit(.muteRequested)
            case .hookRequested(let isOffHook): emit(.hookRequested(isOffHook: isOffHook))
            case .volumeRequested(let steps): emit(.volumeRequested(steps: steps))
            }
        }
        while let report = phones[index].machine.pollOutput() {
            phones[index].outputs.append(report)
        }
        phones[index].outputs.removeFirst(max(0, phones[index].outputs.count - Self.mostOutputs))
        if let again = phones[index].writeAgainAt, again > now { return }
        phones[index].writeAgainAt = nil
        try writeOutputs(index, at: now, emit)
    }

    private func writeOutputs(
        _ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void
    ) throws(DeviceError) {
        while let report = phones[index].outputs.first {
            guard phones[index].refusals < Self.mostRefusals else {
                phones[index].outputs.removeAll()
                return
            }
            do throws(DeviceError) {
                try calls.writeReport(report, to: phones[index].node)
                (phones[index].refusals, phones[index].delays) = (0, 0)
                phones[index].outputs.removeFirst()
            } catch {
                if error.severity == .absent { throw error }
                let isPassing = error.errno == PassingErrno.interrupted || error.errno == PassingErrno.again
                if isPassing, phones[index].delays < Self.mostDelays {
                    phones[index].delays += 1
                    phones[index].writeAgainAt = now + Self.writePause
                    return
                }
                phones[index].delays = 0
                phones[index].outputs.removeFirst()
                phones[index].refusals += 1
                emit(.deviceNote("\(phones[index].title) refuses a report: \(error)."))
            }
        }
    }

    private func lookForDevices(at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        let telephones = tree.telephones()
        let muting = Set(telephones.filter(\.hasPhoneMute).map(\.device))
        search.begin(telephones.map(\.name))
        for telephone in telephones {
            let name = telephone.name
            guard search.wants(name, at: now), !phones.contains(where: { $0.name == name }) else { continue }
            do throws(DeviceError) {
                if let phone = try adopt(name, usesConsumerMute: !muting.contains(telephone.device), at: now) {
                    search.adopted(name)
                    phones.append(phone)
                    emit(.deviceNote("The keys of \(phone.title) (\(phone.node.path)) are served."))
                } else {
                    search.dismiss(name)
                }
            } catch {
                if search.failed(name, error, at: now) { emit(.deviceNote("No keys of \(name): \(error).")) }
            }
        }
        forEachPhone(at: now, emit) { (index) throws(DeviceError) in try settle(index, at: now, emit) }
    }

    private func adopt(_ name: String, usesConsumerMute: Bool, at now: MonotonicInstant) throws(DeviceError) -> Phone? {
        let node = try calls.open("/dev/\(name)", isWritable: true)
        do throws(DeviceError) {
            let descriptor = ReportDescriptor(try calls.reportDescriptor(node))
            guard var machine = TelephonyMachine(descriptor, usesConsumerMute: usesConsumerMute) else {
                calls.close(node)
                return nil
            }
            let title = (try? calls.hidName(node)) ?? name
            machine.setMuted(isMuted, at: now)
            machine.setInCall(isInCall, at: now)
            return Phone(name: name, node: node, title: title, machine: machine)
        } catch {
            calls.close(node)
            throw error
        }
    }
}

extension Speakerphones where Calls == KernelInput {
    /// The speakerphones of this machine.
    package convenience init(at now: MonotonicInstant) {
        self.init(calls: KernelInput(), at: now)
    }
}
