package import Basis
package import Devices
internal import Synchronization

/// What travels with a compressed picture of the own camera.
package struct EncodedFrame: Equatable, Sendable {
    /// What the bytes are.
    package let codec: VideoCodec
    /// The RTP layer: 0, or 0…2 from low to high in a simulcast.
    package let layer: Int
    /// Whether it can be decoded without any other.
    package let isKeyframe: Bool
    /// In pixels.
    package let size: PictureSize
    /// When the picture was captured; its RTP timestamp is `timestamp`.
    package let instant: MonotonicInstant
    /// 0…2 (RFC 7741, TID).
    package let temporalLayer: Int
    /// Of the stream: 1 or 3.
    package let temporalLayers: Int
    /// Predicted from temporal layer 0 alone (Y).
    package let isLayerSync: Bool
    /// Nothing is predicted from it (N).
    package let isNonReference: Bool

    package init(
        codec: VideoCodec = .vp8, layer: Int = 0, isKeyframe: Bool, size: PictureSize, instant: MonotonicInstant,
        temporalLayer: Int = 0, temporalLayers: Int = 1, isLayerSync: Bool = false, isNonReference: Bool = false
    ) {
        self.codec = codec
        self.layer = layer
        self.isKeyframe = isKeyframe
        self.size = size
        self.instant = instant
        self.temporalLayer = temporalLayer
        self.temporalLayers = temporalLayers
        self.isLayerSync = isLayerSync
        self.isNonReference = isNonReference
    }

    /// The capture time on the 90 kHz clock of RTP video, without the stream's random offset.
    package var timestamp: UInt32 {
        UInt32(truncatingIfNeeded: instant.nanoseconds / 100_000 * 9)
    }
}

/// A few compressed pictures between the camera thread and the call; buffers go round, none is made after warm-up.
package final class EncodedFrameQueue: Sendable {
    private struct State {
        var buffers: [[UInt8]]
        var headers: [EncodedFrame?]
        var head = 0
        var count = 0
        var dropped = 0
    }

    private static let mostWaiting = 4

    private let state: Mutex<State>
    private let capacity: Int
    private let waker: any Waker

    /// - Parameter waker: woken when the queue is no longer empty.
    package init(capacity: Int = 12, waker: any Waker) {
        self.capacity = capacity
        self.waker = waker
        state = Mutex(
            State(
                buffers: [[UInt8]](repeating: [], count: capacity),
                headers: [EncodedFrame?](repeating: nil, count: capacity)))
    }

    /// Takes the content of `bytes` and leaves an older buffer in exchange; false, with `bytes` untouched, when full: the
    /// frames after a dropped one are useless until a key frame.
    package func push(_ bytes: inout [UInt8], header: EncodedFrame) -> Bool {
        // A closure may not capture the parameter: the exchange goes through a local.
        var incoming = bytes
        bytes = []
        let outcome = state.withLock { state -> (isQueued: Bool, wasEmpty: Bool) in
            guard state.count < capacity else {
                state.dropped += 1
                return (false, false)
            }
            let slot = (state.head + state.count) % capacity
            swap(&state.buffers[slot], &incoming)
            state.headers[slot] = header
            state.count += 1
            return (true, state.count == 1)
        }
        bytes = incoming
        if outcome.wasEmpty { waker.wake() }
        return outcome.isQueued
    }

    /// Exchanges `buffer` for the oldest frame; nil when there is none.
    package func pop(into buffer: inout [UInt8]) -> EncodedFrame? {
        var outgoing = buffer
        buffer = []
        let header = state.withLock { state -> EncodedFrame? in
            guard state.count > 0 else { return nil }
            let slot = state.head
            swap(&state.buffers[slot], &outgoing)
            let header = state.headers[slot].take()
            state.head = (slot + 1) % capacity
            state.count -= 1
            return header
        }
        buffer = outgoing
        return header
    }

    /// Forgets what waits, and gives the memory of all buffers back.
    package func removeAll() {
        state.withLock { state in
            state.head = 0
            state.count = 0
            for index in state.buffers.indices { state.buffers[index] = [] }
        }
    }

    /// Whether a picture in so many layers is worth compressing: not while four pictures wait.
    func hasRoom(forLayers layers: Int) -> Bool {
        state.withLock { $0.count + layers <= min(capacity, Self.mostWaiting * layers) }
    }

    /// Frames refused because the queue was full.
    package var droppedCount: Int { state.withLock { $0.dropped } }
}
