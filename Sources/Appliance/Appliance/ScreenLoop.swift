internal import Basis
internal import Devices
internal import Painter
internal import Scene

/// What the thread of the screen does, step by step: keeps the display, composes what is to be shown, presents it.
///
/// A display that fails is closed and opened again; meanwhile copies of the screen are composed all the same.
struct ScreenLoop<Screen: Display & ~Copyable>: ~Copyable {
    /// How often the display is asked what is plugged in, or is opened again: many drivers announce nothing.
    private static var refreshInterval: Duration { .seconds(2) }
    /// How often a screen that nobody can see is composed, for the counts and copies.
    private static var unseenInterval: Duration { .seconds(1) }
    /// The own picture lies over the others: when it alone is new, all below it is drawn again for its sake, so not always.
    private static var ownPictureInterval: Duration { .milliseconds(66) }
    private static var mostDamage: Int { 64 }

    private var display: Screen
    private var isOpen = false
    private var isHopeless = false
    private var isPowered = true
    private var refreshDue = MonotonicInstant.zero
    /// What was told last: the display's state and what is wrong with it.
    private var told: (state: DisplayState, fault: String?)?
    /// What failed when the display was opened, asked or switched, and when a picture was presented.
    private var deviceFault: String?
    private var pictureFault: String?

    private var compositor: Compositor
    private(set) var canvas: Canvas
    private let frames = FrameStore()
    private var content: ScreenContent
    private var isContentNew = true {
        didSet { if isContentNew { layout = nil } }
    }
    /// What `content` looks like, and whether no more first pictures are awaited that would change it.
    private var layout: SceneLayout?
    private var isLayoutFinal = false
    /// What `canvas` shows.
    private var composedPictures: UInt64 = 0
    private var composedOthers: UInt64 = 0
    private var composedAt = MonotonicInstant.zero
    private var underlay: Underlay?
    /// How often something of the canvas was drawn anew.
    private var compositions: UInt64 = 0
    /// What was composed and not presented yet.
    private var unshown: [PixelRectangle] = []
    /// The picture below the canvas that was presented last.
    private var underlayShown: UInt64 = 0
    /// Pictures of remote sources composed so far, by the number of the latest.
    private var counted: [SceneSource: UInt64] = [:]

    init(display: consuming Screen, content: ScreenContent) throws(PainterError) {
        let compositor = try Compositor(size: display.state.size)
        self.init(display: display, compositor: compositor, content: content)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(display: consuming Screen, compositor: consuming Compositor, content: ScreenContent) {
        canvas = Canvas(size: display.state.size)
        self.compositor = compositor
        self.display = display
        self.content = content
    }

    // MARK: What is to be shown

    mutating func show(_ new: ScreenContent) {
        let last = content.scene
        content = new
        isContentNew = true
        if content.scene.phase == .reconnecting {
            // The call that had these pictures is gone: they stay as they stopped.
            content.scene.keepPictures(of: last)
            return
        }
        for source in frames.sources where new.slots[source] == nil {
            frames.detach(source)
            counted[source] = nil
        }
        for (source, slot) in new.slots { frames.attach(slot, for: source) }
    }

    /// Of `content` with the pictures that are there; made anew only when one of these is another.
    private mutating func currentLayout() -> SceneLayout {
        // A source without a picture may get its first one.
        if let layout, isLayoutFinal { return layout }
        let scene = content.scene.showingPictures(of: frames)
        let made = scene.layout(width: canvas.size.width, height: canvas.size.height)
        layout = made
        isLayoutFinal = scene == content.scene
        return made
    }

    // MARK: The display

    /// Opens the display, or looks what is plugged in, when it is time or `isHotplug`.
    /// - Parameter onChange: told when the display's state or its fault changed.
    mutating func keepDisplay(
        at now: MonotonicInstant, isPowerWanted: Bool, isHotplug: Bool, onChange: (DisplayState, String?) -> Void
    ) throws(PainterError) {
        let before = display.state
        if now >= refreshDue || isHotplug, !isHopeless || isHotplug {
            refreshDue = now + Self.refreshInterval
            deviceFault = attempt { loop throws(DeviceError) in
                if loop.isOpen {
                    _ = try loop.display.refresh(at: now, probing: isHotplug)
                } else {
                    try loop.display.open()
                    loop.isOpen = true
                    loop.isHopeless = false
                    loop.isPowered = true
                }
            }
        }
        if isOpen, isPowered != isPowerWanted {
            isPowered = isPowerWanted
            let failure = attempt { loop throws(DeviceError) in try loop.display.setPower(isOn: isPowerWanted) }
            deviceFault = failure ?? deviceFault
        }
        let state = display.state
        if state.size != canvas.size {
            compositor = try Compositor(size: state.size)
            canvas = Canvas(size: state.size)
            isContentNew = true
        }
        if state != before {
            // Another TV, or the same one after a pause: it has seen nothing yet, and may do other things with video.
            isContentNew = true
            unshown = [PixelRectangle(x: 0, y: 0, width: state.size.width, height: state.size.height)]
        }
        if !isSeen { pictureFault = nil }
        let fault = deviceFault ?? pictureFault
        if told?.state != state || told?.fault != fault {
            told = (state, fault)
            onChange(state, fault)
        }
    }

    /// Does what may fail and returns why it did; a display that is gone is closed, to be opened again later.
    private mutating func attempt(_ action: (inout Self) throws(DeviceError) -> Void) -> String? {
        do throws(DeviceError) {
            try action(&self)
            return nil
        } catch {
            if error.severity == .absent || !isOpen {
                display.close()
                isOpen = false
                isHopeless = error.severity == .permanent
            }
            return error.description
        }
    }

    private var isSeen: Bool { isOpen && isPowered && display.state.isConnected }

    mutating func closeDisplay() {
        display.close()
        isOpen = false
    }

    /// Waits until there may be something to do.
    mutating func wait(wakeDescriptor: Int32, at now: MonotonicInstant) {
        var deadline = isHopeless ? nil : Optional(refreshDue)
        if content.isLive || isContentNew {
            // A picture may come at any time: look at the display's pace. A flip under way ends the wait by itself.
            let rate = max(24, min(240, display.state.refreshRate == 0 ? 60 : display.state.refreshRate))
            let pace: Duration =
                !isSeen
                ? Self.unseenInterval
                : display.isReady ? .nanoseconds(1_000_000_000 / Int64(rate)) : .milliseconds(250)
            deadline = min(deadline ?? now + pace, now + pace)
        }
        display.wait(until: deadline, wakeDescriptor: wakeDescriptor)
    }

    // MARK: Pictures

    /// Composes and presents what is new, if the display takes it now.
    /// - Parameter onRemote: told the name of each remote source of which a new picture was composed.
    mutating func showWhatIsNew(at now: MonotonicInstant, onRemote: (String) -> Void) {
        let isReady = isSeen && display.isReady
        guard isReady || !isSeen && isContentNew || now - composedAt >= Self.unseenInterval else { return }
        frames.refresh()
        let others = frames.newest(besides: .selfView)
        let pictures = max(others, frames.generation(of: .selfView))
        let isWorthwhile = others != composedOthers || now - composedAt >= Self.ownPictureInterval
        if isContentNew || composedPictures != pictures, isContentNew || isWorthwhile {
            isContentNew = false
            composedPictures = pictures
            composedOthers = others
            composedAt = now
            compose(onRemote: onRemote)
        }
        if isReady { present() }
    }

    private mutating func compose(onRemote: (String) -> Void) {
        let layout = currentLayout()
        underlay = nil
        if isSeen, let possible = compositor.underlay(of: layout, frames: frames),
            display.takesVideo(size: possible.size, at: possible.target)
        {
            underlay = possible
        }
        let damage = compositor.compose(layout, frames: frames, over: underlay, into: &canvas)
        if !damage.isEmpty { compositions &+= 1 }
        unshown.append(contentsOf: damage)
        if unshown.count > Self.mostDamage {
            unshown = [PixelRectangle(x: 0, y: 0, width: canvas.size.width, height: canvas.size.height)]
        }
        for layer in layout.videos {
            guard case .remote(let name) = layer.source else { continue }
            let generation = frames.generation(of: .remote(name))
            guard generation > 0 else { continue }
            if counted.updateValue(generation, forKey: .remote(name)) != generation { onRemote(name) }
        }
    }

    private mutating func present() {
        let below = underlay.map { frames.generation(of: $0.source) } ?? 0
        guard !unshown.isEmpty || below != underlayShown else { return }
        pictureFault = attempt { loop throws(DeviceError) in
            if let underlay = loop.underlay {
                try loop.presentOver(underlay)
            } else {
                try loop.display.present(loop.canvas, damage: loop.unshown)
            }
            loop.unshown.removeAll(keepingCapacity: true)
            loop.underlayShown = below
        }
    }

    private mutating func presentOver(_ underlay: Underlay) throws(DeviceError) {
        var failure: DeviceError?
        frames.withFrame(of: underlay.source) { frame in
            do throws(DeviceError) {
                try display.present(canvas, damage: unshown, over: frame, at: underlay.target)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Another one whenever what is seen has changed.
    var pictureMark: PictureMark {
        PictureMark(
            compositions: compositions, below: underlay.map { frames.generation(of: $0.source) } ?? 0)
    }

    /// Copies the screen as it is seen into `target`, which gets its size.
    mutating func copy(into target: inout Canvas) {
        if target.size != canvas.size { target = Canvas(size: canvas.size) }
        if underlay == nil {
            canvas.bytes.withUnsafeBytes { from in
                target.bytes.withUnsafeMutableBytes { $0.copyMemory(from: from) }
            }
        } else {
            // The canvas has a hole where the display shows the video: this once all of it is drawn.
            _ = compositor.compose(currentLayout(), frames: frames, into: &target)
            // The compositor knows one canvas: the next composition for the display is a whole one.
            isContentNew = true
        }
    }
}

/// Tells one picture of the screen from another.
struct PictureMark: Equatable, Sendable {
    /// How often the canvas has changed.
    var compositions: UInt64
    /// The frame of the video below it.
    var below: UInt64
}

extension SceneState {
    /// The same scene in which only those have a picture whose first frame has come.
    /// Shows the people of the call that was interrupted, where they were.
    fileprivate mutating func keepPictures(of last: SceneState) {
        guard last.phase == .inCall || last.phase == .reconnecting else { return }
        participants = last.participants
        shownSpeaker = last.shownSpeaker
        view = last.view
        panel = last.panel
        selfViewVisible = last.selfViewVisible
    }

    fileprivate func showingPictures(of frames: FrameStore) -> SceneState {
        var scene = self
        for index in scene.participants.indices where scene.participants[index].hasVideo {
            let source = scene.participants[index].sourceID.map { SceneSource.remote($0) }
            scene.participants[index].hasVideo = source.map { frames.generation(of: $0) > 0 } ?? false
        }
        return scene
    }
}
