package import Basis
internal import Controls
package import Devices

/// The buttons on GPIO lines. Lines that are missing or vanish are asked for again; the others go on meanwhile.
package final class GPIOButtons<Calls: GPIOCalls>: ControlSource {
    private struct Button {
        let settings: ButtonLine
        var line: Int32?
        var gesture: ButtonGesture
        var retry: RetryPace
        /// The failure told last, so that it is told once.
        var failure: DeviceError?
        /// A contact that chatters wildly is left alone until then.
        var restsUntil: MonotonicInstant?
    }

    /// Edges taken from a line at a time.
    private static var mostEdges: Int { 64 }
    private static var rest: Duration { .milliseconds(250) }

    private let calls: Calls
    private var buttons: [Button]
    private var isInCall = false

    /// Nothing is opened before the first `process`, which is due at once.
    package init(_ buttons: [ButtonLine], calls: Calls, at now: MonotonicInstant) {
        self.calls = calls
        self.buttons = buttons.map { settings in
            Button(settings: settings, gesture: ButtonGesture(at: now), retry: RetryPace(due: now))
        }
    }

    package var descriptors: [Int32] {
        buttons.compactMap { button in
            guard let line = button.line, button.restsUntil == nil else { return nil }
            return calls.descriptor(ofLine: line)
        }
    }

    package var deadline: MonotonicInstant? {
        var soonest = Soonest()
        for button in buttons {
            soonest.consider(button.gesture.deadline, "gesture")
            soonest.consider(button.retry.due, "retry")
            soonest.consider(button.restsUntil, "rest")
        }
        return soonest.instant
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        for index in buttons.indices {
            if buttons[index].line == nil, buttons[index].retry.isDue(at: now) { open(index, at: now, emit) }
            if let end = buttons[index].restsUntil {
                if end <= now { endRest(index, at: now, emit) }
            } else {
                takeEdges(index, at: now, emit)
            }
            buttons[index].gesture.advance(to: now)
            tell(index, emit)
        }
    }

    package func apply(_ command: ControlCommand, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard case .inCall(let isInCall) = command else { return }
        self.isInCall = isInCall
        for index in buttons.indices {
            buttons[index].gesture.setInCall(isInCall, at: now)
            tell(index, emit)
        }
    }

    package func rescan(after event: HotplugEvent, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard event.subsystem == "gpio" else { return }
        for index in buttons.indices {
            guard let line = buttons[index].line else {
                buttons[index].retry.hurry(at: now)
                continue
            }
            do throws(DeviceError) {
                _ = try calls.value(ofLine: line)
            } catch {
                lose(index, error, at: now, emit)
            }
        }
        process(at: now, emit: emit)
    }

    package func close() {
        for button in buttons {
            if let line = button.line { calls.release(line: line) }
        }
        buttons.removeAll()
    }

    private func open(_ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        let settings = buttons[index].settings
        let debounce = ButtonGesture.contactDebounce
        var requested: Int32?
        do throws(DeviceError) {
            let (chip, offset) = try calls.locate(settings.line)
            let line = try calls.requestInput(
                chip: chip, offset: offset, isActiveLow: settings.line.isActiveLow, bias: settings.bias,
                debounce: debounce)
            requested = line
            let isPressed = try calls.value(ofLine: line)
            buttons[index].gesture = ButtonGesture(
                debounce: calls.debouncesInputs ? .zero : debounce, mayReset: settings.mayReset, isPressed: isPressed,
                at: now)
            buttons[index].gesture.setInCall(isInCall, at: now)
            buttons[index].line = line
            // Forgiven only when its edges can be read too, or such a line would be asked for faster and faster.
            buttons[index].retry.rest()
        } catch {
            if let requested { calls.release(line: requested) }
            fail(index, error, at: now, emit)
        }
    }

    private func takeEdges(_ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        guard let line = buttons[index].line else { return }
        do throws(DeviceError) {
            for _ in 0..<Self.mostEdges {
                let edge = try calls.nextEdge(ofLine: line)
                forgive(index, emit)
                guard let edge else { return }
                buttons[index].gesture.edge(isPressed: edge.isActive, at: min(edge.instant, now))
            }
            buttons[index].restsUntil = now + Self.rest
        } catch {
            // Interrupted: the descriptor stays readable, so we come again.
            if error.errno != interrupted { lose(index, error, at: now, emit) }
        }
    }

    private func forgive(_ index: Int, _ emit: (ControlEvent) -> Void) {
        guard buttons[index].failure != nil else { return }
        emit(.deviceNote("The button \(buttons[index].settings.role) is back."))
        buttons[index].failure = nil
        buttons[index].retry.succeeded()
    }

    /// What chattered meanwhile does not count; the level at the end does.
    private func endRest(_ index: Int, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        buttons[index].restsUntil = nil
        takeEdges(index, at: now, emit)
        guard let line = buttons[index].line else { return }
        do throws(DeviceError) {
            let isPressed = try calls.value(ofLine: line)
            buttons[index].gesture.edge(isPressed: isPressed, at: now)
        } catch {
            lose(index, error, at: now, emit)
        }
    }

    private func lose(_ index: Int, _ error: DeviceError, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        if let line = buttons[index].line { calls.release(line: line) }
        buttons[index].line = nil
        buttons[index].restsUntil = nil
        buttons[index].gesture.cancel(at: now)
        tell(index, emit)
        fail(index, error, at: now, emit)
    }

    private func fail(_ index: Int, _ error: DeviceError, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        buttons[index].retry.failed(at: now)
        if buttons[index].failure != error {
            emit(.deviceNote("The button \(buttons[index].settings.role) does not work: \(error)."))
        }
        buttons[index].failure = error
    }

    private func tell(_ index: Int, _ emit: (ControlEvent) -> Void) {
        while let event = buttons[index].gesture.poll() {
            emit(ControlEvent(event, of: buttons[index].settings.role))
        }
    }
}

/// EINTR of asm-generic/errno-base.h.
let interrupted: Int32 = 4

extension GPIOButtons where Calls == KernelGPIO {
    /// The buttons of this board.
    package convenience init(_ buttons: [ButtonLine], at now: MonotonicInstant) {
        self.init(buttons, calls: KernelGPIO(), at: now)
    }
}
