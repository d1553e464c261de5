package import Basis
package import Devices

/// An edge of an input line, polarity counted in.
package struct GPIOEdge: Equatable, Sendable {
    package var isActive: Bool
    package var instant: MonotonicInstant

    package init(isActive: Bool, instant: MonotonicInstant) {
        self.isActive = isActive
        self.instant = instant
    }
}

/// What buttons and lamps ask of the kernel; another implementation of it fails in tests as a kernel may.
///
/// A requested line has a number of its own, which `release` ends. None of the calls waits.
package protocol GPIOCalls: AnyObject, SendableMetatype {
    /// Whether inputs are debounced before their edges are told.
    var debouncesInputs: Bool { get }

    /// Paths of all GPIO chips.
    func chipPaths() -> [String]

    func label(ofChip path: String) throws(DeviceError) -> String

    /// The offset of the line called `name`; absent when the chip has none.
    func offset(ofLine name: String, onChip path: String) throws(DeviceError) -> UInt32

    /// Asks for both edges of a line.
    func requestInput(
        chip path: String, offset: UInt32, isActiveLow: Bool, bias: LineBias, debounce: Duration
    ) throws(DeviceError) -> Int32

    /// The line is inactive at first.
    func requestOutput(chip path: String, offset: UInt32, isActiveLow: Bool) throws(DeviceError) -> Int32

    /// What to wait for being readable.
    func descriptor(ofLine line: Int32) -> Int32

    func value(ofLine line: Int32) throws(DeviceError) -> Bool

    func setValue(_ isActive: Bool, ofLine line: Int32) throws(DeviceError)

    /// The next edge; nil when there is none now.
    func nextEdge(ofLine line: Int32) throws(DeviceError) -> GPIOEdge?

    func release(line: Int32)

    /// The first line of a small file.
    func contents(ofFile path: String) throws(DeviceError) -> String

    func write(_ text: String, toFile path: String) throws(DeviceError)
}

extension GPIOCalls {
    /// The chip and the offset that `line` means now.
    package func locate(_ line: GPIOLine) throws(DeviceError) -> (chip: String, offset: UInt32) {
        var failure: DeviceError?
        for path in try chips(of: line, &failure) {
            switch line.number {
            case .offset(let offset): return (path, offset)
            case .name(let name):
                do throws(DeviceError) {
                    return (path, try offset(ofLine: name, onChip: path))
                } catch {
                    if error.severity != .absent { failure = error }
                }
            }
        }
        throw failure ?? DeviceError("find", device: line.name, detail: "no such GPIO line", severity: .absent)
    }

    private func chips(of line: GPIOLine, _ failure: inout DeviceError?) throws(DeviceError) -> [String] {
        let paths = chipPaths()
        guard let chip = line.chip else {
            if case .offset = line.number {
                throw DeviceError(
                    "find", device: line.name, detail: "a line without a name needs a chip", severity: .permanent)
            }
            return paths
        }
        if chip.hasPrefix("/") { return [chip] }
        var found: [String] = []
        for path in paths {
            if path == "/dev/\(chip)" { return [path] }
            do throws(DeviceError) {
                if try label(ofChip: path) == chip { found.append(path) }
            } catch {
                failure = error
            }
        }
        return found
    }
}
