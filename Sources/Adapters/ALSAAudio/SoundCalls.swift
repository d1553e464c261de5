package import Basis

/// From the room or into it.
package enum SoundDirection: Hashable, Sendable {
    case capture, playback
}

/// How samples lie in the device's memory.
package enum SampleFormat: Int, CaseIterable, Sendable {
    /// 16 bits, little-endian.
    case s16
    /// 32 bits, little-endian.
    case s32
    /// 24 bits in three bytes, little-endian.
    case s24packed

    package var bytes: Int {
        switch self {
        case .s16: 2
        case .s32: 4
        case .s24packed: 3
        }
    }
}

/// What a PCM device can do.
package struct PCMAbilities: Equatable, Sendable {
    package var formats: Set<SampleFormat>
    /// Frames a second, of those that we can use.
    package var rates: Set<Int>
    package var channels: ClosedRange<Int>

    package init(formats: Set<SampleFormat>, rates: Set<Int>, channels: ClosedRange<Int>) {
        self.formats = formats
        self.rates = rates
        self.channels = channels
    }
}

/// How a PCM device is run.
package struct PCMSetup: Equatable, Sendable {
    package var format: SampleFormat
    package var rate: Int
    package var channels: Int
    /// Frames.
    package var period: Int
    package var buffer: Int

    package init(format: SampleFormat, rate: Int, channels: Int, period: Int, buffer: Int) {
        self.format = format
        self.rate = rate
        self.channels = channels
        self.period = period
        self.buffer = buffer
    }

    package var frameBytes: Int { format.bytes * channels }
}

/// A volume of a card, as its mixer shows it.
package struct MixerElement: Equatable, Sendable {
    package var name: String
    /// Among elements of the same name.
    package var index: Int
    /// 0…0: a switch without a volume.
    package var raw: ClosedRange<Int>
    /// Hundredths of a decibel; nil where the card does not tell.
    package var decibels: ClosedRange<Int>?

    package init(name: String, index: Int = 0, raw: ClosedRange<Int>, decibels: ClosedRange<Int>?) {
        self.name = name
        self.index = index
        self.raw = raw
        self.decibels = decibels
    }
}

package enum MixerValue: Equatable, Sendable {
    case raw(Int)
    /// Hundredths.
    case decibels(Int)
}

/// Every call that this adapter makes to the system: libasound, sysfs and procfs, the clock.
///
/// Numbers below zero are `-errno`. Handles are above zero.
package protocol SoundCalls: Sendable, SendableMetatype {
    func now() -> MonotonicInstant
    func sleep(until instant: MonotonicInstant)

    /// The names in a directory; none when it cannot be read.
    func entries(of directory: String) -> [String]
    /// A small file, without the line break at its end.
    func text(of path: String) -> String?
    func target(ofLink path: String) -> String?

    func open(_ name: String, _ direction: SoundDirection) -> Int
    func close(_ handle: Int)
    func abilities(_ handle: Int, into abilities: inout PCMAbilities) -> Int
    /// Period and buffer are wishes, and come back as the device does them.
    func setHardware(_ handle: Int, _ setup: inout PCMSetup) -> Int
    /// - Parameter wake: frames to be readable or writable before `wait` returns.
    func setSoftware(_ handle: Int, wake: Int, buffer: Int) -> Int
    func prepare(_ handle: Int) -> Int
    func start(_ handle: Int) -> Int
    func resume(_ handle: Int) -> Int
    /// 1 when there is something to do, 0 when the time passed.
    func wait(_ handle: Int, milliseconds: Int) -> Int
    /// Frames read, at most `frames`; never waits.
    func read(_ handle: Int, into bytes: inout [UInt8], frames: Int) -> Int
    /// Frames written, at most `frames`; never waits.
    func write(_ handle: Int, _ bytes: [UInt8], frames: Int) -> Int
    /// Frames between the program and the converter.
    func delay(_ handle: Int) -> Int

    func mixerElements(card: Int, _ direction: SoundDirection) -> [MixerElement]
    /// Sets the element's volume and switches it on or off.
    func setMixer(card: Int, _ element: MixerElement, _ direction: SoundDirection, _ value: MixerValue, isOn: Bool)
        -> Int
}

/// Rates of the hardware that we use, the best first; others than the first are resampled.
package enum SoundRate {
    package static let usable = [48_000, 44_100, 32_000, 16_000]
}
