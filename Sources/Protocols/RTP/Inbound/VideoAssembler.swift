import Basis

/// A frame as the encoder made it.
struct AssembledFrame: Sendable {
    var codec: VideoCodec
    var bytes: [UInt8]
    var timestamp: UInt32
    var isKeyframe: Bool
}

/// Puts the packets of one video stream back into frames that a decoder can take in order.
///
/// Order is that of sequence numbers alone: the bridge keeps them contiguous while it leaves out layers, so gaps in
/// picture IDs and jumps of timestamps mean nothing. A frame is given out when everything before it was given out or
/// given up; after giving up only a key frame goes on. The spatial layers of a VP9 picture are one frame, with an index
/// of them at its end (`VP9Superframe`). The codec may change at any key frame.
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
        var codec = VideoCodec.vp8
        var timestamp: UInt32 = 0
        var marker = false
        /// Of VP9: or the layer of one.
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
    /// The layers of a picture that is dropped count as one.
    private var lastDropped: UInt32?
    private var lengthScratch: [Int] = []
    /// Buffers of frames that were given back.
    private var frameBuffers: [[UInt8]] = []
    private static let mostFrameBuffers = 8

    /// Whether frames are of no use until a key frame begins, and none has.
    var lacksKeyframe: Bool {
        isAwaitingKeyframe && !hasKeyframeAtFloor
    }

    /// Takes one RTP payload of `codec`, with its descriptor.
    mutating func insert(
        sequence: Int64, timestamp: UInt32, marker: Bool, codec: VideoCodec = .vp8, payload: Span<UInt8>
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
        guard let (bodyOffset, startsFrame, isKeyframe) = Self.read(payload, codec) else { return .malformed }
        if sequence - floor >= Int64(Self.slotCount) || storedBytes + payload.count > Self.maximumBytes {
            isAwaitingKeyframe = true
            release(upTo: max(floor, sequence - Self.lookback, highest + 1 - Self.lookback))
            guard sequence >= floor, storedBytes + payload.count <= Self.maximumBytes else { return .late }
        }
        let index = Self.index(sequence)
        guard slots[index].sequence != sequence else { return .duplicate }
        slots[index].sequence = sequence
        slots[index].codec = codec
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

    /// What a payload is the beginning of, and where in it the codec's own bytes begin.
    private static func read(
        _ payload: Span<UInt8>, _ codec: VideoCodec
    ) -> (bodyOffset: Int, startsFrame: Bool, isKeyframe: Bool)? {
        guard !payload.isEmpty else { return (0, false, false) }
        switch codec {
        case .vp8:
            guard let (descriptor, length) = VP8PayloadDescriptor.parse(payload), length < payload.count else {
                return nil
            }
            guard descriptor.startsFrame else { return (length, false, false) }
            guard let header = VP8FrameHeader.parse(payload.extracting(length..<payload.count)) else { return nil }
            return (length, true, header.isKeyframe)
        case .vp9:
            guard let (descriptor, length) = VP9PayloadDescriptor.parse(payload), length < payload.count else {
                return nil
            }
            guard descriptor.startsFrame else { return (length, false, false) }
            guard let header = VP9FrameHeader.parse(payload.extracting(length..<payload.count)) else { return nil }
            return (length, true, header.isKeyframe && descriptor.startsKeyPicture)
        }
    }

    /// Where the frame at the floor ends, exclusively; nil while packets of it are missing.
    ///
    /// A VP9 picture ends with the marker or with its timestamp: the bridge leaves out layers, and a picture may so be
    /// without its last packet.
    private func endOfFrame() -> Int64? {
        let (timestamp, codec) = (slots[Self.index(floor)].timestamp, slots[Self.index(floor)].codec)
        var sequence = floor
        while holds(sequence) {
            let index = Self.index(sequence)
            let isPadding = slots[index].bytes.isEmpty
            if sequence > floor, !isPadding,
                slots[index].timestamp != timestamp || slots[index].codec != codec
                    || slots[index].startsFrame && codec == .vp8
            {
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
        lengthScratch.removeAll(keepingCapacity: true)
        for sequence in floor..<end {
            let index = Self.index(sequence)
            if slots[index].startsFrame { lengthScratch.append(0) }
            lengthScratch[lengthScratch.count - 1] += slots[index].bytes.count
            size += slots[index].bytes.count
            // Taken frames are not dropped ones.
            slots[index].startsFrame = false
        }
        var frame = AssembledFrame(
            codec: slots[first].codec, bytes: [], timestamp: slots[first].timestamp,
            isKeyframe: slots[first].isKeyframe)
        if var buffer = frameBuffers.popLast() {
            // Only now: who gave it back may have held it still.
            buffer.removeAll(keepingCapacity: true)
            frame.bytes = buffer
        }
        let room = size + VP9Superframe.indexLength(of: lengthScratch.count)
        // Twice as much as before, so that a buffer soon has grown to its stream's size.
        if frame.bytes.capacity < room { frame.bytes.reserveCapacity(max(room, 2 * frame.bytes.capacity)) }
        for sequence in floor..<end {
            frame.bytes.append(contentsOf: slots[Self.index(sequence)].bytes)
        }
        if (2...VP9Superframe.maximumCount).contains(lengthScratch.count) {
            VP9Superframe.appendIndex(of: lengthScratch, to: &frame.bytes)
        }
        release(upTo: end)
        if frame.isKeyframe { isAwaitingKeyframe = false }
        return frame
    }

    /// Gives back the buffer of a frame that is done with, for later frames.
    mutating func reuse(_ buffer: consuming [UInt8]) {
        if frameBuffers.count < Self.mostFrameBuffers { frameBuffers.append(buffer) }
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
            if slots[index].startsFrame, slots[index].timestamp != lastDropped {
                framesDropped += 1
                lastDropped = slots[index].timestamp
            }
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
