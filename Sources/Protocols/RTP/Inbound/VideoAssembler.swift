import Basis

/// A frame as the encoder made it.
struct AssembledFrame: Sendable {
    var bytes: [UInt8]
    var timestamp: UInt32
    var isKeyframe: Bool
}

/// Puts the packets of one VP8 stream back into frames that a decoder can take in order.
///
/// Order is that of sequence numbers alone: the bridge keeps them contiguous while it leaves out temporal layers, so gaps
/// in PictureID and jumps of timestamps mean nothing. A frame is given out when everything before it was given out or
/// given up; after giving up only a key frame goes on.
struct VideoAssembler: Sendable {
    enum Insertion: Equatable {
        /// Kept; whether a frame begins with it.
        case stored(startsFrame: Bool)
        case duplicate
        case late
        case malformed
    }

    private struct Slot {
        var sequence = Int64.min
        var timestamp: UInt32 = 0
        var marker = false
        var startsFrame = false
        var isKeyframe = false
        /// Without the payload descriptor; empty in packets that only pad.
        var bytes: [UInt8] = []
    }

    static let slotCount = 2048
    static let maximumBytes = 4 << 20
    /// How far back a key frame's beginning may still come while none is known.
    private static let lookback: Int64 = 128

    private var slots: [Slot] = []
    /// Emptied payload buffers, used again.
    private var spare: [[UInt8]] = []
    private var isStarted = false
    /// The first sequence number still of interest.
    private(set) var floor: Int64 = 0
    private var highest: Int64 = 0
    private(set) var isAwaitingKeyframe = true
    private(set) var storedBytes = 0
    /// The missing packet that holds back what came after it.
    private(set) var blockedAt: Int64?
    private(set) var blockedSince = MonotonicInstant.zero
    private(set) var framesDropped = 0

    /// Whether frames are of no use until a key frame begins, and none has.
    var lacksKeyframe: Bool {
        isAwaitingKeyframe && !hasKeyframeAtFloor
    }

    /// Takes one RTP payload, with its descriptor.
    mutating func insert(
        sequence: Int64, timestamp: UInt32, marker: Bool, payload: Span<UInt8>
    ) -> Insertion {
        if slots.isEmpty {
            slots = [Slot](repeating: Slot(), count: Self.slotCount)
        }
        if !isStarted {
            isStarted = true
            floor = sequence - Self.lookback
            highest = sequence
        }
        guard sequence >= floor else { return .late }
        var startsFrame = false
        var isKeyframe = false
        var bodyOffset = 0
        if !payload.isEmpty {
            guard let (descriptor, length) = VP8PayloadDescriptor.parse(payload), length < payload.count else {
                return .malformed
            }
            bodyOffset = length
            if descriptor.startsFrame {
                guard let header = VP8FrameHeader.parse(payload.extracting(length..<payload.count)) else {
                    return .malformed
                }
                startsFrame = true
                isKeyframe = header.isKeyframe
            }
        }
        if sequence - floor >= Int64(Self.slotCount) || storedBytes + payload.count > Self.maximumBytes {
            isAwaitingKeyframe = true
            release(upTo: max(floor, sequence - Self.lookback, highest + 1 - Self.lookback))
            guard sequence >= floor, storedBytes + payload.count <= Self.maximumBytes else { return .late }
        }
        let index = Self.index(sequence)
        guard slots[index].sequence != sequence else { return .duplicate }
        slots[index].sequence = sequence
        slots[index].timestamp = timestamp
        slots[index].marker = marker
        slots[index].startsFrame = startsFrame
        slots[index].isKeyframe = isKeyframe
        if !payload.isEmpty {
            slots[index].bytes = spare.popLast() ?? []
            slots[index].bytes.append(copying: payload.extracting(bodyOffset..<payload.count))
            storedBytes += slots[index].bytes.count
        }
        highest = max(highest, sequence)
        if isAwaitingKeyframe, !hasKeyframeAtFloor {
            release(upTo: isKeyframe ? sequence : highest - Self.lookback)
        }
        return .stored(startsFrame: startsFrame)
    }

    /// The next frame in order, once it is complete.
    mutating func nextFrame() -> AssembledFrame? {
        while !lacksKeyframe, holds(floor) {
            let first = Self.index(floor)
            if slots[first].bytes.isEmpty {
                release(upTo: floor + 1)
                continue
            }
            guard slots[first].startsFrame else {
                // Contiguous, yet a frame without its beginning: the sender's order is broken.
                isAwaitingKeyframe = true
                framesDropped += 1
                seekKeyframe(from: floor + 1)
                continue
            }
            guard let end = endOfFrame() else { return nil }
            return take(upTo: end)
        }
        return nil
    }

    /// Where the frame at the floor ends, exclusively; nil while packets of it are missing.
    private func endOfFrame() -> Int64? {
        let timestamp = slots[Self.index(floor)].timestamp
        var sequence = floor
        while holds(sequence) {
            let index = Self.index(sequence)
            let isPadding = slots[index].bytes.isEmpty
            if sequence > floor, !isPadding, slots[index].startsFrame || slots[index].timestamp != timestamp {
                return sequence
            }
            sequence += 1
            if slots[index].marker, !isPadding { return sequence }
        }
        return nil
    }

    private mutating func take(upTo end: Int64) -> AssembledFrame {
        let first = Self.index(floor)
        var size = 0
        for sequence in floor..<end { size += slots[Self.index(sequence)].bytes.count }
        var frame = AssembledFrame(bytes: [], timestamp: slots[first].timestamp, isKeyframe: slots[first].isKeyframe)
        frame.bytes.reserveCapacity(size)
        for sequence in floor..<end {
            frame.bytes.append(contentsOf: slots[Self.index(sequence)].bytes)
        }
        // Taken frames are not dropped ones.
        slots[first].startsFrame = false
        release(upTo: end)
        if frame.isKeyframe { isAwaitingKeyframe = false }
        return frame
    }

    /// Finds out what is waited for; to be called when the frames are drained.
    mutating func updateBlockage(at now: MonotonicInstant) {
        var missing: Int64?
        if isStarted, !lacksKeyframe {
            var sequence = floor
            while sequence <= highest, holds(sequence) { sequence += 1 }
            if sequence <= highest { missing = sequence }
        }
        if missing != blockedAt {
            blockedAt = missing
            blockedSince = now
        }
    }

    /// Waits no longer for the missing packet: goes on at the next key frame.
    mutating func giveUp() {
        guard let missing = blockedAt else { return }
        blockedAt = nil
        isAwaitingKeyframe = true
        seekKeyframe(from: missing + 1)
    }

    /// Forgets everything, as when the source began a new sequence.
    mutating func reset() {
        if isStarted { release(upTo: highest + 1) }
        isStarted = false
        isAwaitingKeyframe = true
        blockedAt = nil
    }

    /// Drops what precedes the first key frame that begins at `start` or later; or nearly everything where none does.
    private mutating func seekKeyframe(from start: Int64) {
        var sequence = start
        while sequence <= highest {
            if holds(sequence), slots[Self.index(sequence)].isKeyframe {
                release(upTo: sequence)
                return
            }
            sequence += 1
        }
        release(upTo: max(start, highest - Self.lookback))
    }

    private mutating func release(upTo end: Int64) {
        guard end > floor else { return }
        for sequence in floor..<min(end, floor + Int64(Self.slotCount)) where holds(sequence) {
            let index = Self.index(sequence)
            storedBytes -= slots[index].bytes.count
            if slots[index].startsFrame { framesDropped += 1 }
            if slots[index].bytes.capacity > 0 {
                var bytes: [UInt8] = []
                swap(&bytes, &slots[index].bytes)
                bytes.removeAll(keepingCapacity: true)
                if spare.count < 256 { spare.append(bytes) }
            }
            slots[index].sequence = .min
            slots[index].startsFrame = false
            slots[index].isKeyframe = false
        }
        floor = end
    }

    private var hasKeyframeAtFloor: Bool {
        holds(floor) && slots[Self.index(floor)].isKeyframe
    }

    private func holds(_ sequence: Int64) -> Bool {
        !slots.isEmpty && slots[Self.index(sequence)].sequence == sequence
    }

    private static func index(_ sequence: Int64) -> Int {
        Int(truncatingIfNeeded: sequence & Int64(slotCount - 1))
    }
}
