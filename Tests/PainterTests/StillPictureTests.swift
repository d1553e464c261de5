import Basis
import Devices
import Painter
import Scene
import Testing

@Suite struct StillPictureTests {
    private static let size = PictureSize(width: 640, height: 480)

    private func painted(_ kind: ShapeLayer.Kind, in area: SceneRectangle, palette: Palette = .standard) throws
        -> Canvas
    {
        var layout = SceneLayout()
        layout.palette = palette
        layout.overlay = [.shape(ShapeLayer(kind: kind, rectangle: area, colour: .black))]
        var painter = try OverlayPainter(size: Self.size)
        var overlay = Canvas(size: Self.size)
        _ = painter.paint(layout, into: &overlay)
        return overlay
    }

    /// The modules of a painted code, found by its paper's edges alone.
    private func modules(_ canvas: borrowing Canvas) throws -> [[Bool]] {
        func isPaper(_ x: Int, _ y: Int) -> Bool { PainterTests.pixel(canvas, x, y) == [255, 255, 255] }
        let (middleX, middleY) = (Self.size.width / 2, Self.size.height / 2)
        let columns = (0..<Self.size.width).filter { x in (middleY - 90..<middleY + 90).contains { isPaper(x, $0) } }
        let rows = (0..<Self.size.height).filter { y in (middleX - 90..<middleX + 90).contains { isPaper($0, y) } }
        let (left, right) = (try #require(columns.first), try #require(columns.last))
        let (top, bottom) = (try #require(rows.first), try #require(rows.last))
        #expect(right - left == bottom - top)
        // The first dark pixel on the way down the diagonal is the corner of a finder pattern, four modules in.
        let corner = try #require((0..<200).first { !isPaper(left + 12 + $0, top + 12 + $0) }) + 12
        let module = corner / 4
        #expect(corner == 4 * module)
        let across = (right - left + 1) / module - 8
        return (0..<across).map { row in
            (0..<across).map { column in
                !isPaper(left + (column + 4) * module + module / 2, top + (row + 4) * module + module / 2)
            }
        }
    }

    @Test(arguments: ["A", "https://visio.exemple.fr/ConseilMunicipal", String(repeating: "é", count: 120)])
    func aCodeHasThePatternsOfTheStandard(text: String) throws {
        let canvas = try painted(.qr(text), in: SceneRectangle(x: 100, y: 20, width: 440, height: 440))
        let modules = try modules(canvas)
        let size = modules.count
        #expect(size >= 21 && (size - 17) % 4 == 0, "\(size) modules")
        for (column, row) in [(0, 0), (size - 7, 0), (0, size - 7)] {
            for y in 0..<7 {
                for x in 0..<7 {
                    let ring = max(abs(x - 3), abs(y - 3))
                    #expect(modules[row + y][column + x] == (ring != 2))
                }
            }
        }
        for index in 8..<size - 8 {
            #expect(modules[6][index] == (index % 2 == 0) && modules[index][6] == (index % 2 == 0))
        }
        #expect(modules[size - 8][8], "the module that is always dark")
        #expect(try Self.isFormat(modules))
    }

    /// The fifteen bits of the format around the upper left pattern are a word of the BCH code (ISO/IEC 18004, 7.9).
    private static func isFormat(_ modules: [[Bool]]) throws -> Bool {
        let places =
            (0..<6).map { (8, $0) } + [(8, 7), (8, 8), (7, 8)] + (0..<6).map { (5 - $0, 8) }
        var word = 0
        for (index, place) in places.enumerated() where modules[place.1][place.0] { word |= 1 << index }
        word ^= 0x5412
        for bit in stride(from: 14, through: 10, by: -1) where word >> bit & 1 == 1 { word ^= 0x537 << (bit - 10) }
        return word == 0
    }

    @Test(arguments: ["", String(repeating: "x", count: 501), "a\u{0}b"])
    func whatNoCodeCanHoldDrawsNothing(text: String) throws {
        let area = SceneRectangle(x: 100, y: 20, width: 440, height: 440)
        #expect(PainterTests.inked(try painted(.qr(text), in: area), area) == 0)
    }

    @Test func barsShowHowManyAreLit() throws {
        let area = SceneRectangle(x: 100, y: 100, width: 80, height: 80)
        var layout = SceneLayout()
        for lit in 0...4 {
            layout.overlay = [.shape(ShapeLayer(kind: .bars(lit: lit), rectangle: area, colour: .positive))]
            var painter = try OverlayPainter(size: Self.size)
            var overlay = Canvas(size: Self.size)
            _ = painter.paint(layout, into: &overlay)
            let middles = (0..<4).map { PainterTests.pixel(overlay, area.x + 20 * $0 + 7, area.maxY - 8) }
            let shown = middles.filter { PainterTests.near($0, PainterTests.parts(.positive)) }.count
            #expect(shown == lit)
        }
    }

    @Test func anotherPaletteDrawsEverythingAnew() throws {
        var layout = SceneLayout()
        let area = SceneRectangle(x: 0, y: 0, width: 64, height: 64)
        layout.overlay = [.shape(ShapeLayer(kind: .roundedRectangle(radius: 0), rectangle: area, colour: .accent))]
        var painter = try OverlayPainter(size: Self.size)
        var overlay = Canvas(size: Self.size)
        _ = painter.paint(layout, into: &overlay)
        layout.palette = Palette(accent: 0xFFF2_C14E)
        #expect(!painter.paint(layout, into: &overlay).isEmpty)
        #expect(PainterTests.pixel(overlay, 32, 32) == [0xF2, 0xC1, 0x4E])
        #expect(painter.paint(layout, into: &overlay).isEmpty)
    }

    // MARK: PNG

    private func file(width: Int, height: Int) throws -> [UInt8] {
        var canvas = Canvas(size: PictureSize(width: width, height: height))
        for index in canvas.bytes.indices { canvas.bytes[index] = UInt8(truncatingIfNeeded: index &* 7) }
        let file = PNGWriter.encode(canvas)
        return try #require(file)
    }

    @Test func aPictureIsReadAsItWasWritten() throws {
        let picture = try #require(PNGReader.decode(try file(width: 40, height: 30)))
        #expect(picture.width == 40 && picture.height == 30)
        for index in 0..<40 * 30 {
            for part in 0..<3 {
                #expect(picture.pixels[index * 4 + part] == UInt8(truncatingIfNeeded: (index * 4 + part) &* 7))
            }
            #expect(picture.pixels[index * 4 + 3] == 255)
        }
        #expect(picture == PNGReader.decode(try file(width: 40, height: 30)))
        #expect(picture != PNGReader.decode(try file(width: 30, height: 40)))
    }

    @Test func aLargePictureIsMadeSmaller() throws {
        let picture = try #require(PNGReader.decode(try file(width: 2048, height: 1024)))
        #expect(picture.width == 512 && picture.height == 256)
    }

    @Test func brokenFilesAreRefused() throws {
        #expect(PNGReader.decode([]) == nil)
        #expect(PNGReader.decode(Array("not a picture at all, only some words in a row".utf8)) == nil)
        var huge = try file(width: 16, height: 16)
        huge[16] = 0x7F
        #expect(PNGReader.decode(huge) == nil)
        let whole = try file(width: 24, height: 24)
        var random = RandomSource(seed: 5)
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0...Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 8..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Int.random(in: 0...3, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            }
            if let picture = PNGReader.decode(bytes) { #expect(picture.width <= 512 && picture.height <= 512) }
        }
    }

    @Test func theCrestIsDrawnWholeInItsPlace() throws {
        let picture = try #require(
            ScenePicture(width: 2, height: 4, pixels: [UInt8](repeating: 255, count: 2 * 4 * 4)))
        let area = SceneRectangle(x: 100, y: 100, width: 100, height: 40)
        let canvas = try painted(.picture(picture), in: area)
        let drawn = SceneRectangle(x: 100, y: 100, width: 20, height: 40)
        #expect(PainterTests.inked(canvas, drawn) >= 19 * 39)
        #expect(PainterTests.inked(canvas, area) <= 21 * 40)
        #expect(ScenePicture(width: 2, height: 2, pixels: [1]) == nil)
        #expect(ScenePicture(width: 0, height: 2, pixels: []) == nil)
    }
}
