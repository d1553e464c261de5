internal import CLinux

/// How the process takes memory from the system and gives it back.
package enum ProcessMemory {
    /// Blocks of this size and more are asked of the system one by one (mallopt(3): M_MMAP_THRESHOLD), in bytes.
    private static let largeBlock: Int32 = 128 * 1024

    /// Makes large blocks go back to the system as soon as they are freed. Once, before threads begin.
    ///
    /// That is how glibc starts, but it raises the limit to the largest block freed so far: after the first pictures all
    /// others come out of heaps, which keep what is freed. A limit that was set stays.
    package static func keepLargeBlocksApart() {
        vs_linux_map_blocks_from(largeBlock)
    }

    /// Gives back what is free between used blocks (malloc_trim(3)). Takes some milliseconds, in which other threads may
    /// have to wait for memory: not in a call.
    package static func giveBack() {
        vs_linux_trim_memory()
    }
}
