internal import Basis
internal import Conference
internal import Devices
internal import LinuxHost
internal import Logging
internal import MediaEngine
internal import MediaSession
internal import NIOCore
internal import NetworkIO
internal import RTP
internal import Room
internal import RoomController
internal import Scene

extension WallTime {
    /// The clock of this machine.
    static let host = WallTime(
        ntpOffset: { WallClock().ntpOffset },
        trust: {
            let clock = WallClock()
            if !clock.isPlausible { return .wrong }
            return clock.isKept == true ? .kept : .plausible
        },
        civil: { seconds in
            WallClock.civil(seconds).map {
                CivilMoment(year: $0.year, month: $0.month, day: $0.day, hour: $0.hour, minute: $0.minute)
            }
        })
}

extension NetworkTrouble {
    /// What the network says in the words of the calls: the one place where errors of sockets, TLS and HTTP become it.
    init(_ error: NetworkError) {
        switch error {
        case .nameResolution: self = .nameNotFound
        case .connect, .timeout, .connectionLost, .overloaded: self = .unreachable
        case .tls(_, .certificate, _): self = .certificate
        case .tls(_, .hungUp, _): self = .unreachable
        case .tls(_, .other, _): self = .broken
        case .proxy(_, 407, _): self = .proxyAccount
        case .proxy(_, let status?, _) where status < 500: self = .proxyRefused
        case .proxy: self = .unreachable
        case .httpStatus(let status, _): self = .status(status)
        case .configuration, .invalidURL, .tooLarge, .tooManyRedirects, .protocolViolation, .closed: self = .broken
        }
    }
}

extension RequestToken {
    /// BOSH holds a request for up to a minute (XEP-0124, wait); all others are answered at once or not at all.
    var timeout: TimeAmount {
        if case .bosh = self { .seconds(75) } else { .seconds(10) }
    }
}

extension Logger {
    func write(_ entry: JournalEntry) {
        var metadata: Metadata = [:]
        for detail in entry.details { metadata[detail.name] = "\(detail.value)" }
        log(level: Level(entry.level), "\(entry.code)", metadata: metadata)
    }
}

extension Logger.Level {
    fileprivate init(_ level: Diagnostic.Level) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}

extension TemporalPlace {
    init(_ header: EncodedFrame) {
        self.init(
            layer: UInt8(clamping: header.temporalLayer), of: UInt8(clamping: header.temporalLayers),
            isLayerSync: header.isLayerSync, isNonReference: header.isNonReference)
    }
}

extension HTTPField {
    static func of(contentType: String, bearer: Redacted<String>?) -> [HTTPField] {
        [HTTPField("Content-Type", contentType)]
            + (bearer.map { [HTTPField("Authorization", "Bearer \($0.revealed)")] } ?? [])
    }
}

extension IncomingAudio {
    /// Where the payload of a sound packet is in its datagram, and what the audio thread is told of it; nil for all else.
    static func of(_ received: MediaSession.Received, at now: MonotonicInstant) -> (Range<Int>, IncomingAudio)? {
        switch received {
        case .audio(let ssrc, let sequenceNumber, let timestamp, let payload, _):
            (payload, IncomingAudio(ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp, arrival: now))
        case .redundantAudio(let ssrc, let sequenceNumber, let timestamp, let payload, _):
            (
                payload,
                IncomingAudio(
                    ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp, arrival: now, isRedundant: true)
            )
        case .consumed: nil
        }
    }
}

extension ScreenContent {
    /// What the controller wants shown, with the slots of its pictures.
    init(_ content: SceneContent, selfView: FrameSlot, slots: [UInt32: FrameSlot]) {
        let pictures = content.pictures.compactMapValues { origin in
            switch origin {
            case .camera: selfView
            case .remote(let ssrc, _): slots[ssrc]
            }
        }
        self.init(scene: content.scene, slots: pictures, attempt: content.attempt, isLive: content.isLive)
    }
}
