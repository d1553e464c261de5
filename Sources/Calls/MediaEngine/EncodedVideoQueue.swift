package import Basis
package import Devices
internal import Synchronization

/// Whole compressed frames of all remote sources on their way to the decoding thread, bounded for each source.
///
/// When a source has too many waiting, its newest is dropped, and so is all that follows up to its next key frame, for
/// which the queue asks.
package final class EncodedVideoQueue: Sendable {
    typealias Popped = (source: UInt32, codec: VideoCodec, instant: MonotonicInstant)

    private struct Entry {
        var source: UInt32
        var codec: VideoCodec
        var isKeyframe: Bool
        var instant: MonotonicInstant
        var bytes: [UInt8]
    }

    private struct State {
        var entries: [Entry] = []
        var spare: [[UInt8]] = []
        /// Sources whose chain of predictions is broken.
        var broken: Set<UInt32> = []
        var requests: Set<UInt32> = []
        var dropped = 0
    }

    private let state = Mutex(State())
    private let perSource: Int
    private let total: Int
    private let waker: any Waker

    /// - Parameter waker: woken when the queue is no longer empty; it wakes the decoding thread.
    package init(perSource: Int = 8, total: Int = 64, waker: any Waker) {
        self.perSource = perSource
        self.total = total
        self.waker = waker
    }

    /// Copies one whole frame in; false when it was dropped. `instant` is when it is to be shown.
    @discardableResult
    package func push(
        source: UInt32, frame: Span<UInt8>, codec: VideoCodec = .vp8, isKeyframe: Bool, instant: MonotonicInstant
    ) -> Bool {
        let outcome = state.withLock { state -> (isQueued: Bool, wasEmpty: Bool) in
            if state.broken.contains(source), !isKeyframe {
                state.dropped += 1
                return (false, false)
            }
            let waiting = state.entries.count { $0.source == source }
            guard waiting < perSource, state.entries.count < total else {
                state.dropped += 1
                state.broken.insert(source)
                state.requests.insert(source)
                return (false, false)
            }
            state.broken.remove(source)
            var bytes = state.spare.popLast() ?? []
            bytes.append(copying: frame)
            state.entries.append(
                Entry(source: source, codec: codec, isKeyframe: isKeyframe, instant: instant, bytes: bytes))
            return (true, state.entries.count == 1)
        }
        if outcome.wasEmpty { waker.wake() }
        return outcome.isQueued
    }

    /// Exchanges `buffer` for the oldest frame; nil when there is none.
    func pop(into buffer: inout [UInt8]) -> Popped? {
        var given = buffer
        buffer = []
        given.removeAll(keepingCapacity: true)
        let spare = given
        let next = state.withLock { state -> Entry? in
            guard !state.entries.isEmpty else { return nil }
            if state.spare.count < total { state.spare.append(spare) }
            return state.entries.removeFirst()
        }
        guard let entry = next else {
            buffer = spare
            return nil
        }
        buffer = entry.bytes
        return (entry.source, entry.codec, entry.instant)
    }

    /// Forgets what waits of `source`.
    func remove(source: UInt32) {
        state.withLock { state in
            state.entries.removeAll { $0.source == source }
            state.broken.remove(source)
            state.requests.remove(source)
            if state.entries.isEmpty { state.spare = [] }
        }
        // The decoding thread lets go of the source's decoder.
        waker.wake()
    }

    /// Notes that `source` cannot be decoded without a key frame.
    func markBroken(_ source: UInt32) {
        state.withLock { state in
            state.broken.insert(source)
            state.requests.insert(source)
            state.entries.removeAll { $0.source == source && !$0.isKeyframe }
        }
    }

    func takeKeyframeRequests() -> [UInt32] {
        state.withLock { state in
            let requests = state.requests.sorted()
            state.requests.removeAll(keepingCapacity: true)
            return requests
        }
    }

    /// Frames that were not queued.
    package var droppedCount: Int { state.withLock { $0.dropped } }
}
