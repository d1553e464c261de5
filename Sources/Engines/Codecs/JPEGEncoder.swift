internal import CTurboJPEG
package import Devices

/// Compresses canvases to baseline JPEG, 4:2:0.
package struct JPEGEncoder: ~Copyable {
    private let context: tjhandle
    private let quality: Int32

    /// - Parameter quality: 1 to 100.
    package init(quality: Int = 80) throws(CodecError) {
        guard let context = tjInitCompress() else { throw .unavailable(codec: "JPEG", code: -1) }
        self.context = context
        self.quality = Int32(min(max(1, quality), 100))
    }

    deinit {
        tjDestroy(context)
    }

    /// Replaces `output` by a JPEG file of `canvas`.
    package mutating func encode(_ canvas: borrowing Canvas, into output: inout [UInt8]) throws(CodecError) {
        let (size, stride) = (canvas.size, canvas.stride)
        guard (1...65_535).contains(size.width), (1...65_535).contains(size.height) else {
            throw .unsupportedSize(width: size.width, height: size.height)
        }
        let (context, quality) = (self.context, self.quality)
        let most = Int(tjBufSize(Int32(size.width), Int32(size.height), Int32(TJSAMP_420.rawValue)))
        var status: Int32 = -1
        // Only the pages that the file fills are ever touched.
        output = [UInt8](unsafeUninitializedCapacity: most) { bytes, count in
            var target = bytes.baseAddress
            var written = UInt(most)
            status = canvas.bytes.withUnsafeBufferPointer { pixels in
                tjCompress2(
                    context, pixels.baseAddress, Int32(size.width), Int32(stride), Int32(size.height),
                    Int32(TJPF_BGRX.rawValue), &target, &written, Int32(TJSAMP_420.rawValue), quality,
                    TJFLAG_NOREALLOC | TJFLAG_FASTDCT)
            }
            count = status == 0 ? min(Int(written), most) : 0
        }
        guard status == 0 else { throw .refused(codec: "JPEG", code: Int(tjGetErrorCode(context))) }
    }
}
