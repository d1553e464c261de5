internal import Basis
internal import RTP

/// Where the partners' sound and pictures stand in time.
struct Film {
    /// Nil while nobody is connected: nothing is made then.
    var nextSound: MonotonicInstant?
    var nextPicture: MonotonicInstant?
    /// 20 ms each, those left out counted.
    var sounds = 0
    /// Whose turn to speak it is.
    var speaker: String?
    var turnEnds: MonotonicInstant?

    var deadline: MonotonicInstant? {
        guard let nextSound, let nextPicture else { return nil }
        return min(nextSound, nextPicture)
    }
}

/// The partners at work.
extension PracticeConference {
    private static let soundPeriod = Duration.milliseconds(20)
    /// After a longer pause of the machine what was missed is left out.
    private static let longestDelay = Duration.milliseconds(200)

    mutating func beginFilm(at now: MonotonicInstant) {
        guard film.nextSound == nil else { return }
        film.nextSound = now
        film.nextPicture = now
        film.turnEnds = nil
    }

    mutating func advanceFilm(to now: MonotonicInstant) {
        guard film.nextSound != nil else { return }
        guard clients.contains(where: { $0.endpoint?.isSecured == true }) else {
            film.nextSound = nil
            film.nextPicture = nil
            for partner in partners { partner.rest() }
            return
        }
        takeTurns(at: now)
        makeSound(to: now)
        makePictures(at: now)
    }

    /// The next of those who are not muted speaks.
    private mutating func takeTurns(at now: MonotonicInstant) {
        if let ends = film.turnEnds, now < ends, partners.contains(where: { $0.id == film.speaker }) { return }
        film.turnEnds = now + options.turn
        let speakers = partners.filter { !$0.settings.audioMuted }.map(\.id)
        let former = film.speaker
        let next = former.flatMap { speakers.firstIndex(of: $0) }.map { ($0 + 1) % speakers.count } ?? 0
        guard next < speakers.count else {
            film.speaker = nil
            return
        }
        film.speaker = speakers[next]
        guard former != speakers[next] else { return }
        for client in clients { sendDominantSpeaker(speakers[next], previous: former, to: client, at: now) }
    }

    private mutating func makeSound(to now: MonotonicInstant) {
        guard var next = film.nextSound else { return }
        if now - next > Self.longestDelay {
            let missed = Int((now - next).wholeNanoseconds / Self.soundPeriod.wholeNanoseconds)
            film.sounds += missed
            next += Self.soundPeriod * missed
        }
        while next <= now {
            for partner in partners {
                guard let sound = partner.makeSound(isSpeaking: partner.id == film.speaker) else { continue }
                let timestamp = partner.audioSSRC &+ UInt32(truncatingIfNeeded: film.sounds) &* 960
                for client in clients {
                    guard let endpoint = client.endpoint, endpoint.isSecured else { continue }
                    for index in endpoint.lanes.indices where endpoint.lanes[index].owner == partner.id {
                        endpoint.lanes[index].rtp.sendAudio(
                            partner.packet.span, timestamp: timestamp, level: sound.level, marker: sound.isBeginning,
                            at: now)
                    }
                }
            }
            film.sounds += 1
            next += Self.soundPeriod
        }
        film.nextSound = next
    }

    private mutating func makePictures(at now: MonotonicInstant) {
        guard let due = film.nextPicture, due <= now else { return }
        let period = Duration.nanoseconds(1_000_000_000 / Int64(options.framesPerSecond))
        film.nextPicture = now - due > period ? now + period : due + period
        let timestamp = UInt32(truncatingIfNeeded: now.nanoseconds / 100_000 &* 9)
        let everybodyTakesVP9 =
            partners.allSatisfy { $0.settings.videoCodec == .vp9 } && clients.allSatisfy(\.takesVP9)
        for partner in partners {
            var height = 0
            for endpoint in clients.compactMap(\.endpoint)
            where endpoint.lanes.contains(where: { $0.owner == partner.id && $0.isForwarding }) {
                height = max(height, endpoint.constraints.height(of: partner.videoName))
            }
            guard height > 0,
                let isKeyframe = partner.makePicture(
                    height: height, codec: everybodyTakesVP9 ? .vp9 : .vp8, isSpeaking: partner.id == film.speaker,
                    at: now)
            else { continue }
            for endpoint in clients.compactMap(\.endpoint) {
                for index in endpoint.lanes.indices where endpoint.lanes[index].owner == partner.id {
                    _ = endpoint.lanes[index].forwardVideo(
                        partner.frame.span, codec: everybodyTakesVP9 ? .vp9 : .vp8, ssrc: partner.videoSSRC,
                        timestamp: partner.videoSSRC &+ timestamp, isKeyframe: isKeyframe, at: now)
                }
            }
        }
    }
}
