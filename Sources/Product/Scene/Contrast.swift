/// How well one colour stands out from another, after WCAG 2.1 (success criterion 1.4.3, which EN 301 549 takes over).
package enum Contrast {
    /// What words of any size need.
    package static let minimum = 4.5

    /// From 1 (the same) to 21 (black on white). Colours are 0xRRGGBB; alpha is ignored.
    package static func ratio(_ one: UInt32, _ two: UInt32) -> Double {
        let (a, b) = (luminance(one), luminance(two))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// Relative luminance, 0 to 1.
    package static func luminance(_ colour: UInt32) -> Double {
        func linear(_ shift: UInt32) -> Double {
            let value = Double(colour >> shift & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : raised((value + 0.055) / 1.055)
        }
        return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }

    /// `colour` itself when it stands out from all of `others`, else the nearest that does on the way to white
    /// (`lighter`) or to black. 0xFFRRGGBB.
    package static func readable(_ colour: UInt32, on others: [UInt32], lighter: Bool, ratio wanted: Double = minimum)
        -> UInt32
    {
        let target: UInt32 = lighter ? 0xFF : 0
        for step in UInt32(0)...64 {
            func part(_ shift: UInt32) -> UInt32 {
                (((colour >> shift & 0xFF) * (64 - step) + target * step) / 64) << shift
            }
            let candidate = 0xFF00_0000 | part(16) | part(8) | part(0)
            if others.allSatisfy({ ratio(candidate, $0) >= wanted }) { return candidate }
        }
        return 0xFF00_0000 | target << 16 | target << 8 | target
    }

    /// `base` to the power of 2.4 without a mathematical library: x²·x^0.4, the fifth root of x² by Newton's method.
    private static func raised(_ base: Double) -> Double {
        var root = 0.8
        for _ in 0..<40 {
            let fourth = root * root * root * root
            root -= (fourth * root - base * base) / (5 * fourth)
        }
        return base * base * root
    }
}
