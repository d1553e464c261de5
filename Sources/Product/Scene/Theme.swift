/// What a town may choose of the screen's looks.
package struct Theme: Equatable, Sendable {
    /// The ground where the configuration names none. 0xFFRRGGBB.
    package static let standardGround: UInt32 = 0xFF1D_4468
    /// The accent where the configuration names none. 0xFFRRGGBB.
    package static let standardAccent: UInt32 = 0xFF7C_BDF2

    /// The dark colour, behind white words. 0xFFRRGGBB.
    package let ground: UInt32
    /// The bright colour, for signs and lines on dark.
    package let accent: UInt32
    /// Black, white and lines around everything.
    package let highContrast: Bool
    /// The town's arms, from a file of the box itself.
    package let crest: ScenePicture?

    /// Colours that could not be read are taken to the nearest that can; `problems` says so to those who configure.
    package init(
        ground: UInt32 = standardGround, accent: UInt32 = standardAccent, highContrast: Bool = false,
        crest: ScenePicture? = nil
    ) {
        self.ground = Contrast.readable(ground, on: Self.onGround, lighter: false)
        self.accent = Contrast.readable(accent, on: Self.underAccent, lighter: true)
        self.highContrast = highContrast
        self.crest = crest
    }

    /// A colour that cannot be read where it is used.
    package struct Problem: Equatable, Sendable {
        /// Which of the two colours a problem is about.
        package enum Place: String, Equatable, Sendable { case ground, accent }

        /// The colour that was moved.
        package var place: Place
        /// The contrast it has; `Contrast.minimum` is wanted.
        package var ratio: Double
        /// The nearest colour that would do, 0xFFRRGGBB.
        package var instead: UInt32
    }

    /// What is wrong with two colours, 0xRRGGBB.
    package static func problems(ground: UInt32, accent: UInt32) -> [Problem] {
        let theme = Theme(ground: ground, accent: accent)
        func worst(_ colour: UInt32, _ others: [UInt32]) -> Double {
            others.map { Contrast.ratio(colour, $0) }.min() ?? 21
        }
        let found = [
            Problem(place: .ground, ratio: worst(ground, onGround), instead: theme.ground),
            Problem(place: .accent, ratio: worst(accent, underAccent), instead: theme.accent),
        ]
        return found.filter { $0.ratio < Contrast.minimum }
    }

    /// Reads `#rrggbb`.
    package static func colour(_ text: String) -> UInt32? {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6, digits.first != UInt8(ascii: "+"),
            let value = UInt32(text.dropFirst(), radix: 16)
        else { return nil }
        return 0xFF00_0000 | value
    }

    func palette(brightness: Int) -> Palette {
        Palette(ground: ground, accent: accent, highContrast: highContrast, brightness: brightness)
    }

    /// White words and the paler ones stand on the ground.
    private static let onGround: [UInt32] = [0xF5_F8FB, 0xB9_C6D3]
    /// The accent is seen on the background, on cards and on keys, and carries dark words.
    private static let underAccent: [UInt32] = [0x0D_131A, 0x18_212B, 0x27_3442, 0x16_1205]
}
