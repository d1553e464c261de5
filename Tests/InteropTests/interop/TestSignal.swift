import Basis
import Codecs
import Devices

/// A sine at a quarter of full scale, 20 ms at a time.
struct Tone {
    private let step: Double
    private var phase = 0.0
    private(set) var frame = [Int16](repeating: 0, count: OpusFormat.frameSamples)

    init(frequency: Double) {
        step = frequency / Double(OpusFormat.sampleRate)
    }

    mutating func advance() {
        for index in frame.indices {
            frame[index] = Int16(8192 * Self.sine(phase))
            phase += step
            if phase >= 1 { phase -= 1 }
        }
    }

    /// Bhaskara's approximation: its harmonics are 50 dB down.
    private static func sine(_ turns: Double) -> Double {
        let half = turns < 0.5 ? turns : turns - 0.5
        let product = half * 2 * (1 - half * 2)
        let value = 16 * product / (5 - 4 * product)
        return turns < 0.5 ? value : -value
    }
}

/// The frequency of a tone, from its rising zero crossings in the last half second.
struct FrequencyMeter {
    private static let window = OpusFormat.sampleRate / 2
    private var samples: [Int16] = []

    mutating func add(_ pcm: [Int16]) {
        samples.append(contentsOf: pcm)
        if samples.count > 4 * Self.window { samples.removeFirst(samples.count - Self.window) }
    }

    /// Hz; nil while there is no half second of sound.
    var frequency: Double? {
        let recent = samples.suffix(Self.window)
        guard recent.count == Self.window else { return nil }
        var first: Double?
        var last = 0.0
        var periods = 0
        for (left, right) in zip(recent.indices, recent.indices.dropFirst()) {
            let (before, after) = (Double(recent[left]), Double(recent[right]))
            guard before < 0, after >= 0 else { continue }
            last = Double(left) + before / (before - after)
            if first == nil { first = last } else { periods += 1 }
        }
        guard let first, periods > 0 else { return nil }
        return Double(periods * OpusFormat.sampleRate) / (last - first)
    }
}

/// The moving picture that both ends send: every tenth frame another colour, and a white bar that walks through the
/// lower half.
enum TestPicture {
    /// Y, U and V of red, green, blue and magenta; all much darker than the bar.
    static let palette: [(y: UInt8, u: UInt8, v: UInt8)] = [
        (81, 90, 240), (145, 54, 34), (41, 240, 110), (106, 202, 222),
    ]
    static let framesPerColour = 10
    private static let barWidth = 32
    private static let barStep = 4
    private static let white: UInt8 = 235

    /// The picture's bytes without the bar, for each colour; the bar is then little work.
    static func backgrounds(of size: PictureSize) -> [[UInt8]] {
        let luma = size.width * size.height
        let chroma = (VideoFrame.byteCount(size) - luma) / 2
        return palette.map { colour in
            [UInt8](repeating: colour.y, count: luma) + [UInt8](repeating: colour.u, count: chroma)
                + [UInt8](repeating: colour.v, count: chroma)
        }
    }

    static func draw(_ number: Int, on backgrounds: [[UInt8]], into frame: inout VideoFrame) {
        frame.storage = backgrounds[number / framesPerColour % palette.count]
        let left = number * barStep % (frame.size.width - barWidth)
        for row in frame.size.height / 2..<frame.size.height {
            let start = row * frame.lumaStride + left
            frame.storage.replaceSubrange(start..<start + barWidth, with: repeatElement(white, count: barWidth))
        }
    }

    /// The place in the palette of the upper half's colour, which may be off by what compression does; nil for another.
    static func colour(of frame: borrowing VideoFrame) -> Int? {
        let (row, column) = (frame.size.height / 4, frame.size.width / 2)
        let chroma = row / 2 * frame.chromaStride + column / 2
        let seen = [
            frame.storage[row * frame.lumaStride + column], frame.storage[frame.uOffset + chroma],
            frame.storage[frame.vOffset + chroma],
        ]
        return palette.firstIndex { colour in
            zip(seen, [colour.y, colour.u, colour.v]).allSatisfy { abs(Int($0) - Int($1)) <= 20 }
        }
    }

    /// The bar's left edge in pixels; nil where there is no bar.
    static func barPosition(in frame: borrowing VideoFrame) -> Int? {
        let row = frame.size.height * 3 / 4
        for column in 0..<frame.size.width where frame.storage[row * frame.lumaStride + column] > 190 {
            return column
        }
        return nil
    }
}
