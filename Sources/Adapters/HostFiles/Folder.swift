internal import Glibc

/// Folders of the file system.
package enum Folder {
    /// The names in the folder at `path`, sorted, without hidden ones; none when it cannot be read.
    package static func entries(_ path: String) -> [String] { names(path) ?? [] }

    /// The same; nil when the folder cannot be read.
    package static func names(_ path: String) -> [String]? {
        guard let handle = opendir(path) else { return nil }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The numbers of the device nodes in `path` that are called `prefix` and a number, in order.
    package static func nodes(_ prefix: String, in path: String) -> [UInt32] {
        entries(path).compactMap { $0.hasPrefix(prefix) ? UInt32($0.dropFirst(prefix.count)) : nil }.sorted()
    }

    /// The path without symbolic links (realpath(3)); nil where there is nothing.
    package static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
