import Basis
import Codecs
import Devices
import RTP

/// A practice partner at work: its place in the room, its sources, its encoders.
final class Partner {
    private static let size = PictureSize(width: 640, height: 360)
    private static let smallSize = PictureSize(width: 320, height: 180)

    let id: String
    let realJID: String
    var settings: PracticePartner
    let sources: SourceSet
    let audioSSRC: UInt32
    let videoSSRC: UInt32
    var wantsKeyframe = false
    /// Whether its presence says so; sound and picture stay as they are.
    var isEncrypting = false

    private let framesPerSecond: Int
    private var tone: PartnerTone
    private var pcm = [Int16](repeating: 0, count: OpusFormat.frameSamples)
    private var wasSounding = false
    private var opus: OpusEncoder?
    private var vp8: VP8Encoder?
    private var vp9: VP9Encoder?
    private var picture: VideoFrame
    private var pictures = 0
    /// The packet and the frame made last.
    private(set) var packet: [UInt8] = []
    private(set) var frame: [UInt8] = []

    init(_ settings: PracticePartner, options: PracticeOptions, avoiding taken: Set<UInt32>, random: inout RandomSource)
    {
        self.settings = settings
        framesPerSecond = options.framesPerSecond
        id = random.string(8, from: "0123456789abcdef")
        realJID = id + "-practice@" + options.xmppDomain + "/" + random.string(8, from: "0123456789abcdef")
        var ssrcs: [UInt32] = []
        while ssrcs.count < 3 {
            let ssrc = UInt32.random(in: 1...UInt32.max, using: &random)
            if !taken.contains(ssrc), !ssrcs.contains(ssrc) { ssrcs.append(ssrc) }
        }
        (audioSSRC, videoSSRC) = (ssrcs[0], ssrcs[1])
        let audio = "\(id)-audio-0-1 \(id)-a0-1"
        let video = "\(id)-video-0-1 \(id)-v0-1"
        sources = SourceSet(
            sources: [
                SignalledSource(ssrc: ssrcs[0], name: id + "-a0", kind: .audio, msid: audio),
                SignalledSource(ssrc: ssrcs[1], name: id + "-v0", kind: .video, msid: video),
                SignalledSource(ssrc: ssrcs[2], name: id + "-v0", kind: .video, msid: video),
            ], groups: [SourceGroup(semantics: "FID", ssrcs: [ssrcs[1], ssrcs[2]])])
        tone = PartnerTone(frequency: settings.tone)
        picture = VideoFrame(size: Self.size)
    }

    var videoName: String { id + "-v0" }

    /// Makes 20 ms of sound in `packet`. Nil while there is silence, which nobody needs to hear; else whether the
    /// sound begins with it.
    func makeSound(isSpeaking: Bool) -> (isBeginning: Bool, level: UInt8)? {
        let isSpeaking = isSpeaking && !settings.audioMuted
        guard isSpeaking || tone.isSounding else {
            wasSounding = false
            return nil
        }
        tone.fill(&pcm, isSpeaking: isSpeaking)
        do {
            if opus == nil { opus = try OpusEncoder(bitrate: 24_000, expectedLoss: 0) }
            try opus?.encode(pcm.span, into: &packet)
        } catch {
            return nil
        }
        let isBeginning = !wasSounding
        wasSounding = true
        return (isBeginning, PartnerTone.level)
    }

    /// Makes the next picture in `frame`, no higher than `height` where a smaller one is at hand. Nil when there is none;
    /// else whether it is a key frame.
    func makePicture(height: Int, codec: VideoCodec, isSpeaking: Bool, at now: MonotonicInstant) -> Bool? {
        guard !settings.videoMuted else { return nil }
        let size = height < Self.size.height ? Self.smallSize : Self.size
        if picture.size != size { picture = VideoFrame(size: size) }
        PartnerPicture.draw(
            pictures, framesPerSecond: framesPerSecond, colour: settings.colour,
            isSpeaking: isSpeaking && !settings.audioMuted, into: &picture)
        picture.instant = now
        pictures += 1
        do {
            let isKeyframe =
                switch codec {
                case .vp8: try compressVP8()
                case .vp9: try compressVP9()
                }
            guard !frame.isEmpty else { return nil }
            if isKeyframe { wantsKeyframe = false }
            return isKeyframe
        } catch {
            vp8 = nil
            vp9 = nil
            return nil
        }
    }

    private func compressVP8() throws(CodecError) -> Bool {
        vp9 = nil
        if vp8 == nil { vp8 = try VP8Encoder(size: picture.size, framesPerSecond: framesPerSecond, bitrate: 400_000) }
        try vp8?.resize(to: picture.size)
        return try vp8?.encode(picture, forceKeyframe: wantsKeyframe, into: &frame) ?? false
    }

    private func compressVP9() throws(CodecError) -> Bool {
        vp8 = nil
        if vp9 == nil { vp9 = try VP9Encoder(size: picture.size, framesPerSecond: framesPerSecond, bitrate: 300_000) }
        try vp9?.resize(to: picture.size)
        return try vp9?.encode(picture, forceKeyframe: wantsKeyframe, into: &frame) ?? false
    }

    /// Frees the encoders: nobody watches.
    func rest() {
        opus = nil
        vp8 = nil
        vp9 = nil
        wasSounding = false
    }

    /// The presence that the room shows of it.
    func presence() -> [XMLElement] {
        let info: JSONValue = .object([
            JSONMember(id + "-a0", ["muted": .bool(settings.audioMuted)]),
            JSONMember(id + "-v0", ["muted": .bool(settings.videoMuted)]),
        ])
        func text(_ name: String, _ text: String, namespace: String = PracticeNamespace.client) -> XMLElement {
            XMLElement(name, namespace: namespace, text: text)
        }
        let encryption = isEncrypting ? [text("jitsi_participant_e2ee.enabled", "true")] : []
        return encryption + [
            text("nick", settings.name, namespace: PracticeNamespace.nick), text("stats-id", "Practice"),
            text("jitsi_participant_codecList", settings.videoCodec == .vp9 ? "vp9,vp8" : "vp8"),
            text("jitsi_participant_codecType", settings.videoCodec.rawValue),
            text("SourceInfo", info.serialized()), text("audiomuted", settings.audioMuted ? "true" : "false"),
            text("videomuted", settings.videoMuted ? "true" : "false"),
        ]
    }
}
