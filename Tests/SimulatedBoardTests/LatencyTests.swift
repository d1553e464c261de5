import Basis
import Devices
import Glibc
import Pixels
import SimulatedBoard
import Testing

@Suite struct TimeMarkTests {
    @Test(arguments: [0, 1, 40_000, 65_535, 1_000_000_007])
    func isReadFromWhatASmallPictureBecomes(milliseconds: Int) throws {
        let taken = MonotonicInstant.zero + .milliseconds(milliseconds)
        var camera = try SimulatedCamera(.testCard, marksTime: true)
        let pool = FramePool(capacity: 1)
        try camera.open(size: PictureSize(width: 1280, height: 720), framesPerSecond: 30)
        guard let picture = try camera.nextFrame(at: taken, pool: pool) else {
            Issue.record("no picture")
            return
        }
        var small = VideoFrame(size: PictureSize(width: 320, height: 180))
        #expect(Pixels.scale(picture, into: &small))
        let found = mark(in: small, size: PictureSize(width: 1920, height: 1080))
        let mark = try #require(found)
        #expect(TimeMark.age(of: mark, at: taken + .milliseconds(250)) == .milliseconds(250))
    }

    @Test func isNotSeenWhereNoneIs() throws {
        var camera = try SimulatedCamera(.testCard)
        let pool = FramePool(capacity: 1)
        try camera.open(size: PictureSize(width: 1280, height: 720), framesPerSecond: 30)
        guard let picture = try camera.nextFrame(at: .zero, pool: pool) else {
            Issue.record("no picture")
            return
        }
        let found = mark(in: picture, size: PictureSize(width: 1280, height: 720))
        #expect(found == nil)
    }

    /// What is read when the picture fills a screen.
    private func mark(in picture: borrowing VideoFrame, size: PictureSize) -> UInt16? {
        var canvas = Canvas(size: size)
        var scratch: [UInt8] = []
        Pixels.draw(
            picture, into: &canvas, at: PixelRectangle(x: 0, y: 0, width: size.width, height: size.height), fit: .fill,
            scratch: &scratch)
        return TimeMark.read(canvas)
    }
}

@Suite struct ClickTests {
    @Test func theLogTellsHowOldEachClickIs() throws {
        var template = Array("/tmp/simulated-board-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        defer { unlink(path) }

        var microphone = try SimulatedMicrophone(.clicks)
        try microphone.open()
        var speaker = try SimulatedSpeaker(.none, log: LatencyLog(path: path))
        try speaker.open()
        var block = [Int16](repeating: 0, count: AudioBlock.samples)
        for number in 0..<300 {
            let now = MonotonicInstant.zero + .milliseconds(1_503 + number * 10)
            try #require(try microphone.read(into: &block, at: now))
            // The block began ten milliseconds ago; it is heard 46 after.
            try speaker.write(block.span, at: now + .milliseconds(36))
        }
        var text = [UInt8](repeating: 0, count: 1_000)
        let count = read(descriptor, &text, text.count)
        let lines = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            #expect(words[0] == "sound")
            #expect(words[1] == "\((index + 2) * 1_000 + 46)")
            let age = try #require(Double(words[2]))
            #expect((46...46.3).contains(age))
        }
    }
}
