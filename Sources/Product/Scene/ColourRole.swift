/// What a colour is for; `value` is the palette.
package enum ColourRole: Hashable, Sendable {
    case background
    /// Tiles and cards on the background.
    case surface
    /// Keys and plates on a surface.
    case raised
    case text
    /// Words of lesser weight.
    case secondaryText
    /// Words on `warning`.
    case darkText
    case accent
    case positive
    case danger
    case warning
    /// Behind words over a moving picture.
    case plate
    /// Dims pictures that stand still.
    case veil
    /// The disc behind initials; any number is taken modulo the palette.
    case avatar(Int)

    /// 0xAARRGGBB, not premultiplied.
    package var value: UInt32 {
        switch self {
        case .background: 0xFF0F_151C
        case .surface: 0xFF1A_232E
        case .raised: 0xFF28_3544
        case .text: 0xFFF4_F7FA
        case .secondaryText: 0xFFB5_C2CF
        case .darkText: 0xFF1C_1400
        case .accent: 0xFF7C_BDF2
        case .positive: 0xFF5F_CB91
        case .danger: 0xFFCB_2A36
        case .warning: 0xFFF0_B94D
        case .plate: 0xC80B_1016
        case .veil: 0xEA0F_151C
        case .avatar(let number): Self.avatars[Int(UInt(bitPattern: number) % UInt(Self.avatars.count))]
        }
    }

    /// Calm hues, all dark enough for white initials.
    package static let avatars: [UInt32] = [
        0xFF34_6A9E, 0xFF2C_7A6B, 0xFF7A_5A9A, 0xFF9A_5747, 0xFF4F_7038, 0xFF8A_4F72, 0xFF4A_60A8, 0xFF7D_6426,
    ]
}
