package import Devices
internal import Glibc

/// Reads files from their beginning: those of the disk, and those that the kernel makes in /proc and /sys.
package enum ByteReader {
    /// The bytes of the file at `path`, at most `limit` of them. What is no file, such as a named pipe, is not waited for.
    ///
    /// - Parameter waits: for what is no file, as the shell's `<(command)`.
    /// - Throws: the kernel's reason, with the path.
    package static func read(_ path: String, limit: Int, waits: Bool = false) throws(DeviceError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(max(1, limit), 8_192))
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw DeviceError("read", device: path, errno: errno)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    /// The first line of a small file, without its end; nil where it is empty or cannot be read.
    package static func line(_ path: String, limit: Int = 256) -> String? {
        guard let bytes = try? read(path, limit: limit), !bytes.isEmpty else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}
