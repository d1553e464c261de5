internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Scene

/// The pictures of a call: what the camera may send, and what is asked for of the others'.
extension CallActor {
    /// Opus with its headers, 50 packets a second.
    private static var audioShare: Int { 60_000 }
    /// What is drawn on where no TV has said how large it is.
    private static var usualScreen: PictureSize { PictureSize(width: 1_920, height: 1_080) }

    // MARK: Sending

    /// What the camera may send: what the bridge wants, as far as the line carries it. Sound comes first.
    func updateCameraLimits() {
        media.camera.bitrateLimit = max(60_000, (bandwidth ?? uplinkRate.bitsPerSecond) - Self.audioShare)
        media.camera.hasOneReceiver = conference?.participants.count == 1
        media.camera.codec = conference?.sendingCodec ?? .vp8
        media.camera.sendsSimulcast = conference?.sendsSimulcast ?? false
        media.camera.wantedHeight = cameraHeightWanted
    }

    /// Hands what the camera's thread has compressed to the conference.
    func sendPictures(at now: MonotonicInstant, _ bytes: inout [UInt8]) {
        while let header = media.camera.outgoing.pop(into: &bytes) {
            conference?.sendVideo(
                bytes.span, codec: header.codec, layer: header.layer, timestamp: header.timestamp,
                isKeyframe: header.isKeyframe,
                temporal: TemporalPlace(
                    layer: UInt8(clamping: header.temporalLayer), of: UInt8(clamping: header.temporalLayers),
                    isLayerSync: header.isLayerSync, isNonReference: header.isNonReference), at: now)
        }
    }

    // MARK: Receiving

    func updateVideoSources() {
        let ssrcs = Set(conference?.videoSources.map(\.ssrc) ?? [])
        for ssrc in slots.keys where !ssrcs.contains(ssrc) {
            media.decode.remove(source: ssrc)
            slots[ssrc] = nil
        }
        for ssrc in ssrcs where slots[ssrc] == nil { slots[ssrc] = media.decode.add(source: ssrc) }
    }

    /// Asks the bridge for the pictures that `scene` would show, each at the size at which it is drawn.
    /// - Parameter scene: with everybody's picture in it, whether it comes at present or not.
    func askForPictures(of scene: SceneState, at now: MonotonicInstant) {
        guard conference != nil else { return }
        var size = displayState?.size ?? Self.usualScreen
        if size.width < 16 || size.height < 16 { size = Self.usualScreen }
        let pictures = scene.picturesInCall(width: size.width, height: size.height).map {
            DrawnPicture(name: $0.source, height: $0.height, isShare: $0.isShare, isLarge: $0.isLarge)
        }
        let constraints = VideoDemand.constraints(for: pictures, level: callVideo.ladder.level)
        guard constraints != callVideo.constraints else { return }
        callVideo.constraints = constraints
        conference?.setReceiverConstraints(constraints, at: now)
        drainConference()
    }

    /// Once a second: how well pictures come, and whether the machine and the line bear our own.
    func noteVideo(_ statistics: RTPStatistics, at now: MonotonicInstant) {
        callVideo.note(
            statistics.inbound, bandwidth: conference?.downlinkBandwidth,
            sending: media.camera.isOn ? media.camera.statistics.reason : nil, at: now)
    }

    // MARK: The interface

    /// What is asked for, and what is held back.
    func videoJSON() -> JSONValue {
        guard conference != nil else { return nil }
        let wanted = callVideo.constraints
        let camera = media.camera
        return [
            "receiving": [
                "level": .string("\(callVideo.ladder.level)"), "last_n": wanted.map { JSONValue($0.lastN) } ?? nil,
                "bandwidth": conference?.downlinkBandwidth.map { JSONValue($0) } ?? nil,
                "heights": .object(
                    (wanted?.maximumHeights ?? [:]).sorted { $0.key < $1.key }.map {
                        JSONMember($0.key, JSONValue($0.value))
                    }),
                "on_stage": .array((wanted?.onStageSources ?? []).map { .string($0) }),
            ],
            "sending": [
                "wanted_height": JSONValue(cameraHeightWanted), "simulcast": .bool(camera.sendsSimulcast),
                "codec": .string(camera.codec.rawValue),
                "held_by": camera.statistics.reason.map { .string($0.rawValue) } ?? nil,
                "limit": JSONValue(camera.bitrateLimit),
                "temperature": camera.temperature > 0 ? JSONValue(camera.temperature) : nil,
            ],
        ]
    }

    /// What is sent: the sound, then the camera's layers from the largest down, those that are off last.
    func outboundJSON(_ statistics: RTPStatistics, roundTrip: JSONValue) -> [JSONValue] {
        let camera = media.camera.statistics
        let endpoint = conference?.endpointID ?? ""
        let videos = statistics.outbound.filter { $0.kind == .video }
        var list = statistics.outbound.filter { $0.kind == .audio }.map {
            JSONValue.object(
                outboundMembers($0, source: endpoint + "-a0", codec: "opus", roundTrip: roundTrip) + speechMembers)
        }
        let layers = videos.indices.sorted { one, two in
            let (first, second) = (camera[layer: one].size != nil, camera[layer: two].size != nil)
            return first == second ? one > two : first
        }
        for index in layers {
            let layer = camera[layer: index]
            var members = outboundMembers(
                videos[index], source: endpoint + "-v0", codec: (videos[index].codec ?? media.camera.codec).rawValue,
                roundTrip: roundTrip)
            members += [
                JSONMember("layer", JSONValue(index)),
                JSONMember("width", layer.size.map { JSONValue($0.width) } ?? nil),
                JSONMember("height", layer.size.map { JSONValue($0.height) } ?? nil),
                JSONMember("fps", JSONValue(layer.size == nil ? 0 : encodedFrames.perSecond)),
                JSONMember("target", JSONValue(layer.size == nil ? 0 : layer.bitrate)),
                JSONMember("frames_encoded", JSONValue(layer.frames)),
                JSONMember("keyframes", JSONValue(layer.keyframes)),
                JSONMember("retransmissions", JSONValue(videos[index].retransmissions)),
            ]
            list.append(.object(members))
        }
        return list
    }

    private func outboundMembers(
        _ outbound: RTPStatistics.Outbound, source: String, codec: String, roundTrip: JSONValue
    ) -> [JSONMember] {
        [
            JSONMember("source", .string(source)), JSONMember("direction", "send"),
            JSONMember("kind", outbound.kind == .audio ? "audio" : "video"), JSONMember("codec", .string(codec)),
            JSONMember("ssrc", JSONValue(outbound.ssrc)), JSONMember("bitrate", JSONValue(outbound.bitsPerSecond)),
            JSONMember("packets", JSONValue(outbound.packets)),
            JSONMember("loss", outbound.remoteFractionLost.map { .number($0) } ?? nil),
            JSONMember("jitter_ms", .number(outbound.remoteJitterMilliseconds)),
            JSONMember("round_trip_ms", roundTrip),
        ]
    }
}
