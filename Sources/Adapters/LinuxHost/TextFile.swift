package import Devices
internal import Glibc

/// Small text files: configuration, secrets, the machine's identity.
package enum TextFile {
    /// The content as UTF-8; an error names the file and the kernel's reason.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(DeviceError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw DeviceError("read", device: path, errno: errno)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[0..<count])
            guard bytes.count <= limit else {
                throw DeviceError("read", device: path, detail: "longer than \(limit) bytes", severity: .permanent)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DeviceError("read", device: path, detail: "not UTF-8 text", severity: .permanent)
        }
        return text
    }
}
