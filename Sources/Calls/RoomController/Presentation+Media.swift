internal import Basis
internal import Codecs
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Scene

/// What is received and sent, as programs see it.
extension Presentation {
    /// What is asked for, and what is held back.
    func videoStatus() -> ApplianceStatus.Video? {
        guard let uplink = call?.uplink, let level = call?.video.ladder.level else { return nil }
        let wanted = call?.video.constraints
        let media = devices.media
        return .init(
            level: "\(level)", lastN: wanted?.lastN, bandwidth: call?.conference.downlinkBandwidth,
            heights: wanted?.maximumHeights ?? [:], onStage: wanted?.onStageSources ?? [],
            wantedHeight: uplink.cameraHeight, simulcast: limits.sendsSimulcast, codec: limits.codec.rawValue,
            heldBy: media.camera.reason?.rawValue, limit: limits.bitrate,
            temperature: media.temperature > 0 ? media.temperature : nil)
    }

    func mediaStatus(_ statistics: RTPStatistics?) -> [MediaStreamStatus] {
        guard let statistics else { return [] }
        let media = devices.media
        let trip = roundTrip(statistics).map { Double($0.wholeNanoseconds / 10_000) / 100 }
        let sent = SentStreams(
            endpoint: call?.conference.endpointID ?? "", uplink: call?.uplink ?? Uplink(),
            codec: (limits.codec).rawValue, roundTrip: trip)
        return statistics.inbound.map { MediaStreamStatus($0, media: media, roundTrip: trip) }
            + sent.list(statistics, media: media)
    }
}
