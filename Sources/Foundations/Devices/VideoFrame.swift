package import Basis
internal import Synchronization

/// One 8-bit 4:2:0 planar picture (I420), owned by whoever holds it; its storage returns to its pool when dropped.
///
/// Layout of `storage`: luma rows of `lumaStride` bytes, then U rows, then V rows of `chromaStride` bytes.
package struct VideoFrame: ~Copyable, Sendable {
    /// In pixels of the luma plane.
    package let size: PictureSize
    /// The three planes; `byteCount(_:)` bytes.
    package var storage: [UInt8]
    /// When the picture was captured, or is to be shown.
    package var instant: MonotonicInstant
    private let pool: FramePool?

    /// A black picture without a pool, for tests and still cards.
    package init(size: PictureSize) {
        let bytes = Self.byteCount(size)
        let luma = Self.lumaCount(size)
        // Of this size from the start: two arrays put together take room for more.
        var storage = [UInt8](repeating: 16, count: bytes)
        storage.withUnsafeMutableBufferPointer { $0[luma...].update(repeating: 128) }
        self.init(size: size, storage: storage, pool: nil)
    }

    fileprivate init(size: PictureSize, storage: [UInt8], pool: FramePool?) {
        self.size = size
        self.storage = storage
        self.pool = pool
        instant = .zero
    }

    deinit {
        pool?.giveBack(storage)
    }

    /// Bytes from one luma row to the next.
    package var lumaStride: Int { size.width }
    /// Bytes from one chroma row to the next; odd widths are rounded up.
    package var chromaStride: Int { (size.width + 1) / 2 }
    /// Rows of a chroma plane; odd heights are rounded up.
    package var chromaHeight: Int { (size.height + 1) / 2 }
    /// Offset of the U plane in `storage`.
    package var uOffset: Int { Self.lumaCount(size) }
    /// Offset of the V plane in `storage`.
    package var vOffset: Int { uOffset + chromaStride * chromaHeight }

    /// Bytes of a picture of `size` in I420.
    package static func byteCount(_ size: PictureSize) -> Int {
        lumaCount(size) + 2 * ((size.width + 1) / 2) * ((size.height + 1) / 2)
    }

    private static func lumaCount(_ size: PictureSize) -> Int {
        size.width * size.height
    }
}

/// A bounded stock of picture buffers: after warm-up taking a frame allocates nothing.
///
/// A frame of a size that no idle buffer has takes the place of the one that is idle for longest, or, while few are idle, of
/// none. When all buffers are out, there is no frame: the caller drops a picture and counts it. At rest it holds no memory.
package final class FramePool: Sendable {
    private struct Stock {
        var idle: [[UInt8]] = []
        var made = 0
        var isAtRest = false
    }

    private let stock = Mutex(Stock())
    private let capacity: Int
    /// Buffers of other sizes that are kept at hand; more are not worth their memory.
    private let mostIdle: Int

    /// - Parameter capacity: the frames that may be out at the same time.
    package init(capacity: Int) {
        self.capacity = capacity
        mostIdle = max(2, capacity / 8)
    }

    /// A frame with undefined content, or nil when `capacity` frames are out.
    package func frame(size: PictureSize) -> VideoFrame? {
        let needed = VideoFrame.byteCount(size)
        let storage: [UInt8]? = stock.withLock { stock in
            stock.isAtRest = false
            // One pool serves pictures of several sizes by turns.
            if let index = stock.idle.lastIndex(where: { $0.count == needed }) { return stock.idle.remove(at: index) }
            if stock.idle.count > mostIdle || stock.made == capacity {
                guard !stock.idle.isEmpty else { return nil }
                stock.idle.removeFirst()
            } else {
                stock.made += 1
            }
            return [UInt8](repeating: 0, count: needed)
        }
        guard let storage else { return nil }
        return VideoFrame(size: size, storage: storage, pool: self)
    }

    /// No frame is needed for a while: lets go of the buffers, of those that are out when they come back. The next frame
    /// ends the rest.
    package func rest() {
        let idle = stock.withLock { stock in
            stock.isAtRest = true
            stock.made -= stock.idle.count
            defer { stock.idle = [] }
            return stock.idle
        }
        // Freed here, outside of the lock.
        _ = consume idle
    }

    fileprivate func giveBack(_ storage: consuming [UInt8]) {
        let buffer = storage
        stock.withLock { stock in
            if stock.isAtRest {
                stock.made -= 1
            } else {
                stock.idle.append(buffer)
            }
        }
    }
}

/// A mailbox for one picture where the latest wins: the writer never waits, the reader gets the newest or nothing.
package final class FrameSlot: Sendable {
    private let content = Mutex<VideoFrame?>(nil)
    private let overwritten = Atomic<Int>(0)

    /// An empty mailbox.
    package init() {}

    /// Puts a picture in; one that nobody took is dropped and counted.
    package func put(_ frame: consuming sending VideoFrame) {
        var incoming: VideoFrame? = consume frame
        let replaced = content.withLock { content in
            let hadOne = content != nil
            content = incoming.take()
            return hadOne
        }
        if replaced { overwritten.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Takes the picture out, if there is one.
    package func take() -> VideoFrame? {
        content.withLock { $0.take() }
    }

    /// Pictures that were replaced before anybody took them.
    package var overwrittenCount: Int { overwritten.load(ordering: .relaxed) }
}
