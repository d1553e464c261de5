internal import CCairo
package import Scene

/// Small still pictures of the box's own, such as the town's arms. Never for bytes that came from the network.
package enum PNGReader {
    /// Files are no larger, in bytes.
    package static let largestFile = 4 << 20
    /// Pictures are no larger in either direction, in pixels.
    private static let largestSide = 4096
    /// Larger ones are made smaller: nothing needs more.
    private static let keptSide = 512

    private struct Input {
        var bytes: [UInt8]
        var position = 0
    }

    /// The picture in the file, scaled down to 512 pixels at most; nil when it is not a PNG or too large.
    package static func decode(_ file: [UInt8]) -> ScenePicture? {
        guard file.count <= largestFile, hasFittingSize(file) else { return nil }
        var input = Input(bytes: file)
        let surface = withUnsafeMutablePointer(to: &input) { input in
            cairo_image_surface_create_from_png_stream(
                { closure, target, length in
                    guard let input = closure?.assumingMemoryBound(to: Input.self), let target,
                        input.pointee.bytes.count - input.pointee.position >= Int(length)
                    else { return CAIRO_STATUS_READ_ERROR }
                    input.pointee.bytes.withUnsafeBufferPointer { bytes in
                        guard let from = bytes.baseAddress else { return }
                        target.update(from: from + input.pointee.position, count: Int(length))
                    }
                    input.pointee.position += Int(length)
                    return CAIRO_STATUS_SUCCESS
                }, input)
        }
        defer { cairo_surface_destroy(surface) }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else { return nil }
        let (width, height) = (
            Int(cairo_image_surface_get_width(surface)), Int(cairo_image_surface_get_height(surface))
        )
        guard width > 0, height > 0 else { return nil }
        let scale = min(1, Double(keptSide) / Double(max(width, height)))
        let wide = max(1, Int(Double(width) * scale))
        let high = max(1, Int(Double(height) * scale))
        // Painted once more, because a PNG may be of any depth and without alpha.
        var pixels = [UInt8](repeating: 0, count: wide * high * 4)
        pixels.withUnsafeMutableBufferPointer { memory in
            let target = cairo_image_surface_create_for_data(
                memory.baseAddress, CAIRO_FORMAT_ARGB32, Int32(wide), Int32(high), Int32(wide * 4))
            defer { cairo_surface_destroy(target) }
            guard let context = cairo_create(target) else { return }
            defer { cairo_destroy(context) }
            cairo_scale(context, Double(wide) / Double(width), Double(high) / Double(height))
            cairo_set_source_surface(context, surface, 0, 0)
            cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BEST)
            cairo_paint(context)
            cairo_surface_flush(target)
        }
        return ScenePicture(width: wide, height: high, pixels: pixels)
    }

    /// Looks at the header before anything is unpacked (PNG, third edition, 11.2.1: IHDR comes first).
    private static func hasFittingSize(_ file: [UInt8]) -> Bool {
        guard file.count > 32, Array(file.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else {
            return false
        }
        func number(_ offset: Int) -> Int {
            file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        return (1...largestSide).contains(number(16)) && (1...largestSide).contains(number(20))
    }
}
