@_spi(_Unicode) import Swift

import Basis

/// Jitsi's "backend-safe name" of a room or a tenant (jitsi-meet `react/features/base/util/uri.ts`).
///
/// Deviation: the web client normalises to NFKC. The standard library normalises to NFC only, so the compatibility mapping is
/// done here for what a keyboard or a copied title can hold: full-width ASCII, Latin ligatures, superscript digits and odd
/// spaces. Other compatibility characters stay as they are.
package enum RoomName {
    /// The characters that the web client drops from each path segment.
    private static let removed: Set<Unicode.Scalar> = [
        ":", "?", "#", "[", "]", "@", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=", ">", "<", "/", "\"",
    ]

    /// The segment without the characters that a room address cannot hold; percent-escapes stay.
    package static func cleaned(_ segment: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in segment.unicodeScalars where !removed.contains(scalar) { output.append(scalar) }
        return String(output)
    }

    /// The local part of the room's JID: decoded, normalised, lower case, percent-encoded, lower case again.
    package static func normalized(_ segment: String) -> String {
        let compatible = compatibilityMapped(PercentEncoding.decode(segment))
        let composed = String(String.UnicodeScalarView(compatible._nfc))
        return PercentEncoding.encodeComponent(composed.lowercased()).lowercased()
    }

    private static func compatibilityMapped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0).map { output.append($0) }
            case 0x00A0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: output.append(" ")
            case 0xFB00: output.append(contentsOf: "ff".unicodeScalars)
            case 0xFB01: output.append(contentsOf: "fi".unicodeScalars)
            case 0xFB02: output.append(contentsOf: "fl".unicodeScalars)
            case 0xFB03: output.append(contentsOf: "ffi".unicodeScalars)
            case 0xFB04: output.append(contentsOf: "ffl".unicodeScalars)
            case 0x00B2: output.append("2")
            case 0x00B3: output.append("3")
            case 0x00B9: output.append("1")
            case 0x2026: output.append(contentsOf: "...".unicodeScalars)
            default: output.append(scalar)
            }
        }
        return String(output)
    }
}
