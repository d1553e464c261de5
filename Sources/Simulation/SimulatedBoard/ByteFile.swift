internal import Devices
internal import Glibc

/// A file read or written piece by piece, closed when dropped.
struct ByteFile: ~Copyable {
    private let descriptor: Int32
    let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    static func reading(_ path: String) throws(DeviceError) -> ByteFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: errno) }
        return ByteFile(descriptor: descriptor, path: path)
    }

    /// Makes the file, or empties the one there is.
    static func writing(_ path: String) throws(DeviceError) -> ByteFile {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw DeviceError("create", device: path, errno: errno) }
        return ByteFile(descriptor: descriptor, path: path)
    }

    deinit {
        close(descriptor)
    }

    /// Fills `bytes` from `offset` on; returns how many there were.
    func read(into bytes: inout [UInt8], at offset: Int) throws(DeviceError) -> Int {
        var filled = 0
        while filled < bytes.count {
            let (wanted, position) = (bytes.count - filled, offset + filled)
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + filled }, wanted, off_t(position))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DeviceError("read", device: path, errno: errno) }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(DeviceError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written,
                    off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DeviceError("write", device: path, errno: errno) }
            written += count
        }
    }
}
