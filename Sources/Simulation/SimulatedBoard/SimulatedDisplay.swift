package import Basis
package import Devices
internal import Glibc

/// A TV that is always there, at one size and 60 pictures a second, and that nobody sees: the panel shows its copies.
package struct SimulatedDisplay: Display, ~Copyable {
    private static let interval = Duration.nanoseconds(16_666_667)

    package let state: DisplayState
    private var isPowered = true
    /// When the picture presented last is on the screen; nil when it is.
    private var flipDue: MonotonicInstant?
    private let log: LatencyLog?
    private var lastMark: UInt16?

    /// - Parameter log: told how old the marked pictures are that come on the screen.
    package init(size: PictureSize, log: LatencyLog? = nil) {
        self.log = log
        state = DisplayState(isConnected: true, size: size, refreshRate: 60, connector: "Simulated-1")
    }

    package mutating func open() throws(DeviceError) {}

    package mutating func close() {
        flipDue = nil
    }

    package mutating func refresh(at now: MonotonicInstant, probing: Bool) throws(DeviceError) -> Bool { false }

    package var isReady: Bool { isPowered && flipDue == nil }

    package mutating func wait(until deadline: MonotonicInstant?, wakeDescriptor: Int32) {
        let limit = flipDue.map { min($0, deadline ?? $0) } ?? deadline
        var entry = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
        // Rounded up: waking before the end would make the caller spin.
        let milliseconds =
            limit.map { Int32(clamping: (max(0, ($0 - Self.now).wholeNanoseconds) + 999_999) / 1_000_000) } ?? -1
        // An interruption is an early return, which the caller is used to.
        _ = poll(&entry, 1, milliseconds)
        if let due = flipDue, Self.now >= due { flipDue = nil }
    }

    package mutating func present(_ canvas: borrowing Canvas, damage: [PixelRectangle]) throws(DeviceError) {
        let flip = Self.now + Self.interval
        flipDue = flip
        guard let log, let mark = TimeMark.read(canvas), mark != lastMark else { return }
        lastMark = mark
        log.note("picture", at: flip, age: TimeMark.age(of: mark, at: flip))
    }

    package mutating func takesVideo(size: PictureSize, at target: PixelRectangle) -> Bool { false }

    package mutating func present(
        _ canvas: borrowing Canvas, damage: [PixelRectangle], over video: borrowing VideoFrame,
        at target: PixelRectangle
    ) throws(DeviceError) {
        throw DeviceError(
            "present", device: "simulated display", detail: "it has no plane for video", severity: .permanent)
    }

    package mutating func setPower(isOn: Bool) throws(DeviceError) {
        isPowered = isOn
    }

    private static var now: MonotonicInstant {
        var time = timespec()
        // Fails only for an unknown clock or a bad pointer.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
