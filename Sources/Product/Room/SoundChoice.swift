package import Basis
package import Devices

/// Which sound the room hears for what happens, and what stays silent so that nobody is annoyed.
///
/// What a person in the room did, and what became of the meeting, is told at once. Those who come and go are told as long
/// as the meeting is small, never right after another sound, and a few times in half a minute at most.
package struct SoundChoice: Equatable, Sendable {
    /// After any sound nobody is announced for so long.
    package static let quiet = Duration.seconds(2)
    /// Arrivals and departures told within `crowdTime`, at most.
    package static let mostPeopleSounds = 3
    package static let crowdTime = Duration.seconds(30)
    /// A line that breaks again so soon after it broke is not told again, nor that it is back.
    package static let flapping = Duration.seconds(10)

    private enum Place: Equatable {
        case outside, joining, inCall
        /// In a call whose line is cut.
        case waiting
    }

    private let isOn: Bool
    private let peopleLimit: Int
    private var place = Place.outside
    private var isMuted = false
    /// A call broke off and is being tried again.
    private var isInterrupted = false
    private var lossIsTold = false
    private var lastLoss: MonotonicInstant?
    private var lastSound: MonotonicInstant?
    private var announced: [MonotonicInstant] = []
    /// The others, as of the last list.
    private var people: Set<String> = []

    /// - Parameters:
    ///   - isOn: whether there are sounds at all.
    ///   - peopleLimit: the size of a meeting, ourselves included, up to which arrivals and departures are told; 0: never.
    package init(isOn: Bool = true, peopleLimit: Int = 8) {
        self.isOn = isOn
        self.peopleLimit = peopleLimit
    }

    /// The sound for what just became of the room.
    package mutating func roomChanged(to room: RoomState, at now: MonotonicInstant) -> RoomSound? {
        let was = place
        place = Self.place(room.phase)
        let muteChanged = room.microphoneMuted != isMuted
        isMuted = room.microphoneMuted
        let sound: RoomSound? =
            switch (was, place) {
            case (.inCall, .inCall), (.joining, .joining), (.waiting, .waiting):
                muteChanged ? (isMuted ? .muted : .unmuted) : nil
            // Whoever follows the meeting into another room has lost nothing.
            case (.inCall, .joining): isMoving(room.phase) ? nil : lose(at: now)
            case (.inCall, .waiting): lose(at: now)
            case (_, .inCall): enter()
            case (.inCall, .outside): isFault(room.phase) ? lose(at: now) : .left
            case (.joining, .outside), (.waiting, .outside): isInterrupted ? .left : nil
            case (.outside, _), (.waiting, .joining), (.joining, .waiting): nil
            }
        if place == .outside { isInterrupted = false }
        if place == .outside || place == .joining { people = [] }
        return told(sound, at: now)
    }

    /// The sound for a new list of the others in the meeting, given by their identifiers.
    package mutating func peopleChanged(_ present: some Sequence<String>, at now: MonotonicInstant) -> RoomSound? {
        let present = Set(present)
        let before = people
        people = present
        guard place == .inCall, present != before, present.count + 1 <= peopleLimit else { return nil }
        // When all go at once it is us who are put out, which is told by itself.
        if present.isEmpty, before.count > 1 { return nil }
        if let lastSound, now - lastSound < Self.quiet { return nil }
        announced.removeAll { now - $0 >= Self.crowdTime }
        guard announced.count < Self.mostPeopleSounds else { return nil }
        let sound = told(present.subtracting(before).isEmpty ? .somebodyLeft : .somebodyJoined, at: now)
        if sound != nil { announced.append(now) }
        return sound
    }

    // MARK: -

    private mutating func enter() -> RoomSound? {
        guard isInterrupted else { return .joined }
        isInterrupted = false
        return lossIsTold ? .connectionBack : nil
    }

    private mutating func lose(at now: MonotonicInstant) -> RoomSound? {
        isInterrupted = true
        lossIsTold = lastLoss.map { now - $0 >= Self.flapping } ?? true
        lastLoss = now
        return lossIsTold ? .connectionLost : nil
    }

    private mutating func told(_ sound: RoomSound?, at now: MonotonicInstant) -> RoomSound? {
        guard isOn, let sound else { return nil }
        lastSound = now
        return sound
    }

    private static func place(_ phase: RoomPhase) -> Place {
        switch phase {
        case .starting, .idle, .leaving, .ended, .fault: .outside
        case .joining: .joining
        case .inCall(let call): call.isInterrupted ? .waiting : .inCall
        }
    }

    private func isMoving(_ phase: RoomPhase) -> Bool {
        if case .joining(let attempt, _) = phase { attempt.destination != nil } else { false }
    }

    private func isFault(_ phase: RoomPhase) -> Bool {
        if case .fault = phase { true } else { false }
    }
}
