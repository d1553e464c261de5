package import Basis
package import Devices
internal import Glibc

/// A camera behind a Video4Linux2 node. Which node is decided anew at each `open`, so that a camera that comes back
/// under another number is found.
package struct V4L2Camera<Calls: VideoDeviceCalls>: Camera, ~Copyable {
    private let calls: Calls
    private let settings: CameraSettings
    private var stream: CaptureStream<Calls>?
    private var watch = StallWatch()
    private var preference: CameraPreference
    private var preset: Int?
    package private(set) var counters = CaptureCounters()

    package init(settings: CameraSettings, calls: Calls) {
        self.settings = settings
        self.calls = calls
        preference = CameraPreference(configured: settings.identities)
    }

    package mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError) {
        close()
        let wish = CaptureWish(size: size, framesPerSecond: framesPerSecond)
        var firstError: DeviceError?
        for facts in CameraFinder(calls: calls).nodes(orderedBy: preference.identities) {
            do throws(DeviceError) {
                guard try start(facts.node, wish) else { continue }
                watch = StallWatch()
                preference.opened(facts)
                return
            } catch {
                // One that is going or coming is no bad one.
                if error.severity != .absent { preference.failed(facts) }
                if firstError == nil { firstError = error }
            }
        }
        throw firstError
            ?? DeviceError(
                "open", device: "camera", errno: ENODEV, detail: "no camera is plugged in", severity: .absent)
    }

    /// False when `path` is no camera, or none that can be used.
    private mutating func start(_ path: String, _ wish: CaptureWish) throws(DeviceError) -> Bool {
        let node = try VideoNode(calls: calls, path: path)
        guard try node.capability().isCamera else { return false }
        let modes = CaptureNegotiation.ranked(try node.offers(near: wish.size), for: wish)
        guard !modes.isEmpty else { return false }
        CameraControls.apply(settings, to: node)
        if let preset { CameraControls.apply(settings.presets[preset], to: node) }
        var candidate = CaptureStream(node: node)
        try candidate.start(modes)
        stream = consume candidate
        return true
    }

    package mutating func close() {
        stream = nil
        preference.closed()
    }

    package mutating func isPreferredPresent(at now: MonotonicInstant) -> Bool {
        let calls = calls
        return preference.isBetterPresent(at: now, nodes: { CameraFinder(calls: calls).nodes() }) { facts in
            do throws(DeviceError) {
                let node = try VideoNode(calls: calls, path: facts.node)
                guard try node.capability().isCamera else { return false }
                return try !node.offers(near: PictureSize(width: 1280, height: 720)).isEmpty
            } catch {
                return false
            }
        }
    }

    package mutating func choosePreset(_ index: Int) {
        guard settings.presets.indices.contains(index) else { return }
        preset = index
        // What this one leaves out is as the configuration says, not as the one before left it.
        let chosen = settings.presets[index]
        stream?.apply(settings.controls.filter { control in !chosen.contains { $0.name == control.name } } + chosen)
    }

    package mutating func nextFrame(at now: MonotonicInstant, pool: FramePool) throws(DeviceError) -> VideoFrame? {
        guard let path = stream?.path else {
            throw DeviceError("capture", device: "camera", errno: ENODEV, detail: "it is closed", severity: .absent)
        }
        let reception = try stream?.receive(at: now, pool: pool, counters: &counters)
        switch consume reception {
        case .picture(let frame)?:
            watch.noteGood(at: now)
            return frame
        case .noRoom?: watch.noteGood(at: now)
        case .corrupt?: watch.noteCorrupt(at: now)
        case .nothing?: break
        case nil: break
        }
        guard let complaint = watch.complaint(at: now) else { return nil }
        throw DeviceError("capture", device: path, errno: ETIMEDOUT, detail: complaint, severity: .absent)
    }
}

extension V4L2Camera where Calls == KernelVideoCalls {
    package init(settings: CameraSettings) {
        self.init(settings: settings, calls: KernelVideoCalls())
    }
}
