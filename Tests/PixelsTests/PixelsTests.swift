import Devices
import Testing

@testable import Pixels

@Suite struct PixelsTests {
    private func flat(_ size: PictureSize, _ y: UInt8, _ u: UInt8, _ v: UInt8) -> VideoFrame {
        var frame = VideoFrame(size: size)
        let (uOffset, vOffset) = (frame.uOffset, frame.vOffset)
        for index in frame.storage.indices {
            frame.storage[index] = index < uOffset ? y : index < vOffset ? u : v
        }
        return frame
    }

    private func pixel(_ canvas: borrowing Canvas, _ x: Int, _ y: Int) -> [UInt8] {
        let base = y * canvas.stride + x * 4
        return [canvas.bytes[base + 2], canvas.bytes[base + 1], canvas.bytes[base]]
    }

    @Test func aRedPictureIsDrawnRedWhereItBelongsAndNowhereElse() {
        let frame = flat(PictureSize(width: 64, height: 36), 76, 85, 255)
        var canvas = Canvas(size: PictureSize(width: 200, height: 100))
        var scratch: [UInt8] = []
        Pixels.draw(
            frame, into: &canvas, at: PixelRectangle(x: 10, y: 10, width: 160, height: 80), fit: .fill,
            scratch: &scratch)
        let red = pixel(canvas, 90, 50)
        #expect(red[0] > 200 && red[1] < 40 && red[2] < 40)
        #expect(pixel(canvas, 5, 50) == [0, 0, 0])
        #expect(pixel(canvas, 175, 50) == [0, 0, 0])
    }

    @Test func aScreenIsMadeSmallerWhole() {
        var screen = Canvas(size: PictureSize(width: 300, height: 200))
        Pixels.fill(&screen, in: PixelRectangle(x: 0, y: 0, width: 300, height: 200), colour: 0xFF00_00FF)
        Pixels.fill(&screen, in: PixelRectangle(x: 150, y: 100, width: 150, height: 100), colour: 0xFFFF_0000)
        var small = Canvas(size: PictureSize(width: 120, height: 80))
        #expect(Pixels.scale(screen, into: &small))
        for (place, colour) in [((30, 20), [0, 0, 255]), ((90, 60), [255, 0, 0]), ((119, 20), [0, 0, 255])] {
            let seen = pixel(small, place.0, place.1)
            #expect(zip(seen, colour).allSatisfy { abs(Int($0) - $1) < 6 }, "\(place): \(seen)")
        }
        var nothing = Canvas(size: PictureSize(width: 0, height: 0))
        #expect(!Pixels.scale(screen, into: &nothing))
    }

    @Test func wholeKeepsTheShapeAndFillCutsIt() {
        let size = PictureSize(width: 1280, height: 720)
        let square = PixelRectangle(x: 100, y: 0, width: 400, height: 400)
        let whole = Pixels.placement(of: size, in: square, fit: .whole)
        #expect(whole.target == PixelRectangle(x: 100, y: 87, width: 400, height: 225))
        let fill = Pixels.placement(of: size, in: square, fit: .fill)
        #expect(fill.target == square)
        #expect(fill.source == PixelRectangle(x: 280, y: 0, width: 720, height: 720))
    }

    @Test func mirroringSwapsLeftAndRight() {
        var frame = flat(PictureSize(width: 32, height: 32), 235, 128, 128)
        for row in 0..<32 { for column in 0..<16 { frame.storage[row * 32 + column] = 16 } }
        var canvas = Canvas(size: PictureSize(width: 32, height: 32))
        var scratch: [UInt8] = []
        let area = PixelRectangle(x: 0, y: 0, width: 32, height: 32)
        Pixels.draw(frame, into: &canvas, at: area, fit: .fill, mirrored: true, scratch: &scratch)
        #expect(pixel(canvas, 4, 16)[0] > 200)
        #expect(pixel(canvas, 28, 16)[0] < 40)
    }

    @Test func aHalfTransparentOverlayMixes() {
        var canvas = Canvas(size: PictureSize(width: 16, height: 16))
        let area = PixelRectangle(x: 0, y: 0, width: 16, height: 16)
        Pixels.fill(&canvas, in: area, colour: 0x0000FF)
        var overlay = Canvas(size: canvas.size)
        for base in stride(from: 0, to: overlay.bytes.count, by: 4) {
            overlay.bytes[base + 2] = 128
            overlay.bytes[base + 3] = 128
        }
        Pixels.blend(overlay, over: &canvas, in: area)
        let mixed = pixel(canvas, 8, 8)
        #expect((120...136).contains(mixed[0]) && (120...136).contains(mixed[2]))
    }

    @Test func scalingKeepsColours() {
        let frame = flat(PictureSize(width: 1280, height: 720), 150, 44, 21)
        var small = VideoFrame(size: PictureSize(width: 320, height: 180))
        #expect(Pixels.scale(frame, into: &small))
        #expect(small.storage[1000] == 150)
        #expect(small.storage[small.uOffset + 100] == 44)
        #expect(small.storage[small.vOffset + 100] == 21)
    }
}
