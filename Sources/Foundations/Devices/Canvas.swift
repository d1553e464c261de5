/// A picture that a screen can show: 32 bits a pixel, bytes blue, green, red, unused (DRM_FORMAT_XRGB8888, little-endian).
///
/// The same layout with its fourth byte as alpha, colours premultiplied, is DRM_FORMAT_ARGB8888 and Cairo's ARGB32: an
/// overlay is a `Canvas` too.
package struct Canvas: ~Copyable, Sendable {
    /// In pixels.
    package let size: PictureSize
    /// Rows of `size.width * 4` bytes.
    package var bytes: [UInt8]

    /// A canvas of zero bytes: black, or wholly transparent.
    package init(size: PictureSize) {
        self.size = size
        bytes = [UInt8](repeating: 0, count: size.width * size.height * 4)
    }

    /// Bytes from one row to the next.
    package var stride: Int { size.width * 4 }
}

/// A rectangle in pixels of a canvas.
package struct PixelRectangle: Hashable, Sendable {
    /// Of the left edge, from the left.
    package var x: Int
    /// Of the upper edge, from the top.
    package var y: Int
    /// In pixels; zero or less is empty.
    package var width: Int
    /// In pixels; zero or less is empty.
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The part of the rectangle inside `size`.
    package func clipped(to size: PictureSize) -> PixelRectangle {
        let left = min(max(0, x), size.width)
        let top = min(max(0, y), size.height)
        let right = min(max(left, x + width), size.width)
        let bottom = min(max(top, y + height), size.height)
        return PixelRectangle(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// Whether it covers no pixel.
    package var isEmpty: Bool { width <= 0 || height <= 0 }
}
