package import Basis

extension CECMachine {
    /// When the TV is asked again to wake, from the first time on.
    static let attemptTimes: [Duration] = [.zero, .seconds(2), .seconds(5), .seconds(10)]
    /// How long it may take to say that it is on.
    static let wakePatience = Duration.seconds(20)
    static let maximumVolumeSteps = 10

    /// A call comes up: the TV is to be on and to show us.
    package mutating func wakeTelevision(at now: MonotonicInstant) {
        guard configuration.policy >= .wake else { return }
        isWanted = true
        guard logical != nil, wake == nil else { return }
        beginWake(at: now)
    }

    /// Nobody needs the TV any more: it may sleep, if we woke it or are what it shows.
    package mutating func releaseTelevision() {
        isWanted = false
        wake = nil
        defer {
            isActiveSource = false
            setWoke(false)
        }
        guard configuration.policy == .full, let physical, wokeTelevision || isActiveSource else { return }
        if isActiveSource { send(.inactiveSource(physical), to: .television) }
        send(.standby, to: .television)
    }

    /// Presses the loudness keys of whatever plays the TV's sound.
    package mutating func changeVolume(steps: Int) {
        guard configuration.policy >= .wake else { return }
        let key: CECUserControl = steps < 0 ? .volumeDown : .volumeUp
        for _ in 0..<min(steps.magnitude, UInt(Self.maximumVolumeSteps)) {
            let target: CECLogicalAddress = hasSystemAudio ? .audioSystem : .television
            send(.userControlPressed(key), to: target)
            send(.userControlReleased, to: target)
        }
    }

    mutating func beginWake(at now: MonotonicInstant) {
        let wake = Wake(start: now, next: now)
        self.wake = wake
        continueWake(wake, at: now)
    }

    /// Makes the next attempt, or gives up after the last one.
    mutating func continueWake(_ current: Wake, at now: MonotonicInstant) {
        guard current.attempts < Self.attemptTimes.count else {
            wake = nil
            if presence == .answers { emit(.note("the TV was woken and does not say that it is on")) }
            return
        }
        var wake = current
        // The first question tells what the TV did before, the later ones whether it has woken.
        if wake.attempts == 0 { send(.giveDevicePowerStatus, to: .television) }
        send(.imageViewOn, to: .television)
        if wake.attempts > 0 { send(.giveDevicePowerStatus, to: .television) }
        becomeActiveSource()
        wake.attempts += 1
        let isLast = wake.attempts >= Self.attemptTimes.count
        let due = wake.start + (isLast ? Self.wakePatience : Self.attemptTimes[wake.attempts])
        // After a stall of the machine the TV still gets its time between two attempts.
        wake.next = max(due, now + .seconds(1))
        self.wake = wake
    }

    mutating func becomeActiveSource() {
        guard let physical else { return }
        isActiveSource = true
        send(.activeSource(physical), to: .broadcast)
    }

    /// The TV told its power status.
    mutating func handle(_ status: CECPowerStatus) {
        switch status {
        case .on:
            setTelevision(isOn: true)
            guard let wake else { return }
            self.wake = nil
            guard wake.wasOff else { return }
            setWoke(true)
            // While it was starting it may have missed the first one.
            becomeActiveSource()
        case .standby, .onToStandby:
            wake?.wasOff = true
            setTelevision(isOn: false)
        case .standbyToOn: wake?.wasOff = true
        }
    }

    /// The TV, or somebody who speaks for the whole room, goes to sleep: nobody argues with that.
    mutating func obeyStandby() {
        isWanted = false
        wake = nil
        isActiveSource = false
        setWoke(false)
        setTelevision(isOn: false)
    }

    /// Somebody else is shown. Only while the TV wakes that is not the last word: set-top boxes start with it and speak
    /// up by themselves.
    mutating func loseActiveSource() {
        isActiveSource = false
        guard wake == nil else { return }
        isWanted = false
        setWoke(false)
    }
}
