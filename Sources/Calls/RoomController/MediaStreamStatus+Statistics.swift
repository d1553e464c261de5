internal import Basis
internal import Codecs
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import VoiceProcessing

extension MediaStreamStatus {
    /// What is received, with what became of it behind the session.
    init(_ inbound: RTPStatistics.Inbound, media: MediaSnapshot, roundTrip: Double?) {
        let isAudio = inbound.kind == .audio
        self.init(
            source: inbound.name, isReceived: true, isAudio: isAudio,
            codec: isAudio ? "opus" : (inbound.video?.codec ?? .vp8).rawValue, ssrc: inbound.ssrc,
            bitrate: inbound.bitsPerSecond, packets: inbound.packets, lost: inbound.lost, loss: inbound.fractionLost,
            jitterMilliseconds: inbound.jitterMilliseconds, roundTripMilliseconds: roundTrip)
        if isAudio, let sound = media.remoteAudio.first(where: { $0.ssrc == inbound.ssrc }) {
            details = .heard(Heard(sound))
        }
        if let video = inbound.video {
            var seen = Seen()
            seen.width = video.width
            seen.height = video.height
            seen.framesPerSecond = video.framesPerSecond
            seen.framesDecoded = media.decoded[inbound.ssrc]?.decodedFrames ?? 0
            seen.framesShown = media.shownPictures[inbound.name] ?? 0
            seen.framesDropped = video.framesDropped
            seen.keyframeRequests = video.keyframeRequests
            seen.nacks = video.nacks
            details = .seen(seen)
        }
    }

    /// What is sent.
    init(_ outbound: RTPStatistics.Outbound, source: String, codec: String, roundTrip: Double?) {
        self.init(
            source: source, isReceived: false, isAudio: outbound.kind == .audio, codec: codec, ssrc: outbound.ssrc,
            bitrate: outbound.bitsPerSecond, packets: outbound.packets, loss: outbound.remoteFractionLost,
            jitterMilliseconds: outbound.remoteJitterMilliseconds, roundTripMilliseconds: roundTrip)
    }
}

extension MediaStreamStatus.Heard {
    fileprivate init(_ sound: RemoteAudioStatistics) {
        target = sound.targetMilliseconds
        delay = sound.delayMilliseconds
        decoded = sound.counters.decodedSamples
        concealed = sound.counters.concealedSamples
        accelerated = sound.counters.acceleratedSamples
        expanded = sound.counters.expandedSamples
        late = sound.packets.late
        restored = sound.packets.restored
        copied = sound.packets.copied
    }
}

/// What of the camera belongs to each stream that is sent.
struct SentStreams {
    /// Our endpoint's, the first part of the names of our sources.
    var endpoint: String
    var uplink: Uplink
    /// What pictures are compressed with at present.
    var codec: String
    var roundTrip: Double?

    /// The sound, then the camera's layers from the largest down, those that are off last.
    func list(_ statistics: RTPStatistics, media: MediaSnapshot) -> [MediaStreamStatus] {
        let sounds = statistics.outbound.filter { $0.kind == .audio }
        let videos = statistics.outbound.filter { $0.kind == .video }
        let layers = videos.indices.sorted { one, two in
            let (first, second) = (media.camera[layer: one].size != nil, media.camera[layer: two].size != nil)
            return first == second ? one > two : first
        }
        return sounds.map { sound($0, media) } + layers.map { layer($0, videos[$0], media) }
    }

    private func sound(_ outbound: RTPStatistics.Outbound, _ media: MediaSnapshot) -> MediaStreamStatus {
        let encoding = media.audio.encoding
        var spoken = MediaStreamStatus.Spoken()
        spoken.targetBitrate = encoding.bitrate
        spoken.isRepeated = uplink.repetition.isOn
        spoken.hasFEC = encoding.expectedLoss > 0
        spoken.isDiscontinuous = encoding.isDiscontinuous
        var stream = MediaStreamStatus(outbound, source: endpoint + "-a0", codec: "opus", roundTrip: roundTrip)
        stream.details = .spoken(spoken)
        return stream
    }

    private func layer(
        _ index: Int, _ outbound: RTPStatistics.Outbound, _ media: MediaSnapshot
    ) -> MediaStreamStatus {
        let layer = media.camera[layer: index]
        var filmed = MediaStreamStatus.Filmed()
        filmed.layer = index
        if let size = layer.size {
            filmed.width = size.width
            filmed.height = size.height
            filmed.framesPerSecond = uplink.encodedFrames.perSecond
            filmed.target = layer.bitrate
        }
        filmed.framesEncoded = layer.frames
        filmed.keyframes = layer.keyframes
        filmed.retransmissions = outbound.retransmissions
        var stream = MediaStreamStatus(
            outbound, source: endpoint + "-v0", codec: outbound.codec?.rawValue ?? codec, roundTrip: roundTrip)
        stream.details = .filmed(filmed)
        return stream
    }
}

extension ApplianceStatus.DeviceCounters {
    init(_ media: MediaSnapshot) {
        self.init()
        camera.captured = media.camera.capturedFrames
        camera.stillCards = media.camera.stillCards
        camera.corrupt = media.camera.corruptFrames
        camera.lost = media.camera.lostFrames
        sound.underruns = media.audio.devices.underruns
        sound.overruns = media.audio.devices.overruns
        sound.droppedBlocks = media.audio.devices.droppedBlocks
        sound.driftPartsPerMillion = media.audio.devices.driftPartsPerMillion
        sound.cancelsEcho = media.audio.voicePlan.cancelsEcho
        sound.echoDelay = media.audio.echoDelay
        sound.microphoneSilentSeconds = Int(media.audio.microphoneSilentFor.wholeMilliseconds / 1_000)
        sound.microphoneLevel = Int(media.microphoneLevel)
    }
}
