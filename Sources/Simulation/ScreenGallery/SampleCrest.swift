internal import Scene

/// The arms of a town that does not exist: a shield parted down the middle, with a bar across its head.
enum SampleCrest {
    static let picture: ScenePicture? = {
        let (width, height) = (160, 192)
        var pixels: [UInt8] = []
        for row in 0..<height {
            for column in 0..<width {
                // Four samples along each side of a pixel smooth the edge.
                var sum = [0, 0, 0, 0]
                for part in 0..<16 {
                    let x = (Double(column) + Double(part % 4) / 4 + 0.125) / Double(width)
                    let y = (Double(row) + Double(part / 4) / 4 + 0.125) / Double(height)
                    guard let colour = colour(x, y) else { continue }
                    for (index, shift) in [UInt32(0), 8, 16].enumerated() { sum[index] += Int(colour >> shift & 0xFF) }
                    sum[3] += 255
                }
                pixels += sum.map { UInt8($0 / 16) }
            }
        }
        return ScenePicture(width: width, height: height, pixels: pixels)
    }()

    private static func colour(_ x: Double, _ y: Double) -> UInt32? {
        guard isInside(x, y, shrunk: 0) else { return nil }
        guard isInside(x, y, shrunk: 0.05) else { return 0xF4EBD2 }
        if y < 0.3 {
            let (across, down) = (abs(x - 0.5), abs(y - 0.175))
            return across + down * 1.2 < 0.075 || abs(across - 0.24) + down * 1.2 < 0.075 ? 0xF3C84B : 0xA5222F
        }
        return (x < 0.5) == (y < 0.62) ? 0x1D5C9C : 0xF4EBD2
    }

    /// Straight at the head, an arch each side towards the point.
    private static func isInside(_ x: Double, _ y: Double, shrunk: Double) -> Bool {
        guard y > shrunk, x > shrunk, x < 1 - shrunk else { return false }
        guard y > 0.45 else { return true }
        let down = (y - 0.45) / (0.55 - shrunk * 1.1)
        guard down < 1 else { return false }
        return abs(x - 0.5) < (0.5 - shrunk) * (1 - down * down).squareRoot()
    }
}
