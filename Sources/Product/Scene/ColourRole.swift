/// What a colour is for; a `Palette` says which colour that is.
package enum ColourRole: Hashable, Sendable {
    case background
    /// Tiles and cards on the background.
    case surface
    /// Keys and plates on a surface.
    case raised
    /// Thin lines that part and frame.
    case line
    case text
    /// Words of lesser weight.
    case secondaryText
    /// Words on `warning`, `positive` and `accent`.
    case darkText
    /// The town's dark colour, behind white words.
    case ground
    /// The town's bright colour: signs and lines on dark.
    case accent
    case positive
    case danger
    /// Red signs and words on dark.
    case alarm
    case warning
    /// Behind words over a moving picture.
    case plate
    /// Dims pictures that stand still.
    case veil
    /// The white that a QR code is printed on.
    case paper
    case black
    /// Draws nothing: the plate of words that stand on their own with an icon.
    case clear
    /// The disc behind initials; any number is taken modulo the palette.
    case avatar(Int)

    /// The colour without a theme: 0xAARRGGBB, not premultiplied. `background`, `surface` and `raised` have it in every
    /// theme.
    package var value: UInt32 { Palette.standard.value(of: self) }

    /// Calm hues, all dark enough for white initials.
    package static let avatars: [UInt32] = [
        0xFF34_6A9E, 0xFF2C_7A6B, 0xFF7A_5A9A, 0xFF9A_5747, 0xFF4F_7038, 0xFF8A_4F72, 0xFF4A_60A8, 0xFF7D_6426,
    ]
}
