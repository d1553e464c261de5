internal import HostFiles

/// What this machine says it is.
package enum BoardModel {
    /// The device tree's `model` (Devicetree Specification section 2.3.1), else DMI's vendor and product; empty when the
    /// machine says neither.
    ///
    /// - Parameter root: where `proc` and `sys` are mounted; another folder in tests.
    package static func read(root: String = "") -> String {
        if let model = line("\(root)/proc/device-tree/model") { return model }
        let names = ["sys_vendor", "product_name"].compactMap { line("\(root)/sys/class/dmi/id/\($0)") }
        return names.joined(separator: " ")
    }

    private static func line(_ path: String) -> String? {
        guard let text = try? TextFile.read(path, limit: 4_096) else { return nil }
        // The device tree ends its strings with a zero byte.
        let line = text.prefix { !$0.isNewline && $0 != "\0" }
        return line.isEmpty ? nil : String(line)
    }
}
