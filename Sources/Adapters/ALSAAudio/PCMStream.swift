internal import Basis
internal import Devices

/// Numbers of the kernel that this adapter tells apart.
enum Errno {
    static let interrupted = -4
    static let again = -11
    static let brokenPipe = -32
    static let badState = -77
    static let suspended = -86
    static let timedOut: Int32 = 110
}

/// One open PCM device: its handle, how it is run, and how it comes back from what goes wrong.
struct PCMStream<Calls: SoundCalls>: ~Copyable {
    /// What became of a stream that reported trouble.
    enum Recovery {
        /// It has nothing to give or take now.
        case later
        /// It lost its samples and stands still, ready to be filled and started.
        case prepared
    }

    let place: SoundPlace
    let direction: SoundDirection
    let setup: PCMSetup
    let calls: Calls
    let handle: Int

    init(_ place: SoundPlace, _ direction: SoundDirection, calls: Calls) throws(DeviceError) {
        let handle = calls.open(place.name, direction)
        guard handle > 0 else { throw Self.failure("open", place, handle) }
        do throws(DeviceError) {
            setup = try Self.negotiate(place, direction, calls: calls, handle: handle)
        } catch {
            calls.close(handle)
            throw error
        }
        self.place = place
        self.direction = direction
        self.calls = calls
        self.handle = handle
    }

    deinit {
        calls.close(handle)
    }

    /// Frames of 10 ms at the hardware's rate.
    var blockFrames: Int { setup.rate / 100 }

    func start() throws(DeviceError) {
        try Self.check("start", place) { calls.start(handle) }
    }

    /// Deals with what a transfer returned below zero.
    func recover(from code: Int) throws(DeviceError) -> Recovery {
        switch code {
        case Errno.again, Errno.interrupted: return .later
        case Errno.suspended:
            let resumed = calls.resume(handle)
            // Still suspended, or awake again with its samples.
            if resumed == Errno.again || resumed == Errno.interrupted || resumed >= 0 { return .later }
        case Errno.brokenPipe, Errno.badState: break
        default: throw Self.failure(direction == .capture ? "capture" : "playback", place, code)
        }
        try Self.check("prepare", place) { calls.prepare(handle) }
        return .prepared
    }

    func stalled() -> DeviceError {
        DeviceError(
            direction == .capture ? "capture" : "playback", device: Self.label(place), errno: Errno.timedOut,
            detail: "the device stands still")
    }

    // MARK: - Opening

    private static func negotiate(
        _ place: SoundPlace, _ direction: SoundDirection, calls: Calls, handle: Int
    ) throws(DeviceError) -> PCMSetup {
        var abilities = PCMAbilities(formats: [], rates: [], channels: 0...0)
        try check("query", place) { calls.abilities(handle, into: &abilities) }
        guard let format = SampleFormat.allCases.first(where: { abilities.formats.contains($0) }),
            let rate = SoundRate.usable.first(where: { abilities.rates.contains($0) }),
            let channels = channels(abilities.channels, direction)
        else {
            throw DeviceError(
                "configure", device: label(place), detail: "no usable sample format, rate or number of channels",
                severity: .permanent)
        }
        let block = rate / 100
        var setup = PCMSetup(format: format, rate: rate, channels: channels, period: block, buffer: 4 * block)
        try check("configure", place) { calls.setHardware(handle, &setup) }
        guard (1...(1 << 20)).contains(setup.period), (block...(1 << 22)).contains(setup.buffer) else {
            throw DeviceError(
                "configure", device: label(place), detail: "a buffer of \(setup.buffer) frames", severity: .permanent)
        }
        // A large buffer is kept three blocks full, not filled: sound in it would be late.
        let wake = direction == .capture ? block : max(block, setup.buffer - 3 * block)
        try check("configure", place) { calls.setSoftware(handle, wake: wake, buffer: setup.buffer) }
        return setup
    }

    /// Microphones: mono where they have it. Speakers: stereo, since many play mono on the left alone.
    private static func channels(_ range: ClosedRange<Int>, _ direction: SoundDirection) -> Int? {
        let wishes = direction == .capture ? [1, 2] : [2, 1]
        let channels = wishes.first { range.contains($0) } ?? range.lowerBound
        return (1...8).contains(channels) ? channels : nil
    }

    // MARK: - Errors

    /// Runs a call, again when a signal interrupts it.
    private static func check(_ operation: String, _ place: SoundPlace, _ call: () -> Int) throws(DeviceError) {
        var code = Errno.interrupted
        for _ in 0..<5 where code == Errno.interrupted { code = call() }
        guard code >= 0 else { throw failure(operation, place, code) }
    }

    private static func failure(_ operation: String, _ place: SoundPlace, _ code: Int) -> DeviceError {
        let number = Int32(clamping: -code)
        // A stream in a state that it should not be in is opened anew.
        if code == Errno.badState {
            return DeviceError(operation, device: label(place), errno: number, severity: .transient)
        }
        return DeviceError(operation, device: label(place), errno: number)
    }

    private static func label(_ place: SoundPlace) -> String {
        place.card.facts.name.isEmpty ? place.name : "\(place.name) (\(place.card.facts.name))"
    }
}
