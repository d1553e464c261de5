import Basis
import Devices
import Glibc
import ScreenGallery

/// A person who sways in front of a papered wall, with the noise of a camera's sensor: what an encoder has to do with a
/// room. Flat colours cost nothing and would hide what a narrow line does.
struct Clip: ~Copyable {
    /// Of the wallpaper and the clothes, in steps of brightness about what they cover.
    private static let contrast = 20.0
    private var still: VideoFrame
    private var random = RandomSource(seed: 7)
    private var index = 0

    init(size: PictureSize) {
        still = SamplePictures.person(0, size: size)
        paper()
    }

    /// Value noise in four octaves over the whole picture, the same in each clip of a size.
    private mutating func paper() {
        let (width, height) = (still.size.width, still.size.height)
        var pattern = RandomSource(seed: 11)
        let lattice = (0..<4_096).map { _ in Double.random(in: -1...1, using: &pattern) }
        func value(_ column: Int, _ row: Int, cell: Int) -> Double {
            func at(_ x: Int, _ y: Int) -> Double { lattice[(x &* 73 &+ y &* 179 &+ cell &* 7) & 4_095] }
            let (x, y) = (column / cell, row / cell)
            let (right, down) = (Double(column % cell) / Double(cell), Double(row % cell) / Double(cell))
            let above = at(x, y) * (1 - right) + at(x + 1, y) * right
            let below = at(x, y + 1) * (1 - right) + at(x + 1, y + 1) * right
            return above * (1 - down) + below * down
        }
        // Cells scale with the picture: half the size is the same wall from the same place.
        let unit = max(1, height / 180)
        for row in 0..<height {
            for column in 0..<width {
                let noise =
                    (value(column, row, cell: 16 * unit) + value(column, row, cell: 8 * unit)
                        + value(column, row, cell: 4 * unit) + value(column, row, cell: 2 * unit)) / 4
                let place = row * width + column
                still.storage[place] = UInt8(clamping: Int(still.storage[place]) + Int(noise * 2 * Self.contrast))
            }
        }
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
                // As a webcam's in a room's light: two of its steps of brightness on average.
                let noise = Int(random.next() & 7) - Int(random.next() & 7)
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
