package import Basis
package import Devices
internal import LinuxHost
internal import Painter
package import Panel
package import Scene
internal import Synchronization

/// What the screen is to show now, and where its pictures come from.
package struct ScreenContent: Sendable {
    package var scene: SceneState
    /// The slots of the pictures that the scene names.
    package var slots: [SceneSource: FrameSlot]
    /// The attempt whose first remote picture is to be reported.
    package var attempt: Int
    /// Whether pictures may come at any time; else the screen changes only when told.
    package var isLive: Bool

    package init(scene: SceneState, slots: [SceneSource: FrameSlot], attempt: Int, isLive: Bool) {
        self.scene = scene
        self.slots = slots
        self.attempt = attempt
        self.isLive = isLive
    }
}

/// The thread that composes the picture of the TV and shows it, and the one that hands out copies of it.
package final class ScreenThread: Sendable {
    private struct Requests {
        var png: [@Sendable ([UInt8]?) -> Void] = []
        var jpeg: [@Sendable (PanelPicture?) -> Void] = []

        var isEmpty: Bool { png.isEmpty && jpeg.isEmpty }
    }

    /// The last copy of the screen, on its way between the two threads.
    private struct Copy: ~Copyable {
        var canvas = Canvas(size: PictureSize(width: 0, height: 0))
        /// Which picture was copied last.
        var mark: PictureMark?
        /// Whether the canvas holds it, and not yet the other thread.
        var isFresh = false
    }

    /// How long the memory for copies is kept after the last one who looked.
    private static let copyKept = Duration.seconds(10)

    private let content: Mutex<ScreenContent>
    private let generation = Atomic<Int>(1)
    private let shown = Mutex<[String: Int]>([:])
    private let requests = Mutex(Requests())
    private let isCopyWanted = Atomic<Bool>(false)
    private let copy = Mutex(Copy())
    private let isHotplug = Atomic<Bool>(false)
    private let isPowerWanted = Atomic<Bool>(true)
    private let isStopping = Atomic<Bool>(false)
    private let turns = Atomic<Int>(0)
    private let wake: EventSignal
    private let copyReady: EventSignal
    /// The display's thread does not run, since an error: nobody makes copies at present.
    private let isGone = Atomic<Bool>(false)
    private let threads = Mutex<[NamedThread]>([])
    private let displayPulse = ThreadPulse(name: "vs-display")
    private let onFirstPicture: @Sendable (_ attempt: Int, MonotonicInstant) -> Void

    /// - Parameter onFirstPicture: called on the screen's thread when the first remote picture of an attempt was composed.
    package init(
        content: ScreenContent, onFirstPicture: @escaping @Sendable (_ attempt: Int, MonotonicInstant) -> Void
    ) throws(DeviceError) {
        self.content = Mutex(content)
        self.onFirstPicture = onFirstPicture
        wake = try EventSignal()
        copyReady = try EventSignal()
    }

    /// Starts the threads; `makeDisplay` builds the display on the one that will own it.
    /// - Parameter onChange: called on the screen's thread when the display's state changed, or what is wrong with it in
    ///   one English sentence: nil when nothing is.
    package func start<Screen: Display & ~Copyable>(
        makeDisplay: @escaping @Sendable () throws(DeviceError) -> Screen,
        onChange: @escaping @Sendable (DisplayState, String?) -> Void
    ) throws(DeviceError) {
        let display = try NamedThread(name: "vs-display", priority: .nice(-4)) { [self] in
            ThreadSupervision(pulse: displayPulse, signal: wake).run {
                isStopping.load(ordering: .acquiring)
            } onFailure: { failure in
                let nothing = DisplayState(isConnected: false, size: PictureSize(width: 0, height: 0))
                onChange(nothing, failure)
            } work: {
                isGone.store(false, ordering: .releasing)
                defer {
                    isGone.store(true, ordering: .releasing)
                    copyReady.wake()
                }
                try runDisplay(makeDisplay(), onChange: onChange)
            }
        }
        let snapshots = try NamedThread(name: "vs-snapshot", priority: .nice(5)) { [self] in runSnapshots() }
        threads.withLock { $0 = [display, snapshots] }
    }

    package func show(_ new: ScreenContent) {
        content.withLock { $0 = new }
        generation.wrappingAdd(1, ordering: .releasing)
        wake.wake()
    }

    /// The kernel told of a change of displays: the TV is asked again.
    package func noteHotplug() {
        isHotplug.store(true, ordering: .releasing)
        wake.wake()
    }

    /// Turns the signal to the TV on or off.
    package func setPower(isOn: Bool) {
        isPowerWanted.store(isOn, ordering: .releasing)
        wake.wake()
    }

    /// How often the thread has looked for something to do: about once a second at least.
    package var turnCount: Int { turns.load(ordering: .relaxed) }

    /// Pictures composed so far, by source name.
    package var shownPictures: [String: Int] { shown.withLock { $0 } }

    package func requestPNG(_ completion: @escaping @Sendable ([UInt8]?) -> Void) {
        requests.withLock { $0.png.append(completion) }
        askForCopy()
    }

    /// - Parameter completion: gets the screen at most 1280 pixels wide; the same number means the same picture.
    package func requestJPEG(_ completion: @escaping @Sendable (PanelPicture?) -> Void) {
        requests.withLock { $0.jpeg.append(completion) }
        askForCopy()
    }

    private func askForCopy() {
        isCopyWanted.store(true, ordering: .releasing)
        wake.wake()
        // The last copy, or none, is the answer.
        if isGone.load(ordering: .acquiring) { copyReady.wake() }
    }

    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.wake()
        copyReady.wake()
        let running = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
    }

    // MARK: The display

    private func runDisplay<Screen: Display & ~Copyable>(
        _ display: consuming Screen, onChange: (DisplayState, String?) -> Void
    ) throws {
        var loop = try ScreenLoop(display: display, content: content.withLock { $0 })
        var seen = 0
        var attempt = 0
        var reportedAttempt = 0
        while !isStopping.load(ordering: .acquiring) {
            turns.wrappingAdd(1, ordering: .relaxed)
            // Cleared before what it announces is looked at: whatever comes later sets it again.
            wake.clear()
            let latest = generation.load(ordering: .acquiring)
            if latest != seen {
                seen = latest
                let current = content.withLock { $0 }
                attempt = current.attempt
                let names = current.slots.keys
                shown.withLock { $0 = $0.filter { names.contains(.remote($0.key)) } }
                loop.show(current)
            }
            let now = MonotonicClock.now
            try loop.keepDisplay(
                at: now, isPowerWanted: isPowerWanted.load(ordering: .acquiring),
                isHotplug: isHotplug.exchange(false, ordering: .acquiringAndReleasing), onChange: onChange)
            loop.showWhatIsNew(at: now) { name in
                shown.withLock { $0[name, default: 0] += 1 }
                if reportedAttempt != attempt {
                    reportedAttempt = attempt
                    onFirstPicture(attempt, MonotonicClock.now)
                }
            }
            if isCopyWanted.exchange(false, ordering: .acquiringAndReleasing) {
                let mark = loop.pictureMark
                copy.withLock { copy in
                    guard copy.mark != mark else { return }
                    loop.copy(into: &copy.canvas)
                    copy.mark = mark
                    copy.isFresh = true
                }
                copyReady.wake()
            }
            if isStopping.load(ordering: .acquiring) { break }
            loop.wait(wakeDescriptor: wake.fileDescriptor, at: now)
        }
        loop.closeDisplay()
    }

    // MARK: Copies

    private func runSnapshots() {
        var copier = ScreenCopier()
        var isEmpty = true
        while !isStopping.load(ordering: .acquiring) {
            guard copyReady.wait(timeout: isEmpty ? nil : Self.copyKept) else {
                isEmpty = forgetCopy()
                if isEmpty { copier.forget() }
                continue
            }
            let waiting = requests.withLock { requests in
                defer { requests = Requests() }
                return requests
            }
            guard !waiting.isEmpty else { continue }
            isEmpty = false
            // The pixels change hands: compressing them keeps nobody waiting.
            copy.withLock { copy in
                guard copy.isFresh else { return }
                copier.take(&copy.canvas)
                copy.isFresh = false
            }
            if !waiting.png.isEmpty {
                let png = copier.png()
                for completion in waiting.png { completion(png) }
            }
            if !waiting.jpeg.isEmpty {
                let jpeg = copier.jpeg()
                for completion in waiting.jpeg { completion(jpeg) }
            }
        }
        let left = requests.withLock { $0 }
        for completion in left.png { completion(nil) }
        for completion in left.jpeg { completion(nil) }
    }

    /// Gives the memory back when nobody looks; whoever asks later gets a new copy.
    private func forgetCopy() -> Bool {
        requests.withLock { requests in
            guard requests.isEmpty else { return false }
            copy.withLock { $0 = Copy() }
            return true
        }
    }
}
