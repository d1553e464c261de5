import Basis

/// The record layer as seen from outside (RFC 6347 section 4.1): where records begin and end, and which are nonsense.
///
/// Record header: type(8) version(16) epoch(16) sequence(48) length(16), 13 octets.
enum DTLSRecords {
    static let headerLength = 13
    /// A flight is cut into datagrams of at most so many octets (IPv6's minimal MTU less headers and TURN).
    static let maximumDatagram = 1_200

    private enum ContentType {
        static let changeCipherSpec: UInt8 = 20
        static let handshake: UInt8 = 22
        static let applicationData: UInt8 = 23
    }

    /// How many of the octets from `offset` on make the next datagram; 0 when no whole record is there.
    ///
    /// A memory BIO forgets where one write ended, so the borders are found again at the record headers. Handshake
    /// records share a datagram while they fit; application data travels alone, one message each.
    static func datagramLength(in bytes: [UInt8], from offset: Int) -> Int {
        var length = 0
        while let record = recordLength(in: bytes.span, at: offset + length) {
            let isApplicationData = bytes[offset + length] == ContentType.applicationData
            guard length == 0 || (!isApplicationData && length + record <= maximumDatagram) else { break }
            length += record
            if isApplicationData { break }
        }
        return length
    }

    /// The length of the sound records at the head of a received datagram; what follows is to be dropped.
    ///
    /// OpenSSL discards records that fail authentication, but it ends the handshake over plain ones: alerts of any kind,
    /// messages that no honest peer sends (one of 16 MB). Anybody can send those, so they are dropped here, silently, as
    /// RFC 6347 section 4.1.2.7 wants. An alert counts under the handshake's keys only; a peer that gives up a
    /// handshake in plain text is found out by its silence.
    static func soundLength(of datagram: Span<UInt8>) -> Int {
        var length = 0
        while let record = recordLength(in: datagram, at: length), isSound(datagram, at: length, recordLength: record) {
            length += record
        }
        return length
    }

    private static func recordLength(in bytes: Span<UInt8>, at offset: Int) -> Int? {
        guard let fragment = bytes.uint16(at: offset + 11), bytes.holds(headerLength + Int(fragment), at: offset) else {
            return nil
        }
        return headerLength + Int(fragment)
    }

    private static func isSound(_ bytes: Span<UInt8>, at offset: Int, recordLength: Int) -> Bool {
        guard let type = bytes.uint8(at: offset), let version = bytes.uint16(at: offset + 1),
            let epoch = bytes.uint16(at: offset + 3)
        else { return false }
        guard version == 0xFEFD || version == 0xFEFF else { return false }
        let fragment = recordLength - headerLength
        guard fragment > 0, fragment <= 1 << 14 + 2_048 else { return false }
        guard epoch == 0 else {
            return type >= ContentType.changeCipherSpec && type <= ContentType.applicationData
        }
        switch type {
        case ContentType.changeCipherSpec: return fragment == 1 && bytes.uint8(at: offset + headerLength) == 1
        case ContentType.handshake:
            return holdsSoundHandshake(bytes, at: offset + headerLength, end: offset + recordLength)
        default: return false
        }
    }

    /// Whether the handshake fragments of a plain record fit each other (RFC 6347 section 4.2.2): type(8) length(24)
    /// message(16) fragment offset(24) fragment length(24).
    private static func holdsSoundHandshake(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Bool {
        var offset = start
        while offset < end {
            guard let type = bytes.uint8(at: offset), let length = bytes.uint24(at: offset + 1),
                let fragmentOffset = bytes.uint24(at: offset + 6), let fragment = bytes.uint24(at: offset + 9)
            else { return false }
            switch type {
            case 0...4, 11...16, 20, 22: break
            default: return false
            }
            guard length <= 1 << 14, fragmentOffset <= length, fragment <= length - fragmentOffset else { return false }
            guard fragment > 0 || length == 0, Int(fragment) <= end - offset - 12 else { return false }
            offset += 12 + Int(fragment)
        }
        return offset == end
    }
}
