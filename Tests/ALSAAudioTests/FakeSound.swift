import ALSAAudio
import Basis
import Devices
import Synchronization

/// The calls of `SoundCalls` that can be made to fail.
enum SoundCall: String, CaseIterable, Sendable {
    case open, abilities, setHardware, setSoftware, prepare, start, resume, wait, read, write, delay, mixerElements
    case setMixer
}

/// A card of the fake kernel.
struct FakeCard: Sendable {
    var id = "Card"
    var name = "USB-Audio - A card"
    var vendor: String? = "1234"
    var product: String? = "5678"
    var serial: String? = "S1"
    var capture: PCMAbilities? = FakeCard.abilities
    var playback: PCMAbilities? = FakeCard.abilities
    /// How much faster than nominal its clock is.
    var drift = 0.0
    /// Frames by which its positions move.
    var grain = 48
    var mixer: [MixerElement] = []
    /// Whether its streams stand still.
    var isStuck = false
    /// Whether its streams are always ready and never say how far they are.
    var isAlwaysReady = false
    /// The buffer that it insists on.
    var buffer: Int?

    static let abilities = PCMAbilities(formats: [.s16], rates: [48_000], channels: 1...2)
}

/// A kernel with cards, files and a clock that moves only when somebody waits.
final class FakeSound: SoundCalls {
    private struct Stream {
        var card: Int
        var direction: SoundDirection
        var setup = PCMSetup(format: .s16, rate: 48_000, channels: 1, period: 480, buffer: 1_920)
        var wake = 480
        var started: Int64?
        /// Frames given or taken since the start, and before it.
        var transferred = 0
        var isBroken = false
    }

    private struct Failure {
        var code: Int
        var skip: Int
        var times: Int
    }

    private struct State {
        var time: Int64 = 1_000_000_000
        var cards: [Int: FakeCard] = [:]
        var streams: [Int: Stream] = [:]
        var nextHandle = 1
        var opened = 0
        var failures: [SoundCall: Failure] = [:]
        var calls: [SoundCall: Int] = [:]
        var mixer: [String: (value: MixerValue, isOn: Bool)] = [:]
        var played: [Int16] = []
        var captured = 0
        var longestWait: Int64 = 0
    }

    private let state: Mutex<State>

    init(_ cards: [Int: FakeCard] = [0: FakeCard()]) {
        var initial = State()
        initial.cards = cards
        state = Mutex(initial)
    }

    // MARK: The test's side

    var openStreams: Int { state.withLock { $0.streams.count } }
    var opened: Int { state.withLock { $0.opened } }
    var played: [Int16] { state.withLock { $0.played } }
    func mixer(_ element: String) -> (value: MixerValue, isOn: Bool)? { state.withLock { $0.mixer[element] } }
    func count(_ call: SoundCall) -> Int { state.withLock { $0.calls[call] ?? 0 } }

    /// Makes a call fail, after `skip` that work, `times` times.
    func fail(_ call: SoundCall, _ errno: Int, skip: Int = 0, times: Int = 1) {
        state.withLock { $0.failures[call] = Failure(code: -errno, skip: skip, times: times) }
    }

    func setCard(_ number: Int, _ card: FakeCard?) {
        state.withLock { $0.cards[number] = card }
    }

    func pass(_ duration: Duration) {
        state.withLock { $0.time += duration.wholeNanoseconds }
    }

    /// Counts the call; a forced error, or nil.
    private func forced(_ call: SoundCall, _ state: inout State) -> Int? {
        state.calls[call, default: 0] += 1
        guard var failure = state.failures[call] else { return nil }
        if failure.skip > 0 {
            failure.skip -= 1
            state.failures[call] = failure
            return nil
        }
        guard failure.times > 0 else { return nil }
        failure.times -= 1
        state.failures[call] = failure
        return failure.code
    }

    // MARK: Clock and files

    func now() -> MonotonicInstant { state.withLock { MonotonicInstant(nanoseconds: $0.time) } }

    func sleep(until instant: MonotonicInstant) {
        state.withLock { $0.time = max($0.time, instant.nanoseconds) }
    }

    func entries(of directory: String) -> [String] {
        guard directory == "/sys/class/sound" else { return [] }
        return state.withLock { state in
            var names = ["timer", "seq"]
            for (number, card) in state.cards {
                names.append("card\(number)")
                if card.capture != nil { names.append("pcmC\(number)D0c") }
                if card.playback != nil { names.append("pcmC\(number)D0p") }
                names.append("controlC\(number)")
            }
            return names.sorted()
        }
    }

    func text(of path: String) -> String? {
        state.withLock { state in
            if path == "/proc/asound/cards" {
                return state.cards.sorted { $0.key < $1.key }.map { number, card in
                    " \(number) [\(card.id)      ]: \(card.name)\n                      \(card.name) at usb-0"
                }.joined(separator: "\n")
            }
            for (number, card) in state.cards where path.hasPrefix("/sys/class/sound/card\(number)/") {
                switch path.split(separator: "/").last {
                case "id": return card.id
                case "idVendor": return card.vendor
                case "idProduct": return card.product
                case "serial": return card.serial
                default: return nil
                }
            }
            return nil
        }
    }

    func target(ofLink path: String) -> String? {
        path.hasSuffix("/device") ? "../../../1-1.\(path.filter(\.isNumber)):1.0" : nil
    }

    // MARK: PCM

    func open(_ name: String, _ direction: SoundDirection) -> Int {
        state.withLock { state in
            if let code = forced(.open, &state) { return code }
            let parts = name.dropFirst(3).split(separator: ",")
            guard name.hasPrefix("hw:"), parts.count == 2, let number = Int(parts[0]), let card = state.cards[number],
                (direction == .capture ? card.capture : card.playback) != nil
            else { return -2 }
            guard !state.streams.values.contains(where: { $0.card == number && $0.direction == direction }) else {
                return -16
            }
            let handle = state.nextHandle
            state.nextHandle += 1
            state.opened += 1
            state.streams[handle] = Stream(card: number, direction: direction)
            return handle
        }
    }

    func close(_ handle: Int) {
        state.withLock { _ = $0.streams.removeValue(forKey: handle) }
    }

    func abilities(_ handle: Int, into abilities: inout PCMAbilities) -> Int {
        let answer = state.withLock { state -> (Int, PCMAbilities?) in
            if let code = forced(.abilities, &state) { return (code, nil) }
            guard let stream = state.streams[handle], let card = state.cards[stream.card] else { return (-19, nil) }
            return (0, stream.direction == .capture ? card.capture : card.playback)
        }
        if let found = answer.1 { abilities = found }
        return answer.0
    }

    func setHardware(_ handle: Int, _ setup: inout PCMSetup) -> Int {
        let wanted = setup
        let answer = state.withLock { state -> (Int, Int) in
            if let code = forced(.setHardware, &state) { return (code, 0) }
            guard let stream = state.streams[handle], let card = state.cards[stream.card] else { return (-19, 0) }
            var done = wanted
            done.buffer = card.buffer ?? wanted.buffer
            state.streams[handle]?.setup = done
            return (0, done.buffer)
        }
        if answer.0 == 0 { setup.buffer = answer.1 }
        return answer.0
    }

    func setSoftware(_ handle: Int, wake: Int, buffer: Int) -> Int {
        state.withLock { state in
            if let code = forced(.setSoftware, &state) { return code }
            state.streams[handle]?.wake = wake
            return 0
        }
    }

    func prepare(_ handle: Int) -> Int {
        state.withLock { state in
            if let code = forced(.prepare, &state) { return code }
            guard let stream = state.streams[handle], state.cards[stream.card] != nil else { return -19 }
            state.streams[handle]?.isBroken = false
            state.streams[handle]?.started = nil
            state.streams[handle]?.transferred = 0
            return 0
        }
    }

    func start(_ handle: Int) -> Int {
        state.withLock { state in
            if let code = forced(.start, &state) { return code }
            guard let stream = state.streams[handle], state.cards[stream.card] != nil else { return -19 }
            guard stream.started == nil, !stream.isBroken else { return -77 }
            state.streams[handle]?.started = state.time
            return 0
        }
    }

    func resume(_ handle: Int) -> Int {
        state.withLock { forced(.resume, &$0) ?? -38 }
    }

    /// Frames that the converter has done.
    private static func position(_ stream: Stream, _ card: FakeCard, at time: Int64) -> Int {
        guard let started = stream.started, !card.isStuck else { return 0 }
        let frames = Double(time - started) / 1e9 * Double(stream.setup.rate) * (1 + card.drift / 1e6)
        return Int(frames) / card.grain * card.grain
    }

    private static func available(_ stream: Stream, _ card: FakeCard, at time: Int64) -> Int {
        let done = position(stream, card, at: time)
        return stream.direction == .capture
            ? done - stream.transferred : stream.setup.buffer - (stream.transferred - done)
    }

    func wait(_ handle: Int, milliseconds: Int) -> Int {
        state.withLock { state in
            if let code = forced(.wait, &state) { return code }
            guard let stream = state.streams[handle] else { return -9 }
            guard let card = state.cards[stream.card] else { return -19 }
            if card.isAlwaysReady { return 1 }
            let begin = state.time
            defer { state.longestWait = max(state.longestWait, state.time - begin) }
            for _ in 0..<milliseconds * 4 {
                if Self.available(stream, card, at: state.time) >= stream.wake { return 1 }
                state.time += 250_000
            }
            return 0
        }
    }

    func read(_ handle: Int, into bytes: inout [UInt8], frames: Int) -> Int {
        let (count, first, setup) = state.withLock { state -> (Int, Int, PCMSetup?) in
            if let code = forced(.read, &state) { return (code, 0, nil) }
            guard let stream = state.streams[handle] else { return (-9, 0, nil) }
            guard let card = state.cards[stream.card] else { return (-19, 0, nil) }
            if stream.isBroken { return (-32, 0, nil) }
            guard stream.started != nil else { return (-77, 0, nil) }
            let available =
                card.isAlwaysReady ? frames : Self.available(stream, card, at: state.time)
            if available > stream.setup.buffer {
                state.streams[handle]?.isBroken = true
                return (-32, 0, nil)
            }
            guard available > 0 else { return (-11, 0, nil) }
            let count = min(frames, available)
            let first = state.captured
            state.captured += count
            state.streams[handle]?.transferred += count
            return (count, first, stream.setup)
        }
        guard let setup, count > 0 else { return count }
        // A slow ramp of 16 bits, the same on all channels: a lost sample shows.
        for frame in 0..<min(count, bytes.count / setup.frameBytes) {
            let sample = UInt16(truncatingIfNeeded: first + frame)
            for channel in 0..<setup.channels {
                let position = frame * setup.frameBytes + channel * setup.format.bytes + setup.format.bytes - 2
                bytes[position] = UInt8(truncatingIfNeeded: sample)
                bytes[position + 1] = UInt8(truncatingIfNeeded: sample >> 8)
            }
        }
        return count
    }

    func write(_ handle: Int, _ bytes: [UInt8], frames: Int) -> Int {
        state.withLock { state in
            if let code = forced(.write, &state) { return code }
            guard let stream = state.streams[handle] else { return -9 }
            guard let card = state.cards[stream.card] else { return -19 }
            if stream.isBroken { return -32 }
            if card.isAlwaysReady { return frames }
            let available = Self.available(stream, card, at: state.time)
            if stream.started != nil, available > stream.setup.buffer {
                state.streams[handle]?.isBroken = true
                return -32
            }
            guard available > 0 else { return -11 }
            let count = min(frames, available)
            state.streams[handle]?.transferred += count
            let width = stream.setup.frameBytes
            for frame in 0..<count where state.played.count < 2_000_000 {
                let position = frame * width + stream.setup.format.bytes - 2
                state.played.append(Int16(bitPattern: UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8))
            }
            return count
        }
    }

    func delay(_ handle: Int) -> Int {
        state.withLock { state in
            if let code = forced(.delay, &state) { return code }
            guard let stream = state.streams[handle], let card = state.cards[stream.card] else { return -19 }
            let done = Self.position(stream, card, at: state.time)
            return abs(stream.transferred - done)
        }
    }

    // MARK: Mixer

    func mixerElements(card: Int, _ direction: SoundDirection) -> [MixerElement] {
        state.withLock { state in
            if forced(.mixerElements, &state) != nil { return [] }
            return state.cards[card]?.mixer ?? []
        }
    }

    func setMixer(
        card: Int, _ element: MixerElement, _ direction: SoundDirection, _ value: MixerValue, isOn: Bool
    ) -> Int {
        state.withLock { state in
            if let code = forced(.setMixer, &state) { return code }
            state.mixer[element.name] = (value, isOn)
            return 0
        }
    }
}
