package import Basis

extension STUNMessage {
    /// The registered number of an attribute; below 0x8000 the receiver must understand it (RFC 8489 section 14).
    package struct AttributeType: RawRepresentable, Hashable, Sendable {
        /// As on the wire; from 0x8000 on comprehension is optional (RFC 8489 section 14).
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// USERNAME (RFC 8489 section 14.3).
        package static let username = AttributeType(rawValue: 0x0006)
        /// MESSAGE-INTEGRITY (RFC 8489 section 14.5).
        package static let messageIntegrity = AttributeType(rawValue: 0x0008)
        /// ERROR-CODE (RFC 8489 section 14.8).
        package static let errorCode = AttributeType(rawValue: 0x0009)
        /// UNKNOWN-ATTRIBUTES (RFC 8489 section 14.13).
        package static let unknownAttributes = AttributeType(rawValue: 0x000A)
        // Those of TURN: RFC 8656 section 18.
        /// CHANNEL-NUMBER (RFC 8656 section 18.1).
        package static let channelNumber = AttributeType(rawValue: 0x000C)
        /// LIFETIME (RFC 8656 section 18.2), in seconds.
        package static let lifetime = AttributeType(rawValue: 0x000D)
        /// XOR-PEER-ADDRESS (RFC 8656 section 18.3).
        package static let xorPeerAddress = AttributeType(rawValue: 0x0012)
        /// REALM (RFC 8489 section 14.9).
        package static let realm = AttributeType(rawValue: 0x0014)
        /// NONCE (RFC 8489 section 14.10).
        package static let nonce = AttributeType(rawValue: 0x0015)
        /// XOR-RELAYED-ADDRESS (RFC 8656 section 18.5).
        package static let xorRelayedAddress = AttributeType(rawValue: 0x0016)
        /// REQUESTED-TRANSPORT (RFC 8656 section 18.8).
        package static let requestedTransport = AttributeType(rawValue: 0x0019)
        /// XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).
        package static let xorMappedAddress = AttributeType(rawValue: 0x0020)
        /// PRIORITY (RFC 8445 section 16.1).
        package static let priority = AttributeType(rawValue: 0x0024)
        /// USE-CANDIDATE (RFC 8445 section 16.1).
        package static let useCandidate = AttributeType(rawValue: 0x0025)
        /// SOFTWARE (RFC 8489 section 14.14).
        package static let software = AttributeType(rawValue: 0x8022)
        /// FINGERPRINT (RFC 8489 section 14.7).
        package static let fingerprint = AttributeType(rawValue: 0x8028)
        /// ICE-CONTROLLED (RFC 8445 section 16.1).
        package static let iceControlled = AttributeType(rawValue: 0x8029)
        /// ICE-CONTROLLING (RFC 8445 section 16.1).
        package static let iceControlling = AttributeType(rawValue: 0x802A)

        /// The comprehension-required attributes an ICE check may carry without being refused.
        static let knownInChecks: Set<AttributeType> = [
            .username, .messageIntegrity, .errorCode, .unknownAttributes, .realm, .nonce, .xorMappedAddress, .priority,
            .useCandidate,
        ]
    }

    /// An error code (RFC 8489 section 14.8) with the reason phrase its specification gives to it.
    package struct ErrorCode: Equatable, Sendable {
        /// 300 to 699.
        package let number: Int
        /// In words, for people who read a capture.
        package let reason: String

        package init(number: Int, reason: String) {
            self.number = number
            self.reason = reason
        }

        /// The request is malformed (RFC 8489 section 14.8).
        package static let badRequest = ErrorCode(number: 400, reason: "Bad Request")
        /// Credentials are missing or wrong (RFC 8489 section 14.8).
        package static let unauthenticated = ErrorCode(number: 401, reason: "Unauthenticated")
        /// RFC 7675 section 5.1: consent is revoked.
        package static let forbidden = ErrorCode(number: 403, reason: "Forbidden")
        /// It holds a comprehension-required attribute that is not understood (RFC 8489 section 14.8).
        package static let unknownAttribute = ErrorCode(number: 420, reason: "Unknown Attribute")
        /// RFC 8445 section 7.3.1.1.
        package static let roleConflict = ErrorCode(number: 487, reason: "Role Conflict")
    }

    /// USERNAME; nil also when it is not UTF-8.
    package var username: String? {
        get { value(of: .username).flatMap { String(validating: $0, as: UTF8.self) } }
        set { set(.username, newValue.map { Array($0.utf8) }) }
    }

    /// Whether USERNAME begins with these characters, as UTF-8.
    func hasUsername(beginningWith prefix: String) -> Bool {
        guard let place = place(of: .username) else { return false }
        return bytes[place].starts(with: prefix.utf8)
    }

    /// PRIORITY (RFC 8445 section 7.1.1): what the sender's candidate is worth if it turns out peer-reflexive.
    package var priority: UInt32? {
        get {
            guard let place = place(of: .priority), place.count == 4 else { return nil }
            return bytes.span.uint32(at: place.lowerBound)
        }
        set {
            guard let newValue else { return set(.priority, nil as [UInt8]?) }
            set(.priority) { $0.append(uint32: newValue) }
        }
    }

    /// USE-CANDIDATE (RFC 8445 section 7.1.2): the controlling side nominates the pair.
    package var useCandidate: Bool {
        get { place(of: .useCandidate) != nil }
        set { set(.useCandidate, newValue ? [] : nil) }
    }

    /// ICE-CONTROLLED: the tie-breaker of a sender that holds itself for controlled.
    package var iceControlled: UInt64? {
        get { uint64(.iceControlled) }
        set { set(.iceControlled, newValue) }
    }

    /// ICE-CONTROLLING: the tie-breaker of a sender that holds itself for controlling.
    package var iceControlling: UInt64? {
        get { uint64(.iceControlling) }
        set { set(.iceControlling, newValue) }
    }

    /// XOR-MAPPED-ADDRESS: where the request came from, in the eyes of who answers.
    package var xorMappedAddress: TransportAddress? {
        get { xorAddress(.xorMappedAddress) }
        set { setXORAddress(.xorMappedAddress, newValue) }
    }

    /// ERROR-CODE of an error response.
    package var errorCode: ErrorCode? {
        get {
            guard let value = value(of: .errorCode), let hundreds = value.span.uint8(at: 2),
                let rest = value.span.uint8(at: 3), (3...6).contains(hundreds & 7), rest < 100
            else { return nil }
            let reason = String(decoding: value.dropFirst(4).prefix(128), as: UTF8.self)
            return ErrorCode(number: Int(hundreds & 7) * 100 + Int(rest), reason: reason)
        }
        set {
            set(
                .errorCode,
                newValue.map { code in
                    [0, 0, UInt8(clamping: code.number / 100), UInt8(clamping: code.number % 100)]
                        + Array(code.reason.utf8)
                })
        }
    }

    /// UNKNOWN-ATTRIBUTES of an error 420.
    package var unknownAttributes: [UInt16] {
        get {
            let value = value(of: .unknownAttributes) ?? []
            return stride(from: 0, to: value.count, by: 2).compactMap { value.span.uint16(at: $0) }
        }
        set {
            var bytes: [UInt8] = []
            for type in newValue { bytes.append(uint16: type) }
            set(.unknownAttributes, bytes)
        }
    }

    /// An address attribute whose bytes are masked with the cookie and the transaction (RFC 8489 section 14.2), so that
    /// no middle-box rewrites it. TURN has several.
    package func xorAddress(_ type: AttributeType) -> TransportAddress? {
        guard let place = place(of: type), place.count >= 4, let family = bytes.span.uint8(at: place.lowerBound + 1),
            let port = bytes.span.uint16(at: place.lowerBound + 2)
        else { return nil }
        let begin = place.lowerBound + 4
        let unmasked = port ^ UInt16(Self.magicCookie >> 16)
        switch (family, place.count) {
        case (1, 8):
            guard let word = bytes.span.uint32(at: begin) else { return nil }
            return TransportAddress(.v4(word ^ Self.magicCookie), port: unmasked)
        case (2, 20):
            guard let high = bytes.span.uint64(at: begin), let low = bytes.span.uint64(at: begin + 8) else {
                return nil
            }
            return TransportAddress(.v6(high: high ^ highMask, low: low ^ transaction.low), port: unmasked)
        default:
            return nil
        }
    }

    /// Counterpart of `xorAddress(_:)`.
    package mutating func setXORAddress(_ type: AttributeType, _ address: TransportAddress?) {
        guard let address else { return set(type, nil as [UInt8]?) }
        let (highMask, lowMask) = (highMask, transaction.low)
        set(type) { value in
            value.append(0)
            value.append(address.address.isV6 ? 2 : 1)
            value.append(uint16: address.port ^ UInt16(Self.magicCookie >> 16))
            switch address.address {
            case .v4(let word): value.append(uint32: word ^ Self.magicCookie)
            case .v6(let high, let low):
                value.append(uint64: high ^ highMask)
                value.append(uint64: low ^ lowMask)
            }
        }
    }

    private var highMask: UInt64 {
        UInt64(Self.magicCookie) << 32 | UInt64(transaction.high)
    }

    private func uint64(_ type: AttributeType) -> UInt64? {
        guard let place = place(of: type), place.count == 8 else { return nil }
        return bytes.span.uint64(at: place.lowerBound)
    }

    private mutating func set(_ type: AttributeType, _ value: UInt64?) {
        guard let value else { return set(type, nil as [UInt8]?) }
        set(type) { $0.append(uint64: value) }
    }
}
