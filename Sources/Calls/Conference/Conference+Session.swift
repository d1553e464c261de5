package import Basis
internal import DTLSSRTP
internal import Jitsi
internal import MediaSession

/// The way that sound and picture take to the server, as a technician asks for it.
package struct MediaWay: Equatable, Sendable {
    /// What the server calls the bridge and its region, as far as it tells.
    package internal(set) var bridge: [String] = []
    /// The bridge's address, or the relay's own where one is between; nil until a way is found.
    package internal(set) var remote: IPAddress?
    /// Whether a TURN server stands between.
    package internal(set) var isRelayed = false
    /// Of SRTP; empty until keys exist.
    package internal(set) var cipher = ""
    /// Whether the offer has VP9.
    package internal(set) var offersVP9 = false
}

/// What is known of the session besides its media.
extension Conference {
    /// Nil without a media session.
    package var mediaWay: MediaWay? {
        switch mediaSession {
        case .some: way
        case nil: nil
        }
    }

    /// What the bridge says of itself, such as "2.3.92"; nil where it does not.
    package var bridgeVersion: String? { channel.bridgeVersion }

    /// Whether we are in another room than the address leads to: a breakout room, or where the meeting went.
    package var isElsewhere: Bool { room?.isElsewhere ?? false }

    /// How well a participant says it is connected, 0…100; nil while it has not said.
    package func connectionQuality(of endpoint: String) -> Double? { channel.qualities[endpoint] }

    /// The share that those lose who hear us over the worst line, 0…1, as far as they say (EndpointStats, every ten seconds):
    /// the bridge's own reports end at the bridge. Nil while nobody says.
    package func listenersLoss(at now: MonotonicInstant) -> Double? {
        participants.compactMap { person in
            channel.losses[person.id].flatMap { now - $0.at <= BridgeChannel.statsPeriod * 2.5 ? $0.share : nil }
        }.max()
    }

    /// Lets each camera's pictures wait for the sound of the microphone beside it, those of who is silent for nothing; a shared
    /// screen waits for nobody.
    /// - Parameter soundDelays: by the SSRC of a microphone that is heard, how long its sound waits in the jitter buffer.
    package mutating func synchronize(soundDelays: [UInt32: Duration]) {
        for source in sources where source.kind == .video && source.videoType != .desktop {
            let microphone = sources.first { $0.kind == .audio && $0.owner == source.owner }?.ssrc
            mediaSession?.synchronize(
                video: source.ssrc, with: microphone ?? 0, soundDelay: microphone.flatMap { soundDelays[$0] })
        }
    }

    /// Something said: by the name that the room has for the speaker.
    mutating func heard(_ caption: Caption) {
        let name =
            caption.speaker == endpointID
            ? configuration.displayName : participants.first { $0.id == caption.speaker }?.name ?? ""
        outputs.append(.event(.caption(caption.said(by: name))))
    }
}

extension SRTPProfile {
    /// As engineers call it (RFC 7714, RFC 3711).
    var cipherName: String {
        switch self {
        case .aeadAES128GCM: "AES-128-GCM"
        case .aes128CMHMACSHA1_80: "AES-128-CTR + HMAC-SHA1"
        }
    }
}
