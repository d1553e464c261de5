import Basis

/// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
package struct TransportFeedback: Equatable, Sendable {
    /// The FMT of the message (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    package static let format: UInt8 = 15
    /// A unit of the reference time, 64 ms, has 256 ticks of 250 µs: eight bits.
    package static let referenceShift: Int64 = 8

    /// A packet that came; those between that have no arrival did not.
    package struct Arrival: Equatable, Sendable {
        /// Distance of the sequence number from the base.
        package var offset: UInt16
        /// Ticks of 250 µs since the arrival before it, or since the reference time.
        package var delta: Int16

        package init(offset: UInt16, delta: Int16) {
            self.offset = offset
            self.delta = delta
        }
    }

    /// Who sends the message.
    package var senderSSRC: UInt32
    /// The stream that it is about.
    package var mediaSSRC: UInt32
    /// The transport-wide sequence number of the first packet reported.
    package var baseSequence: UInt16
    /// How many sequence numbers from the base on are spoken of.
    package var statusCount: UInt16
    /// 24 bits, signed, in 64 ms.
    package var referenceTime: Int32
    /// Counts feedback packets, so that lost ones are noticed.
    package var feedbackCount: UInt8
    /// Ascending by offset, all offsets below `statusCount`.
    package var arrivals: [Arrival]

    package init(
        senderSSRC: UInt32, mediaSSRC: UInt32, baseSequence: UInt16, statusCount: UInt16, referenceTime: Int32,
        feedbackCount: UInt8, arrivals: [Arrival]
    ) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
        self.baseSequence = baseSequence
        self.statusCount = statusCount
        self.referenceTime = referenceTime
        self.feedbackCount = feedbackCount
        self.arrivals = arrivals
    }

    /// Says nothing yet.
    init() {
        self.init(
            senderSSRC: 0, mediaSSRC: 0, baseSequence: 0, statusCount: 0, referenceTime: 0, feedbackCount: 0,
            arrivals: [])
    }

    private static let notReceived: UInt16 = 0
    private static let smallDelta: UInt16 = 1
    private static let largeDelta: UInt16 = 2

    // MARK: Reading

    static func parse(_ body: Span<UInt8>) -> TransportFeedback? {
        var feedback = TransportFeedback()
        return feedback.read(body) ? feedback : nil
    }

    /// Takes a body in place of what was there; false where it is damaged.
    mutating func read(_ body: Span<UInt8>) -> Bool {
        guard let sender = body.uint32(at: 0), let media = body.uint32(at: 4), let base = body.uint16(at: 8),
            let statusCount = body.uint16(at: 10), let reference = body.uint24(at: 12), let count = body.uint8(at: 15)
        else { return false }
        senderSSRC = sender
        mediaSSRC = media
        baseSequence = base
        self.statusCount = statusCount
        referenceTime = Int32(bitPattern: reference << 8) >> 8
        feedbackCount = count
        arrivals.removeAll(keepingCapacity: true)
        var offset = 16
        var position = 0
        // A received packet costs at least one byte of delta, so the body bounds how many there can be.
        let maximumArrivals = body.count - offset
        func take(_ symbol: UInt16) -> Bool {
            if symbol == Self.smallDelta || symbol == Self.largeDelta {
                // The symbol waits in the delta's place until the deltas are reached.
                let arrival = Arrival(offset: UInt16(truncatingIfNeeded: position), delta: Int16(symbol))
                arrivals.append(arrival)
            }
            position += 1
            return symbol <= Self.largeDelta && arrivals.count <= maximumArrivals
        }
        while position < Int(statusCount) {
            guard let chunk = body.uint16(at: offset) else { return false }
            offset += 2
            let remaining = Int(statusCount) - position
            if chunk & 0x8000 == 0 {
                let symbol = chunk >> 13
                let length = min(Int(chunk & 0x1FFF), remaining)
                if symbol == Self.notReceived {
                    position += length
                } else {
                    for _ in 0..<length where !take(symbol) { return false }
                }
            } else {
                let isTwoBit = chunk & 0x4000 != 0
                for index in 0..<min(isTwoBit ? 7 : 14, remaining) {
                    let symbol = isTwoBit ? chunk >> UInt16(12 - 2 * index) & 3 : chunk >> UInt16(13 - index) & 1
                    if !take(symbol) { return false }
                }
            }
        }
        for index in arrivals.indices {
            if arrivals[index].delta == Int16(Self.smallDelta) {
                guard let delta = body.uint8(at: offset) else { return false }
                arrivals[index].delta = Int16(delta)
                offset += 1
            } else {
                guard let delta = body.uint16(at: offset) else { return false }
                arrivals[index].delta = Int16(bitPattern: delta)
                offset += 2
            }
        }
        return true
    }

    // MARK: Writing

    /// Appends the message with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        let start = RTCPHeader.begin(RTCPPacketType.transportLayerFeedback, format: Int(Self.format), into: &buffer)
        buffer.append(uint32: senderSSRC)
        buffer.append(uint32: mediaSSRC)
        buffer.append(uint16: baseSequence)
        buffer.append(uint16: statusCount)
        buffer.append(uint24: UInt32(bitPattern: referenceTime))
        buffer.append(feedbackCount)
        writeChunks(into: &buffer)
        for arrival in arrivals {
            if Self.symbol(arrival) == Self.smallDelta {
                buffer.append(UInt8(truncatingIfNeeded: arrival.delta))
            } else {
                buffer.append(uint16: UInt16(bitPattern: arrival.delta))
            }
        }
        let surplus = (buffer.count - start) % 4
        if surplus != 0 {
            let padding = 4 - surplus
            for index in 1...padding {
                buffer.append(index == padding ? UInt8(padding) : 0)
            }
            buffer[start] |= 0x20
        }
        RTCPHeader.finish(start, in: &buffer)
    }

    private static func symbol(_ arrival: Arrival) -> UInt16 {
        0...255 ~= arrival.delta ? smallDelta : largeDelta
    }

    /// Status chunks: runs where a run pays, else vectors of one-bit or two-bit symbols.
    private func writeChunks(into buffer: inout [UInt8]) {
        var position = 0
        var next = 0
        let end = Int(statusCount)
        while position < end {
            let run = runLength(at: position, next: next, end: end)
            if run.length >= 7 || position + run.length == end {
                let length = min(run.length, 0x1FFF)
                buffer.append(uint16: run.symbol << 13 | UInt16(length))
                if run.symbol != Self.notReceived { next += length }
                position += length
                continue
            }
            var symbols: UInt64 = 0
            var width = min(14, end - position)
            var cursor = next
            var needsTwoBits = false
            for index in 0..<width {
                guard cursor < arrivals.count, Int(arrivals[cursor].offset) == position + index else { continue }
                let symbol = Self.symbol(arrivals[cursor])
                if symbol == Self.largeDelta { needsTwoBits = true }
                symbols |= UInt64(symbol) << UInt64(2 * (13 - index))
                cursor += 1
            }
            if needsTwoBits {
                width = min(7, end - position)
                buffer.append(uint16: 0xC000 | UInt16(truncatingIfNeeded: symbols >> 14) & 0x3FFF)
            } else {
                var bits: UInt16 = 0
                for index in 0..<14 where symbols >> UInt64(2 * (13 - index)) & 1 != 0 {
                    bits |= 1 << UInt16(13 - index)
                }
                buffer.append(uint16: 0x8000 | bits)
            }
            position += width
            while next < arrivals.count, Int(arrivals[next].offset) < position { next += 1 }
        }
    }

    /// The symbol at `position` and how often it repeats; `next` is the first arrival not before `position`.
    private func runLength(at position: Int, next: Int, end: Int) -> (symbol: UInt16, length: Int) {
        guard next < arrivals.count, Int(arrivals[next].offset) < end else { return (Self.notReceived, end - position) }
        let distance = Int(arrivals[next].offset) - position
        if distance > 0 { return (Self.notReceived, distance) }
        let symbol = Self.symbol(arrivals[next])
        var length = 1
        while next + length < arrivals.count, position + length < end,
            Int(arrivals[next + length].offset) == position + length, Self.symbol(arrivals[next + length]) == symbol
        {
            length += 1
        }
        return (symbol, length)
    }
}
