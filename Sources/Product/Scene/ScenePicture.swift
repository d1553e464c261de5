/// A small still picture handed in by whoever started us: never one that came from the network.
package struct ScenePicture: Hashable, Sendable {
    /// In pixels.
    package let width: Int
    /// In pixels.
    package let height: Int
    /// Rows of `width` pixels without gaps: premultiplied blue, green, red, alpha.
    package let pixels: [UInt8]
    /// Of the pixels: comparing pictures happens with every frame.
    private let digest: Int

    /// Nil unless there are exactly as many pixels as the size asks for.
    package init?(width: Int, height: Int, pixels: [UInt8]) {
        guard (1...4096).contains(width), (1...4096).contains(height), pixels.count == width * height * 4 else {
            return nil
        }
        self.width = width
        self.height = height
        self.pixels = pixels
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in pixels { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        digest = Int(truncatingIfNeeded: hash)
    }

    package static func == (one: ScenePicture, two: ScenePicture) -> Bool {
        one.width == two.width && one.height == two.height && one.digest == two.digest
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(width)
        hasher.combine(height)
        hasher.combine(digest)
    }
}
