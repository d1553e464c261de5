package import Devices

/// Small text files: configuration, secrets, the machine's identity.
package enum TextFile {
    /// The content as UTF-8; an error names the file and the kernel's reason.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(DeviceError) -> String {
        let bytes = try ByteReader.read(path, limit: limit + 1, waits: true)
        guard bytes.count <= limit else {
            throw DeviceError("read", device: path, detail: "longer than \(limit) bytes", severity: .permanent)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DeviceError("read", device: path, detail: "not UTF-8 text", severity: .permanent)
        }
        return text
    }
}
