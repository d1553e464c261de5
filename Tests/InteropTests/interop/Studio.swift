import Basis
import Codecs
import Devices

/// The microphone and the camera of the test: a tone every 20 ms, a picture every 40 ms.
struct Studio: ~Copyable {
    static let frequency = 440.0
    static let size = PictureSize(width: 640, height: 360)

    private var tone = Tone(frequency: frequency)
    private var opus: OpusEncoder
    private var vp8: VP8Encoder
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

    init() throws(CodecError) {
        let opus = try OpusEncoder()
        let vp8 = try VP8Encoder(size: Self.size, framesPerSecond: 25, bitrate: 800_000)
        self.init(opus: opus, vp8: vp8)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(opus: consuming OpusEncoder, vp8: consuming VP8Encoder) {
        self.opus = opus
        self.vp8 = vp8
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

    mutating func nextPicture(at now: MonotonicInstant) -> (bytes: [UInt8], timestamp: UInt32, isKeyframe: Bool)? {
        guard let due = pictureDue, due <= now else { return nil }
        pictureDue = Self.next(after: due, interval: .milliseconds(40), now) { pictureTimestamp &+= 3600 }
        TestPicture.draw(picturesSent, on: backgrounds, into: &picture)
        picture.instant = due
        guard let isKeyframe = try? vp8.encode(picture, forceKeyframe: wantsKeyframe, into: &packet), !packet.isEmpty
        else { return nil }
        picturesSent += 1
        if isKeyframe {
            keyframesSent += 1
            wantsKeyframe = false
        }
        return (packet, pictureTimestamp, isKeyframe)
    }
}

/// What arrives, decoded and measured.
struct Listener: ~Copyable {
    private let pool = FramePool(capacity: 2)
    private var opus: OpusDecoder
    private var vp8: VP8Decoder
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
        self.init(opus: opus, vp8: vp8)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(opus: consuming OpusDecoder, vp8: consuming VP8Decoder) {
        self.opus = opus
        self.vp8 = vp8
    }

    mutating func hear(_ packet: Span<UInt8>, level: UInt8?) {
        packets += 1
        self.level = level
        guard (try? opus.decode(packet, into: &pcm)) != nil else { return }
        meter.add(pcm)
    }

    mutating func see(_ bytes: Span<UInt8>) {
        frames += 1
        if VP8Decoder.isKeyframe(bytes) { keyframes += 1 }
        guard let picture = try? vp8.decode(bytes, pool: pool) else {
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

    var report: [JSONMember] {
        [
            JSONMember("audioPackets", JSONValue(packets)),
            JSONMember("frequency", .number(meter.frequency ?? 0)),
            JSONMember("level", JSONValue(Int(level ?? 255))),
            JSONMember("frames", JSONValue(frames)),
            JSONMember("keyframes", JSONValue(keyframes)),
            JSONMember("strange", JSONValue(strange)),
            JSONMember("width", JSONValue(size.width)),
            JSONMember("height", JSONValue(size.height)),
            JSONMember("colours", .array(colours.map { JSONValue($0) })),
            JSONMember("barPositions", JSONValue(barPositions.count)),
            JSONMember("senderReports", JSONValue(senderReports)),
        ]
    }
}
