package import Basis

/// Why less is sent than is wanted.
package enum SendingReason: String, Equatable, Sendable {
    /// Compressing takes too long: the machine has too much to do.
    case load
    case heat
    /// The line does not carry more.
    case line
}

/// How much of the camera's picture the machine can bear to compress.
package struct SendingStep: Equatable, Sendable {
    /// Of the largest picture sent.
    package let height: Int
    /// One picture of so many is sent.
    package let divisor: Int
    let top: SendingLayer
    /// How much more the step before it costs.
    fileprivate let cost: Double
}

/// Keeps the camera from taking the processor away from the sound: a picture smaller, then rarer, then without its large
/// layers, by how long compressing takes against the time between pictures, and by the temperature; and back again, later
/// each time that it was too early.
package struct SendingGovernor: Equatable, Sendable {
    /// From the full picture down.
    static let steps = [
        SendingStep(height: 720, divisor: 1, top: .high, cost: 1),
        SendingStep(height: 540, divisor: 1, top: .high, cost: 1.8),
        SendingStep(height: 540, divisor: 2, top: .high, cost: 2),
        SendingStep(height: 360, divisor: 2, top: .standard, cost: 2.6),
        SendingStep(height: 180, divisor: 2, top: .low, cost: 3.5),
    ]

    /// Shares of the time between two pictures. The rest is the capture's, and everybody else's.
    private static let tooMuch = 0.75
    private static let farTooMuch = 1.2
    private static let comfortable = 0.6
    private static let overloadPatience = Duration.seconds(2)
    private static let alarmPatience = Duration.milliseconds(700)
    /// What a step brings is seen after this.
    private static let settling = Duration.seconds(3)
    private static let firstPatience = Duration.seconds(10)
    private static let longestPatience = Duration.seconds(160)
    /// A step up that is taken back so soon was too early.
    private static let regret = Duration.seconds(20)
    /// In degrees Celsius: boards slow themselves down from 80 or 85 on.
    private static let hot = 80
    private static let cool = 72
    private static let heatSpacing = Duration.seconds(15)

    private let interval: Double
    /// Smoothed over about half a second.
    private var load: Double?
    private var loadLevel = 0
    private var overSince: MonotonicInstant?
    private var calmSince: MonotonicInstant?
    private var changedAt: MonotonicInstant?
    private var raisedAt: MonotonicInstant?
    private var patience = SendingGovernor.firstPatience
    private var heatLevel = 0
    private var heatChangedAt: MonotonicInstant?

    /// Without a limit; the camera takes `framesPerSecond` pictures a second.
    package init(framesPerSecond: Int) {
        interval = 1_000_000_000 / Double(max(1, framesPerSecond))
    }

    private var level: Int { max(loadLevel, heatLevel) }

    /// What may be sent at present.
    package var step: SendingStep { Self.steps[level] }

    /// Nil while nothing is held back.
    package var reason: SendingReason? {
        level == 0 ? nil : heatLevel >= loadLevel ? .heat : .load
    }

    /// A picture was scaled and compressed, which took `cost`.
    package mutating func note(cost: Duration, at now: MonotonicInstant) {
        let share = Double(cost.wholeNanoseconds) / (interval * Double(step.divisor))
        let load = self.load.map { $0 + (min(share, 4) - $0) / 16 } ?? share
        self.load = load
        if load > Self.tooMuch {
            calmSince = nil
            let since = overSince ?? now
            overSince = since
            let wait = load > Self.farTooMuch ? Self.alarmPatience : Self.overloadPatience
            if now - since >= wait, hasSettled(at: now) { lower(at: now) }
        } else {
            overSince = nil
            guard loadLevel > 0, load * Self.steps[loadLevel].cost < Self.comfortable else {
                calmSince = nil
                return
            }
            let since = calmSince ?? now
            calmSince = since
            if now - since >= patience { raise(at: now) }
        }
    }

    private func hasSettled(at now: MonotonicInstant) -> Bool {
        changedAt.map { now - $0 >= Self.settling } ?? true
    }

    private mutating func lower(at now: MonotonicInstant) {
        guard level < Self.steps.count - 1 else { return }
        // What heat has taken away already did not help.
        loadLevel = level + 1
        let isRegretted = raisedAt.map { now - $0 < Self.regret } ?? false
        patience = isRegretted ? min(patience * 2, Self.longestPatience) : Self.firstPatience
        begin(at: now)
    }

    private mutating func raise(at now: MonotonicInstant) {
        loadLevel -= 1
        raisedAt = now
        begin(at: now)
    }

    private mutating func begin(at now: MonotonicInstant) {
        changedAt = now
        overSince = nil
        calmSince = nil
        load = nil
    }

    /// The processor's temperature in degrees Celsius, now and then.
    package mutating func note(temperature: Int, at now: MonotonicInstant) {
        if let heatChangedAt, now - heatChangedAt < Self.heatSpacing { return }
        if temperature >= Self.hot, heatLevel < Self.steps.count - 1 {
            heatLevel += 1
        } else if temperature <= Self.cool, heatLevel > 0 {
            heatLevel -= 1
        } else {
            return
        }
        heatChangedAt = now
        begin(at: now)
    }
}
