internal import Devices

/// The pictures that a CRTC is given in turn: one is on the screen, another is drawn. Each remembers what changed since
/// it was drawn last, so that only this is copied.
struct SwapChain<Calls: DRMCalls> {
    private struct Picture {
        let opaque: Framebuffer<Calls>
        var alpha: Framebuffer<Calls>?
        var stale: [PixelRectangle]
    }

    /// More rectangles than this are copied as the whole picture.
    private static var mostRectangles: Int { 32 }
    private static var usual: Int { 2 }
    /// The third takes part after a flip without an event, when two may be on the screen.
    private static var most: Int { 3 }

    private let card: Card<Calls>
    private let size: PictureSize
    private var pictures: [Picture] = []
    /// The one on the screen.
    private(set) var shown: Int?
    private var pending: Int?
    /// One that is still on the screen if the flip away from it, given up, did not happen.
    private var doubtful: Int?

    init(_ card: Card<Calls>, size: PictureSize) throws(KernelError) {
        self.card = card
        self.size = size
        for _ in 0..<Self.usual { try add() }
    }

    private var whole: PixelRectangle { PixelRectangle(x: 0, y: 0, width: size.width, height: size.height) }

    private mutating func add() throws(KernelError) {
        let buffer = try DumbBuffer(card, width: size.width, height: size.height, bitsPerPixel: 32)
        let opaque = try Framebuffer(card, buffer, height: size.height, format: .xrgb8888)
        let hasAlpha = pictures.contains { $0.alpha != nil }
        var stale = [whole]
        stale.reserveCapacity(Self.mostRectangles + 1)
        pictures.append(
            Picture(
                opaque: opaque,
                alpha: hasAlpha ? try Framebuffer(card, buffer, height: size.height, format: .argb8888) : nil,
                stale: stale))
    }

    /// Makes the pictures usable with their fourth byte as alpha.
    mutating func prepareAlpha() throws(KernelError) {
        for index in pictures.indices where pictures[index].alpha == nil {
            pictures[index].alpha = try Framebuffer(
                card, pictures[index].opaque.buffer, height: size.height, format: .argb8888)
        }
    }

    func opaque(_ index: Int) -> UInt32 { pictures[index].opaque.id }

    /// Nil before `prepareAlpha`.
    func alpha(_ index: Int) -> UInt32? { pictures[index].alpha?.id }

    /// Notes what changed; each picture will want it.
    mutating func damage(_ areas: [PixelRectangle]) {
        for index in pictures.indices {
            for area in areas where !pictures[index].stale.contains(area) { pictures[index].stale.append(area) }
            if pictures[index].stale.count > Self.mostRectangles {
                pictures[index].stale.removeAll(keepingCapacity: true)
                pictures[index].stale.append(whole)
            }
        }
    }

    /// A picture that is not on the screen. Without memory for a third the doubtful one is taken: it may tear.
    mutating func next() -> Int {
        func isFree(_ index: Int) -> Bool { index != shown && index != pending && index != doubtful }
        if let index = pictures.indices.first(where: isFree) { return index }
        if pictures.count < Self.most, (try? add()) != nil { return pictures.count - 1 }
        return pictures.indices.first { $0 != shown && $0 != pending } ?? 0
    }

    /// Copies what changed since picture `index` was drawn last out of `canvas`, which lies at (`left`, `top`).
    mutating func draw(_ index: Int, _ canvas: borrowing Canvas, left: Int, top: Int) {
        for area in pictures[index].stale { pictures[index].opaque.buffer.copy(canvas, area, left: left, top: top) }
        pictures[index].stale.removeAll(keepingCapacity: true)
    }

    mutating func committed(_ index: Int) {
        pending = index
    }

    mutating func flipped() {
        if pending != nil { shown = pending }
        pending = nil
        doubtful = nil
    }

    mutating func gaveUp() {
        doubtful = shown
        shown = pending
        pending = nil
    }
}
