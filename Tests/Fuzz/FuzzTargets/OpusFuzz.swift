import Basis
import RTP

/// One payload of RFC 2198 and one Opus packet alone, then a series of packets to a jitter buffer. In `control` bit 3 makes
/// the payload one of RFC 2198, bit 4 makes the timestamp jump, bits 5 to 7 say how far the sequence number moves.
func fuzzOpus(_ bytes: [UInt8]) throws(BrokenProperty) {
    _ = OpusPacket.hasRedundancy(bytes.span)
    try check((120...5_760).contains(OpusPacket.duration(bytes.span)), "Opus: 2.5 to 120 ms")
    try checkRedundancy(bytes)
    var buffer = AudioJitterBuffer()
    var packet: [UInt8] = []
    var series = DatagramSeries(bytes)
    var sequence: UInt16 = 65_000
    var timestamp: UInt32 = .max - 5_000
    var now = MonotonicInstant.zero + .seconds(1)
    while let datagram = series.next() {
        let end = now + datagram.pause
        let control = datagram.control
        let distance = [1, 1, 1, 2, 3, -1, -70, 3_000][Int(control >> 5)]
        sequence &+= UInt16(truncatingIfNeeded: distance)
        timestamp &+= UInt32(truncatingIfNeeded: distance * 960) &+ (control & 0x10 != 0 ? 0x4000_0001 : 0)
        let parts = control & 0x08 != 0 ? RedundantAudio(datagram.bytes.span) : nil
        let primary = parts?.primary ?? datagram.bytes.indices
        buffer.insert(
            sequenceNumber: sequence, timestamp: timestamp, payload: datagram.bytes.span.extracting(primary), at: end)
        for index in 0..<(parts?.copyCount ?? 0) {
            guard let copy = parts?.copy(index) else { break }
            buffer.insertCopy(
                sequenceNumber: sequence, distance: copy.distance, timestamp: timestamp &- copy.timestampOffset,
                payload: datagram.bytes.span.extracting(copy.range), at: end)
        }
        // What a listener takes out meanwhile; of a long time only its beginning.
        for _ in 0..<20 where now < end {
            try take(&buffer, at: now, into: &packet)
            now += .milliseconds(10)
        }
        now = end
        try take(&buffer, at: now, into: &packet)
    }
}

private func take(
    _ buffer: inout AudioJitterBuffer, at now: MonotonicInstant, into packet: inout [UInt8]
) throws(BrokenProperty) {
    let waiting = buffer.count
    switch buffer.next(at: now, pending: 0, into: &packet) {
    case .packet: try check(buffer.count < waiting && !packet.isEmpty, "Opus: a packet leaves the buffer")
    case .restored(let samples, let skipping):
        try check(!packet.isEmpty && (0..<samples).contains(skipping), "Opus: something is restored")
    case .lost(let samples): try check((120...5_760).contains(samples), "Opus: 2.5 to 120 ms are concealed")
    case .comfort, .empty: try check(packet.isEmpty, "Opus: no packet for silence")
    }
    try check((0...AudioJitterBuffer.capacity).contains(buffer.count), "Opus: a bounded buffer")
    _ = buffer.surplus(at: now, pending: 960)
}

private func checkRedundancy(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let parts = RedundantAudio(bytes.span) else { return }
    try check(parts.primary.upperBound == bytes.count && !parts.primary.isEmpty, "RED: the newest frame is the last")
    try check(parts.copyCount <= RedundantAudio.mostCopies, "RED: few copies")
    for index in 0..<parts.copyCount {
        let range = parts.copy(index).range
        try check(!range.isEmpty && range.upperBound <= parts.primary.lowerBound, "RED: copies before the newest frame")
    }
}
