import Basis
import Codecs
import DTLSSRTP
import Devices
import Pixels

/// The codecs, libsrtp and libyuv alone: what a call cannot cost less than.
enum Kernels {
    private static let frames = 90

    static func run(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { fail("\(option) wants a value") }
            switch option {
            case "--encode": try encode(value)
            case "--decode": try decode(value)
            case "--draw": draw(value)
            default: fail("unknown option \(option)")
            }
        }
        try opus()
        try srtp()
    }

    static func size(_ text: some StringProtocol) -> PictureSize? {
        let parts = text.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, (16...4096).contains(parts[0]), (16...2304).contains(parts[1]) else { return nil }
        return PictureSize(width: parts[0], height: parts[1])
    }

    private static func film(_ text: String) -> (size: PictureSize, bitrate: Int) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let size = size(parts[0]), let bitrate = Int(parts[1]) else {
            fail("a film is written WxH:BITRATE")
        }
        return (size, bitrate)
    }

    private static func encode(_ text: String) throws {
        let (size, bitrate) = film(text)
        var bytes = 0
        let time = try encoded(size, bitrate) { bytes += $0.count }
        report("encode \(text)", time / Double(frames) / 1e6, "ms/frame")
        report("encode \(text) rate", Double(bytes) * 8 * 30 / Double(frames) / 1000, "kbit/s")
    }

    /// Encodes a film and returns the time that took, without the drawing.
    private static func encoded(_ size: PictureSize, _ bitrate: Int, _ take: ([UInt8]) -> Void) throws -> Double {
        var clip = Clip(size: size)
        var frame = VideoFrame(size: size)
        var encoder = try VP8Encoder(size: size, bitrate: bitrate)
        var output: [UInt8] = []
        var time = 0.0
        // The first ten warm it up.
        for index in 0..<frames + 10 {
            clip.draw(into: &frame)
            frame.instant = MonotonicInstant(nanoseconds: Int64(index) * 33_333_333)
            let start = cpuTime()
            _ = try encoder.encode(frame, forceKeyframe: false, into: &output)
            if index >= 10 { time += cpuTime() - start }
            take(output)
        }
        return time
    }

    private static func decode(_ text: String) throws {
        let (size, bitrate) = film(text)
        var film: [[UInt8]] = []
        _ = try encoded(size, bitrate) { film.append($0) }
        let pool = FramePool(capacity: 4)
        var decoder = try VP8Decoder()
        var time = 0.0
        for (index, frame) in film.enumerated() where !frame.isEmpty {
            let start = cpuTime()
            let picture = try decoder.decode(frame.span, pool: pool)
            guard picture != nil else { fail("a frame shows nothing") }
            if index >= 10 { time += cpuTime() - start }
        }
        report("decode \(text)", time / Double(frames) / 1e6, "ms/frame")
    }

    /// A decoded picture scaled and converted into a part of the screen.
    private static func draw(_ text: String) {
        let sizes = text.split(separator: "-").compactMap { size($0) }
        guard sizes.count == 2 else { fail("a drawing is written WxH-WxH") }
        var frame = VideoFrame(size: sizes[0])
        var canvas = Canvas(size: sizes[1])
        var clip = Clip(size: sizes[0])
        clip.draw(into: &frame)
        var scratch: [UInt8] = []
        let whole = PixelRectangle(x: 0, y: 0, width: sizes[1].width, height: sizes[1].height)
        var start = 0.0
        for index in 0..<frames + 5 {
            if index == 5 { start = cpuTime() }
            Pixels.draw(frame, into: &canvas, at: whole, fit: .fill, scratch: &scratch)
        }
        report("draw \(text)", (cpuTime() - start) / Double(frames) / 1e6, "ms/frame")
    }

    private static func opus() throws {
        var encoder = try OpusEncoder()
        var decoder = try OpusDecoder()
        var voice = Voice()
        var pcm = [Int16](repeating: 0, count: OpusFormat.frameSamples)
        var packet: [UInt8] = []
        let count = 500
        var (encoding, decoding) = (0.0, 0.0)
        for index in 0..<count + 50 {
            voice.fill(&pcm)
            let start = cpuTime()
            try encoder.encode(pcm.span, into: &packet)
            let middle = cpuTime()
            try decoder.decode(packet.span, into: &pcm)
            guard index >= 50 else { continue }
            encoding += middle - start
            decoding += cpuTime() - middle
        }
        report("opus encode", encoding / Double(count) / 1e3, "µs/20 ms")
        report("opus decode", decoding / Double(count) / 1e3, "µs/20 ms")
    }

    private static func srtp() throws {
        for profile in [SRTPProfile.aeadAES128GCM, .aes128CMHMACSHA1_80] {
            let keys = try PacketPath.keys(profile)
            var out = try SRTPContext(sending: keys, role: .client)
            var back = try SRTPContext(receiving: keys, role: .server)
            var line = BareLine()
            let (count, cost) = (20_000, cpuTime())
            for _ in 0..<count { try line.pass(length: 1_100, &out, &back) }
            report("srtp \(profile)", (cpuTime() - cost) / Double(count) / 1e3, "µs/packet out and in")
        }
    }
}

/// Sounds with the energy of a voice: vowels of three formants, syllables, breaks.
struct Voice {
    private var sample = 0
    private var random = RandomSource(seed: 3)

    mutating func fill(_ pcm: inout [Int16]) {
        for index in pcm.indices {
            let time = Double(sample) / 48_000
            // Four syllables a second, a breath each three seconds.
            let syllable = max(0, sine(time * 4)) * (time.truncatingRemainder(dividingBy: 3) < 2.5 ? 1 : 0)
            let pitch = 130 + 20 * sine(time * 0.7)
            let tone = sine(time * pitch) + 0.6 * sine(time * pitch * 5) + 0.3 * sine(time * pitch * 17)
            let noise = Double(Int(truncatingIfNeeded: random.next() & 0xFF) - 128) / 128 * 0.05
            pcm[index] = Int16(max(-32_000, min(32_000, (tone * 5_000 + noise * 8_000) * syllable)))
            sample += 1
        }
    }

    /// The sine of whole turns, good to a thousandth.
    private func sine(_ turns: Double) -> Double {
        let x = turns - turns.rounded(.down) - 0.5
        let y = 8 * x * (2 * abs(x) - 1)
        return y * (0.775 + 0.225 * abs(y))
    }
}
