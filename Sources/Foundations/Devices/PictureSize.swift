/// A picture's dimensions in pixels.
package struct PictureSize: Hashable, Sendable, CustomStringConvertible {
    /// In pixels.
    package var width: Int
    /// In pixels.
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Reads "1280x720"; nil outside 16x16 … 7680x4320 or when it is other text.
    package init?(_ text: String) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]), (16...7680).contains(width),
            (16...4320).contains(height)
        else { return nil }
        self.init(width: width, height: height)
    }

    package var description: String { "\(width)x\(height)" }
}
