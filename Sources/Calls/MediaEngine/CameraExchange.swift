package import Devices
internal import Synchronization

/// Counters of the camera thread, growing since its start, sampled each second.
package struct CameraStatistics: Equatable, Sendable {
    package var capturedFrames = 0
    package var encodedFrames = 0
    package var keyframes = 0
    /// Frames that rate control skipped or that found no room.
    package var droppedFrames = 0
    package var encodedBytes = 0
    /// Still cards sent in place of a camera that fails.
    package var stillCards = 0
    /// What the camera gave that could not be used.
    package var corruptFrames = 0
    /// What the camera's driver dropped, or what was overtaken by a newer picture.
    package var lostFrames = 0
    /// The size being captured and the one being sent; nil when off.
    package var capturedSize: PictureSize?
    package var encodedSize: PictureSize?
    package var fault: DeviceError?

    package init() {}
}

/// Everything that the call's thread and the camera thread share: wishes one way, compressed frames the other.
package final class CameraExchange: Sendable {
    /// Compressed frames on their way to the network.
    package let outgoing: EncodedFrameQueue
    /// The own picture for the screen, at most 320x180, or 960x540 while `isSelfViewLarge`.
    package let selfView = FrameSlot()
    private let on = Atomic<Bool>(false)
    private let height = Atomic<Int>(0)
    private let limit = Atomic<Int>(0)
    private let preset = Atomic<Int>(-1)
    private let largeSelfView = Atomic<Bool>(false)
    private let keyframeFlag = Atomic<Bool>(false)
    private let shared = Mutex(CameraStatistics())

    /// - Parameter outgoingWaker: woken when `outgoing` has something again.
    package init(outgoingWaker: any Waker) {
        outgoing = EncodedFrameQueue(waker: outgoingWaker)
    }

    /// Whether the camera is open at all. Off: the device is closed, no picture leaves it.
    package var isOn: Bool {
        get { on.load(ordering: .acquiring) }
        set { on.store(newValue, ordering: .releasing) }
    }

    /// Whether people look at their own picture, before others see it.
    package var isSelfViewLarge: Bool {
        get { largeSelfView.load(ordering: .relaxed) }
        set { largeSelfView.store(newValue, ordering: .relaxed) }
    }

    /// `maxHeight` of the bridge's SenderSourceConstraints (protocol section 8.4): −1 any, 0 nothing is sent.
    package var wantedHeight: Int {
        get { height.load(ordering: .relaxed) }
        set { height.store(newValue, ordering: .relaxed) }
    }

    /// The most that the path carries, in bits per second; 0 for no limit.
    package var bitrateLimit: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(newValue, ordering: .relaxed) }
    }

    /// A receiver cannot decode: the next frame is to be a key frame. Requests less than 300 ms apart are one.
    package func requestKeyframe() { keyframeFlag.store(true, ordering: .releasing) }

    /// The camera is to look where the configured preset number `index` (from 0) says.
    package func choosePreset(_ index: Int) { preset.store(index, ordering: .relaxed) }

    /// The counters as of the last second.
    package var statistics: CameraStatistics { shared.withLock { $0 } }

    /// The preset chosen since this was last asked; nil when none was.
    func takePreset() -> Int? {
        let index = preset.exchange(-1, ordering: .relaxed)
        return index >= 0 ? index : nil
    }

    func takeKeyframeRequest() -> Bool { keyframeFlag.exchange(false, ordering: .acquiring) }

    func publish(_ statistics: CameraStatistics) {
        shared.withLock { $0 = statistics }
    }
}
