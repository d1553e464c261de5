package import Basis
internal import Devices
internal import Room

extension ApplianceStatus {
    /// The one place where the status becomes JSON.
    package var json: JSONValue {
        [
            "state": .string(activity.state.rawValue),
            "room": room.map { ["label": .string($0.label), "url": .string($0.url), "name": .string($0.name)] } ?? nil,
            "people": .array(people.map(\.json)),
            "interrupted": .bool(activity.isInterrupted),
            "moved_to": text(activity.movedTo),
            "participants": JSONValue(participants),
            "microphone_muted": .bool(own.isMicrophoneMuted),
            "camera_on": .bool(own.isCameraOn),
            "audio_only": .bool(own.isAudioOnly),
            "video": video?.json ?? nil,
            "hand_raised": .bool(own.isHandRaised),
            "recording": .bool(facts.recording == .on || facts.liveStream == .on),
            "meeting": facts.json,
            "last_join_ms": lastJoin.total.map { .number($0) } ?? nil,
            "last_join_steps": .object(lastJoin.steps.map { JSONMember($0.name, .number($0.milliseconds)) }),
            "faults": .array(faults.map(\.json)),
            "media": .array(media.map(\.json)),
            "display": display.map {
                [
                    "connected": .bool($0.isConnected), "connector": .string($0.connector), "name": .string($0.name),
                    "width": JSONValue($0.size.width), "height": JSONValue($0.size.height),
                    "refresh_rate": JSONValue($0.refreshRate),
                ]
            } ?? nil,
            "network": .object(network.map { JSONMember($0.rung.rawValue, .string($0.state)) }),
            "volume": JSONValue(volume),
            "devices": devices.json,
            "standby": .bool(isStandingBy),
            "busy": .bool(activity.isBusy),
            "health": isDegraded ? "degraded" : "good",
            "device": .string(box.device),
            "language": .string(box.language),
            "meetings": .array(box.meetings.map { .string($0) }),
            "presets": .array(box.presets.map { .string($0) }),
            "message": text(activity.message),
            "next_meeting": nextMeeting?.json ?? nil,
        ]
    }
}

private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? nil }
private func number(_ value: Int?) -> JSONValue { value.map { JSONValue($0) } ?? nil }
private func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? nil }

extension ApplianceStatus.Person {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "audio_muted": .bool(isAudioMuted),
            "video_muted": .bool(isVideoMuted), "hand": .bool(isHandRaised), "moderator": .bool(isModerator),
            "dominant": .bool(isDominant),
        ]
    }
}

extension ApplianceStatus.Video {
    fileprivate var json: JSONValue {
        [
            "receiving": [
                "level": .string(level), "last_n": number(lastN), "bandwidth": number(bandwidth),
                "heights": .object(heights.sorted { $0.key < $1.key }.map { JSONMember($0.key, JSONValue($0.value)) }),
                "on_stage": .array(onStage.map { .string($0) }),
            ],
            "sending": [
                "wanted_height": JSONValue(wantedHeight), "simulcast": .bool(simulcast), "codec": .string(codec),
                "held_by": text(heldBy), "limit": JSONValue(limit), "temperature": number(temperature),
            ],
        ]
    }
}

extension ApplianceStatus.Facts {
    fileprivate var json: JSONValue {
        [
            "recording": .string(recording.rawValue), "live_stream": .string(liveStream.rawValue),
            "transcribed": .bool(isTranscribed), "encrypted": .bool(isEncrypted), "password": .bool(hasPassword),
            "lobby": .bool(hasLobby),
            "captions": .array(captions.map { ["name": .string($0.name), "text": .string($0.text)] }),
        ]
    }
}

extension ApplianceStatus.Fault {
    fileprivate var json: JSONValue {
        var members = [JSONMember("code", .string(code))]
        if let number { members.append(JSONMember("number", JSONValue(number))) }
        return .object(members + [JSONMember("text", .string(text))])
    }
}

extension ApplianceStatus.DeviceCounters {
    fileprivate var json: JSONValue {
        [
            "captured_frames": JSONValue(camera.captured), "still_cards": JSONValue(camera.stillCards),
            "corrupt_frames": JSONValue(camera.corrupt), "lost_frames": JSONValue(camera.lost),
            "underruns": JSONValue(sound.underruns), "overruns": JSONValue(sound.overruns),
            "dropped_blocks": JSONValue(sound.droppedBlocks), "drift_ppm": JSONValue(sound.driftPartsPerMillion),
            "echo_cancelled": .bool(sound.cancelsEcho), "echo_delay_ms": JSONValue(sound.echoDelay),
            "microphone_silent_s": JSONValue(sound.microphoneSilentSeconds),
            "microphone_level_dbov": JSONValue(sound.microphoneLevel),
        ]
    }
}

extension ApplianceStatus.NextMeeting {
    fileprivate var json: JSONValue {
        [
            "title": text(title), "start": .number(Double(start)), "end": .number(Double(end)),
            "all_day": .bool(isAllDay), "button": text(button?.name),
        ]
    }
}

extension MediaStreamStatus {
    fileprivate var json: JSONValue {
        var members = [
            JSONMember("source", .string(source)), JSONMember("direction", isReceived ? "receive" : "send"),
            JSONMember("kind", isAudio ? "audio" : "video"), JSONMember("codec", .string(codec)),
            JSONMember("ssrc", JSONValue(ssrc)), JSONMember("bitrate", JSONValue(bitrate)),
            JSONMember("packets", JSONValue(packets)),
        ]
        if isReceived { members.append(JSONMember("lost", number(lost))) }
        members += [
            JSONMember("loss", number(loss)), JSONMember("jitter_ms", .number(jitterMilliseconds)),
            JSONMember("round_trip_ms", number(roundTripMilliseconds)),
        ]
        return .object(members + (details?.members ?? []))
    }
}

extension MediaStreamStatus.Details {
    fileprivate var members: [JSONMember] {
        let members: [(String, JSONValue)] =
            switch self {
            case .heard(let sound):
                [
                    ("target_ms", JSONValue(sound.target)), ("delay_ms", JSONValue(sound.delay)),
                    ("decoded_samples", JSONValue(sound.decoded)), ("concealed_samples", JSONValue(sound.concealed)),
                    ("accelerated_samples", JSONValue(sound.accelerated)),
                    ("expanded_samples", JSONValue(sound.expanded)), ("packets_late", JSONValue(sound.late)),
                    ("packets_restored", JSONValue(sound.restored)), ("packets_copied", JSONValue(sound.copied)),
                ]
            case .spoken(let voice):
                [
                    ("target_bitrate", JSONValue(voice.targetBitrate)), ("repeated", .bool(voice.isRepeated)),
                    ("fec", .bool(voice.hasFEC)), ("dtx", .bool(voice.isDiscontinuous)),
                ]
            case .seen(let picture):
                [
                    ("width", JSONValue(picture.width)), ("height", JSONValue(picture.height)),
                    ("fps", JSONValue(picture.framesPerSecond)), ("frames_decoded", JSONValue(picture.framesDecoded)),
                    ("frames_shown", JSONValue(picture.framesShown)),
                    ("frames_dropped", JSONValue(picture.framesDropped)),
                    ("keyframe_requests", JSONValue(picture.keyframeRequests)), ("nacks", JSONValue(picture.nacks)),
                ]
            case .filmed(let layer):
                [
                    ("layer", JSONValue(layer.layer)), ("width", number(layer.width)), ("height", number(layer.height)),
                    ("fps", JSONValue(layer.framesPerSecond)), ("target", JSONValue(layer.target)),
                    ("frames_encoded", JSONValue(layer.framesEncoded)), ("keyframes", JSONValue(layer.keyframes)),
                    ("retransmissions", JSONValue(layer.retransmissions)),
                ]
            }
        return members.map { JSONMember($0.0, $0.1) }
    }
}
