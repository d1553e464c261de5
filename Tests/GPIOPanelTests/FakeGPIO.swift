import Basis
import Devices
import GPIOPanel

/// Chips, lines and LED devices of a scripted kernel. Any call can be made to fail; what is requested is counted.
final class FakeGPIO: GPIOCalls {
    enum Call: String, CaseIterable, Sendable {
        case label, offset, requestInput, requestOutput, value, setValue, nextEdge, contents, write
    }

    struct Chip {
        var label: String
        var lines: [UInt32: String]
    }

    struct Line {
        var path: String
        var offset: UInt32
        var isInput: Bool
        var bias: LineBias?
        var isActiveLow: Bool
    }

    var chips: [String: Chip] = [:]
    /// Contents of files; those that are not here do not exist.
    var files: [String: String] = [:]
    var debouncesInputs = false

    /// Logical levels by chip and offset.
    var levels: [String: Bool] = [:]
    private var edges: [String: [GPIOEdge]] = [:]
    private(set) var lines: [Int32: Line] = [:]
    private(set) var requests = 0
    private(set) var written: [String] = []
    private(set) var calls: [Call: Int] = [:]
    private var nextLine: Int32 = 100

    /// The errno that the n-th call of a kind, counted from now, gives; 0 stands for every call until it is taken away.
    private var failures: [Call: (at: Int, errno: Int32)] = [:]

    func fail(_ call: Call, at number: Int = 1, errno: Int32) {
        failures[call] = (number == 0 ? 0 : calls[call, default: 0] + number, errno)
    }

    func heal() { failures = [:] }

    /// The edge of a line, as the kernel would queue it.
    func set(_ path: String, _ offset: UInt32, _ isActive: Bool, at instant: MonotonicInstant) {
        levels["\(path) \(offset)"] = isActive
        edges["\(path) \(offset)", default: []].append(GPIOEdge(isActive: isActive, instant: instant))
    }

    private func enter(_ call: Call) throws(DeviceError) {
        calls[call, default: 0] += 1
        guard let failure = failures[call], failure.at == 0 || failure.at == calls[call] else { return }
        throw DeviceError(call.rawValue, device: "fake", errno: failure.errno)
    }

    private func key(_ line: Int32) throws(DeviceError) -> String {
        guard let line = lines[line], chips[line.path] != nil else {
            throw DeviceError("use", device: "fake", errno: 19)
        }
        return "\(line.path) \(line.offset)"
    }

    private func request(_ line: Line) throws(DeviceError) -> Int32 {
        guard let chip = chips[line.path] else { throw DeviceError("request", device: line.path, errno: 2) }
        guard chip.lines[line.offset] != nil else { throw DeviceError("request", device: line.path, errno: 22) }
        // The kernel gives a line to one user only.
        guard !lines.values.contains(where: { $0.path == line.path && $0.offset == line.offset }) else {
            throw DeviceError("request", device: line.path, errno: 16)
        }
        nextLine += 1
        requests += 1
        lines[nextLine] = line
        edges["\(line.path) \(line.offset)"] = []
        return nextLine
    }

    func chipPaths() -> [String] { chips.keys.sorted() }

    func label(ofChip path: String) throws(DeviceError) -> String {
        try enter(.label)
        guard let chip = chips[path] else { throw DeviceError("label", device: path, errno: 2) }
        return chip.label
    }

    func offset(ofLine name: String, onChip path: String) throws(DeviceError) -> UInt32 {
        try enter(.offset)
        guard let found = chips[path]?.lines.first(where: { $0.value == name }) else {
            throw DeviceError("find", device: path, errno: 2)
        }
        return found.key
    }

    func requestInput(
        chip path: String, offset: UInt32, isActiveLow: Bool, bias: LineBias, debounce: Duration
    ) throws(DeviceError) -> Int32 {
        try enter(.requestInput)
        return try request(Line(path: path, offset: offset, isInput: true, bias: bias, isActiveLow: isActiveLow))
    }

    func requestOutput(chip path: String, offset: UInt32, isActiveLow: Bool) throws(DeviceError) -> Int32 {
        try enter(.requestOutput)
        let line = try request(Line(path: path, offset: offset, isInput: false, bias: nil, isActiveLow: isActiveLow))
        levels["\(path) \(offset)"] = false
        return line
    }

    func descriptor(ofLine line: Int32) -> Int32 { line }

    func value(ofLine line: Int32) throws(DeviceError) -> Bool {
        try enter(.value)
        return levels[try key(line)] ?? false
    }

    func setValue(_ isActive: Bool, ofLine line: Int32) throws(DeviceError) {
        try enter(.setValue)
        levels[try key(line)] = isActive
    }

    func nextEdge(ofLine line: Int32) throws(DeviceError) -> GPIOEdge? {
        try enter(.nextEdge)
        let key = try key(line)
        guard edges[key]?.isEmpty == false else { return nil }
        return edges[key]?.removeFirst()
    }

    func release(line: Int32) {
        lines[line] = nil
    }

    func contents(ofFile path: String) throws(DeviceError) -> String {
        try enter(.contents)
        guard let text = files[path] else { throw DeviceError("open", device: path, errno: 2) }
        return text
    }

    func write(_ text: String, toFile path: String) throws(DeviceError) {
        try enter(.write)
        guard files[path] != nil else { throw DeviceError("open", device: path, errno: 2) }
        files[path] = text
        written.append("\(path.split(separator: "/").suffix(2).joined(separator: "/"))=\(text)")
    }

    /// Two chips; buttons and lamps are on the second.
    static func board() -> FakeGPIO {
        let fake = FakeGPIO()
        fake.chips["/dev/gpiochip0"] = Chip(label: "pl061", lines: [0: "", 1: ""])
        fake.chips["/dev/gpiochip1"] = Chip(
            label: "kiosk",
            lines: [0: "BTN_JOIN", 1: "BTN_MUTE", 2: "", 8: "LED_R", 9: "LED_G", 10: "LED_B", 11: "LED_MUTE"])
        return fake
    }

    /// A LED device below /sys/class/leds.
    func addLED(_ name: String, maximum: Int, index: String? = nil) {
        let path = "/sys/class/leds/\(name)"
        files["\(path)/trigger"] = "heartbeat"
        files["\(path)/brightness"] = "0"
        files["\(path)/max_brightness"] = "\(maximum)"
        if let index {
            files["\(path)/multi_index"] = index
            files["\(path)/multi_intensity"] = ""
        }
    }
}
