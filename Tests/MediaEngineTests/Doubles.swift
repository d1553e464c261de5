import Basis
import Devices
import Synchronization

final class CountingWaker: Waker {
    private let calls = Atomic<Int>(0)

    var count: Int { calls.load(ordering: .relaxed) }

    func wake() { calls.wrappingAdd(1, ordering: .relaxed) }
}

/// What a device double is told and tells, seen from the test.
final class DeviceScript: Sendable {
    private let state = Mutex((isOpen: false, opened: 0, failure: DeviceError?.none, blocks: [[Int16]]()))
    private let camera = Mutex(
        (attempts: 0, isSilent: false, counters: CaptureCounters(), preset: Int?.none, isPreferredPresent: false))

    var isOpen: Bool { state.withLock { $0.isOpen } }
    var opened: Int { state.withLock { $0.opened } }
    var failure: DeviceError? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }
    /// What the speaker was given.
    var blocks: [[Int16]] { state.withLock { $0.blocks } }

    /// The preset that a camera was told last.
    var preset: Int? {
        get { camera.withLock { $0.preset } }
        set { camera.withLock { $0.preset = newValue } }
    }

    /// Whether a better camera than the open one is there.
    var isPreferredPresent: Bool {
        get { camera.withLock { $0.isPreferredPresent } }
        set { camera.withLock { $0.isPreferredPresent = newValue } }
    }

    /// Openings of any outcome.
    var attempts: Int { camera.withLock { $0.attempts } }
    /// Whether the camera is there and gives nothing.
    var isSilent: Bool {
        get { camera.withLock { $0.isSilent } }
        set { camera.withLock { $0.isSilent = newValue } }
    }
    var counters: CaptureCounters {
        get { camera.withLock { $0.counters } }
        set { camera.withLock { $0.counters = newValue } }
    }

    func open() throws(DeviceError) {
        camera.withLock { $0.attempts += 1 }
        let failure = state.withLock { state in
            if state.failure == nil { (state.isOpen, state.opened) = (true, state.opened + 1) }
            return state.failure
        }
        if let failure { throw failure }
    }

    func close() { state.withLock { $0.isOpen = false } }

    func check() throws(DeviceError) {
        if let failure { throw failure }
    }

    func keep(_ block: [Int16]) { state.withLock { $0.blocks.append(block) } }
}

/// A square wave: every block is equally loud.
struct SquareMicrophone: Microphone, ~Copyable {
    let script: DeviceScript
    let amplitude: Int16
    let period: Int
    private var position = 0

    init(script: DeviceScript, amplitude: Int16, period: Int = 96) {
        self.script = script
        self.amplitude = amplitude
        self.period = period
    }

    mutating func open() throws(DeviceError) { try script.open() }

    mutating func close() { script.close() }

    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        try script.check()
        for index in block.indices {
            block[index] = position % period < period / 2 ? amplitude : -amplitude
            position += 1
        }
        return true
    }
}

struct KeepingSpeaker: Speaker, ~Copyable {
    let script: DeviceScript

    mutating func open() throws(DeviceError) { try script.open() }

    mutating func close() { script.close() }

    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        try script.check()
        script.keep((0..<block.count).map { block[$0] })
    }
}

/// The tests say when a period begins.
struct NoPace: AudioPace {
    mutating func wait() -> MonotonicInstant { .zero }
}

/// Microphone and speaker in a room: what is played comes back, later and quieter.
struct EchoingDuplex: AudioDuplex, ~Copyable {
    let script: DeviceScript
    /// Periods from writing a block to reading its echo; 0 for no echo at all.
    let delay: Int
    let isCancelledByDevice: Bool
    private var played: [[Int16]] = []
    private var random = RandomSource(seed: 12)
    private var now = MonotonicInstant.zero
    private(set) var volume = 100

    init(script: DeviceScript, delay: Int, isCancelledByDevice: Bool = false) {
        self.script = script
        self.delay = delay
        self.isCancelledByDevice = isCancelledByDevice
    }

    mutating func openMicrophone() throws(DeviceError) { try script.check() }

    mutating func openSpeaker() throws(DeviceError) { try script.open() }

    mutating func closeMicrophone() {}

    mutating func closeSpeaker() { script.close() }

    mutating func wait() -> MonotonicInstant {
        now += .milliseconds(10)
        return now
    }

    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        try script.check()
        let echo = delay > 0 && played.count >= delay ? played[played.count - delay] : nil
        for index in block.indices {
            block[index] = (echo?[index] ?? 0) / 4 + Int16.random(in: -3...3, using: &random)
        }
        return true
    }

    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        try script.check()
        played.append((0..<block.count).map { block[$0] })
    }

    var echoPath: EchoPath { EchoPath(isCancelledByDevice: isCancelledByDevice, delaySamples: delay * 480) }

    mutating func setSpeakerVolume(_ percent: Int) { volume = percent }

    var health: DuplexHealth {
        var health = DuplexHealth()
        health.underruns = 3
        return health
    }
}

/// A gradient with a bar that wanders; one picture for each call.
struct GradientCamera: Camera, ~Copyable {
    let script: DeviceScript
    let size: PictureSize
    /// How old its pictures are.
    private let lag: Duration
    private var number = 0

    init(script: DeviceScript, size: PictureSize, lag: Duration = .zero) {
        self.script = script
        self.size = size
        self.lag = lag
    }

    var counters: CaptureCounters { script.counters }

    mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError) { try script.open() }

    mutating func close() { script.close() }

    mutating func choosePreset(_ index: Int) { script.preset = index }

    mutating func isPreferredPresent(at now: MonotonicInstant) -> Bool { script.isPreferredPresent }

    mutating func nextFrame(at now: MonotonicInstant, pool: FramePool) throws(DeviceError) -> VideoFrame? {
        try script.check()
        guard !script.isSilent, var frame = pool.frame(size: size) else { return nil }
        frame.instant = now - lag
        let (width, luma, bar) = (size.width, frame.uOffset, number * 4 % size.width)
        frame.storage.withUnsafeMutableBufferPointer { bytes in
            for index in bytes.indices {
                bytes[index] =
                    index >= luma ? 100 : index % width == bar ? 235 : UInt8(16 + index % width * 200 / width)
            }
        }
        number += 1
        return frame
    }
}
