package import Basis
package import Devices

/// A microphone in a silent room with a clock that clicks at each full second of the monotonic clock: 20 ms of 1 kHz.
package struct ClickMicrophone: Microphone, ~Copyable {
    private var pace: BlockPace?

    package init() {}

    package mutating func open() throws(DeviceError) { pace = BlockPace() }

    package mutating func close() { pace = nil }

    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        guard pace?.isDue(at: now) == true else { return false }
        // The last sample is heard now.
        let first = now.nanoseconds - AudioBlock.duration.wholeNanoseconds
        for index in block.indices {
            let time = first + Int64(index) * 1_000_000_000 / Int64(AudioBlock.sampleRate)
            block[index] = Click.sample(time % 1_000_000_000)
        }
        return true
    }
}

/// The sound that `ClickMicrophone` hears and `ClickListener` waits for.
enum Click {
    private static let length: Int64 = 20_000_000
    static let amplitude: Int16 = 12_000
    /// One period of 1 kHz, by sixteenths.
    private static let period: [Int16] = [
        0, 4_592, 8_485, 11_087, 12_000, 11_087, 8_485, 4_592, 0, -4_592, -8_485, -11_087, -12_000, -11_087, -8_485,
        -4_592,
    ]

    /// - Parameter time: nanoseconds since the full second.
    static func sample(_ time: Int64) -> Int16 {
        guard (0..<length).contains(time) else { return 0 }
        return period[Int(time % 1_000_000 * 16 / 1_000_000)]
    }
}

/// Hears clicks in what a speaker plays, and how old they are: less than a second.
struct ClickListener {
    private static let quiet = Duration.milliseconds(300)

    private var lastLoud: MonotonicInstant?

    /// The first sample of a click in this block, which begins to sound now.
    mutating func hear(_ block: Span<Int16>, at now: MonotonicInstant) -> MonotonicInstant? {
        var click: MonotonicInstant?
        for index in block.indices where block[index].magnitude >= Click.amplitude.magnitude / 4 {
            let instant = now + .nanoseconds(Int64(index) * 1_000_000_000 / Int64(AudioBlock.sampleRate))
            if click == nil, lastLoud.map({ instant - $0 >= Self.quiet }) ?? true { click = instant }
            lastLoud = instant
        }
        return click
    }

    static func age(of click: MonotonicInstant) -> Duration { .nanoseconds(click.nanoseconds % 1_000_000_000) }
}
