import Devices
import Testing

@testable import Pixels

@Suite struct PictureLayoutTests {
    /// A picture whose samples tell where they are: luma row*16+column, U 100+…, V 200+…, by chroma row and column.
    private func packed(_ layout: PictureLayout, _ size: PictureSize, stride: Int) -> [UInt8] {
        let (width, height) = (size.width, size.height)
        let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
        var bytes = [UInt8](repeating: 0xEE, count: layout.byteCount(of: size, stride: stride) ?? 0)
        func luma(_ row: Int, _ column: Int) -> UInt8 { UInt8(row * 16 + column) }
        func u(_ row: Int, _ column: Int) -> UInt8 { UInt8(100 + row * 8 + column) }
        func v(_ row: Int, _ column: Int) -> UInt8 { UInt8(200 + row * 8 + column) }
        for row in 0..<height {
            for column in 0..<width {
                switch layout {
                case .yuyv: bytes[row * stride + column * 2] = luma(row, column)
                case .uyvy: bytes[row * stride + column * 2 + 1] = luma(row, column)
                default: bytes[row * stride + column] = luma(row, column)
                }
            }
            for column in 0..<chromaWidth where layout == .yuyv || layout == .uyvy {
                let place = row * stride + column * 4 + (layout == .yuyv ? 1 : 0)
                bytes[place] = u(row / 2, column)
                bytes[place + 2] = v(row / 2, column)
            }
        }
        let second = stride * height
        let chromaStride = (stride + 1) / 2
        for row in 0..<chromaHeight {
            for column in 0..<chromaWidth {
                let pair = second + row * stride + 2 * column
                let plane = second + row * chromaStride + column
                let next = plane + chromaStride * chromaHeight
                switch layout {
                case .yuyv, .uyvy: break
                case .nv12: (bytes[pair], bytes[pair + 1]) = (u(row, column), v(row, column))
                case .nv21: (bytes[pair], bytes[pair + 1]) = (v(row, column), u(row, column))
                case .i420: (bytes[plane], bytes[next]) = (u(row, column), v(row, column))
                case .yv12: (bytes[plane], bytes[next]) = (v(row, column), u(row, column))
                }
            }
        }
        return bytes
    }

    @Test(arguments: PictureLayout.allCases, [0, 2, 10])
    func everySampleArrivesWhereItBelongs(layout: PictureLayout, gap: Int) {
        let size = PictureSize(width: 12, height: 8)
        let stride = layout.rowBytes(width: size.width) + gap
        let bytes = packed(layout, size, stride: stride)
        var frame = VideoFrame(size: size)
        #expect(Pixels.unpack(bytes.span, layout: layout, stride: stride, into: &frame))
        for row in 0..<8 {
            for column in 0..<12 { #expect(frame.storage[row * 12 + column] == UInt8(row * 16 + column)) }
        }
        for row in 0..<4 {
            for column in 0..<6 {
                #expect(frame.storage[frame.uOffset + row * 6 + column] == UInt8(100 + row * 8 + column))
                #expect(frame.storage[frame.vOffset + row * 6 + column] == UInt8(200 + row * 8 + column))
            }
        }
    }

    @Test(arguments: PictureLayout.allCases)
    func tooFewBytesAreRefusedAndNoneMoreIsNeeded(layout: PictureLayout) {
        for size in [PictureSize(width: 12, height: 8), PictureSize(width: 13, height: 7)] {
            let stride = layout.rowBytes(width: size.width) + 4
            guard let needed = layout.byteCount(of: size, stride: stride) else {
                Issue.record("no count for \(layout)")
                continue
            }
            var frame = VideoFrame(size: size)
            let bytes = [UInt8](repeating: 77, count: needed)
            #expect(Pixels.unpack(bytes.span, layout: layout, stride: stride, into: &frame))
            #expect(frame.storage.allSatisfy { $0 == 77 })
            let short = [UInt8](repeating: 77, count: needed - 1)
            #expect(!Pixels.unpack(short.span, layout: layout, stride: stride, into: &frame))
        }
    }

    @Test(arguments: PictureLayout.allCases)
    func absurdSizesAndStridesAreNoPicture(layout: PictureLayout) {
        for side in [Int.min, -1, 0, 16_385, Int.max] {
            #expect(layout.byteCount(of: PictureSize(width: side, height: 8), stride: 100) == nil)
            #expect(layout.byteCount(of: PictureSize(width: 12, height: side), stride: 100) == nil)
        }
        let size = PictureSize(width: 12, height: 8)
        for stride in [Int.min, 0, layout.rowBytes(width: 12) - 1, 1 << 21, Int.max] {
            #expect(layout.byteCount(of: size, stride: stride) == nil)
        }
    }
}
