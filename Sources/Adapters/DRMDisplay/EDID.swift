internal import Basis

/// What a TV says of itself (VESA E-EDID 1.4, base block). Total: any bytes give a value or nil.
package struct EDID: Equatable, Sendable {
    /// Three letters given by UEFI's registry, for instance `SAM`.
    package var maker = ""
    package var product: UInt16 = 0
    /// The serial number as text (descriptor 0xFF), else as a number; empty when there is none.
    package var serial = ""
    /// The name as sold (descriptor 0xFC); empty when there is none.
    package var name = ""
    package var year = 0
    /// The picture's size in millimetres; nil for a projector or when it is not told.
    package var millimetres: (width: Int, height: Int)? {
        widthMillimetres > 0 && heightMillimetres > 0 ? (widthMillimetres, heightMillimetres) : nil
    }
    /// Whether the block's bytes add up to 0 modulo 256; bad cables and adapters make others.
    package var isChecksumRight = false

    private var widthMillimetres = 0
    private var heightMillimetres = 0

    /// Nil when `bytes` do not begin with an EDID's header, or with less than a whole block.
    package init?(_ bytes: Span<UInt8>) {
        let header: [UInt8] = [0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00]
        guard bytes.holds(128, at: 0), bytes.bytes(at: 0, count: 8) == header else { return nil }
        maker = Self.maker(bytes.uint16(at: 8) ?? 0)
        product = UInt16(bytes.uint8(at: 10) ?? 0) | UInt16(bytes.uint8(at: 11) ?? 0) << 8
        var number: UInt32 = 0
        for index in 0..<4 { number |= UInt32(bytes.uint8(at: 12 + index) ?? 0) << UInt32(8 * index) }
        // 0x01010101 is what makers leave in when they number nothing.
        if number != 0, number != 0x0101_0101 { serial = String(number) }
        year = 1990 + Int(bytes.uint8(at: 17) ?? 0)
        let (width, height) = (Int(bytes.uint8(at: 21) ?? 0), Int(bytes.uint8(at: 22) ?? 0))
        // One of them alone is an aspect ratio.
        if width > 0, height > 0 { (widthMillimetres, heightMillimetres) = (width * 10, height * 10) }
        for offset in stride(from: 54, through: 108, by: 18) { readDescriptor(bytes, at: offset) }
        var sum: UInt8 = 0
        for index in 0..<128 { sum &+= bytes.uint8(at: index) ?? 0 }
        isChecksumRight = sum == 0
    }

    /// Maker and name for people, for instance `SAM LE40`; empty when the TV tells neither.
    package var title: String {
        maker.isEmpty || name.isEmpty ? maker + name : "\(maker) \(name)"
    }

    private mutating func readDescriptor(_ bytes: Span<UInt8>, at offset: Int) {
        guard let clock = bytes.uint16(at: offset) else { return }
        if clock != 0 {
            // A detailed timing: its size in millimetres is finer than the centimetres above.
            guard let width = bytes.uint8(at: offset + 12), let height = bytes.uint8(at: offset + 13),
                let high = bytes.uint8(at: offset + 14), offset == 54
            else { return }
            let size = (Int(width) | Int(high & 0xF0) << 4, Int(height) | Int(high & 0x0F) << 8)
            if size.0 > 0, size.1 > 0 { (widthMillimetres, heightMillimetres) = size }
            return
        }
        switch bytes.uint8(at: offset + 3) {
        case 0xFC: name = Self.text(bytes, at: offset + 5)
        case 0xFF:
            let text = Self.text(bytes, at: offset + 5)
            if !text.isEmpty { serial = text }
        default: break
        }
    }

    /// Three letters of five bits, A = 1; empty when one is no letter.
    private static func maker(_ packed: UInt16) -> String {
        var text = ""
        for shift in [UInt16(10), 5, 0] {
            let letter = UInt8(truncatingIfNeeded: packed >> shift) & 0x1F
            guard (1...26).contains(letter) else { return "" }
            text.unicodeScalars.append(Unicode.Scalar(letter + 64))
        }
        return text
    }

    /// Up to 13 printable ASCII characters that end at a line feed.
    private static func text(_ bytes: Span<UInt8>, at offset: Int) -> String {
        var text = ""
        for index in 0..<13 {
            guard let byte = bytes.uint8(at: offset + index), byte != 0x0A, byte != 0 else { break }
            text.unicodeScalars.append((0x20...0x7E).contains(byte) ? Unicode.Scalar(byte) : "?")
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
