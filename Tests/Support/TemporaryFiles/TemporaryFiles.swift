internal import Glibc

/// Files and folders that go with their holders.
private enum TemporaryPlace {
    /// Where they are: TMPDIR, else /tmp.
    static var folder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    static func path(of template: [CChar]) -> String {
        String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// An empty folder that goes with its holder, with the files in it.
package final class TemporaryFolder {
    package let path: String

    package init() {
        var template = Array("\(TemporaryPlace.folder)/visiosalle-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    /// What is in it, sorted.
    package var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a file in it; its path.
    package func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        precondition(
            descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count, "cannot write \(file)")
        close(descriptor)
        return file
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}

/// A file that goes with its holder.
package final class TemporaryFile {
    package let path: String

    package init(_ bytes: [UInt8] = [], suffix: String = "") {
        var template = Array("\(TemporaryPlace.folder)/visiosalle-test-XXXXXX\(suffix)".utf8CString)
        let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
        path = TemporaryPlace.path(of: template)
        precondition(descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count, "cannot write \(path)")
        close(descriptor)
    }

    /// What is in it by now, of the first MiB.
    package var content: [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    deinit {
        unlink(path)
    }
}
