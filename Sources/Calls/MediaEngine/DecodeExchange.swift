package import Basis
package import Devices
internal import Synchronization

/// Counters of one remote picture.
package struct VideoSourceStatistics: Equatable, Sendable {
    /// Since the source was added.
    package var decodedFrames = 0
    /// Frames that could not be decoded.
    package var damagedFrames = 0
    /// Decoded pictures for which no buffer was free.
    package var droppedPictures = 0
    /// The size of the newest picture.
    package var size: PictureSize?

    package init() {}
}

/// Everything that the call's thread, the decoding thread and the screen share.
package final class DecodeExchange: Sendable {
    struct Source {
        let slot: FrameSlot
        var statistics = VideoSourceStatistics()
    }

    private struct Shared {
        var sources: [UInt32: Source] = [:]
    }

    private let queue: EncodedVideoQueue
    private let keyframeWaker: any Waker
    private let shared = Mutex(Shared())

    /// - Parameters:
    ///   - decodeWaker: wakes the decoding thread.
    ///   - keyframeWaker: wakes the call's thread, to ask for key frames.
    package init(decodeWaker: any Waker, keyframeWaker: any Waker) {
        queue = EncodedVideoQueue(waker: decodeWaker)
        self.keyframeWaker = keyframeWaker
    }

    /// Begins with a remote source; its pictures come in the slot. Asking again gives the same slot.
    package func add(source: UInt32) -> FrameSlot {
        shared.withLock { shared in
            if let known = shared.sources[source] { return known.slot }
            let slot = FrameSlot()
            shared.sources[source] = Source(slot: slot)
            return slot
        }
    }

    /// Ends with a remote source: its decoder goes, what waits is dropped.
    package func remove(source: UInt32) {
        shared.withLock { _ = $0.sources.removeValue(forKey: source) }
        queue.remove(source: source)
    }

    /// Hands one whole frame of a known source to the decoding thread; `instant` is when it is to be shown.
    package func decode(
        source: UInt32, frame: Span<UInt8>, codec: VideoCodec = .vp8, isKeyframe: Bool, instant: MonotonicInstant
    ) {
        guard shared.withLock({ $0.sources[source] != nil }) else { return }
        queue.push(source: source, frame: frame, codec: codec, isKeyframe: isKeyframe, instant: instant)
    }

    /// The sources that need a key frame (RTCP PLI) since the last call.
    package func takeKeyframeRequests() -> [UInt32] { queue.takeKeyframeRequests() }

    /// Counters by SSRC.
    package var statistics: [UInt32: VideoSourceStatistics] {
        shared.withLock { $0.sources.mapValues(\.statistics) }
    }

    /// Frames that found no room or followed one that did not.
    package var droppedFrames: Int { queue.droppedCount }

    // MARK: - The decoding thread's side

    func pop(into buffer: inout [UInt8]) -> EncodedVideoQueue.Popped? { queue.pop(into: &buffer) }

    func slot(of source: UInt32) -> FrameSlot? { shared.withLock { $0.sources[source]?.slot } }

    func knows(_ source: UInt32) -> Bool { shared.withLock { $0.sources[source] != nil } }

    func note(_ source: UInt32, _ change: (inout VideoSourceStatistics) -> Void) {
        shared.withLock { shared in
            guard var known = shared.sources[source] else { return }
            change(&known.statistics)
            shared.sources[source] = known
        }
    }

    func askForKeyframe(_ source: UInt32) {
        queue.markBroken(source)
        keyframeWaker.wake()
    }
}
