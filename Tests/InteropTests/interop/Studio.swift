import Basis
import Codecs
import Devices
import RTP

/// The microphone and the camera of the test: a tone every 20 ms, a picture every 40 ms.
struct Studio: ~Copyable {
    static let frequency = 440.0
    static let size = PictureSize(width: 640, height: 360)

    private var tone = Tone(frequency: frequency)
    private var opus: OpusEncoder
    /// One of the two.
    private var vp8: VP8Encoder?
    private var vp9: VP9Encoder?
    private let backgrounds = TestPicture.backgrounds(of: size)
    private var picture: VideoFrame
    private var soundDue: MonotonicInstant?
    private var pictureDue: MonotonicInstant?
    private var packet: [UInt8] = []
    private var soundTimestamp: UInt32 = 0xFFFF_0000
    private var pictureTimestamp: UInt32 = 0xFFFF_0000
    private(set) var picturesSent = 0
    private(set) var keyframesSent = 0
    var wantsKeyframe = false

    /// Of VP9 with three temporal layers, as the appliance sends it.
    init(codec: VideoCodec) throws(CodecError) {
        let opus = try OpusEncoder()
        switch codec {
        case .vp8:
            let vp8 = try VP8Encoder(size: Self.size, framesPerSecond: 25, bitrate: 800_000)
            self.init(opus: opus, vp8: vp8, vp9: nil)
        case .vp9:
            let vp9 = try VP9Encoder(
                size: Self.size, framesPerSecond: 25, bitrate: 800_000, options: EncodingOptions(temporalLayers: 3))
            self.init(opus: opus, vp8: nil, vp9: vp9)
        }
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(opus: consuming OpusEncoder, vp8: consuming VP8Encoder?, vp9: consuming VP9Encoder?) {
        self.opus = opus
        self.vp8 = vp8
        self.vp9 = vp9
        picture = VideoFrame(size: Self.size)
    }

    mutating func open(at now: MonotonicInstant) {
        soundDue = now
        pictureDue = now
    }

    var deadline: MonotonicInstant? {
        guard let soundDue, let pictureDue else { return nil }
        return min(soundDue, pictureDue)
    }

    /// A machine that is too slow for the test misses some, as it would with a real device, and does not lag ever more.
    private static func next(
        after due: MonotonicInstant, interval: Duration, _ now: MonotonicInstant, step: () -> Void
    ) -> MonotonicInstant {
        var next = due
        repeat {
            next += interval
            step()
        } while next <= now
        return next
    }

    mutating func nextSound(at now: MonotonicInstant) -> (bytes: [UInt8], timestamp: UInt32)? {
        guard let due = soundDue, due <= now else { return nil }
        soundDue = Self.next(after: due, interval: .milliseconds(20), now) {
            soundTimestamp &+= UInt32(OpusFormat.frameSamples)
        }
        tone.advance()
        let frame = tone.frame
        guard (try? opus.encode(frame.span, into: &packet)) != nil else { return nil }
        return (packet, soundTimestamp)
    }

    mutating func nextPicture(
        at now: MonotonicInstant
    ) -> (bytes: [UInt8], timestamp: UInt32, isKeyframe: Bool, temporal: TemporalPlace)? {
        guard let due = pictureDue, due <= now else { return nil }
        pictureDue = Self.next(after: due, interval: .milliseconds(40), now) { pictureTimestamp &+= 3600 }
        TestPicture.draw(picturesSent, on: backgrounds, into: &picture)
        picture.instant = due
        guard let isKeyframe = compress(), !packet.isEmpty else { return nil }
        let temporal =
            vp9 == nil ? TemporalPlace.base : TemporalPlace(layer: UInt8(clamping: vp9?.place.layer ?? 0), of: 3)
        picturesSent += 1
        if isKeyframe {
            keyframesSent += 1
            wantsKeyframe = false
        }
        return (packet, pictureTimestamp, isKeyframe, temporal)
    }

    private mutating func compress() -> Bool? {
        if vp9 != nil { return try? vp9?.encode(picture, forceKeyframe: wantsKeyframe, into: &packet) }
        return try? vp8?.encode(picture, forceKeyframe: wantsKeyframe, into: &packet)
    }
}

/// What arrives, decoded and measured.
struct Listener: ~Copyable {
    private let pool = FramePool(capacity: 2)
    private var opus: OpusDecoder
    private var vp8: VP8Decoder
    private var vp9: VP9Decoder
    private var codecs: Set<VideoCodec> = []
    /// The most frames that were in one picture of VP9.
    private var layers = 0
    private var meter = FrequencyMeter()
    private var pcm: [Int16] = []
    private var packets = 0
    private var level: UInt8?
    private var size = PictureSize(width: 0, height: 0)
    /// Each colour when it came to be seen.
    private var colours: [Int] = []
    private var barPositions: Set<Int> = []
    /// Pictures that the peer never drew, and frames that do not decode.
    private var strange = 0
    private(set) var frames = 0
    private(set) var keyframes = 0
    var senderReports = 0
    var videoSSRC: UInt32?

    init() throws(CodecError) {
        let opus = try OpusDecoder()
        let vp8 = try VP8Decoder()
        let vp9 = try VP9Decoder()
        self.init(opus: opus, vp8: vp8, vp9: vp9)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(opus: consuming OpusDecoder, vp8: consuming VP8Decoder, vp9: consuming VP9Decoder) {
        self.opus = opus
        self.vp8 = vp8
        self.vp9 = vp9
    }

    mutating func hear(_ packet: Span<UInt8>, level: UInt8?) {
        packets += 1
        self.level = level
        guard (try? opus.decode(packet, into: &pcm)) != nil else { return }
        meter.add(pcm)
    }

    mutating func see(_ bytes: Span<UInt8>, _ codec: VideoCodec, isKeyframe: Bool) {
        frames += 1
        codecs.insert(codec)
        if codec == .vp9 { layers = max(layers, VP9Superframe(bytes)?.count ?? 0) }
        if isKeyframe { keyframes += 1 }
        guard let picture = decode(bytes, codec) else {
            strange += 1
            return
        }
        size = picture.size
        guard let colour = TestPicture.colour(of: picture), let position = TestPicture.barPosition(in: picture) else {
            strange += 1
            return
        }
        barPositions.insert(position)
        if colours.last != colour { colours.append(colour) }
    }

    private mutating func decode(_ bytes: Span<UInt8>, _ codec: VideoCodec) -> VideoFrame? {
        switch codec {
        case .vp8: try? vp8.decode(bytes, pool: pool)
        case .vp9: try? vp9.decode(bytes, pool: pool)
        }
    }

    var report: [JSONMember] {
        [
            JSONMember("audioPackets", JSONValue(packets)),
            JSONMember("frequency", .number(meter.frequency ?? 0)),
            JSONMember("level", JSONValue(Int(level ?? 255))),
            JSONMember("frames", JSONValue(frames)),
            JSONMember("keyframes", JSONValue(keyframes)),
            JSONMember("codecs", .array(codecs.map(\.rawValue).sorted().map { .string($0) })),
            JSONMember("layers", JSONValue(layers)),
            JSONMember("strange", JSONValue(strange)),
            JSONMember("width", JSONValue(size.width)),
            JSONMember("height", JSONValue(size.height)),
            JSONMember("colours", .array(colours.map { JSONValue($0) })),
            JSONMember("barPositions", JSONValue(barPositions.count)),
            JSONMember("senderReports", JSONValue(senderReports)),
        ]
    }
}
