import Basis
import Devices
import Glibc
import SimulatedBoard
import TemporaryFiles
import Testing

private func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }

private let anySize = PictureSize(width: 1280, height: 720)

@Suite struct TestCardCameraTests {
    @Test func showsTheBarsAndMovesAtItsPace() throws {
        var camera = TestCardCamera()
        let pool = FramePool(capacity: 2)
        let closed = try camera.nextFrame(at: .zero, pool: pool) == nil
        #expect(closed)
        try camera.open(size: PictureSize(width: 640, height: 360), framesPerSecond: 25)
        guard let first = try camera.nextFrame(at: instant(1_000), pool: pool) else {
            Issue.record("no picture")
            return
        }
        let early = try camera.nextFrame(at: instant(1_039), pool: pool) == nil
        #expect(early)
        guard let second = try camera.nextFrame(at: instant(1_040), pool: pool) else {
            Issue.record("no second picture")
            return
        }
        #expect(first.size == PictureSize(width: 640, height: 360))
        let lumas: [UInt8] = [180, 162, 131, 112, 84, 65, 35, 16]
        for (index, luma) in lumas.enumerated() { #expect(first.storage[64_040 + 80 * index] == luma) }
        #expect(first.storage[first.uOffset + 50 * 320 + 140] == 72)
        #expect(first.storage[first.vOffset + 50 * 320 + 140] == 58)
        #expect(first.storage != second.storage)
        #expect(second.instant == instant(1_040))
    }

    @Test func goesOnFromThePresentAfterAStall() throws {
        var camera = TestCardCamera()
        let pool = FramePool(capacity: 1)
        try camera.open(size: PictureSize(width: 320, height: 180), framesPerSecond: 30)
        var pictures = 0
        for time in [0, 10_000, 10_001, 10_002, 10_034] where try camera.nextFrame(at: instant(time), pool: pool) != nil
        {
            pictures += 1
        }
        #expect(pictures == 3)
    }
}

/// Files as programs in the field write them.
private let fixtures = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures/"

@Suite struct ClipCameraTests {
    /// A clip of grey pictures with these values.
    private static func y4m(_ lumas: [UInt8], header: String = "YUV4MPEG2 W32 H16 F10:1 Ip C420jpeg") -> [UInt8] {
        var bytes = Array(header.utf8) + [0x0A]
        for luma in lumas {
            bytes += Array("FRAME\n".utf8)
            bytes += [UInt8](repeating: luma, count: 512)
            bytes += [UInt8](repeating: 128, count: 256)
        }
        return bytes
    }

    @Test func loopsAtTheClipsRate() throws {
        let file = TemporaryFile(Self.y4m([50, 60, 70]), suffix: ".y4m")
        var camera = try ClipCamera(path: file.path)
        try camera.open(size: anySize, framesPerSecond: 30)
        let pool = FramePool(capacity: 1)
        var lumas: [UInt8] = []
        for time in stride(from: 0, through: 650, by: 50) {
            if let frame = try camera.nextFrame(at: instant(time), pool: pool) {
                #expect(frame.size == PictureSize(width: 32, height: 16))
                lumas.append(frame.storage[0])
            }
        }
        #expect(lumas == [50, 60, 70, 50, 60, 70, 50])
    }

    @Test func leavesACutOffLastPictureOut() throws {
        let file = TemporaryFile(Array(Self.y4m([50, 60]).dropLast(10)), suffix: ".y4m")
        var camera = try ClipCamera(path: file.path)
        try camera.open(size: anySize, framesPerSecond: 30)
        let pool = FramePool(capacity: 1)
        for time in [0, 100, 200] {
            guard let frame = try camera.nextFrame(at: instant(time), pool: pool) else {
                Issue.record("no picture")
                return
            }
            #expect(frame.storage[0] == 50)
        }
    }

    @Test func scalesOnlyWhatIsTooLarge() throws {
        var bytes = Array("YUV4MPEG2 W1920 H1080 F30:1\nFRAME\n".utf8)
        bytes += [UInt8](repeating: 90, count: 1920 * 1080)
        bytes += [UInt8](repeating: 128, count: 1920 * 1080 / 2)
        let file = TemporaryFile(bytes, suffix: ".y4m")
        var camera = try ClipCamera(path: file.path)
        try camera.open(size: anySize, framesPerSecond: 30)
        guard let frame = try camera.nextFrame(at: .zero, pool: FramePool(capacity: 2)) else {
            Issue.record("no picture")
            return
        }
        #expect(frame.size == PictureSize(width: 1280, height: 720))
        #expect(frame.storage[640 * 360] == 90)
    }

    @Test(arguments: [
        "", "RIFF", "YUV4MPEG2 W32 H16 F10:1 C422\n", "YUV4MPEG2 W32 H16 F10:1 C420p10\n", "YUV4MPEG2 W0 H16\n",
        "YUV4MPEG2 W99999999999999999999 H16\n", "YUV4MPEG2 W32 H16 F0:0\n", "YUV4MPEG2 W32 H16 F10:1\nFRAME\nshort",
        "YUV4MPEG2 W32 H16 F10:1\n",
    ])
    func refusesOtherFilesWithAClearText(text: String) throws {
        let file = TemporaryFile(Array(text.utf8), suffix: ".y4m")
        do {
            _ = try ClipCamera(path: file.path)
            Issue.record("accepted")
        } catch {
            #expect(error.severity == .permanent)
            #expect(error.description.contains("C420"))
        }
    }

    @Test func tellsWhatIsMissing() throws {
        do {
            _ = try ClipCamera(path: "/nonexistent/clip.y4m")
            Issue.record("accepted")
        } catch {
            #expect(error.severity == .absent)
        }
        #expect(throws: DeviceError.self) { _ = try ClipCamera(path: "/nonexistent/clip.avi") }
    }

    // 16x16 pixels in two greys: a whole JPEG file.
    private static let picture =
        Base64.decode(
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU\
            FRUVDA8XGBYUGBIUFRT/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF\
            BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW\
            V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi\
            4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APFK8vr1CvL6/9k=
            """) ?? []

    @Test func playsMotionJPEG() throws {
        let file = TemporaryFile(Self.picture + Self.picture + Self.picture.dropLast(40), suffix: ".mjpeg")
        var camera = try ClipCamera(path: file.path)
        try camera.open(size: anySize, framesPerSecond: 30)
        let pool = FramePool(capacity: 1)
        for time in [0, 40, 80, 120, 160] {
            guard let frame = try camera.nextFrame(at: instant(time), pool: pool) else {
                Issue.record("no picture")
                return
            }
            #expect(frame.size == PictureSize(width: 16, height: 16))
        }
    }

    /// Zeros between pictures, garbage, a beginning that is none, a picture that does not decode: what follows is found.
    private static let garbage: [[UInt8]] = [
        [UInt8](repeating: 0, count: 40), [0xFF], [0xFF, 0xFF, 0xD9], [0xFF, 0xD8],
        [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF],
        [0x67, 0x61, 0x72], [0xFF, 0xD8, 0xFF, 0xD9],
    ]

    @Test(arguments: garbage)
    func passesOverWhatLiesBetweenPictures(_ garbage: [UInt8]) throws {
        var bytes = garbage + Self.picture
        bytes += garbage + Self.picture
        bytes += garbage
        let file = TemporaryFile(bytes, suffix: ".mjpeg")
        var camera = try ClipCamera(path: file.path)
        try camera.open(size: anySize, framesPerSecond: 30)
        let pool = FramePool(capacity: 1)
        for time in stride(from: 0, through: 1_000, by: 40) {
            let isThere = try camera.nextFrame(at: instant(time), pool: pool) != nil
            #expect(isThere)
        }
    }

    @Test(arguments: ["m08-padded", "m21-garbage-mid"]) func playsClipsOfTheField(name: String) throws {
        var camera = try ClipCamera(path: fixtures + name + ".mjpeg")
        try camera.open(size: anySize, framesPerSecond: 30)
        let pool = FramePool(capacity: 1)
        for time in stride(from: 0, through: 4_000, by: 40) {
            let isThere = try camera.nextFrame(at: instant(time), pool: pool) != nil
            #expect(isThere)
        }
    }

    @Test func refusesDamagedMotionJPEG() throws {
        #expect(!Self.picture.isEmpty)
        var random = RandomSource(seed: 13)
        var refused = 0
        for _ in 0..<200 {
            var bytes = Self.picture
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let file = TemporaryFile(bytes, suffix: ".mjpeg")
            do { _ = try ClipCamera(path: file.path) } catch { refused += 1 }
        }
        #expect(refused > 100)
    }
}

@Suite struct WAVParserTests {
    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func file(
        format: [UInt8]? = nil, tag: Int = 1, bits: Int = 16, metadata: Int = 0, dataLength: Int = 8,
        samples: [UInt8] = [1, 0, 2, 0, 3, 0, 4, 0]
    ) -> [UInt8] {
        var bytes = Array("RIFF    WAVE".utf8)
        if metadata > 0 {
            bytes += Array("LIST".utf8)
            bytes += little(metadata, 4)
            bytes += [UInt8](repeating: 0x64, count: metadata + metadata % 2)
        }
        let body = format ?? plain(tag: tag, bits: bits)
        bytes += Array("fmt ".utf8)
        bytes += little(body.count, 4)
        bytes += body
        bytes += Array("data".utf8)
        bytes += little(dataLength, 4)
        return bytes + samples
    }

    private static func plain(tag: Int, bits: Int) -> [UInt8] {
        let fields: [(value: Int, count: Int)] = [(tag, 2), (1, 2), (48_000, 4), (96_000, 4), (2, 2), (bits, 2)]
        return fields.flatMap { little($0.value, $0.count) }
    }

    private static func extended(subFormat: Int) -> [UInt8] {
        let fields: [(value: Int, count: Int)] = [(22, 2), (16, 2), (4, 4), (subFormat, 2), (0, 14)]
        var bytes = plain(tag: 0xFFFE, bits: 16)
        for field in fields { bytes += little(field.value, min(field.count, 8)) }
        return bytes + [UInt8](repeating: 0, count: 6)
    }

    private func parse(_ bytes: [UInt8]) throws(WAVFault) -> WAVHeader {
        var parser = WAVParser()
        for _ in 0..<10_000 {
            let start = min(parser.position, bytes.count)
            let piece = Array(bytes[start..<min(bytes.count, start + WAVParser.pieceLength)])
            if let header = try parser.take(piece.span) { return header }
        }
        Issue.record("no end")
        throw .notWAV
    }

    @Test func findsTheSamplesBehindWhatever() throws {
        #expect(try parse(Self.file()).dataOffset == 44)
        #expect(try parse(Self.file(format: Self.extended(subFormat: 1))).dataLength == 8)
        for metadata in [1, 3, 70_000, 1 << 20] {
            let header = try parse(Self.file(metadata: metadata))
            #expect(header.dataOffset == 44 + 8 + metadata + metadata % 2 && header.dataLength == 8)
        }
        // A recorder that wrote into a pipe.
        for length in [0, 0xFFFF_FFFF] { #expect(try parse(Self.file(dataLength: length)).dataLength == nil) }
    }

    @Test func saysWhatIsWrong() {
        #expect(throws: WAVFault.encoding(3)) { try parse(Self.file(format: Self.extended(subFormat: 3))) }
        #expect(throws: WAVFault.encoding(3)) { try parse(Self.file(tag: 3)) }
        #expect(throws: WAVFault.depth(bits: 24)) { try parse(Self.file(bits: 24)) }
        #expect(throws: WAVFault.noData) { try parse(Self.file(dataLength: 0, samples: [])) }
        #expect(throws: WAVFault.noData) { try parse(Self.file(dataLength: 1)) }
        #expect(throws: WAVFault.notWAV) { try parse(Array("OggS".utf8)) }
        #expect(throws: WAVFault.noFormat) { try parse(Array(Self.file().prefix(12))) }
        #expect("\(WAVFault.encoding(3))".contains("floating-point"))
    }

    @Test func randomBytesNeverTrapAndAlwaysEnd() {
        var random = RandomSource(seed: 8)
        for _ in 0..<3_000 {
            var bytes = Self.file(metadata: Int.random(in: 0...40, using: &random))
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count / 2, using: &random))
            do throws(WAVFault) {
                let header = try parse(bytes)
                #expect(header.dataOffset < bytes.count && (1...2).contains(header.channels))
            } catch { continue }
        }
    }

    @Test func playsAndRefusesFilesOfTheField() throws {
        var microphone = try WAVMicrophone(path: fixtures + "a10-data0.wav")
        try microphone.open()
        var block = [Int16](repeating: 0, count: AudioBlock.samples)
        let isPlayed = try microphone.read(into: &block, at: instant(0))
        #expect(isPlayed && block.contains { $0 != 0 })
        do throws(DeviceError) {
            _ = try WAVMicrophone(path: fixtures + "a05-ext-notpcm16.wav")
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains("floating-point"))
        }
    }
}

@Suite struct SimulatedSoundTests {
    /// A WAV file of 16-bit samples.
    private static func wav(_ samples: [Int16], rate: Int, channels: Int = 1, format: Int = 1, bits: Int = 16)
        -> [UInt8]
    {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let data = samples.flatMap { little(Int($0), 2) }
        var bytes = Array("RIFF".utf8)
        bytes += little(data.count + 50, 4)
        bytes += Array("WAVE".utf8)
        // A chunk of odd length that nobody knows.
        bytes += Array("LIST".utf8)
        bytes += little(3, 4)
        bytes += [1, 2, 3, 0]
        bytes += Array("fmt ".utf8)
        let fields = [
            (16, 4), (format, 2), (channels, 2), (rate, 4), (rate * 2 * channels, 4), (2 * channels, 2), (bits, 2),
        ]
        for (value, count) in fields { bytes += little(value, count) }
        bytes += Array("data".utf8)
        bytes += little(data.count, 4)
        return bytes + data
    }

    private static func block(_ microphone: inout WAVMicrophone, at milliseconds: Int) throws -> [Int16] {
        var block = [Int16](repeating: -1, count: AudioBlock.samples)
        let isThere = try microphone.read(into: &block, at: instant(milliseconds))
        return isThere ? block : []
    }

    @Test func playsAFileAndLoops() throws {
        let samples = (0..<600).map { Int16($0) }
        let file = TemporaryFile(Self.wav(samples, rate: 48_000), suffix: ".wav")
        var microphone = try WAVMicrophone(path: file.path)
        let block1 = try Self.block(&microphone, at: 0)
        #expect(block1.isEmpty)
        try microphone.open()
        let block2 = try Self.block(&microphone, at: 0)
        #expect(block2 == Array(samples[..<480]))
        let block3 = try Self.block(&microphone, at: 2)
        #expect(block3.isEmpty)
        let block4 = try Self.block(&microphone, at: 10)
        #expect(block4 == Array(samples[480...]) + Array(samples[..<360]))
    }

    @Test func bringsOtherRatesAndStereoToOurs() throws {
        let samples = (0..<400).flatMap { [Int16($0 * 60), Int16($0 * 60 + 20)] }
        let file = TemporaryFile(Self.wav(samples, rate: 16_000, channels: 2), suffix: ".wav")
        var microphone = try WAVMicrophone(path: file.path)
        try microphone.open()
        // A third of the way for each sample, in the middle of both channels.
        let block5 = try Self.block(&microphone, at: 0)
        #expect(block5 == (0..<480).map { Int16($0 * 20 + 10) })
    }

    @Test func refusesOtherSound() throws {
        let good = Self.wav([1, 2, 3, 4], rate: 48_000)
        for bytes in [
            [], Array("RIFF".utf8), Self.wav([1, 2], rate: 96_000), Self.wav([1, 2], rate: 48_000, channels: 6),
            Self.wav([1, 2], rate: 48_000, format: 3), Self.wav([1, 2], rate: 48_000, bits: 24),
            Self.wav([], rate: 48_000), Array(good.dropLast(8)),
        ] {
            let file = TemporaryFile(bytes, suffix: ".wav")
            do {
                _ = try WAVMicrophone(path: file.path)
                Issue.record("accepted \(bytes.count) bytes")
            } catch {
                #expect(error.description.contains("16-bit PCM"))
            }
        }
    }

    @Test func anyFileIsPlayedOrRefused() throws {
        var random = RandomSource(seed: 17)
        let good = Self.wav((0..<100).map { Int16($0) }, rate: 22_050)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<4 { bytes[Int.random(in: 0..<60, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let file = TemporaryFile(bytes, suffix: ".wav")
            guard var microphone = try? WAVMicrophone(path: file.path) else { continue }
            try microphone.open()
            for time in 0..<5 { _ = try? Self.block(&microphone, at: time * 10) }
        }
    }

    @Test func theToneHasItsPitchAndLoudness() throws {
        var microphone = ToneMicrophone(hertz: 1_000)
        var block = [Int16](repeating: 0, count: AudioBlock.samples)
        let closed = try microphone.read(into: &block, at: .zero)
        #expect(!closed)
        try microphone.open()
        var samples: [Int16] = []
        for time in 0..<100 where try microphone.read(into: &block, at: instant(time * 10)) { samples += block }
        #expect(samples.count == 48_000)
        let rises = zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect((998...1_000).contains(rises))
        #expect(samples.max() == 4_634)
        #expect(samples[12] == 4_634)
    }

    @Test func silenceIsSilent() throws {
        var microphone = SilenceMicrophone()
        try microphone.open()
        var block = [Int16](repeating: 7, count: AudioBlock.samples)
        let isThere = try microphone.read(into: &block, at: .zero)
        #expect(isThere && block.allSatisfy { $0 == 0 })
    }

    @Test func theRecordingIsValidAtAnyMoment() throws {
        let file = TemporaryFile([], suffix: ".wav")
        var speaker = try WAVSpeaker(path: file.path)
        try speaker.open()
        let block = (0..<480).map { Int16($0) }
        for _ in 0..<150 { try speaker.write(block.span, at: .zero) }
        // Killed here: the header speaks of the first 100 blocks, all of which are there.
        var bytes = file.content
        #expect(bytes.count == 44 + 150 * 960)
        #expect(Array(bytes[40..<44]) == [0x00, 0x77, 0x01, 0x00])
        var microphone = try WAVMicrophone(path: file.path)
        try microphone.open()
        let block6 = try Self.block(&microphone, at: 0)
        #expect(block6 == block)
        speaker.close()
        bytes = file.content
        #expect(Array(bytes[40..<44]) == [0x80, 0x32, 0x02, 0x00])
    }

    @Test func theRecordingStopsAtItsLimit() throws {
        let file = TemporaryFile([], suffix: ".wav")
        var speaker = try WAVSpeaker(path: file.path, largestData: 2_000)
        try speaker.open()
        let block = [Int16](repeating: 3, count: 480)
        for _ in 0..<10 { try speaker.write(block.span, at: .zero) }
        #expect(file.content.count == 44 + 2 * 960)
        #expect(Array(file.content[40..<44]) == [0x80, 0x07, 0x00, 0x00])
    }
}
