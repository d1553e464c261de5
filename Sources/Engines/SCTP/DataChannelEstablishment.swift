import Basis

/// Messages of the Data Channel Establishment Protocol (RFC 8832 section 5), carried under PPID 50.
enum DataChannelEstablishment: Equatable {
    /// DATA_CHANNEL_OPEN; of its fields only the names matter here.
    case open(label: String, protocol: String)
    /// DATA_CHANNEL_ACK
    case acknowledgement

    private static let acknowledgementType: UInt8 = 2
    private static let openType: UInt8 = 3
    private static let openHeaderLength = 12
    /// RFC 8832 section 6.4 calls 256 "normal".
    private static let priority: UInt16 = 256

    /// Nil where the bytes are no DCEP message, or a name is not UTF-8.
    init?(_ bytes: [UInt8]) {
        let span = bytes.span
        switch span.uint8(at: 0) {
        case Self.acknowledgementType: self = .acknowledgement
        case Self.openType:
            guard let labelLength = span.uint16(at: 8), let protocolLength = span.uint16(at: 10),
                let labelBytes = span.bytes(at: Self.openHeaderLength, count: Int(labelLength)),
                let protocolBytes = span.bytes(
                    at: Self.openHeaderLength + Int(labelLength), count: Int(protocolLength)),
                let label = String(validating: labelBytes, as: UTF8.self),
                let subprotocol = String(validating: protocolBytes, as: UTF8.self)
            else { return nil }
            self = .open(label: label, protocol: subprotocol)
        default: return nil
        }
    }

    /// The message's bytes; a channel is opened reliable and ordered. Nil where a name has more than 65,535 octets.
    var bytes: [UInt8]? {
        switch self {
        case .acknowledgement: return [Self.acknowledgementType]
        case .open(let label, let subprotocol):
            guard let labelLength = UInt16(exactly: label.utf8.count),
                let protocolLength = UInt16(exactly: subprotocol.utf8.count)
            else { return nil }
            // Type, channel type 0 (reliable, ordered), priority, reliability parameter 0, the two lengths.
            var bytes: [UInt8] = [Self.openType, 0]
            bytes.append(uint16: Self.priority)
            bytes.append(uint32: 0)
            bytes.append(uint16: labelLength)
            bytes.append(uint16: protocolLength)
            bytes.append(contentsOf: label.utf8)
            bytes.append(contentsOf: subprotocol.utf8)
            return bytes
        }
    }
}
