internal import CQRCodeGen

/// A QR code (ISO/IEC 18004, model 2) of a text, made by libqrcodegen.
struct QRCode {
    /// Modules along one side.
    let size: Int
    private let modules: [UInt8]

    /// Of the longest text that anybody shows: longer ones have modules too small for a telephone across the room.
    private static let longest = 500

    /// Nil for a text that is empty or too long.
    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.longest, !text.utf8.contains(0) else { return nil }
        var code = [UInt8](repeating: 0, count: Int(vs_qrcodegen_buffer_length))
        var work = code
        // Medium correction, more where it costs no larger code: reflections on a screen hide modules.
        guard
            qrcodegen_encodeText(
                text, &work, &code, qrcodegen_Ecc_MEDIUM, qrcodegen_VERSION_MIN, qrcodegen_VERSION_MAX,
                qrcodegen_Mask_AUTO, true)
        else { return nil }
        modules = code
        size = Int(qrcodegen_getSize(code))
    }

    func isDark(column: Int, row: Int) -> Bool {
        qrcodegen_getModule(modules, Int32(column), Int32(row))
    }
}
