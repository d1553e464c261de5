internal import Devices

/// Memory that the processor writes and a CRTC scans out; freed when dropped.
final class DumbBuffer<Calls: DRMCalls> {
    private let card: Card<Calls>
    private let memory: UnsafeMutableRawPointer
    private let facts: DumbBufferFacts
    let width: Int
    let height: Int

    var handle: UInt32 { facts.handle }
    var pitch: Int { facts.pitch }

    /// - Parameter height: rows of all colour planes together.
    init(_ card: Card<Calls>, width: Int, height: Int, bitsPerPixel: Int) throws(KernelError) {
        let facts = try card.calls.createDumbBuffer(
            card.descriptor, width: UInt32(clamping: width), height: UInt32(clamping: height),
            bitsPerPixel: UInt32(clamping: bitsPerPixel))
        do throws(KernelError) {
            // Every offset below is within these.
            guard facts.pitch >= width * bitsPerPixel / 8, facts.pitch < 1 << 20, facts.size >= facts.pitch * height
            else { throw KernelError(errno: 22) }  // EINVAL
            memory = try card.calls.mapDumbBuffer(card.descriptor, handle: facts.handle, size: facts.size)
        } catch {
            card.calls.destroyDumbBuffer(card.descriptor, handle: facts.handle)
            throw error
        }
        self.card = card
        self.facts = facts
        self.width = width
        self.height = height
    }

    deinit {
        card.calls.unmap(memory, size: facts.size)
        card.calls.destroyDumbBuffer(card.descriptor, handle: facts.handle)
    }

    /// Copies `area` of `canvas` to the same place counted from (`left`, `top`).
    func copy(_ canvas: borrowing Canvas, _ area: PixelRectangle, left: Int, top: Int) {
        let space = PictureSize(width: width - left, height: height - top)
        let part = area.clipped(to: canvas.size).clipped(to: space)
        guard !part.isEmpty, left >= 0, top >= 0 else { return }
        let stride = canvas.stride
        canvas.bytes.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            for row in part.y..<part.y + part.height {
                (memory + (row + top) * pitch + (part.x + left) * 4).copyMemory(
                    from: from + row * stride + part.x * 4, byteCount: part.width * 4)
            }
        }
    }

    /// Copies a picture of this buffer's width and of two thirds of its height as `layout` says.
    func copy(_ frame: borrowing VideoFrame, as layout: VideoLayout) {
        guard frame.size == layout.size, layout.size.width <= width, layout.rows <= height else { return }
        let (chromaWidth, chromaHeight) = (frame.chromaStride, frame.chromaHeight)
        let (uOffset, vOffset, lumaStride) = (frame.uOffset, frame.vOffset, frame.lumaStride)
        let size = layout.size
        frame.storage.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            for row in 0..<size.height {
                (memory + row * pitch).copyMemory(from: from + row * lumaStride, byteCount: size.width)
            }
            let chroma = memory + size.height * pitch
            if layout.format == .nv12 {
                for row in 0..<chromaHeight {
                    let u = (from + uOffset + row * chromaWidth).assumingMemoryBound(to: UInt8.self)
                    let v = (from + vOffset + row * chromaWidth).assumingMemoryBound(to: UInt8.self)
                    let pairs = (chroma + row * pitch).assumingMemoryBound(to: UInt8.self)
                    for column in 0..<chromaWidth {
                        pairs[2 * column] = u[column]
                        pairs[2 * column + 1] = v[column]
                    }
                }
            } else {
                let half = pitch / 2
                for row in 0..<chromaHeight {
                    (chroma + row * half).copyMemory(from: from + uOffset + row * chromaWidth, byteCount: chromaWidth)
                    (chroma + (chromaHeight + row) * half).copyMemory(
                        from: from + vOffset + row * chromaWidth, byteCount: chromaWidth)
                }
            }
        }
    }
}

/// How a picture of 4:2:0 lies in one dumb buffer of 8 bits a pixel: luma above, chroma below.
struct VideoLayout: Equatable {
    /// Both sides even.
    let size: PictureSize
    /// NV12 or YUV420.
    let format: PixelFormat

    /// Whether chroma samples come out whole, and there is enough for a scaler to work on.
    static func fits(_ size: PictureSize) -> Bool {
        size.width >= 16 && size.height >= 16 && size.width % 2 == 0 && size.height % 2 == 0
    }

    /// Rows of the whole buffer.
    var rows: Int { size.height + size.height / 2 }

    func parts(pitch: Int) -> [FramebufferLayout.Part] {
        let luma = FramebufferLayout.Part(pitch: pitch, offset: 0)
        guard format == .yuv420 else { return [luma, .init(pitch: pitch, offset: pitch * size.height)] }
        let chroma = pitch / 2 * (size.height / 2)
        return [
            luma, .init(pitch: pitch / 2, offset: pitch * size.height),
            .init(pitch: pitch / 2, offset: pitch * size.height + chroma),
        ]
    }
}

/// A dumb buffer seen as a picture of one format; forgotten by the kernel when dropped.
final class Framebuffer<Calls: DRMCalls> {
    private let card: Card<Calls>
    let buffer: DumbBuffer<Calls>
    let id: UInt32

    /// - Parameter parts: nil for a format of one plane.
    init(
        _ card: Card<Calls>, _ buffer: DumbBuffer<Calls>, height: Int, format: PixelFormat,
        parts: [FramebufferLayout.Part]? = nil
    ) throws(KernelError) {
        self.card = card
        self.buffer = buffer
        id = try card.calls.addFramebuffer(
            card.descriptor,
            FramebufferLayout(
                width: buffer.width, height: height, format: format, handle: buffer.handle,
                parts: parts ?? [.init(pitch: buffer.pitch, offset: 0)]))
    }

    deinit {
        card.calls.removeFramebuffer(card.descriptor, id)
    }
}

/// A mode as the kernel keeps it for MODE_ID.
struct Blob<Calls: DRMCalls>: ~Copyable {
    private let card: Card<Calls>
    let id: UInt32

    init(_ card: Card<Calls>, mode: DisplayMode) throws(KernelError) {
        self.init(card, id: try card.calls.createModeBlob(card.descriptor, mode))
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(_ card: Card<Calls>, id: UInt32) {
        self.card = card
        self.id = id
    }

    deinit {
        card.calls.destroyBlob(card.descriptor, id)
    }
}
