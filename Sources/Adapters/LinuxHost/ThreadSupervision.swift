internal import Basis

/// When a thread whose work ended by an error begins it again: after half a second, then twice as long each time, at most
/// half a minute; from the beginning when it went well for a minute.
package struct RestartDelay: Equatable, Sendable {
    private static let shortest = Duration.milliseconds(500)
    private static let longest = Duration.seconds(30)
    private static let wellFor = Duration.seconds(60)

    private var next = shortest

    package init() {}

    /// - Parameter ran: how long the work went on before it ended.
    package mutating func delay(afterRunning ran: Duration) -> Duration {
        if ran >= Self.wellFor { next = Self.shortest }
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}

/// Keeps the work of a device's thread going: what ends by an error is begun again, for a device that was missing or sick
/// comes back, and nobody is there to start the box anew.
package struct ThreadSupervision {
    private let pulse: ThreadPulse
    private let signal: EventSignal

    /// - Parameter signal: set when there may be an end; else the waits between two beginnings are not cut short.
    package init(pulse: ThreadPulse, signal: EventSignal) {
        self.pulse = pulse
        self.signal = signal
    }

    /// Runs `work` until `isStopping`, on the thread itself.
    ///
    /// - Parameter onFailure: told of each failure that is another one than the one before.
    package func run(
        isStopping: () -> Bool, onFailure: (String) -> Void, work: () throws -> Void
    ) {
        var restart = RestartDelay()
        var told: String?
        while !isStopping() {
            let begin = MonotonicClock.now
            pulse.tick(at: begin)
            do {
                try work()
            } catch {
                let text = "\(error)"
                if text != told { onFailure(text) }
                told = text
            }
            let end = MonotonicClock.now + restart.delay(afterRunning: MonotonicClock.now - begin)
            while !isStopping(), MonotonicClock.now < end {
                pulse.rest { _ = signal.wait(timeout: end - MonotonicClock.now) }
            }
        }
        pulse.end()
    }
}
