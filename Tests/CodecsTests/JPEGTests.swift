import Basis
import Codecs
import Devices
import Testing

@Suite struct JPEGTests {
    // 16x16 pixels, quality 90: the left half 0xC82828, the right half 0x2828C8, in three samplings.
    private static let sampling422 = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU\
        FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU\
        FBQUFBQUFBT/wAARCAAQABADASEAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF\
        BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW\
        V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi\
        4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC\
        AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm\
        Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq\
        8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDxSvL6/R/B3/mP/wC4X/uQ/WfFX/mC/wC4n/th6hXl9Hg7/wAx/wD3C/8AcgeKv/MF/wBx\
        P/bD/9k=
        """
    private static let sampling444 = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU\
        FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU\
        FBQUFBQUFBT/wAARCAAQABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF\
        BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW\
        V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi\
        4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC\
        AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm\
        Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq\
        8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDxSvzc/tU8vr/R0/gc9Qr/ADiP74PL6/0dP4HP/9k=
        """
    private static let grey = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU\
        FRUVDA8XGBYUGBIUFRT/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF\
        BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW\
        V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi\
        4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APFK8vr1CvL6/9k=
        """

    /// Luma, U and V of 8-bit RGB by BT.601 in video range.
    private static func converted(red: Double, green: Double, blue: Double) -> [Int] {
        let y = 0.299 * red + 0.587 * green + 0.114 * blue
        return [
            Int(16 + y * 219 / 255), Int(128 + (blue - y) / 1.772 * 224 / 255),
            Int(128 + (red - y) / 1.402 * 224 / 255),
        ]
    }

    private static func values(_ frame: borrowing VideoFrame, x: Int, y: Int) -> [Int] {
        let chroma = y / 2 * frame.chromaStride + x / 2
        return [
            Int(frame.storage[y * frame.lumaStride + x]), Int(frame.storage[frame.uOffset + chroma]),
            Int(frame.storage[frame.vOffset + chroma]),
        ]
    }

    private static func areClose(_ left: [Int], _ right: [Int]) -> Bool {
        zip(left, right).allSatisfy { abs($0 - $1) <= 4 }
    }

    @Test(arguments: [sampling422, sampling444])
    func bringsOtherSamplingsTo420(text: String) throws {
        let bytes = try #require(Base64.decode(text))
        var decoder = try JPEGDecoder()
        guard let frame = try decoder.decode(bytes.span, pool: FramePool(capacity: 1)) else {
            Issue.record("no picture")
            return
        }
        #expect(frame.size == PictureSize(width: 16, height: 16))
        #expect(Self.areClose(Self.values(frame, x: 2, y: 3), Self.converted(red: 200, green: 40, blue: 40)))
        #expect(Self.areClose(Self.values(frame, x: 13, y: 12), Self.converted(red: 40, green: 40, blue: 200)))
    }

    @Test func aGreyPictureHasNoColour() throws {
        let bytes = try #require(Base64.decode(Self.grey))
        var decoder = try JPEGDecoder()
        guard let frame = try decoder.decode(bytes.span, pool: FramePool(capacity: 1)) else {
            Issue.record("no picture")
            return
        }
        #expect(Self.values(frame, x: 2, y: 3).dropFirst() == [128, 128])
    }

    @Test(arguments: [PictureSize(width: 64, height: 48), PictureSize(width: 33, height: 17)])
    func aCanvasComesBackAlike(size: PictureSize) throws {
        var canvas = Canvas(size: size)
        for pixel in 0..<size.width * size.height {
            canvas.bytes.replaceSubrange(pixel * 4..<pixel * 4 + 4, with: [30, 120, 210, 0])
        }
        var encoder = try JPEGEncoder(quality: 90)
        var decoder = try JPEGDecoder()
        var bytes: [UInt8] = []
        try encoder.encode(canvas, into: &bytes)
        #expect(bytes.starts(with: [0xFF, 0xD8]) && bytes.suffix(2) == [0xFF, 0xD9])
        guard let frame = try decoder.decode(bytes.span, pool: FramePool(capacity: 1)) else {
            Issue.record("no picture")
            return
        }
        #expect(frame.size == size)
        let wanted = Self.converted(red: 210, green: 120, blue: 30)
        #expect(Self.areClose(Self.values(frame, x: size.width / 2, y: size.height / 2), wanted))
        #expect(Self.areClose(Self.values(frame, x: size.width - 1, y: size.height - 1), wanted))
    }

    @Test func damagedBytesNeverTrap() throws {
        let whole = try #require(Base64.decode(Self.sampling422))
        var random = RandomSource(seed: 9)
        var decoder = try JPEGDecoder()
        let pool = FramePool(capacity: 1)
        #expect(throws: CodecError.malformed) { _ = try decoder.decode([UInt8]().span, pool: pool) }
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do { _ = try decoder.decode(bytes.span, pool: pool) } catch { refused += 1 }
        }
        #expect(refused > 0)
    }
}
