internal import Devices

/// Moving pictures on a plane of their own below the canvas: nobody converts, scales or blends them in software.
final class VideoPath<Calls: DRMCalls> {
    let video: Plane
    let canvas: Plane
    let layout: VideoLayout
    /// Where the video lies in the mode's picture.
    let target: PixelRectangle
    private let card: Card<Calls>
    /// As many as the swap chain has pictures; each goes with the picture of its number.
    private var pictures: [Framebuffer<Calls>] = []

    init(_ card: Card<Calls>, _ pair: Pair, size: PictureSize, target: PixelRectangle) throws(KernelError) {
        self.card = card
        video = pair.video
        canvas = pair.canvas
        layout = VideoLayout(size: size, format: pair.format)
        self.target = target
        _ = try framebuffer(1)
    }

    /// Two planes that could do it by what they tell of themselves: whether they do, a test by the driver shows.
    struct Pair {
        let video: Plane
        let canvas: Plane
        let format: PixelFormat

        static func all(of planes: [Plane]) -> [Pair] {
            let usable = planes.filter { $0.kind != .cursor }
            // Video on the primary plane leaves the overlays free; it is what most drivers can.
            let below = usable.filter { $0.kind == .primary } + usable.filter { $0.kind == .overlay }
            var pairs: [Pair] = []
            for video in below {
                guard let format = [PixelFormat.yuv420, .nv12].first(where: video.facts.formats.contains) else {
                    continue
                }
                for canvas in usable
                where canvas.id != video.id && canvas.facts.formats.contains(.argb8888) && canvas.canLie(above: video) {
                    pairs.append(Pair(video: video, canvas: canvas, format: format))
                }
            }
            return pairs
        }
    }

    /// The framebuffer that goes with picture `index`; made when first used.
    func framebuffer(_ index: Int) throws(KernelError) -> Framebuffer<Calls> {
        while pictures.count <= index {
            let buffer = try DumbBuffer(card, width: layout.size.width, height: layout.rows, bitsPerPixel: 8)
            guard buffer.pitch % 2 == 0 else { throw KernelError(errno: 22) }  // EINVAL
            pictures.append(
                try Framebuffer(
                    card, buffer, height: layout.size.height, format: layout.format,
                    parts: layout.parts(pitch: buffer.pitch)))
        }
        return pictures[index]
    }
}

extension Plane {
    /// Whether this plane is above `other`, or can be put there.
    fileprivate func canLie(above other: Plane) -> Bool {
        guard let mine = zpos, let theirs = other.zpos else {
            // Without an order told, overlays lie above the primary plane.
            return kind == .overlay && other.kind == .primary
        }
        let highest = mine.isImmutable ? mine.value : mine.range?.upperBound ?? mine.value
        return highest > Self.lowest(theirs)
    }

    private static func lowest(_ zpos: Property) -> UInt64 {
        zpos.isImmutable ? zpos.value : zpos.range?.lowerBound ?? zpos.value
    }

    /// Puts this plane above `other`, as far as the driver lets one choose.
    func lie(above other: Plane, in request: inout AtomicRequest) {
        guard let mine = zpos, let theirs = other.zpos else { return }
        if !theirs.isImmutable { request.set(theirs.id, of: other.id, to: Self.lowest(theirs)) }
        if !mine.isImmutable { request.set(mine.id, of: id, to: mine.range?.upperBound ?? mine.value) }
    }
}
