internal import Basis
package import Devices

/// A hue at full brightness, 0…255 each.
package struct LampColour: Equatable, Sendable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    package static let white = LampColour(red: 255, green: 255, blue: 255)
    package static let red = LampColour(red: 255, green: 0, blue: 0)
    package static let green = LampColour(red: 0, green: 255, blue: 0)
    package static let blue = LampColour(red: 0, green: 0, blue: 255)
    package static let yellow = LampColour(red: 255, green: 200, blue: 0)
    /// More green than the eye asks for: with lines that are on or off only it must not become red.
    package static let orange = LampColour(red: 255, green: 96, blue: 0)
    package static let violet = LampColour(red: 160, green: 0, blue: 255)

    /// The parts for lines that know on and off only.
    package var switched: (red: Bool, green: Bool, blue: Bool) { (red >= 64, green >= 64, blue >= 64) }
}

/// What a lamp does at an instant.
package struct LampLight: Equatable, Sendable {
    package var colour: LampColour
    /// 0 is dark, 255 as bright as it gets.
    package var level: UInt8
    /// For lines that know on and off only; a breath is on in its brighter half.
    package var isLit: Bool
    /// When it changes next, counted from the start of the signal; nil when never.
    package var change: Duration?

    package init(colour: LampColour, level: UInt8, isLit: Bool, change: Duration?) {
        self.colour = colour
        self.level = level
        self.isLit = isLit
        self.change = change
    }

    /// Bright and steady, or dark.
    package init(steady colour: LampColour, isLit: Bool) {
        self.init(colour: colour, level: isLit ? 255 : 0, isLit: isLit, change: nil)
    }

    /// The colour at this brightness.
    package var dimmed: LampColour {
        func part(_ value: UInt8) -> UInt8 { UInt8(UInt16(value) * UInt16(level) / 255) }
        return LampColour(red: part(colour.red), green: part(colour.green), blue: part(colour.blue))
    }
}

/// The LED table of `docs/operating/leds.md`: what the room lamp does for each signal.
///
/// Red without a pause means "microphone off" and nothing else; no other signal, and no fault, shows it.
package enum LampPattern {
    /// The light of a lamp with red, green and blue, `elapsed` after `signal` began.
    ///
    /// - Parameter number: the fault's, 1…9.
    package static func light(of signal: LampSignal, number: Int, after elapsed: Duration) -> LampLight {
        let elapsed = max(0, elapsed.wholeMilliseconds)
        if signal == .recorded {
            let (pulse, change) = LampRhythm.flashes(1, on: 400, off: 0, pause: 2_600).level(after: elapsed)
            return LampLight(
                colour: pulse > 0 ? .red : .white, level: 255, isLit: true, change: change.map { .milliseconds($0) })
        }
        let (colour, rhythm) = colourRow(signal, number: number)
        return light(colour, rhythm, after: elapsed)
    }

    /// The light of a lamp of one colour, `elapsed` after `signal` began; its `colour` says nothing.
    package static func blink(of signal: LampSignal, number: Int, after elapsed: Duration) -> LampLight {
        light(.white, blinkRow(signal, number: number), after: max(0, elapsed.wholeMilliseconds))
    }

    private static func light(_ colour: LampColour, _ rhythm: LampRhythm, after elapsed: Int64) -> LampLight {
        let (level, change) = rhythm.level(after: elapsed)
        let isLit = rhythm == .breathing ? level >= 64 : level > 0
        return LampLight(colour: colour, level: level, isLit: isLit, change: change.map { .milliseconds($0) })
    }

    private static func colourRow(_ signal: LampSignal, number: Int) -> (LampColour, LampRhythm) {
        switch signal {
        case .booting: (.white, .breathing)
        case .idle: (.green, .steady(24))
        case .connecting: (.blue, frequency(2))
        case .inCall, .recorded: (.white, .steady(255))
        case .inCallMuted: (.red, .steady(255))
        case .handRaised: (.yellow, .steady(255))
        case .reconnecting: (.orange, frequency(1))
        case .noNetwork: (.orange, quickFlashes(2, pause: 1_500))
        case .fault: (.orange, slowFlashes(number))
        case .updating: (.violet, .breathing)
        case .resetCountdown: (.red, .accelerating)
        }
    }

    private static func blinkRow(_ signal: LampSignal, number: Int) -> LampRhythm {
        switch signal {
        case .booting: .flashes(1, on: 1_000, off: 0, pause: 1_000)
        case .idle: .flashes(1, on: 100, off: 0, pause: 4_900)
        case .connecting: frequency(2)
        case .inCall, .recorded: .steady(255)
        case .inCallMuted: .flashes(1, on: 1_800, off: 0, pause: 200)
        case .handRaised: quickFlashes(2, pause: 1_000)
        case .reconnecting: frequency(1)
        case .noNetwork: quickFlashes(2, pause: 2_000)
        case .fault: slowFlashes(number)
        case .updating: .flashes(4, on: 125, off: 125, pause: 1_125)
        case .resetCountdown: .accelerating
        }
    }

    private static func frequency(_ hertz: Int64) -> LampRhythm {
        .flashes(1, on: 500 / hertz, off: 0, pause: 500 / hertz)
    }

    private static func quickFlashes(_ count: Int64, pause: Int64) -> LampRhythm {
        .flashes(count, on: 100, off: 200, pause: pause)
    }

    /// Slow enough to be counted by somebody on the telephone.
    private static func slowFlashes(_ number: Int) -> LampRhythm {
        .flashes(Int64(min(max(number, 1), 9)), on: 400, off: 400, pause: 2_000)
    }
}
