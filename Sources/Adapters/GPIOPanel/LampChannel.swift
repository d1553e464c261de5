internal import Basis
internal import Controls
internal import Devices

/// One line or LED device of a lamp.
struct LampChannel {
    enum Output: Hashable {
        case line(GPIOLine)
        case led(String)
        case multicolourLed(String)
    }

    /// What of the lamp's light it shows.
    enum Part { case whole, red, green, blue }

    let output: Output
    let part: Part

    /// What the kernel told when it was opened.
    private enum Opened {
        case line(Int32)
        /// - Parameter order: of `multi_intensity`, as indices of red, green, blue; empty for one colour.
        case led(path: String, maximum: UInt32, order: [Int])
    }

    private var opened: Opened?
    /// What was written last; nil when unknown.
    private var shown: UInt32?
    private var failure: DeviceError?
    /// When to write again what failed.
    private(set) var retry = RetryPace(due: nil)

    init(_ output: Output, _ part: Part) {
        self.output = output
        self.part = part
    }

    /// What is connected how, in the order red, green, blue.
    static func channels(of wiring: LampWiring) -> [LampChannel] {
        switch wiring {
        case .line(let line): [LampChannel(.line(line), .whole)]
        case .colourLines(let red, let green, let blue):
            [
                LampChannel(.line(red), .red), LampChannel(.line(green), .green), LampChannel(.line(blue), .blue),
            ]
        case .led(let name): [LampChannel(.led(name), .whole)]
        case .colourLeds(let red, let green, let blue):
            [LampChannel(.led(red), .red), LampChannel(.led(green), .green), LampChannel(.led(blue), .blue)]
        case .multicolourLed(let name): [LampChannel(.multicolourLed(name), .whole)]
        }
    }

    /// Shows `light` unless it is shown already, or a failure is too recent. Gives the failure when it is news.
    mutating func show(_ light: LampLight, at now: MonotonicInstant, _ calls: some GPIOCalls) -> DeviceError? {
        if retry.due != nil, !retry.isDue(at: now) { return nil }
        let wasOpened = opened != nil
        do throws(DeviceError) {
            do throws(DeviceError) {
                try write(light, calls)
            } catch {
                // The line of a chip that went, and maybe came back.
                guard wasOpened, error.severity == .absent else { throw error }
                release(calls)
                try write(light, calls)
            }
            retry.succeeded()
            failure = nil
            return nil
        } catch {
            retry.failed(at: now)
            if error.severity != .transient { release(calls) }
            defer { failure = error }
            return failure == error ? nil : error
        }
    }

    /// A device came: what failed is tried at once, and everything written again.
    mutating func refresh(at now: MonotonicInstant) {
        shown = nil
        if failure != nil { retry.hurry(at: now) }
    }

    /// Dark, and let go.
    mutating func close(_ calls: some GPIOCalls) {
        if let opened {
            // Nobody is left to tell of a failure.
            try? write(0, opened, calls)
        }
        release(calls)
    }

    private mutating func write(_ light: LampLight, _ calls: some GPIOCalls) throws(DeviceError) {
        let opened = try open(calls)
        let wanted = value(of: light, for: opened)
        guard wanted != shown else { return }
        shown = nil
        try write(wanted, opened, calls)
        shown = wanted
    }

    private mutating func release(_ calls: some GPIOCalls) {
        if case .line(let line) = opened { calls.release(line: line) }
        opened = nil
        shown = nil
    }

    private mutating func open(_ calls: some GPIOCalls) throws(DeviceError) -> Opened {
        if let opened { return opened }
        let result: Opened
        switch output {
        case .line(let line):
            let (chip, offset) = try calls.locate(line)
            result = .line(try calls.requestOutput(chip: chip, offset: offset, isActiveLow: line.isActiveLow))
        case .led(let name): result = try openLED(name, isMulticolour: false, calls)
        case .multicolourLed(let name): result = try openLED(name, isMulticolour: true, calls)
        }
        opened = result
        return result
    }

    private func openLED(
        _ name: String, isMulticolour: Bool, _ calls: some GPIOCalls
    ) throws(DeviceError) -> Opened {
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else {
            throw DeviceError("open", device: name, detail: "not the name of a LED device", severity: .permanent)
        }
        let path = "/sys/class/leds/\(name)"
        // Another trigger would blink on its own.
        try calls.write("none", toFile: "\(path)/trigger")
        let maximum = UInt32(try calls.contents(ofFile: "\(path)/max_brightness")) ?? 255
        guard isMulticolour else { return .led(path: path, maximum: max(1, maximum), order: []) }
        let names = try calls.contents(ofFile: "\(path)/multi_index").split(separator: " ").prefix(8)
        let order = names.map { ["red", "green", "blue"].firstIndex(of: String($0)) ?? 3 }
        return .led(path: path, maximum: max(1, maximum), order: order)
    }

    /// The number that says all of what is to be written: a brightness, or 24 bits of colour.
    private func value(of light: LampLight, for opened: Opened) -> UInt32 {
        switch opened {
        case .line: return isLit(light) ? 1 : 0
        case .led(_, let maximum, let order):
            let dimmed = light.dimmed
            if !order.isEmpty { return UInt32(dimmed.red) << 16 | UInt32(dimmed.green) << 8 | UInt32(dimmed.blue) }
            // Few steps are as good as none: dim would be dark.
            if maximum < 8 { return isLit(light) ? maximum : 0 }
            let level =
                switch part {
                case .whole: light.level
                case .red: dimmed.red
                case .green: dimmed.green
                case .blue: dimmed.blue
                }
            let scaled = UInt32(truncatingIfNeeded: UInt64(level) * UInt64(maximum) / 255)
            return level == 0 ? 0 : max(1, scaled)
        }
    }

    private func isLit(_ light: LampLight) -> Bool {
        guard light.isLit else { return false }
        let (red, green, blue) = light.colour.switched
        return switch part {
        case .whole: true
        case .red: red
        case .green: green
        case .blue: blue
        }
    }

    private func write(_ value: UInt32, _ opened: Opened, _ calls: some GPIOCalls) throws(DeviceError) {
        switch opened {
        case .line(let line): try calls.setValue(value != 0, ofLine: line)
        case .led(let path, _, let order) where order.isEmpty:
            try calls.write("\(value)", toFile: "\(path)/brightness")
        case .led(let path, let maximum, let order):
            let parts = [value >> 16 & 255, value >> 8 & 255, value & 255, 0]
            let scaled = order.map { UInt64(parts[$0]) * UInt64(maximum) / 255 }
            try calls.write(scaled.map { "\($0)" }.joined(separator: " "), toFile: "\(path)/multi_intensity")
            try calls.write(value == 0 ? "0" : "\(maximum)", toFile: "\(path)/brightness")
        }
    }
}
