internal import HostFiles

/// What this process holds of the machine.
package struct MemoryReport: Equatable, Sendable {
    /// The proportional set size in KiB: own pages and the share of shared ones. Nil where the kernel does not say.
    package let proportionalKibibytes: Int?
    /// Open file descriptors; nil without /proc.
    package let openFiles: Int?

    /// The present state, from /proc/self.
    package static func current() -> MemoryReport {
        MemoryReport(
            proportionalKibibytes: (try? TextFile.read("/proc/self/smaps_rollup", limit: 8_192)).flatMap(
                proportionalSetSize),
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

    private static func openFileCount() -> Int? {
        // Without the descriptor of this very listing.
        Folder.names("/proc/self/fd").map { $0.count - 1 }
    }
}
