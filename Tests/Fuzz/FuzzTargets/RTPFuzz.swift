import Basis
import RTP

/// One RTP header alone, then a series of packets to a session. `control`: bit 3 makes it RTCP, bit 4 gives the packet
/// the SSRC that bits 5 and 6 choose.
func fuzzRTP(_ bytes: [UInt8]) throws(BrokenProperty) {
    try checkHeader(bytes)
    var bench = RTPBench()
    var series = DatagramSeries(bytes)
    while let datagram = series.next() {
        try bench.wait(datagram.pause)
        if datagram.control & 0x08 != 0 {
            try bench.receiveRTCP(datagram.bytes)
            continue
        }
        var packet = datagram.bytes
        if datagram.control & 0x10 != 0 {
            let known = [RTPBench.audioSSRC, RTPBench.videoSSRC, RTPBench.rtxSSRC, RTPBench.ownVideoSSRC]
            packet.set(uint32: known[Int(datagram.control >> 5 & 3)], at: 8)
        }
        try bench.receiveRTP(packet)
    }
    try bench.wait(.seconds(2))
}

private func checkHeader(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let header = RTPHeader.parse(bytes.span) else { return }
    try check(header.payload.upperBound <= bytes.count, "RTP: payload in the packet")
    try check(header.extensionElements.upperBound <= header.payload.lowerBound, "RTP: extension before the payload")
    for id in UInt8.min...UInt8.max {
        guard let element = header.extensionElement(id: id, in: bytes.span) else { continue }
        try check(
            element.lowerBound >= header.extensionElements.lowerBound
                && element.upperBound <= header.extensionElements.upperBound, "RTP: element in its extension")
    }
}

/// One RTCP datagram: what is understood can be written and read again; then a session that sends receives it.
func fuzzRTCP(_ bytes: [UInt8]) throws(BrokenProperty) {
    var written: [UInt8] = []
    for packet in RTCPCompound.parse(bytes.span) {
        guard isExact(packet) else { continue }
        written.removeAll(keepingCapacity: true)
        RTCPCompound.write([packet], into: &written)
        try check(RTCPCompound.parse(written.span) == [packet], "RTCP: reads what it wrote: \(packet)")
    }
    _ = RTCPCompound.isRTCP(bytes.span)
    var bench = RTPBench.sending
    for pause in [Duration.zero, .milliseconds(20), .seconds(1)] {
        try bench.receiveRTCP(bytes)
        try bench.wait(pause)
    }
}

/// Whether the packet can be written as it is: its reading kept all there was, and no more.
private func isExact(_ packet: RTCPPacket) -> Bool {
    switch packet {
    case .unknown: false
    // Repairing text makes it longer.
    case .sourceDescription(let description): description.chunks.allSatisfy { $0.cname.utf8.count <= 255 }
    // A rate beyond 64 bits was lowered to what they can hold.
    case .receiverEstimatedMaximumBitrate(let estimate): estimate.bitsPerSecond < .max
    case .senderReport, .receiverReport, .goodbye, .genericNACK, .transportFeedback, .pictureLossIndication,
        .fullIntraRequest:
        true
    }
}

/// One payload descriptor alone, then a series of payloads of one stream to a session. In `control` bit 3 is the marker,
/// bit 4 begins a new timestamp, bits 5 to 7 say how far the sequence number moves.
func fuzzVP8(_ bytes: [UInt8]) throws(BrokenProperty) {
    if let (descriptor, length) = VP8PayloadDescriptor.parse(bytes.span) {
        try check((1...6).contains(length) && length <= bytes.count, "VP8: descriptor in the payload")
        var written: [UInt8] = []
        descriptor.write(into: &written)
        let again = VP8PayloadDescriptor.parse(written.span)
        try check(again?.descriptor == descriptor && again?.length == written.count, "VP8: reads what it wrote")
        if let header = VP8FrameHeader.parse(bytes.span.extracting(droppingFirst: length)) {
            try check(max(header.width, header.height) < 1 << 14, "VP8: fourteen bits")
        }
    }
    try fuzzStream(bytes, payloadType: 100)
}

/// A series of payloads of one video stream.
func fuzzStream(_ bytes: [UInt8], payloadType: UInt8) throws(BrokenProperty) {
    var bench = RTPBench()
    var series = DatagramSeries(bytes)
    var sequence: UInt16 = 1_000
    var timestamp: UInt32 = 0
    while let datagram = series.next() {
        try bench.wait(datagram.pause)
        let control = datagram.control
        sequence &+= UInt16(truncatingIfNeeded: [1, 1, 1, 2, 3, -1, -2, 200][Int(control >> 5)])
        if control & 0x10 != 0 { timestamp &+= 3_000 }
        var packet: [UInt8] = [0x80, (control & 0x08) << 4 | payloadType]
        packet.append(uint16: sequence)
        packet.append(uint32: timestamp)
        packet.append(uint32: RTPBench.videoSSRC)
        try bench.receiveRTP(packet + datagram.bytes)
    }
    try bench.wait(.seconds(2))
}
