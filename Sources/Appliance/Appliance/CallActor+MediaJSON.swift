internal import Basis
internal import Conference
internal import MediaEngine
internal import RTP

/// What is received and sent, for the interface.
extension CallActor {
    func mediaJSON(_ statistics: RTPStatistics?) -> [JSONValue] {
        guard let statistics else { return [] }
        let decoded = media.decode.statistics
        let shown = screen.shownPictures
        let roundTrip: JSONValue =
            (conference?.roundTrip ?? statistics.roundTrip).map { .number(Double($0.wholeNanoseconds / 10_000) / 100) }
            ?? nil
        var list: [JSONValue] = []
        for inbound in statistics.inbound {
            var members: [JSONMember] = [
                JSONMember("source", .string(inbound.name)), JSONMember("direction", "receive"),
                JSONMember("kind", inbound.kind == .audio ? "audio" : "video"),
                JSONMember(
                    "codec", inbound.kind == .audio ? "opus" : .string((inbound.video?.codec ?? .vp8).rawValue)),
                JSONMember("ssrc", JSONValue(inbound.ssrc)),
                JSONMember("bitrate", JSONValue(inbound.bitsPerSecond)),
                JSONMember("packets", JSONValue(inbound.packets)), JSONMember("lost", JSONValue(inbound.lost)),
                JSONMember("loss", .number(inbound.fractionLost)),
                JSONMember("jitter_ms", .number(inbound.jitterMilliseconds)),
                JSONMember("round_trip_ms", roundTrip),
            ]
            if inbound.kind == .audio { members += soundMembers(inbound.ssrc) }
            if let video = inbound.video {
                members += [
                    JSONMember("width", JSONValue(video.width)), JSONMember("height", JSONValue(video.height)),
                    JSONMember("fps", JSONValue(video.framesPerSecond)),
                    JSONMember("frames_decoded", JSONValue(decoded[inbound.ssrc]?.decodedFrames ?? 0)),
                    JSONMember("frames_shown", JSONValue(shown[inbound.name] ?? 0)),
                    JSONMember("frames_dropped", JSONValue(video.framesDropped)),
                    JSONMember("keyframe_requests", JSONValue(video.keyframeRequests)),
                    JSONMember("nacks", JSONValue(video.nacks)),
                ]
            }
            list.append(.object(members))
        }
        return list + outboundJSON(statistics, roundTrip: roundTrip)
    }
}
