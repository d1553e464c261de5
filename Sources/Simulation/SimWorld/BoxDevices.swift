internal import Basis

/// The box's microphone and camera, encoded: an Opus packet and a VP8 frame that nobody needs to decode.
struct BoxDevices {
    private var soundPeriod: Duration?
    private var picturePeriod: Duration?
    private var nextSound: MonotonicInstant?
    private var nextPicture: MonotonicInstant?
    var wantsKeyframe = false

    /// 20 ms of silence (RFC 6716 section 3.1: CELT, fullband, one frame).
    static let sound: [UInt8] = [0xF8, 0xFF, 0xFE]

    /// A frame tag and, in a key frame, start code and size (RFC 6386 section 9.1); the rest is padding.
    static func picture(isKeyframe: Bool) -> [UInt8] {
        let header: [UInt8] =
            isKeyframe ? [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01] : [0x11, 0x02, 0x00]
        return header + [UInt8](repeating: 0x55, count: isKeyframe ? 3_000 : 1_500)
    }

    var deadline: MonotonicInstant? {
        var soonest = Soonest()
        soonest.consider(nextSound, "sound")
        soonest.consider(nextPicture, "picture")
        return soonest.instant
    }

    mutating func start(at now: MonotonicInstant, _ options: WorldOptions) {
        soundPeriod = options.soundPeriod
        picturePeriod = options.picturePeriod
        nextSound = soundPeriod.map { _ in now }
        nextPicture = picturePeriod.map { _ in now }
        wantsKeyframe = true
    }

    mutating func stop() {
        nextSound = nil
        nextPicture = nil
    }

    /// The timestamp of the sound that is due, at 48 kHz.
    mutating func takeSound(at now: MonotonicInstant) -> UInt32? {
        guard let nextSound, let soundPeriod, nextSound <= now else { return nil }
        self.nextSound = nextSound + soundPeriod
        return UInt32(truncatingIfNeeded: nextSound.nanoseconds / 62_500 &* 3)
    }

    /// The timestamp of the picture that is due, at 90 kHz.
    mutating func takePicture(at now: MonotonicInstant) -> (timestamp: UInt32, isKeyframe: Bool)? {
        guard let nextPicture, let picturePeriod, nextPicture <= now else { return nil }
        self.nextPicture = nextPicture + picturePeriod
        defer { wantsKeyframe = false }
        return (UInt32(truncatingIfNeeded: nextPicture.nanoseconds / 100_000 &* 9), wantsKeyframe)
    }
}
