internal import Basis
internal import RoomController

/// One encoded picture of the box's camera, of one layer.
struct BoxPicture: Equatable {
    var layer: Int
    var isKeyframe: Bool
}

/// The box's microphone and camera, encoded: an Opus packet and a VP8 or VP9 frame for each layer that is wanted, which
/// nobody needs to decode.
struct BoxDevices {
    private static let heights = [180, 360, 720]

    private var soundPeriod: Duration?
    private var picturePeriod: Duration?
    private var nextSound: MonotonicInstant?
    private var nextPicture: MonotonicInstant?
    /// Layers of the camera: 1 or 3.
    private var layers = 1
    private(set) var codec = VideoCodec.vp8
    /// By layer, whether it is being sent and whether it owes a key frame.
    private var isSent = [false, false, false]
    private var owesKeyframe = [true, true, true]
    /// What the others want of the camera; nil for any height.
    private var wantedHeight: Int?

    /// 20 ms of silence (RFC 6716 section 3.1: CELT, fullband, one frame).
    static let sound: [UInt8] = [0xF8, 0xFF, 0xFE]

    /// A header as far as the size (of VP8 RFC 6386 section 9.1, of VP9 section 6.2 of its specification); the rest is
    /// padding.
    func bytes(of picture: BoxPicture) -> [UInt8] {
        let height = layers == 1 ? 360 : Self.heights[picture.layer]
        let width = height * 16 / 9
        let header: [UInt8] =
            switch (codec, picture.isKeyframe) {
            case (.vp8, true):
                [
                    0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, UInt8(width & 0xFF), UInt8(width >> 8), UInt8(height & 0xFF),
                    UInt8(height >> 8),
                ]
            case (.vp8, false): [0x11, 0x02, 0x00]
            case (.vp9, true):
                // Behind the start code a colour space of four bits: the sizes less one stand half a byte off.
                [
                    0x82, 0x49, 0x83, 0x42, 0x20, UInt8(truncatingIfNeeded: (width - 1) >> 4),
                    UInt8(truncatingIfNeeded: (width - 1) << 4), UInt8(truncatingIfNeeded: (height - 1) >> 4),
                    UInt8(truncatingIfNeeded: (height - 1) << 4),
                ]
            case (.vp9, false): [0x87, 0x00, 0x00, 0x08]
            }
        return header + [UInt8](repeating: 0x55, count: (picture.isKeyframe ? 8 : 4) * height)
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
        requestKeyframe(layer: nil)
    }

    /// What the next pictures are; another codec begins with key frames.
    mutating func choose(_ limits: CameraLimits) {
        if codec != limits.codec { requestKeyframe(layer: nil) }
        codec = limits.codec
        layers = limits.sendsSimulcast ? 3 : 1
        wantedHeight = limits.height < 0 ? nil : limits.height
    }

    mutating func stop() {
        nextSound = nil
        nextPicture = nil
    }

    /// Of one layer, or of all.
    mutating func requestKeyframe(layer: Int?) {
        for index in owesKeyframe.indices where layer == nil || layer == index { owesKeyframe[index] = true }
    }

    /// The timestamp of the sound that is due, at 48 kHz.
    mutating func takeSound(at now: MonotonicInstant) -> UInt32? {
        guard let nextSound, let soundPeriod, nextSound <= now else { return nil }
        self.nextSound = nextSound + soundPeriod
        return UInt32(truncatingIfNeeded: nextSound.nanoseconds / 62_500 &* 3)
    }

    /// The timestamp of the picture that is due, at 90 kHz, and the layers in which it goes out.
    mutating func takePicture(at now: MonotonicInstant) -> (timestamp: UInt32, pictures: [BoxPicture])? {
        guard let nextPicture, let picturePeriod, nextPicture <= now else { return nil }
        self.nextPicture = nextPicture + picturePeriod
        var pictures: [BoxPicture] = []
        for layer in 0..<layers {
            let isWanted = layers == 1 ? wantedHeight != 0 : (wantedHeight ?? 720) >= Self.heights[layer]
            if isWanted {
                pictures.append(BoxPicture(layer: layer, isKeyframe: owesKeyframe[layer] || !isSent[layer]))
                owesKeyframe[layer] = false
            }
            isSent[layer] = isWanted
        }
        return (UInt32(truncatingIfNeeded: nextPicture.nanoseconds / 100_000 &* 9), pictures)
    }
}
