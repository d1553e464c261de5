package import Devices
internal import Glibc

/// The system calls of `PersistentState`; failures are negative errnos.
package protocol StateFileCalls {
    func open(_ path: String, forWriting: Bool) -> Int32
    func openDirectory(_ path: String) -> Int32
    func close(_ descriptor: Int32)
    func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int32
    func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int32
    func synchronize(_ descriptor: Int32) -> Int32
    func rename(_ old: String, to new: String) -> Int32
    func remove(_ path: String) -> Int32
}

/// The kernel.
package struct KernelStateFileCalls: StateFileCalls {
    package init() {}

    package func open(_ path: String, forWriting: Bool) -> Int32 {
        let flags = forWriting ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        return descriptor < 0 ? -errno : descriptor
    }

    package func openDirectory(_ path: String) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return descriptor < 0 ? -errno : descriptor
    }

    package func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    package func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int32 {
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? -errno : Int32(clamping: count)
    }

    package func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int32 {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? -errno : Int32(clamping: count)
    }

    package func synchronize(_ descriptor: Int32) -> Int32 {
        fsync(descriptor) < 0 ? -errno : 0
    }

    package func rename(_ old: String, to new: String) -> Int32 {
        Glibc.rename(old, new) < 0 ? -errno : 0
    }

    package func remove(_ path: String) -> Int32 {
        unlink(path) < 0 ? -errno : 0
    }
}

/// The few facts that survive a restart, for instance the speaker's volume: a small file of lines `key=value`.
///
/// After a power cut at any moment the file holds either all of what was saved last or all of what was saved before.
package struct PersistentState<Calls: StateFileCalls> {
    package static var maximumSize: Int { 64 * 1_024 }

    private let path: String
    private let calls: Calls

    package init(path: String, calls: Calls) {
        self.path = path
        self.calls = calls
    }

    /// What was saved last; nothing when nothing ever was. Lines that are none are ignored.
    package func load() throws(DeviceError) -> [String: String] {
        let descriptor = repeating { calls.open(path, forWriting: false) }
        if descriptor == -ENOENT { return [:] }
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: -descriptor) }
        defer { calls.close(descriptor) }
        var content: [UInt8] = []
        while content.count <= Self.maximumSize {
            var chunk = [UInt8](repeating: 0, count: 4_096)
            let count = repeating { calls.read(descriptor, into: &chunk) }
            guard count >= 0 else { throw DeviceError("read", device: path, errno: -count) }
            if count == 0 { break }
            content += chunk.prefix(Int(count))
        }
        return StateLines.parse(content.prefix(Self.maximumSize))
    }

    /// Puts `values` in the place of whatever was saved before. Keys with other characters than `a…z`, `0…9`, `-`, `_`
    /// and `.` are left out.
    package func save(_ values: [String: String]) throws(DeviceError) {
        let content = StateLines.text(values)
        guard content.count <= Self.maximumSize else {
            throw DeviceError("write", device: path, detail: "more than can be kept", severity: .permanent)
        }
        let temporary = path + ".new"
        do throws(DeviceError) {
            try write(content, to: temporary)
            let renamed = repeating { calls.rename(temporary, to: path) }
            guard renamed >= 0 else { throw DeviceError("rename", device: temporary, errno: -renamed) }
        } catch {
            _ = calls.remove(temporary)
            throw error
        }
        try synchronizeDirectory()
    }

    private func write(_ content: [UInt8], to file: String) throws(DeviceError) {
        let descriptor = repeating { calls.open(file, forWriting: true) }
        guard descriptor >= 0 else { throw DeviceError("open", device: file, errno: -descriptor) }
        defer { calls.close(descriptor) }
        var rest = content[...]
        while !rest.isEmpty {
            let count = repeating { calls.write(descriptor, rest) }
            // A file system that takes nothing and reports nothing is full.
            guard count > 0 else { throw DeviceError("write", device: file, errno: count == 0 ? ENOSPC : -count) }
            rest = rest.dropFirst(Int(count))
        }
        let status = repeating { calls.synchronize(descriptor) }
        guard status >= 0 else { throw DeviceError("fsync", device: file, errno: -status) }
    }

    /// Makes the new name last.
    private func synchronizeDirectory() throws(DeviceError) {
        let end = path.lastIndex(of: "/")
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = repeating { calls.openDirectory(directory) }
        guard descriptor >= 0 else { throw DeviceError("open", device: directory, errno: -descriptor) }
        defer { calls.close(descriptor) }
        let status = repeating { calls.synchronize(descriptor) }
        // Some file systems have nothing to synchronize in a folder, and say so.
        guard status >= 0 || status == -EINVAL else {
            throw DeviceError("fsync", device: directory, errno: -status)
        }
    }

    /// A signal may come between; more than a few in a row are no accident.
    private func repeating(_ call: () -> Int32) -> Int32 {
        for _ in 0..<3 {
            let status = call()
            if status != -EINTR { return status }
        }
        return call()
    }
}

extension PersistentState<KernelStateFileCalls> {
    package init(path: String) {
        self.init(path: path, calls: KernelStateFileCalls())
    }
}
