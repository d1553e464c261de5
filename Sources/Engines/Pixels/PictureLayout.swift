internal import CYUV
package import Devices

/// How cameras and files lay out 8-bit YCbCr pictures (Linux V4L2 documentation, "YUV formats").
package enum PictureLayout: Sendable, CaseIterable {
    /// 4:2:2 in one plane: Y U Y V.
    case yuyv
    /// 4:2:2 in one plane: U Y V Y.
    case uyvy
    /// 4:2:0: a luma plane, then one of U V pairs.
    case nv12
    /// 4:2:0: a luma plane, then one of V U pairs.
    case nv21
    /// 4:2:0 in three planes: Y, U, V.
    case i420
    /// 4:2:0 in three planes: Y, V, U.
    case yv12

    /// Bytes in a row of the first plane when rows follow each other without a gap.
    package func rowBytes(width: Int) -> Int {
        switch self {
        case .yuyv, .uyvy: (width &+ 1) / 2 &* 4
        case .nv12, .nv21: (width &+ 1) / 2 &* 2
        case .i420, .yv12: width
        }
    }

    /// The least number of bytes that hold a picture whose rows begin `stride` bytes apart in the first plane; nil when
    /// that is no picture. Chroma rows are as far apart (NV12, NV21) or half as far (I420, YV12).
    package func byteCount(of size: PictureSize, stride: Int) -> Int? {
        guard (1...16_384).contains(size.width), (1...16_384).contains(size.height),
            (rowBytes(width: size.width)...1 << 20).contains(stride)
        else { return nil }
        let (chromaWidth, chromaHeight) = ((size.width + 1) / 2, (size.height + 1) / 2)
        switch self {
        case .yuyv, .uyvy: return stride * (size.height - 1) + rowBytes(width: size.width)
        case .nv12, .nv21: return stride * (size.height + chromaHeight - 1) + 2 * chromaWidth
        case .i420, .yv12:
            return stride * size.height + Self.chromaStride(stride) * (2 * chromaHeight - 1) + chromaWidth
        }
    }

    static func chromaStride(_ stride: Int) -> Int { (stride + 1) / 2 }
}

extension Pixels {
    /// Brings a picture in another layout, of the size of `target`, to `target`.
    ///
    /// - Parameter stride: bytes from one row of the first plane to the next.
    /// - Returns: false, with `target` undefined, when `bytes` are too few for that.
    package static func unpack(
        _ bytes: Span<UInt8>, layout: PictureLayout, stride: Int, into target: inout VideoFrame
    ) -> Bool {
        let size = target.size
        guard let needed = layout.byteCount(of: size, stride: stride), bytes.count >= needed else { return false }
        let (luma, chroma) = (Int32(target.lumaStride), Int32(target.chromaStride))
        let (uOffset, vOffset) = (target.uOffset, target.vOffset)
        let (width, height, row) = (Int32(size.width), Int32(size.height), Int32(stride))
        let chromaRow = Int32(PictureLayout.chromaStride(stride))
        return bytes.withUnsafeBufferPointer { input in
            target.storage.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let y = output.baseAddress else { return false }
                let (u, v) = (y + uOffset, y + vOffset)
                let second = from + stride * size.height
                let third = second + Int(chromaRow) * ((size.height + 1) / 2)
                let status =
                    switch layout {
                    case .yuyv: YUY2ToI420(from, row, y, luma, u, chroma, v, chroma, width, height)
                    case .uyvy: UYVYToI420(from, row, y, luma, u, chroma, v, chroma, width, height)
                    case .nv12: NV12ToI420(from, row, second, row, y, luma, u, chroma, v, chroma, width, height)
                    case .nv21: NV21ToI420(from, row, second, row, y, luma, u, chroma, v, chroma, width, height)
                    case .i420:
                        I420Copy(
                            from, row, second, chromaRow, third, chromaRow, y, luma, u, chroma, v, chroma, width,
                            height)
                    case .yv12:
                        I420Copy(
                            from, row, third, chromaRow, second, chromaRow, y, luma, u, chroma, v, chroma, width,
                            height)
                    }
                return status == 0
            }
        }
    }
}
