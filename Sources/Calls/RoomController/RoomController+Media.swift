package import Basis
package import Conference
internal import Devices
package import Jitsi
package import MediaSession
internal import MediaEngine
package import RTP
internal import Room
internal import Scene

/// Sound and pictures on their way through, and what is decided of them once a second. The packets' way allocates nothing.
extension RoomController {
    // MARK: Packets

    /// A datagram of the call. What is sound is told, to be handed on before anything else happens to `datagram`.
    package mutating func receive(
        _ datagram: inout [UInt8], on path: DatagramPath, at now: MonotonicInstant
    ) -> MediaSession.Received {
        self.now = now
        return call?.conference.receive(&datagram, on: path, at: now) ?? .consumed
    }

    /// One Opus packet of the room; its header as `Conference.sendAudio`.
    package mutating func sendAudio(
        _ payload: Span<UInt8>, timestamp: UInt32, level: UInt8, marker: Bool, at now: MonotonicInstant
    ) {
        self.now = now
        call?.conference.sendAudio(payload, timestamp: timestamp, level: level, marker: marker, at: now)
    }

    /// One encoded picture of the room's camera.
    package mutating func sendVideo(
        _ frame: Span<UInt8>, codec: VideoCodec, layer: Int, timestamp: UInt32, isKeyframe: Bool,
        temporal: TemporalPlace = .base, at now: MonotonicInstant
    ) {
        self.now = now
        call?.conference.sendVideo(
            frame, codec: codec, layer: layer, timestamp: timestamp, isKeyframe: isKeyframe, temporal: temporal, at: now
        )
    }

    /// A decoder cannot go on without a key frame.
    package mutating func requestKeyframe(ssrc: UInt32, at now: MonotonicInstant) {
        self.now = now
        call?.conference.requestKeyframe(ssrc: ssrc, at: now)
    }

    /// Gives back the bytes of a `MediaCommand.decode` that is done with, for later pictures.
    package mutating func reuse(_ frame: consuming [UInt8], of ssrc: UInt32) {
        call?.conference.reuse(frame, of: ssrc)
    }

    /// Somebody types the password that the room asks for.
    package mutating func provide(password: Redacted<String>, at now: MonotonicInstant) {
        self.now = now
        call?.conference.provide(password: password, at: now)
    }

    /// The first remote picture of an attempt was composed: the join is complete.
    package mutating func firstPictureShown(attempt: Int, at instant: MonotonicInstant) {
        guard call?.attempt == attempt else { return }
        history.times.reach(.firstPicture, at: instant)
        let steps = history.times.steps.map { ($0.milestone.rawValue, "\($0.milliseconds)") }
        journal(.notice, "first-picture", steps)
        mark(.status)
    }

    // MARK: Once a second

    /// The counters that were asked for by `MediaCommand.sample`.
    package mutating func mediaSampled(_ snapshot: MediaSnapshot, at now: MonotonicInstant) {
        self.now = now
        devices.media = snapshot
        call?.view.advance(to: now)
        controls.advance(to: now)
        adaptCall()
        mark(.all)
    }

    private mutating func adaptCall() {
        guard var uplink = call?.uplink else { return }
        let media = devices.media
        let encoded = media.camera.encodedFrames
        uplink.encodedFrames = (encoded, max(0, encoded - uplink.encodedFrames.count))
        let statistics = call?.conference.statistics()
        let outbound = statistics?.outbound ?? []
        let lost = uplink.repetition.note(outbound, bandwidth: uplink.bandwidth)
        call?.conference.repeatsSpeech = uplink.repetition.isOn
        let listeners = call?.conference.listenersLoss(at: now)
        if let loss = [lost, listeners].compactMap({ $0 }).max() {
            command(.noteUplink(fractionLost: loss, bandwidth: uplink.bandwidth))
        }
        var soundDelays: [UInt32: Duration] = [:]
        for sound in media.remoteAudio { soundDelays[sound.ssrc] = .milliseconds(sound.delayMilliseconds) }
        call?.conference.synchronize(soundDelays: soundDelays)
        if let loss = outbound.compactMap(\.remoteFractionLost).max() {
            uplink.lossBased.update(fractionLost: loss, estimate: uplink.estimate)
        }
        call?.uplink = uplink
        guard let statistics else { return }
        let bandwidth = call?.conference.downlinkBandwidth
        call?.video.note(
            statistics.inbound, bandwidth: bandwidth, sending: room.cameraOn ? media.camera.reason : nil,
            uplink: uplink.bandwidth, at: now)
    }

    // MARK: What is sent and asked for

    /// What the camera may send: what the bridge wants, as far as the line carries it.
    mutating func updateCamera() {
        var limits = CameraLimits()
        if let uplink = call?.uplink {
            limits.bitrate = uplink.cameraBitrate
            limits.height = uplink.cameraHeight
        }
        limits.hasOneReceiver = call?.conference.participants.count == 1
        limits.codec = call?.conference.sendingCodec ?? .vp8
        limits.sendsSimulcast = call?.conference.sendsSimulcast ?? false
        guard limits != published.camera else { return }
        published.camera = limits
        command(.limitCamera(limits))
    }

    /// Asks the bridge for the pictures that `scene` would show, each at the size at which it is drawn.
    /// - Parameter scene: with everybody's picture in it, whether it comes at present or not.
    mutating func updateDemand(_ scene: SceneState) {
        let usual = (width: 1_920, height: 1_080)
        var size = devices.display.map { (width: $0.size.width, height: $0.size.height) } ?? usual
        // No TV has said how large it is.
        if size.width < 16 || size.height < 16 { size = usual }
        let pictures = scene.picturesInCall(width: size.width, height: size.height).map {
            DrawnPicture(name: $0.source, height: $0.height, isShare: $0.isShare, isLarge: $0.isLarge)
        }
        guard let level = call?.video.ladder.level else { return }
        let constraints = VideoDemand.constraints(for: pictures, level: level)
        guard constraints != call?.video.constraints else { return }
        call?.video.constraints = constraints
        call?.conference.setReceiverConstraints(constraints, at: now)
        mark(.status)
    }
}

extension RoomController {
    /// How many pictures the line to the box bears.
    package var receptionLevel: ReceptionLadder.Level { call?.video.ladder.level ?? .full }

    /// What the meeting is: recorded, locked and so on.
    package var meetingFacts: MeetingFacts { call?.facts ?? MeetingFacts() }

    /// Whether a conference is open that waits for a press, and whether it would go straight to the room.
    package var isStandingBy: Bool { standby.waiting != nil }
    /// Whether a press would go straight to the room.
    package var isStandbyReady: Bool { standby.isReady }

    /// What `read` finds in the conference of the call; nil without one.
    package func inspectCall<Value>(_ read: (borrowing Conference) -> Value) -> Value? {
        call.map { read($0.conference) }
    }
}
