package import Devices

/// The memory that all decoders of the process may hold together. Not for several threads: decoders that share one live on
/// one.
///
/// Each participant chooses the size of what they send, whatever was asked for: a few of them could otherwise take what the
/// whole service has.
package final class DecodingBudget {
    /// In bytes.
    package let limit: Int
    /// In bytes, at most `limit`.
    package private(set) var reserved = 0

    /// - Parameter limit: in bytes. One picture of 4096x2304 in VP9 takes 212 MB, one of 1280x720 in VP8 12 MB.
    package init(limit: Int = 256 << 20) {
        self.limit = limit
    }

    /// What a decoder of pictures of `size` holds: the library's reference frames and working copies, and the three pictures
    /// on the way to the screen.
    package static func cost(of size: PictureSize, references: Int) -> Int {
        size.width * size.height * 3 / 2 * (references + 3)
    }

    /// Changes a reservation; false when there is no room for it, and then it stays as it was.
    func change(from old: Int, to new: Int) -> Bool {
        guard reserved - old + new <= limit else { return false }
        reserved += new - old
        return true
    }
}

/// One decoder's part of a budget, given back with it. It never shrinks: the library keeps its largest buffers.
struct DecodingReservation: ~Copyable {
    private let budget: DecodingBudget
    private let references: Int
    private var bytes = 0

    init(_ budget: DecodingBudget, references: Int) {
        self.budget = budget
        self.references = references
    }

    deinit {
        _ = budget.change(from: bytes, to: 0)
    }

    /// Makes room for pictures of `size` before anything of that size is allocated.
    mutating func include(_ size: PictureSize) throws(CodecError) {
        let cost = DecodingBudget.cost(of: size, references: references)
        guard cost > bytes else { return }
        guard budget.change(from: bytes, to: cost) else {
            throw .outOfMemory(width: size.width, height: size.height)
        }
        bytes = cost
    }
}
