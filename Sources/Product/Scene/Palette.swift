/// The colours of one screen.
package struct Palette: Hashable, Sendable {
    /// 0xFFRRGGBB.
    package var ground: UInt32
    /// 0xFFRRGGBB.
    package var accent: UInt32
    /// Whether nothing is grey or translucent, and everything has a line around it.
    package var highContrast: Bool
    /// How bright everything is, in hundredths.
    package var brightness: Int

    package init(
        ground: UInt32 = Theme.standardGround, accent: UInt32 = Theme.standardAccent, highContrast: Bool = false,
        brightness: Int = 100
    ) {
        self.ground = ground
        self.accent = accent
        self.highContrast = highContrast
        self.brightness = brightness
    }

    /// The colours where the configuration names none.
    package static let standard = Palette()

    /// 0xAARRGGBB, not premultiplied.
    package func value(of role: ColourRole) -> UInt32 {
        let full = highContrast ? strong(role) ?? plain(role) : plain(role)
        guard brightness < 100 else { return full }
        func part(_ shift: UInt32) -> UInt32 { ((full >> shift & 0xFF) * UInt32(max(0, brightness)) / 100) << shift }
        return full & 0xFF00_0000 | part(16) | part(8) | part(0)
    }

    private func plain(_ role: ColourRole) -> UInt32 {
        switch role {
        case .background: 0xFF0D_131A
        case .surface: 0xFF18_212B
        case .raised: 0xFF27_3442
        case .line: 0xFF33_4252
        case .text: 0xFFF5_F8FB
        case .secondaryText: 0xFFB9_C6D3
        case .darkText: 0xFF16_1205
        case .ground: ground
        case .accent: accent
        case .positive: 0xFF62_CF96
        case .danger: 0xFFC9_2A36
        case .alarm: 0xFFFF_8A85
        case .warning: 0xFFF2_BC52
        case .plate: 0xCC0A_0F15
        case .veil: 0xD60B_1118
        case .paper: 0xFFFF_FFFF
        case .black: 0xFF00_0000
        case .clear: 0
        case .avatar(let number):
            ColourRole.avatars[Int(UInt(bitPattern: number) % UInt(ColourRole.avatars.count))]
        }
    }

    /// What high contrast changes: nothing grey, nothing translucent, a line around everything.
    private func strong(_ role: ColourRole) -> UInt32? {
        switch role {
        case .text, .secondaryText, .line: 0xFFFF_FFFF
        case .plate, .surface, .ground: 0xFF00_0000
        case .veil: 0xF200_0000
        case .darkText: 0xFF00_0000
        case .accent: Contrast.readable(accent, on: [0, 0x27_3442], lighter: true, ratio: 7)
        case .danger: 0xFFB0_0F1E
        case .warning: 0xFFFF_D95A
        case .positive: 0xFF7D_F0B2
        default: nil
        }
    }
}
