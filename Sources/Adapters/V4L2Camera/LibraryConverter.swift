internal import CV4L2
internal import Devices

/// libv4lconvert as a function from memory to memory, for the formats that are rare in cameras.
struct LibraryConverter: ~Copyable {
    private let context: OpaquePointer
    private let format: VideoFormat
    private let needed: Int

    /// Nil when the library has no memory, or when such a picture cannot be.
    init?(format: VideoFormat, bitsPerPixel: Int) {
        // The library's loops go in steps of two pixels and two rows.
        guard format.width % 2 == 0, format.height % 2 == 0, bitsPerPixel > 0, (2...16_384).contains(format.width),
            (2...16_384).contains(format.height)
        else { return nil }
        // Rows that overlap send the library's pointers anywhere. Some drivers leave the field empty.
        let rowBytes = UInt32(Int(format.width) * bitsPerPixel / 8)
        let stride = format.bytesPerLine == 0 ? rowBytes : format.bytesPerLine
        guard (rowBytes...1 << 20).contains(stride), let context = vs_v4l2_converter() else { return nil }
        self.context = context
        self.format = VideoFormat(
            format: format.format, width: format.width, height: format.height, bytesPerLine: stride)
        needed = Int(stride) * Int(format.height)
    }

    deinit {
        v4lconvert_destroy(context)
    }

    /// False, with `target` undefined, when `bytes` are not a whole picture.
    func convert(_ bytes: UnsafeMutableBufferPointer<UInt8>, into target: inout VideoFrame) -> Bool {
        guard bytes.count >= needed, let source = bytes.baseAddress,
            target.size.width == Int(format.width), target.size.height == Int(format.height)
        else { return false }
        let (context, format, needed) = (self.context, self.format, self.needed)
        return target.storage.withUnsafeMutableBufferPointer { output in
            vs_v4l2_convert(
                context, format.format.rawValue, format.width, format.height, format.bytesPerLine, source,
                Int32(clamping: needed), output.baseAddress, Int32(clamping: output.count)) == 0
        }
    }
}
