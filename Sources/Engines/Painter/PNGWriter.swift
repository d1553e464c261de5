internal import CCairo
package import Devices

/// Pictures of the screen as files, for those who are not in front of it.
package enum PNGWriter {
    /// The canvas as a PNG without transparency; nil when Cairo fails.
    package static func encode(_ canvas: borrowing Canvas) -> [UInt8]? {
        let (width, height, stride) = (Int32(canvas.size.width), Int32(canvas.size.height), Int32(canvas.stride))
        return canvas.bytes.withUnsafeBufferPointer { bytes -> [UInt8]? in
            // Cairo asks for memory it may write, but writing a PNG only reads it.
            let surface = cairo_image_surface_create_for_data(
                UnsafeMutablePointer(mutating: bytes.baseAddress), CAIRO_FORMAT_RGB24, width, height, stride)
            defer { cairo_surface_destroy(surface) }
            var file: [UInt8] = []
            let status = withUnsafeMutablePointer(to: &file) { file in
                cairo_surface_write_to_png_stream(
                    surface,
                    { closure, data, length in
                        guard let file = closure?.assumingMemoryBound(to: [UInt8].self) else {
                            return CAIRO_STATUS_WRITE_ERROR
                        }
                        file.pointee.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
                        return CAIRO_STATUS_SUCCESS
                    }, file)
            }
            return status == CAIRO_STATUS_SUCCESS ? file : nil
        }
    }
}
