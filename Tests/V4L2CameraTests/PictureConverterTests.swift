import Codecs
import Devices
import Testing

@testable import V4L2Camera

@Suite struct PictureConverterTests {
    /// The first samples of what `bytes` become.
    private func convert(_ format: VideoFormat, _ bytes: [UInt8]) -> String {
        guard var converter = PictureConverter(format: format) else { return "refused" }
        return convert(with: &converter, bytes)
    }

    private func convert(with converter: inout PictureConverter, _ bytes: [UInt8]) -> String {
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { buffer in
            switch converter.convert(buffer, pool: FramePool(capacity: 1)) {
            case .picture(let frame):
                "\(frame.size) \(frame.storage[0]) \(frame.storage[frame.uOffset]) \(frame.storage[frame.vOffset])"
            case .corrupt: "corrupt"
            case .noRoom: "no room"
            }
        }
    }

    @Test(
        arguments: [
            ("GREY", 1, [120]), ("Y16 ", 2, [0, 120]), ("RGB3", 3, [120, 120, 120]), ("BGR3", 3, [120, 120, 120]),
            ("RGB4", 4, [0, 120, 120, 120]), ("BGR4", 4, [120, 120, 120, 0]), ("XR24", 4, [120, 120, 120, 0]),
            ("BX24", 4, [0, 120, 120, 120]), ("AR24", 4, [120, 120, 120, 0]), ("BA24", 4, [0, 120, 120, 120]),
            ("YVYU", 2, [120, 128, 120, 128]), ("RGBP", 2, [0b1110_1111, 0b0111_1011]), ("BA81", 1, [120]),
            ("GBRG", 1, [120]), ("GRBG", 1, [120]), ("RGGB", 1, [120]), ("BG10", 2, [224, 1]), ("GB10", 2, [224, 1]),
            ("BA10", 2, [224, 1]), ("RG10", 2, [224, 1]),
        ] as [(String, Int, [UInt8])])
    func theLibraryReadsGrey(name: String, bytesPerPixel: Int, pattern: [UInt8]) {
        let letters = Array(name.utf8)
        let code = FourCC(rawValue: (0..<4).reduce(0) { $0 | UInt32(letters[$1]) << UInt32(8 * $1) })
        #expect(code.conversion?.isLibrary == true)
        let format = VideoFormat(format: code, width: 32, height: 16, bytesPerLine: UInt32(32 * bytesPerPixel))
        let count = 32 * 16 * bytesPerPixel
        let bytes = (0..<count).map { pattern[$0 % pattern.count] }
        guard var converter = PictureConverter(format: format) else {
            Issue.record("refused")
            return
        }
        for _ in 0..<3 {
            let text = convert(with: &converter, bytes)
            let numbers = text.split(separator: " ").dropFirst().compactMap { Int($0) }
            #expect(text.hasPrefix("32x16 ") && numbers.count == 3, "\(text)")
            guard numbers.count == 3 else { continue }
            #expect((100...132).contains(numbers[0]), "\(text)")
            #expect((124...132).contains(numbers[1]) && (124...132).contains(numbers[2]), "\(text)")
        }
        #expect(convert(with: &converter, Array(bytes.dropLast())) == "corrupt")
        #expect(convert(with: &converter, []) == "corrupt")
    }

    @Test func rowsMayHaveGaps() {
        let format = VideoFormat(format: .yuyv, width: 32, height: 16, bytesPerLine: 80)
        var bytes = [UInt8](repeating: 0, count: 80 * 16)
        for row in 0..<16 {
            for column in 0..<64 { bytes[row * 80 + column] = [60, 70, 60, 80][column & 3] }
        }
        #expect(convert(format, bytes) == "32x16 60 70 80")
        // The gap behind the last row need not be there.
        #expect(convert(format, Array(bytes.dropLast(16))) == "32x16 60 70 80")
        #expect(convert(format, Array(bytes.dropLast(17))) == "corrupt")
    }

    /// The picture with its Huffman tables replaced by `tables`.
    private func exchanging(_ bytes: [UInt8], tables: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index + 3 < bytes.count {
            let marker = bytes[index + 1]
            let length = marker == 0xD8 ? 2 : 2 + Int(bytes[index + 2]) << 8 + Int(bytes[index + 3])
            if marker == 0xDA { return result + tables + bytes[index...] }
            if marker != 0xC4 { result += bytes[index..<min(bytes.count, index + length)] }
            index += length
        }
        return result
    }

    @Test func jpegPicturesDecodeWithoutTheirHuffmanTables() {
        let format = VideoFormat(format: .motionJPEG, width: 64, height: 32)
        let bytes = Picture.jpeg(64, 32)
        #expect(convert(format, bytes) == "64x32 126 128 128")
        // As many webcams send them.
        let bare = exchanging(bytes, tables: [])
        #expect(bare.count < bytes.count - 100)
        #expect(convert(format, bare) == "64x32 126 128 128")
    }

    @Test func tablesOfAnEarlierPictureAreNotThoseOfABareOne() {
        guard var converter = PictureConverter(format: VideoFormat(format: .motionJPEG, width: 64, height: 32)) else {
            Issue.record("refused")
            return
        }
        let bytes = Picture.jpeg(64, 32)
        // Tables of one code each, which no ordinary scan fits.
        var strange: [UInt8] = []
        for kind: UInt8 in [0x00, 0x01, 0x10, 0x11] {
            strange += [0xFF, 0xC4, 0, 20, kind, 1] + [UInt8](repeating: 0, count: 15) + [0]
        }
        #expect(convert(with: &converter, exchanging(bytes, tables: strange)) != "corrupt")
        #expect(convert(with: &converter, exchanging(bytes, tables: [])) == "64x32 126 128 128")
        #expect(convert(with: &converter, bytes) == "64x32 126 128 128")
        // Data that its tables do not fit is damage, once the camera has shown that it can do better.
        #expect(convert(with: &converter, exchanging(bytes, tables: strange)) == "corrupt")
        #expect(convert(with: &converter, bytes) == "64x32 126 128 128")
    }

    @Test func aJPEGPictureCutOffIsCorruptOnceOneHadAnEnd() {
        let bytes = Picture.jpeg(64, 32)
        guard var converter = PictureConverter(format: VideoFormat(format: .jpeg, width: 64, height: 32)) else {
            Issue.record("refused")
            return
        }
        // A camera that never ends its pictures properly is believed.
        #expect(convert(with: &converter, Array(bytes.dropLast(2))) == "64x32 126 128 128")
        #expect(convert(with: &converter, bytes + [UInt8](repeating: 0, count: 500)) == "64x32 126 128 128")
        #expect(convert(with: &converter, Array(bytes.dropLast(2))) == "corrupt")
        #expect(convert(with: &converter, Array(bytes.prefix(100)) + [0xFF, 0xD9]) == "corrupt")
        #expect(convert(with: &converter, [0xFF]) == "corrupt")
        #expect(convert(with: &converter, []) == "corrupt")
        #expect(convert(with: &converter, bytes) == "64x32 126 128 128")
    }

    @Test func aJPEGPictureSaysItsOwnSize() {
        #expect(
            convert(VideoFormat(format: .motionJPEG, width: 1_280, height: 720), Picture.jpeg(64, 32))
                == "64x32 126 128 128")
    }
}
