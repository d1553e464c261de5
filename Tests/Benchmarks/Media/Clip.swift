import Basis
import Devices
import Glibc
import ScreenGallery

/// A person who sways in front of a wall, with the noise of a camera's sensor: what an encoder has to do with a room.
struct Clip: ~Copyable {
    private let still: VideoFrame
    private var random = RandomSource(seed: 7)
    private var index = 0

    init(size: PictureSize) {
        still = SamplePictures.person(0, size: size)
    }

    /// Draws the next picture over `frame`, which has the clip's size.
    mutating func draw(into frame: inout VideoFrame) {
        let (width, height, uOffset) = (still.size.width, still.size.height, still.uOffset)
        // There and back within three seconds, by a thirtieth of the width.
        let phase = Double(index % 90) / 90 * 2 * Double.pi
        let shift = Int((sin(phase) * Double(width) / 60).rounded())
        for row in 0..<height {
            for column in 0..<width {
                let from = min(width - 1, max(0, column + shift))
                // One brighter or darker for half of the pixels.
                let chance = random.next() & 3
                let noise = chance == 0 ? 1 : chance == 1 ? -1 : 0
                frame.storage[row * width + column] = UInt8(clamping: Int(still.storage[row * width + from]) + noise)
            }
        }
        for place in uOffset..<frame.storage.count { frame.storage[place] = still.storage[place] }
        index += 1
    }

    /// Writes `frames` pictures as YUV4MPEG2.
    static func write(to path: String, size: PictureSize, frames: Int) throws {
        guard let file = fopen(path, "wb") else { fail("\(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        fputs("YUV4MPEG2 W\(size.width) H\(size.height) F30:1 Ip A1:1 C420jpeg\n", file)
        var clip = Clip(size: size)
        var frame = VideoFrame(size: size)
        for _ in 0..<frames {
            clip.draw(into: &frame)
            fputs("FRAME\n", file)
            guard fwrite(frame.storage, 1, frame.storage.count, file) == frame.storage.count else {
                fail("\(path): \(String(cString: strerror(errno)))")
            }
        }
    }
}
