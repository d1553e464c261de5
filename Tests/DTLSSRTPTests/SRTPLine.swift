import DTLSSRTP

/// An SRTP context behind a reference, with packets as values.
final class SRTPLine {
    private var context: SRTPContext

    init(sending keys: SRTPKeyingMaterial, role: DTLSRole) throws {
        context = try SRTPContext(sending: keys, role: role)
    }

    init(receiving keys: SRTPKeyingMaterial, role: DTLSRole) throws {
        context = try SRTPContext(receiving: keys, role: role)
    }

    func sealed(rtp packet: [UInt8]) throws(SRTPError) -> [UInt8] {
        var bytes = packet
        try context.protectRTP(&bytes)
        return bytes
    }

    func sealed(rtcp packet: [UInt8]) throws(SRTPError) -> [UInt8] {
        var bytes = packet
        try context.protectRTCP(&bytes)
        return bytes
    }

    func opened(rtp packet: [UInt8]) -> [UInt8]? {
        var bytes = packet
        return context.unprotectRTP(&bytes) ? bytes : nil
    }

    func opened(rtcp packet: [UInt8]) -> [UInt8]? {
        var bytes = packet
        return context.unprotectRTCP(&bytes) ? bytes : nil
    }

    /// Whether protecting a packet with spare capacity leaves its storage where it is.
    func keepsStorage(rtp packet: [UInt8]) throws(SRTPError) -> Bool {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1_500)
        bytes.append(contentsOf: packet)
        let before = bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        try context.protectRTP(&bytes)
        return bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } == before
    }
}
