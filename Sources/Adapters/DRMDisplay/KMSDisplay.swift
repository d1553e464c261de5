package import Basis
package import Devices

extension KMSDisplay where Calls == KernelDRM {
    package init(settings: DisplaySettings) {
        self.init(settings: settings, calls: KernelDRM())
    }
}

/// A TV on a connector of a card, by atomic kernel mode setting (KMS).
///
/// A TV may be missing, sleep, be swapped, or be taken by another program: all of it is the ordinary life of `refresh`.
package struct KMSDisplay<Calls: DRMCalls>: Display, ~Copyable {
    /// What is composed while there is no TV to ask.
    private static var sizeWithoutTelevision: PictureSize { DisplayMode.fullHD.size }

    private let calls: Calls
    private let settings: DisplaySettings
    private var card: Card<Calls>?
    private var output: Output<Calls>?
    package private(set) var state: DisplayState
    private var flips = FlipTracker()
    /// The next commit sets everything anew.
    private var isModesetDue = true
    private var isPowerWanted = true
    private var isPowered = true
    /// The descriptor will say nothing more.
    private var isGone = false
    /// What the TV on a connector named last: one in standby may name nothing.
    private var lastGood: [String: (modes: [DisplayMode], title: String)] = [:]
    private var events = [UInt8](repeating: 0, count: 1_024)

    package init(settings: DisplaySettings, calls: Calls) {
        self.settings = settings
        self.calls = calls
        state = Self.unconnected(settings, size: settings.size ?? Self.sizeWithoutTelevision)
    }

    deinit {
        Self.blank(output)
    }

    /// Page flips whose event never came.
    package var lostFlips: Int { flips.lost }

    private static func unconnected(_ settings: DisplaySettings, size: PictureSize) -> DisplayState {
        let visible = settings.margins.visible(of: size)
        return DisplayState(isConnected: false, size: PictureSize(width: visible.width, height: visible.height))
    }

    // MARK: Opening

    package mutating func open() throws(DeviceError) {
        guard card == nil else { return }
        let card = try Card.pick(calls, path: settings.card)
        _ = try card.takeMaster()
        self.card = card
        isGone = false
        isModesetDue = true
        (isPowerWanted, isPowered) = (true, true)
        do throws(DeviceError) {
            try look(card, probing: true)
        } catch {
            // A TV that cannot be lit may be swapped; a card that fails is to be opened again.
            guard error.severity == .permanent else {
                close()
                throw error
            }
        }
    }

    package mutating func close() {
        Self.blank(output)
        forgetOutput()
        card = nil
    }

    /// Best effort: what is let go of anyway.
    private static func blank(_ output: Output<Calls>?) {
        try? output?.turnOff()
    }

    private mutating func forgetOutput() {
        output = nil
        flips.reset()
        state.isConnected = false
        state.connector = ""
        state.name = ""
        state.refreshRate = 0
    }

    // MARK: What is plugged in

    package mutating func refresh(at now: MonotonicInstant, probing: Bool) throws(DeviceError) -> Bool {
        guard let card else {
            throw DeviceError("refresh", device: "display", detail: "it is not open", severity: .absent)
        }
        guard !isGone else { throw DeviceError("refresh", device: card.path, errno: 19) }  // ENODEV
        let before = state
        if try card.takeMaster() { isModesetDue = true }
        try look(card, probing: probing)
        try settle(card, at: now)
        return state != before
    }

    private mutating func look(_ card: Card<Calls>, probing: Bool) throws(DeviceError) {
        let found: Connector?
        do throws(KernelError) {
            found = try connectedTelevision(card, probing: probing)
            if let found { try remember(card, found, probing: probing) }
        } catch {
            if error.isGone { isGone = true }
            throw card.failure("look for a TV", error)
        }
        guard let found else {
            Self.blank(output)
            forgetOutput()
            return
        }
        try adopt(card, found)
    }

    /// The connector that the settings name, else the one in use, else the first with a TV.
    private func connectedTelevision(_ card: Card<Calls>, probing: Bool) throws(KernelError) -> Connector? {
        if probing { try card.rereadResources() }
        var best: Connector?
        for id in card.resources.connectors {
            guard let connector = try Connector.find(card, id, probing: probing), connector.isTelevision else {
                continue
            }
            if let wanted = settings.connector {
                if connector.name == wanted { best = connector }
            } else if best == nil || id == output?.connector.id {
                best = connector
            }
        }
        guard let best, !probing, best.id != output?.connector.id || best.facts.modes.isEmpty else { return best }
        // The kernel knows that something is plugged in, but has not asked it yet.
        let asked = try Connector.find(card, best.id, probing: true)
        return asked.flatMap { $0.isTelevision ? $0 : nil }
    }

    /// Keeps what the TV says of itself, if it says anything.
    private mutating func remember(_ card: Card<Calls>, _ connector: Connector, probing: Bool) throws(KernelError) {
        guard !connector.facts.modes.isEmpty else { return }
        let isKnown = lastGood[connector.name]?.modes == connector.facts.modes
        guard !isKnown || probing else { return }
        let properties = try PropertySet(card, of: connector.id, .connector)
        // 1 is "bad": the link was lost, and the mode must be set again.
        if properties["link-status"]?.value == 1 { isModesetDue = true }
        var title = isKnown ? lastGood[connector.name]?.title ?? "" : ""
        if let id = properties["EDID"]?.value, id != 0 {
            do throws(KernelError) {
                let bytes = try card.calls.blob(card.descriptor, UInt32(truncatingIfNeeded: id))
                if let edid = EDID(bytes.span) { title = edid.title }
            } catch {
                // Replaced since the id was told: a name is not worth a picture.
                if error.isGone { throw error }
            }
        }
        lastGood[connector.name] = (connector.facts.modes, title)
    }

    private mutating func adopt(_ card: Card<Calls>, _ connector: Connector) throws(DeviceError) {
        let known = lastGood[connector.name] ?? ([], "")
        if let output, output.connector.id == connector.id {
            if connector.facts.modes.isEmpty || output.offered == connector.facts.modes {
                state.name = known.title
                return
            }
            if candidates(known.modes).first == output.mode {
                output.offered = connector.facts.modes
                state.name = known.title
                return
            }
        }
        Self.blank(output)
        forgetOutput()
        state.connector = connector.name
        state.name = known.title
        let modes = candidates(known.modes)
        let output: Output<Calls>
        do throws(KernelError) {
            output = try Output.make(card, connector, modes: modes, margins: settings.margins)
        } catch {
            if error.isGone { isGone = true }
            guard error.isTooMuch else { throw card.commitFailure(error) }
            let tv = known.title.isEmpty ? connector.name : "\(connector.name) (\(known.title))"
            let tried = modes.map { "\($0.size) at \($0.refreshRate) Hz" }.joined(separator: ", ")
            throw DeviceError(
                "set a mode", device: tv, errno: error.errno, detail: "the driver takes none of: \(tried)",
                severity: .permanent)
        }
        self.output = output
        isModesetDue = true
        state.isConnected = true
        state.size = PictureSize(width: output.visible.width, height: output.visible.height)
        state.refreshRate = output.mode.refreshRate
    }

    private func candidates(_ modes: [DisplayMode]) -> [DisplayMode] {
        ModeChoice.candidates(modes, size: settings.size, refreshRate: settings.refreshRate)
    }

    // MARK: Power and what is to be made up for

    package mutating func setPower(isOn: Bool) throws(DeviceError) {
        isPowerWanted = isOn
        if let card { try settle(card, at: calls.now) }
    }

    /// Brings power and mode to what is wanted, unless a flip is under way: then after it.
    private mutating func settle(_ card: Card<Calls>, at now: MonotonicInstant) throws(DeviceError) {
        giveUpFlip(at: now)
        guard let output, card.isMaster, flips.isFree(at: now) else { return }
        do throws(KernelError) {
            if isPowered, !isPowerWanted {
                try output.pause()
                isPowered = false
            } else if !isPowered, isPowerWanted {
                isPowered = true
                isModesetDue = true
            }
            guard isPowered, isModesetDue, try output.restore(serial: flips.nextSerial) else { return }
        } catch {
            throw commitFailure(card, error, at: now)
        }
        isModesetDue = false
        flips.begin(at: now)
    }

    private mutating func commitFailure(
        _ card: Card<Calls>, _ error: KernelError, at now: MonotonicInstant
    ) -> DeviceError {
        isModesetDue = true
        if error.isGone { isGone = true }
        flips.hold(from: now)
        return card.commitFailure(error)
    }

    // MARK: Pace

    package var isReady: Bool {
        guard let card, output != nil, !isGone else { return false }
        return card.isMaster && isPowered && isPowerWanted && flips.isFree(at: calls.now)
    }

    package mutating func wait(until deadline: MonotonicInstant?, wakeDescriptor: Int32) {
        let (wasReady, wasGone) = (isReady, isGone)
        // Each round ends by an event or a time; more than a few of them mean that a descriptor talks nonsense.
        for _ in 0..<8 {
            var now = calls.now
            var limit = deadline
            if output != nil, !isGone, let flip = flips.deadline, flip > now { limit = min(limit ?? flip, flip) }
            let outcome: PollOutcome
            do throws(KernelError) {
                outcome = try calls.poll(
                    card: isGone ? nil : card?.descriptor, wake: wakeDescriptor,
                    timeout: limit.map { max(.zero, $0 - now) })
            } catch {
                return
            }
            if outcome.isCardReadable { readEvents() }
            if outcome.isCardGone { isGone = true }
            now = calls.now
            giveUpFlip(at: now)
            // Power that was to change after the flip; what fails is tried again, and told, by `refresh`.
            if isPowered != isPowerWanted, let card { try? settle(card, at: now) }
            if outcome.isWakeReadable || !wasReady && isReady || !wasGone && isGone { return }
            if let deadline, now >= deadline { return }
        }
    }

    private mutating func readEvents() {
        guard let card else { return }
        let count: Int
        do throws(KernelError) {
            count = try calls.read(card.descriptor, into: &events)
        } catch {
            // EINTR, EAGAIN: nothing there after all.
            if ![4, 11].contains(error.errno) { isGone = true }
            return
        }
        // A file that is readable and has nothing is at its end.
        if count == 0 { isGone = true }
        var isOver = false
        VBlankEvent.forEachFlip(in: events, count: count) { event in
            if flips.complete(event.userData) { isOver = true }
        }
        if isOver { output?.flipped() }
    }

    private mutating func giveUpFlip(at now: MonotonicInstant) {
        guard flips.isOverdue(at: now) else { return }
        // The event may have come while nobody waited for it.
        readEvents()
        if flips.giveUp(at: now) { output?.gaveUp() }
    }

    // MARK: Pictures

    package mutating func present(_ canvas: borrowing Canvas, damage: [PixelRectangle]) throws(DeviceError) {
        let (card, output) = try beginPresenting(size: canvas.size)
        output.chain.damage(damage)
        let index = output.chain.next()
        output.chain.draw(index, canvas, left: output.visible.x, top: output.visible.y)
        try finishPresenting(card, output, index, overVideo: false)
    }

    package mutating func takesVideo(size: PictureSize, at target: PixelRectangle) -> Bool {
        guard let output, isReady else { return false }
        do throws(KernelError) {
            return try output.takesVideo(size: size, at: target, modeset: isModesetDue)
        } catch {
            // Not a no for ever: the next commit tells what is wrong.
            return false
        }
    }

    package mutating func present(
        _ canvas: borrowing Canvas, damage: [PixelRectangle], over video: borrowing VideoFrame,
        at target: PixelRectangle
    ) throws(DeviceError) {
        let (card, output) = try beginPresenting(size: canvas.size)
        output.chain.damage(damage)
        let index = output.chain.next()
        output.chain.draw(index, canvas, left: output.visible.x, top: output.visible.y)
        do throws(KernelError) {
            try output.drawVideo(index, video)
        } catch {
            throw commitFailure(card, error, at: calls.now)
        }
        try finishPresenting(card, output, index, overVideo: true)
    }

    private mutating func beginPresenting(
        size: PictureSize
    ) throws(DeviceError) -> (Card<Calls>, Output<Calls>) {
        guard let card, let output, isReady, size == state.size else {
            throw DeviceError(
                "present", device: state.connector.isEmpty ? "display" : state.connector,
                detail: "it does not take a picture of \(size) now", severity: .transient)
        }
        giveUpFlip(at: calls.now)
        return (card, output)
    }

    private mutating func finishPresenting(
        _ card: Card<Calls>, _ output: Output<Calls>, _ index: Int, overVideo: Bool
    ) throws(DeviceError) {
        let now = calls.now
        do throws(KernelError) {
            try output.flip(index, overVideo: overVideo, modeset: isModesetDue, serial: flips.nextSerial)
        } catch {
            throw commitFailure(card, error, at: now)
        }
        isModesetDue = false
        flips.begin(at: now)
    }
}
