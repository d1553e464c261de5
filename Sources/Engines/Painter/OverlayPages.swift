internal import Devices
internal import Glibc

/// Gives pages of memory of an overlay back in which nothing is painted: most of a screen has nothing lying over its
/// pictures. They read as zeros, which is transparent, and take memory again when something is painted there.
struct OverlayPages {
    private static let pageSize = max(4_096, sysconf(Int32(_SC_PAGESIZE)))

    /// Of the pages that lie wholly in the overlay, those to look at; empty before the first painting.
    private var touched: [Bool] = []

    /// Looks at the pages in which `drawn` lies, at the first time at all, and returns how many it gave back.
    @discardableResult
    mutating func release(after drawn: [PixelRectangle], of overlay: inout Canvas) -> Int {
        let stride = overlay.stride
        return overlay.bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            // What comes before the first whole page.
            let lead = -Int(bitPattern: base) & (Self.pageSize - 1)
            let count = max(0, (bytes.count - lead) / Self.pageSize)
            if touched.count != count { touched = [Bool](repeating: true, count: count) }
            for area in drawn { mark(area, stride: stride, lead: lead) }
            let pages = base + lead
            var released = 0
            var page = 0
            while page < count {
                let first = page
                while page < count, touched[page], Self.isEmpty(pages + page * Self.pageSize) {
                    touched[page] = false
                    page += 1
                }
                if page > first {
                    // Whole pages of anonymous memory of our own: the next access finds zeros (madvise(2)).
                    _ = madvise(pages + first * Self.pageSize, (page - first) * Self.pageSize, MADV_DONTNEED)
                    released += page - first
                } else {
                    touched[page] = false
                    page += 1
                }
            }
            return released
        }
    }

    /// Gives all pages back and makes the overlay transparent.
    mutating func releaseAll(of overlay: inout Canvas) {
        overlay.bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let lead = min(bytes.count, -Int(bitPattern: base) & (Self.pageSize - 1))
            let length = (bytes.count - lead) / Self.pageSize * Self.pageSize
            _ = madvise(base + lead, length, MADV_DONTNEED)
            // What lies before and after the whole pages.
            memset(base, 0, lead)
            memset(base + lead + length, 0, bytes.count - lead - length)
        }
        for page in touched.indices { touched[page] = false }
    }

    private mutating func mark(_ area: PixelRectangle, stride: Int, lead: Int) {
        guard !area.isEmpty else { return }
        for row in area.y..<area.y + area.height {
            let start = row * stride + area.x * 4 - lead
            let last = start + area.width * 4 - 1
            guard last >= 0 else { continue }
            for page in max(0, start) / Self.pageSize...last / Self.pageSize where page < touched.count {
                touched[page] = true
            }
        }
    }

    private static func isEmpty(_ page: UnsafeMutableRawPointer) -> Bool {
        // Equal to itself moved by a word, and that word is zero.
        page.load(as: UInt64.self) == 0 && memcmp(page, page + 8, pageSize - 8) == 0
    }
}
