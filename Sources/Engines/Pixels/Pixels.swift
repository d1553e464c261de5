internal import CYUV
package import Devices

/// Scaling, conversion and blending of pictures by libyuv, memory to memory.
package enum Pixels {
    /// Which part of a source is shown in a rectangle of another shape.
    package enum Fit: Sendable {
        /// The whole picture, with bars left where the shapes differ.
        case whole
        /// The rectangle filled, the overlap cut off evenly.
        case fill
    }

    /// Scales `source` to the size of `target` (box filter). False when libyuv refuses the sizes.
    @discardableResult
    package static func scale(_ source: borrowing VideoFrame, into target: inout VideoFrame) -> Bool {
        let (size, lumaStride, chromaStride) = (target.size, target.lumaStride, target.chromaStride)
        let (uOffset, vOffset) = (target.uOffset, target.vOffset)
        let (sourceSize, sourceLuma, sourceChroma) = (source.size, source.lumaStride, source.chromaStride)
        let (sourceU, sourceV) = (source.uOffset, source.vOffset)
        return source.storage.withUnsafeBufferPointer { input in
            target.storage.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return false }
                return I420Scale(
                    from, Int32(sourceLuma), from + sourceU, Int32(sourceChroma), from + sourceV, Int32(sourceChroma),
                    Int32(sourceSize.width), Int32(sourceSize.height), to, Int32(lumaStride), to + uOffset,
                    Int32(chromaStride), to + vOffset, Int32(chromaStride), Int32(size.width), Int32(size.height),
                    kFilterBox) == 0
            }
        }
    }

    /// Scales `source` to the size of `target`. False when libyuv refuses the sizes.
    ///
    /// To less than a half it goes by halves: only then does libyuv weigh every pixel.
    @discardableResult
    package static func scale(_ source: borrowing Canvas, into target: inout Canvas) -> Bool {
        let half = PictureSize(width: source.size.width / 2, height: source.size.height / 2)
        guard half.width > target.size.width, half.height > target.size.height, target.size.width > 0 else {
            return scaleAtOnce(source, into: &target)
        }
        var smaller = Canvas(size: half)
        return scaleAtOnce(source, into: &smaller) && scale(smaller, into: &target)
    }

    private static func scaleAtOnce(_ source: borrowing Canvas, into target: inout Canvas) -> Bool {
        let (size, stride, sourceSize, sourceStride) = (target.size, target.stride, source.size, source.stride)
        return source.bytes.withUnsafeBufferPointer { input in
            target.bytes.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return false }
                return ARGBScale(
                    from, Int32(sourceStride), Int32(sourceSize.width), Int32(sourceSize.height), to, Int32(stride),
                    Int32(size.width), Int32(size.height), kFilterBox) == 0
            }
        }
    }

    /// Where a picture of `size` lands in `rectangle`, and which part of it is seen.
    package static func placement(
        of size: PictureSize, in rectangle: PixelRectangle, fit: Fit
    ) -> (source: PixelRectangle, target: PixelRectangle) {
        let whole = PixelRectangle(x: 0, y: 0, width: size.width, height: size.height)
        guard size.width > 0, size.height > 0, !rectangle.isEmpty else { return (whole, rectangle) }
        let wider = size.width * rectangle.height > rectangle.width * size.height
        switch fit {
        case .whole:
            var target = rectangle
            if wider {
                target.height = max(2, rectangle.width * size.height / size.width)
                target.y += (rectangle.height - target.height) / 2
            } else {
                target.width = max(2, rectangle.height * size.width / size.height)
                target.x += (rectangle.width - target.width) / 2
            }
            return (whole, target)
        case .fill:
            var source = whole
            if wider {
                source.width = max(2, size.height * rectangle.width / rectangle.height) & ~1
                source.x = (size.width - source.width) / 2 & ~1
            } else {
                source.height = max(2, size.width * rectangle.height / rectangle.width) & ~1
                source.y = (size.height - source.height) / 2 & ~1
            }
            return (source, rectangle)
        }
    }

    /// Draws `frame` into `rectangle` of `canvas`. `scratch` is kept by the caller between calls: it holds the scaled picture.
    package static func draw(
        _ frame: borrowing VideoFrame, into canvas: inout Canvas, at rectangle: PixelRectangle, fit: Fit,
        mirrored: Bool = false, scratch: inout [UInt8]
    ) {
        let (source, wanted) = placement(of: frame.size, in: rectangle, fit: fit)
        let target = wanted.clipped(to: canvas.size)
        guard !target.isEmpty, target == wanted, !source.isEmpty else { return }
        let size = PictureSize(width: target.width, height: target.height)
        let needed = VideoFrame.byteCount(size) * (mirrored ? 2 : 1)
        if scratch.count < needed { scratch = [UInt8](repeating: 0, count: needed) }
        let (frameU, frameV) = (frame.uOffset, frame.vOffset)
        let (lumaStride, chromaStride) = (frame.lumaStride, frame.chromaStride)
        let canvasStride = canvas.stride
        frame.storage.withUnsafeBufferPointer { input in
            scratch.withUnsafeMutableBufferPointer { work in
                canvas.bytes.withUnsafeMutableBufferPointer { output in
                    guard let from = input.baseAddress, let temporary = work.baseAddress,
                        let pixels = output.baseAddress
                    else { return }
                    var planes = Planes(
                        y: from + source.y * lumaStride + source.x,
                        u: from + frameU + source.y / 2 * chromaStride + source.x / 2,
                        v: from + frameV + source.y / 2 * chromaStride + source.x / 2, luma: lumaStride,
                        chroma: chromaStride)
                    if source.width != size.width || source.height != size.height {
                        planes = planes.scaled(
                            from: source, to: size, into: temporary)
                    }
                    if mirrored {
                        planes = planes.mirrored(size: size, into: temporary + VideoFrame.byteCount(size))
                    }
                    I420ToARGB(
                        planes.y, Int32(planes.luma), planes.u, Int32(planes.chroma), planes.v, Int32(planes.chroma),
                        pixels + target.y * canvasStride + target.x * 4, Int32(canvasStride), Int32(size.width),
                        Int32(size.height))
                }
            }
        }
    }

    /// Blends the premultiplied `overlay`'s `rectangle` over the same rectangle of `canvas`.
    package static func blend(_ overlay: borrowing Canvas, over canvas: inout Canvas, in rectangle: PixelRectangle) {
        let area = rectangle.clipped(to: canvas.size).clipped(to: overlay.size)
        guard !area.isEmpty else { return }
        let (overlayStride, canvasStride) = (overlay.stride, canvas.stride)
        overlay.bytes.withUnsafeBufferPointer { input in
            canvas.bytes.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                let target = to + area.y * canvasStride + area.x * 4
                ARGBBlend(
                    from + area.y * overlayStride + area.x * 4, Int32(overlayStride), target, Int32(canvasStride),
                    target, Int32(canvasStride), Int32(area.width), Int32(area.height))
            }
        }
    }

    /// Puts the premultiplied `overlay`'s `rectangle` over the same rectangle of `canvas`, premultiplied too: where that is
    /// transparent the result is as transparent as the overlay.
    package static func blendKeepingAlpha(
        _ overlay: borrowing Canvas, over canvas: inout Canvas, in rectangle: PixelRectangle
    ) {
        let area = rectangle.clipped(to: canvas.size).clipped(to: overlay.size)
        guard !area.isEmpty else { return }
        let (overlayStride, canvasStride) = (overlay.stride, canvas.stride)
        overlay.bytes.withUnsafeBufferPointer { input in
            canvas.bytes.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                for row in area.y..<area.y + area.height {
                    let source = from + row * overlayStride + area.x * 4
                    let target = to + row * canvasStride + area.x * 4
                    for pixel in 0..<area.width {
                        let left = 255 - UInt32(source[4 * pixel + 3])
                        for byte in 4 * pixel..<4 * pixel + 4 {
                            let sum = UInt32(source[byte]) + (UInt32(target[byte]) * left + 127) / 255
                            target[byte] = UInt8(truncatingIfNeeded: min(sum, 255))
                        }
                    }
                }
            }
        }
    }

    /// Makes `rectangle` of `canvas` wholly transparent.
    package static func clear(_ canvas: inout Canvas, in rectangle: PixelRectangle) {
        let area = rectangle.clipped(to: canvas.size)
        guard !area.isEmpty else { return }
        let stride = canvas.stride
        canvas.bytes.withUnsafeMutableBufferPointer { output in
            guard let to = output.baseAddress else { return }
            ARGBRect(
                to, Int32(stride), Int32(area.x), Int32(area.y), Int32(area.width), Int32(area.height), 0)
        }
    }

    /// Fills `rectangle` of `canvas` with one opaque colour, 0xRRGGBB.
    package static func fill(_ canvas: inout Canvas, in rectangle: PixelRectangle, colour: UInt32) {
        let area = rectangle.clipped(to: canvas.size)
        guard !area.isEmpty else { return }
        let stride = canvas.stride
        canvas.bytes.withUnsafeMutableBufferPointer { output in
            guard let to = output.baseAddress else { return }
            ARGBRect(
                to, Int32(stride), Int32(area.x), Int32(area.y), Int32(area.width), Int32(area.height),
                0xFF00_0000 | colour)
        }
    }
}

/// Three planes of a picture somewhere in memory.
private struct Planes {
    var y: UnsafePointer<UInt8>
    var u: UnsafePointer<UInt8>
    var v: UnsafePointer<UInt8>
    var luma: Int
    var chroma: Int

    private static func target(
        _ memory: UnsafeMutablePointer<UInt8>, _ size: PictureSize
    ) -> (u: UnsafeMutablePointer<UInt8>, v: UnsafeMutablePointer<UInt8>, chroma: Int) {
        let chroma = (size.width + 1) / 2
        let u = memory + size.width * size.height
        return (u, u + chroma * ((size.height + 1) / 2), chroma)
    }

    func scaled(
        from source: PixelRectangle, to size: PictureSize, into memory: UnsafeMutablePointer<UInt8>
    ) -> Planes {
        let target = Self.target(memory, size)
        let smaller = size.width < source.width
        I420Scale(
            y, Int32(luma), u, Int32(chroma), v, Int32(chroma), Int32(source.width), Int32(source.height), memory,
            Int32(size.width), target.u, Int32(target.chroma), target.v, Int32(target.chroma), Int32(size.width),
            Int32(size.height), smaller ? kFilterBox : kFilterBilinear)
        return Planes(
            y: UnsafePointer(memory), u: UnsafePointer(target.u), v: UnsafePointer(target.v), luma: size.width,
            chroma: target.chroma)
    }

    func mirrored(size: PictureSize, into memory: UnsafeMutablePointer<UInt8>) -> Planes {
        let target = Self.target(memory, size)
        I420Mirror(
            y, Int32(luma), u, Int32(chroma), v, Int32(chroma), memory, Int32(size.width), target.u,
            Int32(target.chroma), target.v, Int32(target.chroma), Int32(size.width), Int32(size.height))
        return Planes(
            y: UnsafePointer(memory), u: UnsafePointer(target.u), v: UnsafePointer(target.v), luma: size.width,
            chroma: target.chroma)
    }
}
