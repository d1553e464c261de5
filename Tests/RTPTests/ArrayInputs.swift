import Basis

@testable import RTP

// The expectation macros cannot pass spans on; these take arrays in their place.

extension RTPHeader {
    static func parse(_ bytes: [UInt8]) -> RTPHeader? {
        parse(bytes.span)
    }

    func extensionElement(id: UInt8, in bytes: [UInt8]) -> Range<Int>? {
        extensionElement(id: id, in: bytes.span)
    }
}

extension RTCPCompound {
    static func parse(_ bytes: [UInt8]) -> [RTCPPacket] {
        parse(bytes.span)
    }

    static func isRTCP(_ bytes: [UInt8]) -> Bool {
        isRTCP(bytes.span)
    }
}

extension VP8FrameHeader {
    static func parse(_ bytes: [UInt8]) -> VP8FrameHeader? {
        parse(bytes.span)
    }
}

extension RTPSession {
    mutating func receiveRTP(_ bytes: [UInt8], at now: MonotonicInstant) -> Received {
        receiveRTP(bytes.span, at: now)
    }
}
