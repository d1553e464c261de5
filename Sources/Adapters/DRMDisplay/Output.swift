internal import Devices

/// A connector lit by a CRTC through planes: all that the picture of one TV needs.
final class Output<Calls: DRMCalls> {
    let connector: Connector
    let mode: DisplayMode
    /// Where the canvas lies in the mode's picture.
    let visible: PixelRectangle
    /// The modes that the TV named when this was made.
    var offered: [DisplayMode]
    var chain: SwapChain<Calls>
    private(set) var video: VideoPath<Calls>?
    /// The last question about video that was answered with no.
    private var refused: (size: PictureSize, target: PixelRectangle)?

    private let card: Card<Calls>
    private let crtc: Crtc
    private let primary: Plane
    private let planes: [Plane]
    private let blob: Blob<Calls>
    private let route: Route
    /// Overlays that were used and may still be lit.
    private var lit: [Plane] = []
    /// The video below the picture on the screen, and below the one to come: what is shown must not be freed.
    private var shownVideo: VideoPath<Calls>?
    private var pendingVideo: VideoPath<Calls>?
    private var request = AtomicRequest()

    /// The first of `modes` that the driver takes.
    static func make(
        _ card: Card<Calls>, _ connector: Connector, modes: [DisplayMode], margins: DisplaySettings.Margins
    ) throws(KernelError) -> Output {
        var reason = KernelError.invalid
        let planes = try allPlanes(of: card)
        let crtcs = try Crtc.candidates(for: connector, on: card)
        for mode in modes {
            for crtc in crtcs {
                do throws(KernelError) {
                    let output = try Output(card, connector, crtc, planes, mode, margins)
                    try output.test()
                    return output
                } catch {
                    guard error.isTooMuch else { throw error }
                    reason = error
                }
            }
        }
        throw reason
    }

    private static func allPlanes(of card: Card<Calls>) throws(KernelError) -> [Plane] {
        var planes: [Plane] = []
        for id in try card.calls.planes(card.descriptor) { planes.append(try Plane(card, id)) }
        return planes
    }

    private init(
        _ card: Card<Calls>, _ connector: Connector, _ crtc: Crtc, _ planes: [Plane], _ mode: DisplayMode,
        _ margins: DisplaySettings.Margins
    ) throws(KernelError) {
        let served = planes.filter { $0.serves(crtc) }
        guard let primary = served.first(where: { $0.kind == .primary && $0.facts.formats.contains(.xrgb8888) }) else {
            throw KernelError.invalid
        }
        self.card = card
        self.connector = connector
        self.crtc = crtc
        self.primary = primary
        self.planes = served
        self.mode = mode
        offered = connector.facts.modes
        route = try Route(card, connector, to: crtc, planes, margins: margins.pixels(of: mode.size))
        visible = (route.hasMargins ? DisplaySettings.Margins() : margins).visible(of: mode.size)
        blob = try Blob(card, mode: mode)
        chain = try SwapChain(card, size: mode.size)
    }

    private func test() throws(KernelError) {
        try describe(0, over: nil, modeset: true)
        try request.test(on: card, modeset: true)
    }

    // MARK: Pictures

    /// Shows picture `index` of the chain, over the video if asked; the event carries `serial`.
    func flip(_ index: Int, overVideo: Bool, modeset: Bool, serial: UInt64) throws(KernelError) {
        try flip(index, over: overVideo ? video : nil, modeset: modeset, serial: serial)
    }

    /// Shows again what was shown last, with everything set anew; false when nothing was.
    func restore(serial: UInt64) throws(KernelError) -> Bool {
        guard let index = chain.shown else { return false }
        try flip(index, over: shownVideo, modeset: true, serial: serial)
        return true
    }

    private func flip(
        _ index: Int, over path: VideoPath<Calls>?, modeset: Bool, serial: UInt64
    ) throws(KernelError) {
        try describe(index, over: path, modeset: modeset)
        try request.flip(on: card, modeset: modeset, serial: serial)
        chain.committed(index)
        pendingVideo = path
    }

    /// The last flip's event came.
    func flipped() {
        chain.flipped()
        shownVideo = pendingVideo
    }

    /// The last flip's event did not come.
    func gaveUp() {
        chain.gaveUp()
        shownVideo = pendingVideo
    }

    private func describe(_ index: Int, over path: VideoPath<Calls>?, modeset: Bool) throws(KernelError) {
        request.removeAll()
        if modeset { setMode() }
        hide(primary, unlessIn: path)
        for plane in lit { hide(plane, unlessIn: path) }
        guard let path else { return show(chain.opaque(index), on: primary) }
        guard let alpha = chain.alpha(index) else { throw KernelError.invalid }
        let framebuffer = try path.framebuffer(index)
        path.video.show(
            framebuffer.id, width: path.layout.size.width, height: path.layout.size.height, x: path.target.x,
            y: path.target.y, shownWidth: path.target.width, shownHeight: path.target.height, on: crtc.id,
            in: &request)
        show(alpha, on: path.canvas)
        path.canvas.lie(above: path.video, in: &request)
    }

    private func hide(_ plane: Plane, unlessIn path: VideoPath<Calls>?) {
        if let path {
            if plane.id != path.video.id, plane.id != path.canvas.id { plane.hide(in: &request) }
        } else if plane.id != primary.id {
            plane.hide(in: &request)
        }
    }

    private func show(_ framebuffer: UInt32, on plane: Plane) {
        plane.show(
            framebuffer, width: mode.size.width, height: mode.size.height, x: 0, y: 0, shownWidth: mode.size.width,
            shownHeight: mode.size.height, on: crtc.id, in: &request)
    }

    private func setMode() {
        for plane in planes where plane.id != primary.id { plane.hide(in: &request) }
        route.connect(to: crtc, in: &request)
        request.set(crtc.modeID, of: crtc.id, to: UInt64(blob.id))
        request.set(crtc.active, of: crtc.id, to: 1)
    }

    // MARK: Video below the canvas

    /// Whether the driver takes video of `size` at `target` of the canvas; what it needs is then ready.
    func takesVideo(size: PictureSize, at target: PixelRectangle, modeset: Bool) throws(KernelError) -> Bool {
        let place = PixelRectangle(
            x: target.x + visible.x, y: target.y + visible.y, width: target.width, height: target.height)
        if let video, video.layout.size == size, video.target == place { return true }
        if let refused, refused.size == size, refused.target == place { return false }
        guard place.clipped(to: mode.size) == place, !place.isEmpty, VideoLayout.fits(size) else { return false }
        for pair in VideoPath<Calls>.Pair.all(of: planes) {
            do throws(KernelError) {
                let path = try VideoPath(card, pair, size: size, target: place)
                try chain.prepareAlpha()
                try describe(0, over: path, modeset: modeset)
                try request.test(on: card, modeset: modeset)
                for plane in [pair.video, pair.canvas]
                where plane.id != primary.id && !lit.contains(where: { $0.id == plane.id }) {
                    lit.append(plane)
                }
                video = path
                return true
            } catch {
                guard error.isTooMuch else { throw error }
            }
        }
        refused = (size, place)
        return false
    }

    /// Copies `frame` to where the video of picture `index` is scanned out from. Only after `takesVideo`.
    func drawVideo(_ index: Int, _ frame: borrowing VideoFrame) throws(KernelError) {
        guard let video, video.layout.size == frame.size else { throw KernelError.invalid }
        try video.framebuffer(index).buffer.copy(frame, as: video.layout)
    }

    // MARK: Power

    /// The CRTC sends nothing any more, but keeps its planes: a TV goes to sleep.
    func pause() throws(KernelError) {
        request.removeAll()
        request.set(crtc.active, of: crtc.id, to: 0)
        try request.commit(on: card)
    }

    /// Lets go of connector, CRTC and planes.
    func turnOff() throws(KernelError) {
        request.removeAll()
        for plane in [primary] + lit { plane.hide(in: &request) }
        route.disconnect(in: &request)
        request.set(crtc.modeID, of: crtc.id, to: 0)
        request.set(crtc.active, of: crtc.id, to: 0)
        try request.commit(on: card)
    }
}

extension DisplaySettings.Margins {
    /// In pixels of a picture of `size`: left, top, right, bottom.
    func pixels(of size: PictureSize) -> [Int] {
        [size.width * left / 100, size.height * top / 100, size.width * right / 100, size.height * bottom / 100]
    }
}
