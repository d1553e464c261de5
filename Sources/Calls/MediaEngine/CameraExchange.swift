package import Basis
package import Devices
internal import Synchronization

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
    private let simulcast = Atomic<Bool>(false)
    private let vp9 = Atomic<Bool>(false)
    private let single = Atomic<Bool>(false)
    private let degrees = Atomic<Int>(0)
    /// A bit for each RTP layer.
    private let keyframeMask = Atomic<UInt8>(0)
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

    /// Whether the camera goes out in three sizes at once, each on an RTP layer of its own.
    package var sendsSimulcast: Bool {
        get { simulcast.load(ordering: .relaxed) }
        set { simulcast.store(newValue, ordering: .relaxed) }
    }

    /// What pictures are compressed with; a change of it begins with a key frame.
    package var codec: VideoCodec {
        get { vp9.load(ordering: .relaxed) ? .vp9 : .vp8 }
        set { vp9.store(newValue == .vp9, ordering: .relaxed) }
    }

    /// Whether one other participant is all there is to look at us.
    package var hasOneReceiver: Bool {
        get { single.load(ordering: .relaxed) }
        set { single.store(newValue, ordering: .relaxed) }
    }

    /// The processor's, in degrees Celsius; 0 where it is not known.
    package var temperature: Int {
        get { degrees.load(ordering: .relaxed) }
        set { degrees.store(newValue, ordering: .relaxed) }
    }

    /// A receiver cannot decode: the next frame of that RTP layer, or of all, is to be a key frame. Requests less than
    /// 300 ms apart are one.
    package func requestKeyframe(layer: Int? = nil) {
        let mask: UInt8 = layer.map { 1 << UInt8(clamping: min(7, max(0, $0))) } ?? 0xFF
        keyframeMask.bitwiseOr(mask, ordering: .releasing)
    }

    /// The camera is to look where the configured preset number `index` (from 0) says.
    package func choosePreset(_ index: Int) { preset.store(index, ordering: .relaxed) }

    /// The counters as of the last second.
    package var statistics: CameraStatistics { shared.withLock { $0 } }

    /// The preset chosen since this was last asked; nil when none was.
    func takePreset() -> Int? {
        let index = preset.exchange(-1, ordering: .relaxed)
        return index >= 0 ? index : nil
    }

    /// The layers that owe a key frame, a bit for each.
    func takeKeyframeRequests() -> UInt8 { keyframeMask.exchange(0, ordering: .acquiring) }

    func publish(_ statistics: CameraStatistics) {
        shared.withLock { $0 = statistics }
    }
}
