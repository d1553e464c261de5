/// A key of the status as it is documented.
package struct StatusKey: Sendable {
    /// From the outside in, `[]` for the members of an array, `*` for a key that is a name itself.
    package let path: String
    /// In the words of JSON.
    package let type: String
    /// Empty where the name says it.
    package let meaning: String

    init(_ path: String, _ type: String, _ meaning: String) {
        self.path = path
        self.type = type
        self.meaning = meaning
    }
}

extension ApplianceStatus {
    /// Every key of `json`, in its order. `docs/operating/status.md` is made of it.
    package static let keys: [StatusKey] = [
        StatusKey("state", "string", "`starting`, `idle`, `joining`, `in-call`, `leaving` or `fault`"),
        StatusKey("room", "object, null", "the meeting that is being joined or is open"),
        StatusKey("room.label", "string", "what the configuration calls it"),
        StatusKey("room.url", "string", "its address, to be given to others"),
        StatusKey("room.name", "string", "what the meeting calls itself"),
        StatusKey("people", "array", "the others in the meeting, in the order in which they came"),
        StatusKey("people[].id", "string", "the endpoint's id"),
        StatusKey("people[].name", "string", "the name, empty where none was given"),
        StatusKey("people[].audio_muted", "boolean", ""),
        StatusKey("people[].video_muted", "boolean", ""),
        StatusKey("people[].hand", "boolean", "the hand is raised"),
        StatusKey("people[].moderator", "boolean", ""),
        StatusKey("people[].dominant", "boolean", "who speaks most at present"),
        StatusKey("interrupted", "boolean", "the line of the call is cut; it is waited for"),
        StatusKey("moved_to", "string, null", "the room to which the meeting sends us"),
        StatusKey("participants", "number", "the others and us; 0 outside of a meeting"),
        StatusKey("microphone_muted", "boolean", ""),
        StatusKey("camera_on", "boolean", ""),
        StatusKey("audio_only", "boolean", "nobody is looked at, and the own camera is off"),
        StatusKey("video", "object, null", "what is asked for and what is held back; null outside of a call"),
        StatusKey("video.receiving.level", "string", "`full`, `medium`, `small`, `half`, `one` or `none`"),
        StatusKey("video.receiving.last_n", "number, null", "how many pictures are asked for"),
        StatusKey("video.receiving.bandwidth", "number, null", "the bridge's estimate of the path to us, bit/s"),
        StatusKey("video.receiving.heights.*", "number", "by the name of a source, the height asked for"),
        StatusKey("video.receiving.on_stage", "array of strings", "the sources shown large"),
        StatusKey("video.sending.wanted_height", "number", "the greatest height anybody wants; −1 any, 0 none"),
        StatusKey("video.sending.simulcast", "boolean", "the camera goes out in three sizes"),
        StatusKey("video.sending.codec", "string", "`vp8` or `vp9`"),
        StatusKey("video.sending.held_by", "string, null", "why less is sent than is wanted: `load`, `heat`, `line`"),
        StatusKey("video.sending.limit", "number", "what the camera may take, bit/s"),
        StatusKey("video.sending.temperature", "number, null", "the processor's, °C"),
        StatusKey("hand_raised", "boolean", "ours"),
        StatusKey("recording", "boolean", "the server records or streams the meeting"),
        StatusKey("meeting", "object", "what the meeting is"),
        StatusKey("meeting.recording", "string", "`off`, `starting` or `on`"),
        StatusKey("meeting.live_stream", "string", "`off`, `starting` or `on`"),
        StatusKey("meeting.transcribed", "boolean", ""),
        StatusKey("meeting.encrypted", "boolean", "end to end: we cannot take part"),
        StatusKey("meeting.password", "boolean", "a password is asked for"),
        StatusKey("meeting.lobby", "boolean", "who comes has to knock"),
        StatusKey("meeting.captions", "array", "what is said, the newest last"),
        StatusKey("meeting.captions[].name", "string", "who says it"),
        StatusKey("meeting.captions[].text", "string", ""),
        StatusKey("last_join_ms", "number, null", "from the press to the first picture on the screen, last time"),
        StatusKey("last_join_steps.*", "number", "milliseconds from the press, by step"),
        StatusKey("faults", "array", "what is wrong at present"),
        StatusKey("faults[].code", "string", "a stable name"),
        StatusKey("faults[].number", "number", "that of the screen; absent for devices"),
        StatusKey("faults[].text", "string", "one or two sentences"),
        StatusKey("media", "array", "the streams of the call"),
        StatusKey("media[].source", "string", "the name of the source"),
        StatusKey("media[].direction", "string", "`receive` or `send`"),
        StatusKey("media[].kind", "string", "`audio` or `video`"),
        StatusKey("media[].codec", "string", "`opus`, `vp8` or `vp9`"),
        StatusKey("media[].ssrc", "number", ""),
        StatusKey("media[].bitrate", "number", "bit/s of the last second"),
        StatusKey("media[].packets", "number", ""),
        StatusKey("media[].lost", "number", "received streams: packets that never came"),
        StatusKey("media[].loss", "number, null", "0 to 1, of the last seconds"),
        StatusKey("media[].jitter_ms", "number", "RFC 3550 section 6.4.1"),
        StatusKey("media[].round_trip_ms", "number, null", ""),
        StatusKey("media[].target_ms", "number", "received sound: the delay that the line asks for"),
        StatusKey("media[].delay_ms", "number", "received sound: the delay of the jitter buffer"),
        StatusKey("media[].decoded_samples", "number", "at 48 kHz, as the following"),
        StatusKey("media[].concealed_samples", "number", ""),
        StatusKey("media[].accelerated_samples", "number", ""),
        StatusKey("media[].expanded_samples", "number", ""),
        StatusKey("media[].packets_late", "number", ""),
        StatusKey("media[].packets_restored", "number", "from in-band FEC"),
        StatusKey("media[].packets_copied", "number", "from redundancy (RFC 2198)"),
        StatusKey("media[].target_bitrate", "number", "own sound: what Opus aims at, bit/s"),
        StatusKey("media[].repeated", "boolean", "own sound: each packet goes out twice"),
        StatusKey("media[].fec", "boolean", "own sound: in-band FEC"),
        StatusKey("media[].dtx", "boolean", "own sound: silence is not sent"),
        StatusKey("media[].width", "number, null", "pictures; null for a layer that is off"),
        StatusKey("media[].height", "number, null", ""),
        StatusKey("media[].fps", "number", ""),
        StatusKey("media[].frames_decoded", "number", "received pictures"),
        StatusKey("media[].frames_shown", "number", "received pictures: composed on the screen"),
        StatusKey("media[].frames_dropped", "number", ""),
        StatusKey("media[].keyframe_requests", "number", ""),
        StatusKey("media[].nacks", "number", "RFC 4585 section 6.2.1"),
        StatusKey("media[].layer", "number", "own pictures: the RTP layer, 0 the smallest"),
        StatusKey("media[].target", "number", "own pictures: what the encoder aims at, bit/s"),
        StatusKey("media[].frames_encoded", "number", ""),
        StatusKey("media[].keyframes", "number", ""),
        StatusKey("media[].retransmissions", "number", ""),
        StatusKey("display", "object, null", "the TV, as far as it has said"),
        StatusKey("display.connected", "boolean", ""),
        StatusKey("display.connector", "string", "by the kernel's name"),
        StatusKey("display.name", "string", "what the TV calls itself"),
        StatusKey("display.width", "number", "pixels"),
        StatusKey("display.height", "number", ""),
        StatusKey("display.refresh_rate", "number", "Hz"),
        StatusKey(
            "network.*", "string",
            "by rung (`cable`, `address`, `names`, `time`, `tls`, `signalling`, `bridge`, `media`): `works`, `trying`, or "
                + "what is wrong"),
        StatusKey("volume", "number", "of the speaker, 0 to 100"),
        StatusKey("devices", "object", "counters of camera and sound since the start"),
        StatusKey("devices.captured_frames", "number", ""),
        StatusKey("devices.still_cards", "number", "sent in place of a camera that fails"),
        StatusKey("devices.corrupt_frames", "number", ""),
        StatusKey("devices.lost_frames", "number", ""),
        StatusKey("devices.underruns", "number", ""),
        StatusKey("devices.overruns", "number", ""),
        StatusKey("devices.dropped_blocks", "number", ""),
        StatusKey("devices.drift_ppm", "number", "of the microphone's clock against the speaker's"),
        StatusKey("devices.echo_cancelled", "boolean", "by the box itself"),
        StatusKey("devices.echo_delay_ms", "number", ""),
        StatusKey("devices.microphone_silent_s", "number", "since when the open microphone has given nothing"),
        StatusKey("devices.microphone_level_dbov", "number", "0 loud to 127 silent"),
        StatusKey("standby", "boolean", "a server waits for a press"),
        StatusKey("busy", "boolean", "a meeting, or on the way into or out of one: do not update now"),
        StatusKey("health", "string", "`good`, or `degraded` where a device is missing or broken"),
        StatusKey("device", "string", "the name of the box"),
        StatusKey("language", "string", "`fr` or `en`"),
        StatusKey("meetings", "array of strings", "what the join buttons join"),
        StatusKey("presets", "array of strings", "of the camera"),
        StatusKey("message", "string, null", "what the card on the screen says"),
        StatusKey("next_meeting", "object, null", "of the room's calendar"),
        StatusKey("next_meeting.title", "string, null", "null where it is private"),
        StatusKey("next_meeting.start", "number", "seconds since 1970 UTC"),
        StatusKey("next_meeting.end", "number", ""),
        StatusKey("next_meeting.all_day", "boolean", ""),
        StatusKey("next_meeting.button", "string, null", "the button that joins it"),
    ]

    /// The page about the status for those who write programs.
    package static var documentation: String {
        """
        # The status of the appliance

        `GET /api/v1/status` answers with this JSON object, and the event `status` of `/api/v1/events` carries it after each
        change. Keys are added and never taken away within a major version; `[]` stands for the members of an array, `*` for a
        key that is a name itself. Made of `ApplianceStatus.keys`.

        | key | type | meaning |
        |---|---|---|

        """ + keys.map { "| `\($0.path)` | \($0.type) | \($0.meaning) |\n" }.joined()
    }
}
