package import Basis

/// A STUN message (RFC 8489), as ICE and TURN exchange it in UDP datagrams.
///
/// A message that was parsed remembers the bytes its MESSAGE-INTEGRITY covers, so that it can be verified once the key
/// is known. MESSAGE-INTEGRITY and FINGERPRINT are made and checked here and are never among `attributes`.
package struct STUNMessage: Equatable, Sendable {
    /// The two class bits at their place in the type field (RFC 8489 section 5).
    package enum Class: UInt16, Sendable {
        case request = 0x0000
        case indication = 0x0010
        case success = 0x0100
        case error = 0x0110
    }

    /// A 12-bit method; TURN has more of them than the one ICE needs.
    package struct Method: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        package static let binding = Method(rawValue: 0x001)
        // Those of TURN: RFC 8656 section 17.
        package static let allocate = Method(rawValue: 0x003)
        package static let refresh = Method(rawValue: 0x004)
        package static let channelBind = Method(rawValue: 0x009)
    }

    /// The 96 bits that tie a response to its request.
    package struct TransactionID: Hashable, Sendable {
        /// The first 32 bits.
        package let high: UInt32
        /// The last 64 bits.
        package let low: UInt64

        package init(high: UInt32, low: UInt64) {
            self.high = high
            self.low = low
        }

        package static func generate(using random: inout RandomSource) -> TransactionID {
            TransactionID(high: UInt32(truncatingIfNeeded: random.next()), low: random.next())
        }
    }

    /// A type-length-value element; `value` is without its padding.
    package struct Attribute: Equatable, Sendable {
        package let type: AttributeType
        package let value: [UInt8]

        package init(_ type: AttributeType, _ value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    /// What MESSAGE-INTEGRITY vouches for: the message before it, with the length field as it was when signed.
    private struct Signature: Equatable, Sendable {
        let covered: [UInt8]
        let digest: [UInt8]
    }

    package let messageClass: Class
    package let method: Method
    package let transaction: TransactionID
    package private(set) var attributes: [Attribute] = []
    /// Whether the message was received with a FINGERPRINT, which then was right.
    package private(set) var hasFingerprint = false
    private var signature: Signature?

    /// RFC 8489 section 5.
    package static let magicCookie: UInt32 = 0x2112_A442
    static let headerLength = 20
    /// Nothing that ICE or TURN signal needs more than one datagram of an ordinary path.
    static let maximumLength = 1500
    private static let fingerprintMask: UInt32 = 0x5354_554E

    package init(_ messageClass: Class, _ method: Method, transaction: TransactionID) {
        self.messageClass = messageClass
        self.method = method
        self.transaction = transaction
    }

    /// Whether a datagram is STUN and not DTLS, RTP or ChannelData (RFC 7983 and the magic cookie).
    package static func isSTUN(_ datagram: Span<UInt8>) -> Bool {
        guard datagram.count >= headerLength, let first = datagram.uint8(at: 0), first < 4 else { return false }
        return datagram.uint32(at: 4) == magicCookie
    }

    /// Reads a whole datagram. Nil when it is not one well-formed message or its FINGERPRINT is wrong.
    package static func parse(_ datagram: Span<UInt8>) -> STUNMessage? {
        guard isSTUN(datagram), datagram.count <= maximumLength,
            let type = datagram.uint16(at: 0), let length = datagram.uint16(at: 2),
            length.isMultiple(of: 4), Int(length) + headerLength == datagram.count,
            let messageClass = Class(rawValue: type & 0x0110),
            let high = datagram.uint32(at: 8), let low = datagram.uint64(at: 12)
        else { return nil }
        let method = Method(rawValue: type & 0x000F | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2)
        var message = STUNMessage(messageClass, method, transaction: TransactionID(high: high, low: low))
        guard message.readAttributes(datagram) else { return nil }
        return message
    }

    private mutating func readAttributes(_ datagram: Span<UInt8>) -> Bool {
        var offset = Self.headerLength
        while offset < datagram.count {
            guard !hasFingerprint, let rawType = datagram.uint16(at: offset),
                let length = datagram.uint16(at: offset + 2),
                let value = datagram.bytes(at: offset + 4, count: Int(length))
            else { return false }
            let type = AttributeType(rawValue: rawType)
            switch type {
            case .fingerprint:
                guard let covered = datagram.bytes(at: 0, count: offset), value.count == 4,
                    value.span.uint32(at: 0) == CRC32.checksum(covered.span) ^ Self.fingerprintMask
                else { return false }
                hasFingerprint = true
            case _ where signature != nil:
                // RFC 8489 section 14.5: what follows MESSAGE-INTEGRITY is not vouched for and is ignored.
                break
            case .messageIntegrity:
                guard var covered = datagram.bytes(at: 0, count: offset), value.count == 20 else { return false }
                covered.set(uint16: UInt16(truncatingIfNeeded: offset + 24 - Self.headerLength), at: 2)
                signature = Signature(covered: covered, digest: value)
            default:
                attributes.append(Attribute(type, value))
            }
            offset += 4 + (Int(length) + 3) / 4 * 4
        }
        return offset == datagram.count
    }

    /// Whether the message was received with MESSAGE-INTEGRITY, right or wrong.
    package var hasIntegrity: Bool { signature != nil }

    /// Whether MESSAGE-INTEGRITY is there and made with `key`: the password in short-term credentials (ICE), the MD5 of
    /// RFC 8489 section 9.2.2 in long-term ones (TURN).
    package func isAuthentic(key: Redacted<[UInt8]>) -> Bool {
        guard let signature else { return false }
        return HMACSHA1.equal(HMACSHA1.authenticate(signature.covered, key: key.revealed), signature.digest)
    }

    /// The datagram, with MESSAGE-INTEGRITY when there is a key, and FINGERPRINT.
    package func encoded(key: Redacted<[UInt8]>? = nil, fingerprint: Bool = true) -> [UInt8] {
        var output: [UInt8] = []
        let bits = method.rawValue
        output.append(uint16: bits & 0x00F | (bits & 0x070) << 1 | (bits & 0xF80) << 2 | messageClass.rawValue)
        output.append(uint16: 0)
        output.append(uint32: Self.magicCookie)
        output.append(uint32: transaction.high)
        output.append(uint64: transaction.low)
        for attribute in attributes { Self.write(attribute, to: &output) }
        if let key {
            Self.setLength(of: &output, adding: 24)
            Self.write(Attribute(.messageIntegrity, HMACSHA1.authenticate(output, key: key.revealed)), to: &output)
        }
        if fingerprint {
            Self.setLength(of: &output, adding: 8)
            var value: [UInt8] = []
            value.append(uint32: CRC32.checksum(output.span) ^ Self.fingerprintMask)
            Self.write(Attribute(.fingerprint, value), to: &output)
        }
        Self.setLength(of: &output, adding: 0)
        return output
    }

    private static func setLength(of output: inout [UInt8], adding more: Int) {
        output.set(uint16: UInt16(truncatingIfNeeded: output.count - headerLength + more), at: 2)
    }

    private static func write(_ attribute: Attribute, to output: inout [UInt8]) {
        output.append(uint16: attribute.type.rawValue)
        output.append(uint16: UInt16(truncatingIfNeeded: attribute.value.count))
        output.append(contentsOf: attribute.value)
        while !output.count.isMultiple(of: 4) { output.append(0) }
    }

    /// The value of the first attribute of a type; RFC 8489 section 14 lets later ones of the same type be ignored.
    package func value(of type: AttributeType) -> [UInt8]? {
        attributes.first { $0.type == type }?.value
    }

    /// Puts an attribute at the end, in place of one of the same type.
    package mutating func set(_ type: AttributeType, _ value: [UInt8]?) {
        attributes.removeAll { $0.type == type }
        if let value { attributes.append(Attribute(type, value)) }
    }

    /// The comprehension-required attributes (below 0x8000) that are not in `known`: cause of an error 420.
    package func unknownRequired(besides known: Set<AttributeType>) -> [UInt16] {
        attributes.map(\.type).filter { $0.rawValue < 0x8000 && !known.contains($0) }.map(\.rawValue)
    }
}
