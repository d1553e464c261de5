internal import Glibc

/// What this process holds of the machine.
package struct MemoryReport: Equatable, Sendable {
    /// The proportional set size in KiB: own pages and the share of shared ones. Nil where the kernel does not say.
    package let proportionalKibibytes: Int?
    /// Open file descriptors; nil without /proc.
    package let openFiles: Int?

    /// The present state, from /proc/self.
    package static func current() -> MemoryReport {
        MemoryReport(
            proportionalKibibytes: text(ofFile: "/proc/self/smaps_rollup").flatMap(proportionalSetSize),
            openFiles: openFileCount())
    }

    /// The value of the line `Pss: … kB` (proc(5), smaps_rollup).
    package static func proportionalSetSize(inRollup text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[2] == "kB" else { return nil }
            return Int(words[1])
        }
        return nil
    }

    private static func text(ofFile path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    private static func openFileCount() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the descriptor of this very listing.
        return count - 3
    }
}
