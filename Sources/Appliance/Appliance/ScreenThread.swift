package import Basis
internal import Codecs
package import Devices
internal import LinuxHost
internal import Painter
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

/// The thread that composes the picture of the TV, and the one that hands out copies of it.
package final class ScreenThread: Sendable {
    private struct Requests {
        var png: [@Sendable ([UInt8]?) -> Void] = []
        var jpeg: [@Sendable ([UInt8]?) -> Void] = []
    }

    private let size: PictureSize
    private let content: Mutex<ScreenContent>
    private let generation = Atomic<Int>(1)
    private let shown = Mutex<[String: Int]>([:])
    private let requests = Mutex(Requests())
    private let isCopyWanted = Atomic<Bool>(false)
    private let copy: Mutex<Canvas>
    private let isStopping = Atomic<Bool>(false)
    private let wake: EventSignal
    private let copyReady: EventSignal
    private let threads = Mutex<[NamedThread]>([])
    private let onFirstPicture: @Sendable (_ attempt: Int, MonotonicInstant) -> Void

    /// - Parameter onFirstPicture: called on the screen's thread when the first remote picture of an attempt was composed.
    package init(
        size: PictureSize, content: ScreenContent,
        onFirstPicture: @escaping @Sendable (_ attempt: Int, MonotonicInstant) -> Void
    ) throws(DeviceError) {
        self.size = size
        self.content = Mutex(content)
        self.onFirstPicture = onFirstPicture
        copy = Mutex(Canvas(size: size))
        wake = try EventSignal()
        copyReady = try EventSignal()
    }

    package func start(onFault: @escaping @Sendable (String) -> Void) throws(DeviceError) {
        let display = try NamedThread(name: "vs-display", priority: .nice(-4)) { [self] in
            do {
                try runDisplay()
            } catch {
                onFault("\(error)")
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

    /// Pictures composed so far, by source name.
    package var shownPictures: [String: Int] { shown.withLock { $0 } }

    package func requestPNG(_ completion: @escaping @Sendable ([UInt8]?) -> Void) {
        requests.withLock { $0.png.append(completion) }
        isCopyWanted.store(true, ordering: .releasing)
        wake.wake()
    }

    package func requestJPEG(_ completion: @escaping @Sendable ([UInt8]?) -> Void) {
        requests.withLock { $0.jpeg.append(completion) }
        isCopyWanted.store(true, ordering: .releasing)
        wake.wake()
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

    private func runDisplay() throws {
        var compositor = try Compositor(size: size)
        var canvas = Canvas(size: size)
        let frames = FrameStore()
        var seen = 0
        var current = content.withLock { $0 }
        var reportedAttempt = 0
        var generations: [SceneSource: UInt64] = [:]
        var composed: (content: Int, pictures: UInt64) = (0, 0)
        var timer = PeriodicTimer(interval: .milliseconds(16))
        while !isStopping.load(ordering: .acquiring) {
            let latest = generation.load(ordering: .acquiring)
            if latest != seen {
                seen = latest
                current = content.withLock { $0 }
                for source in frames.sources where current.slots[source] == nil {
                    frames.detach(source)
                    generations[source] = nil
                }
                let names = current.slots.keys
                shown.withLock { $0 = $0.filter { names.contains(.remote($0.key)) } }
                for (source, slot) in current.slots { frames.attach(slot, for: source) }
            }
            frames.refresh()
            let pictures = frames.sources.reduce(UInt64(0)) { $0 &+ frames.generation(of: $1) }
            if composed != (seen, pictures) {
                composed = (seen, pictures)
                let layout = current.scene.showingPictures(of: frames).layout(width: size.width, height: size.height)
                _ = compositor.compose(layout, frames: frames, into: &canvas)
                var hasRemote = false
                for case .remote(let name) in layout.videos.map(\.source) {
                    let generation = frames.generation(of: .remote(name))
                    guard generation > 0 else { continue }
                    hasRemote = true
                    if generations.updateValue(generation, forKey: .remote(name)) != generation {
                        shown.withLock { $0[name, default: 0] += 1 }
                    }
                }
                if hasRemote, reportedAttempt != current.attempt {
                    reportedAttempt = current.attempt
                    onFirstPicture(current.attempt, MonotonicClock.now)
                }
            }
            if isCopyWanted.exchange(false, ordering: .acquiringAndReleasing) {
                copy.withLock { target in
                    canvas.bytes.withUnsafeBytes { from in
                        target.bytes.withUnsafeMutableBytes { $0.copyMemory(from: from) }
                    }
                }
                copyReady.wake()
            }
            if current.isLive {
                _ = timer.wait()
            } else {
                _ = wake.wait(timeout: .seconds(1))
                timer = PeriodicTimer(interval: .milliseconds(16))
            }
        }
    }

    // MARK: Copies

    private func runSnapshots() {
        var encoder = try? JPEGEncoder(quality: 75)
        while !isStopping.load(ordering: .acquiring) {
            _ = copyReady.wait()
            let waiting = requests.withLock { requests in
                defer { requests = Requests() }
                return requests
            }
            guard !waiting.png.isEmpty || !waiting.jpeg.isEmpty else { continue }
            let (png, jpeg) = copy.withLock { canvas -> ([UInt8]?, [UInt8]?) in
                var bytes: [UInt8]? = nil
                if !waiting.jpeg.isEmpty {
                    var output: [UInt8] = []
                    if (try? encoder?.encode(canvas, into: &output)) != nil { bytes = output }
                }
                return (waiting.png.isEmpty ? nil : PNGWriter.encode(canvas), bytes)
            }
            for completion in waiting.png { completion(png) }
            for completion in waiting.jpeg { completion(jpeg) }
        }
        let left = requests.withLock { $0 }
        for completion in left.png + left.jpeg { completion(nil) }
    }
}

extension SceneState {
    /// The same scene in which only those have a picture whose first frame has come.
    fileprivate func showingPictures(of frames: FrameStore) -> SceneState {
        var scene = self
        for index in scene.participants.indices where scene.participants[index].hasVideo {
            let source = scene.participants[index].sourceID.map { SceneSource.remote($0) }
            scene.participants[index].hasVideo = source.map { frames.generation(of: $0) > 0 } ?? false
        }
        return scene
    }
}
