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
        /// Twelve bits (RFC 8489 section 5).
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Which address of ours do you see? (RFC 8489 section 3)
        package static let binding = Method(rawValue: 0x001)
        // Those of TURN: RFC 8656 section 17.
        /// Asks a relay for an address (RFC 8656 section 7).
        package static let allocate = Method(rawValue: 0x003)
        /// Keeps or ends an allocation (RFC 8656 section 8).
        package static let refresh = Method(rawValue: 0x004)
        /// Binds a channel number to a peer (RFC 8656 section 12).
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

        /// 96 random bits.
        package static func generate(using random: inout RandomSource) -> TransactionID {
            TransactionID(high: UInt32(truncatingIfNeeded: random.next()), low: random.next())
        }
    }

    /// A type-length-value element; `value` is without its padding.
    package struct Attribute: Equatable, Sendable {
        /// Which attribute it is.
        package let type: AttributeType
        /// Without padding.
        package let value: [UInt8]

        package init(_ type: AttributeType, _ value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    /// An attribute whose value lies in `storage`.
    private struct Place: Sendable {
        let type: AttributeType
        let value: Range<Int>
    }

    /// Request, indication or response.
    package private(set) var messageClass: Class
    /// What it is about.
    package private(set) var method: Method
    /// Matches a response to its request.
    package private(set) var transaction: TransactionID
    /// Of a message that was read: the datagram; else the values that were set. A message that is begun or read again keeps
    /// its memory.
    private var storage: [UInt8] = []
    private var places: [Place] = []
    /// Whether the message was received with a FINGERPRINT, which then was right.
    package private(set) var hasFingerprint = false
    /// Where in `storage` MESSAGE-INTEGRITY begins, which vouches for what is before it.
    private var integrityOffset: Int?

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

    /// What stands where a message will be begun or read.
    init() {
        self.init(.indication, .binding, transaction: TransactionID(high: 0, low: 0))
    }

    /// Begins another message in place of what was there.
    mutating func begin(_ messageClass: Class, _ method: Method, transaction: TransactionID) {
        self.messageClass = messageClass
        self.method = method
        self.transaction = transaction
        storage.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        hasFingerprint = false
        integrityOffset = nil
    }

    /// Whether a datagram is STUN and not DTLS, RTP or ChannelData (RFC 7983 and the magic cookie).
    package static func isSTUN(_ datagram: Span<UInt8>) -> Bool {
        guard datagram.count >= headerLength, let first = datagram.uint8(at: 0), first < 4 else { return false }
        return datagram.uint32(at: 4) == magicCookie
    }

    /// Reads a whole datagram. Nil when it is not one well-formed message or its FINGERPRINT is wrong.
    package static func parse(_ datagram: Span<UInt8>) -> STUNMessage? {
        var message = STUNMessage()
        return message.read(datagram) ? message : nil
    }

    /// The same in place of what was there; false when it is not one well-formed message or its FINGERPRINT is wrong.
    mutating func read(_ datagram: Span<UInt8>) -> Bool {
        guard Self.isSTUN(datagram), datagram.count <= Self.maximumLength,
            let type = datagram.uint16(at: 0), let length = datagram.uint16(at: 2),
            length.isMultiple(of: 4), Int(length) + Self.headerLength == datagram.count,
            let messageClass = Class(rawValue: type & 0x0110),
            let high = datagram.uint32(at: 8), let low = datagram.uint64(at: 12)
        else { return false }
        let method = Method(rawValue: type & 0x000F | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2)
        begin(messageClass, method, transaction: TransactionID(high: high, low: low))
        storage.append(copying: datagram)
        return readAttributes(datagram)
    }

    private mutating func readAttributes(_ datagram: Span<UInt8>) -> Bool {
        var offset = Self.headerLength
        while offset < datagram.count {
            guard !hasFingerprint, let rawType = datagram.uint16(at: offset),
                let length = datagram.uint16(at: offset + 2), datagram.holds(Int(length), at: offset + 4)
            else { return false }
            let type = AttributeType(rawValue: rawType)
            switch type {
            case .fingerprint:
                guard length == 4,
                    datagram.uint32(at: offset + 4)
                        == CRC32.checksum(datagram.extracting(0..<offset)) ^ Self.fingerprintMask
                else { return false }
                hasFingerprint = true
            case _ where integrityOffset != nil:
                // RFC 8489 section 14.5: what follows MESSAGE-INTEGRITY is not vouched for and is ignored.
                break
            case .messageIntegrity:
                guard length == SHA1Digest.length else { return false }
                integrityOffset = offset
            default:
                places.append(Place(type: type, value: offset + 4..<offset + 4 + Int(length)))
            }
            offset += 4 + (Int(length) + 3) / 4 * 4
        }
        return offset == datagram.count
    }

    /// In the order on the wire.
    package var attributes: [Attribute] {
        places.map { Attribute($0.type, Array(storage[$0.value])) }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.messageClass == right.messageClass && left.method == right.method && left.transaction == right.transaction
            && left.attributes == right.attributes && left.hasFingerprint == right.hasFingerprint
            && left.vouched == right.vouched
    }

    /// What MESSAGE-INTEGRITY is about, and itself.
    private var vouched: ArraySlice<UInt8>? {
        integrityOffset.map { storage[..<($0 + 4 + SHA1Digest.length)] }
    }

    /// Whether the message was received with MESSAGE-INTEGRITY, right or wrong.
    package var hasIntegrity: Bool { integrityOffset != nil }

    /// Whether MESSAGE-INTEGRITY is there and made with `key`: the password in short-term credentials (ICE), the MD5 of
    /// RFC 8489 section 9.2.2 in long-term ones (TURN).
    package func isAuthentic(key: Redacted<[UInt8]>) -> Bool {
        guard let integrityOffset else { return false }
        // It was made with the length that the message has up to its own end.
        let length = UInt16(truncatingIfNeeded: integrityOffset + 24 - Self.headerLength)
        var code = HMACSHA1(key.revealed)
        code.update(storage.span.extracting(0..<2))
        let lengthBytes: InlineArray<2, UInt8> = [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
        code.update(lengthBytes.span)
        code.update(storage.span.extracting(4..<integrityOffset))
        let begin = integrityOffset + 4
        return code.finish().equals(storage.span.extracting(begin..<begin + SHA1Digest.length))
    }

    /// The datagram, with MESSAGE-INTEGRITY when there is a key, and FINGERPRINT.
    package func encoded(key: Redacted<[UInt8]>? = nil, fingerprint: Bool = true) -> [UInt8] {
        var output: [UInt8] = []
        encode(into: &output, key: key, fingerprint: fingerprint)
        return output
    }

    /// The same in place of the contents of `output`.
    func encode(into output: inout [UInt8], key: Redacted<[UInt8]>?, fingerprint: Bool = true) {
        output.removeAll(keepingCapacity: true)
        let bits = method.rawValue
        output.append(uint16: bits & 0x00F | (bits & 0x070) << 1 | (bits & 0xF80) << 2 | messageClass.rawValue)
        output.append(uint16: 0)
        output.append(uint32: Self.magicCookie)
        output.append(uint32: transaction.high)
        output.append(uint64: transaction.low)
        for place in places {
            Self.begin(place.type, length: place.value.count, in: &output)
            output.append(contentsOf: storage[place.value])
            while !output.count.isMultiple(of: 4) { output.append(0) }
        }
        if let key {
            Self.setLength(of: &output, adding: 24)
            var code = HMACSHA1(key.revealed)
            code.update(output.span)
            Self.begin(.messageIntegrity, length: SHA1Digest.length, in: &output)
            code.finish().append(to: &output)
        }
        if fingerprint {
            Self.setLength(of: &output, adding: 8)
            let checksum = CRC32.checksum(output.span) ^ Self.fingerprintMask
            Self.begin(.fingerprint, length: 4, in: &output)
            output.append(uint32: checksum)
        }
        Self.setLength(of: &output, adding: 0)
    }

    private static func setLength(of output: inout [UInt8], adding more: Int) {
        output.set(uint16: UInt16(truncatingIfNeeded: output.count - headerLength + more), at: 2)
    }

    private static func begin(_ type: AttributeType, length: Int, in output: inout [UInt8]) {
        output.append(uint16: type.rawValue)
        output.append(uint16: UInt16(truncatingIfNeeded: length))
    }

    /// The value of the first attribute of a type; RFC 8489 section 14 lets later ones of the same type be ignored.
    package func value(of type: AttributeType) -> [UInt8]? {
        place(of: type).map { Array(storage[$0]) }
    }

    /// Where in `bytes` that value is.
    func place(of type: AttributeType) -> Range<Int>? {
        for place in places where place.type == type { return place.value }
        return nil
    }

    /// What the places are in.
    var bytes: [UInt8] { storage }

    /// Puts an attribute at the end, in place of one of the same type.
    package mutating func set(_ type: AttributeType, _ value: [UInt8]?) {
        guard let value else { return places.removeAll { $0.type == type } }
        set(type) { $0.append(contentsOf: value) }
    }

    /// The same of a value that `write` appends.
    mutating func set(_ type: AttributeType, _ write: (inout [UInt8]) -> Void) {
        places.removeAll { $0.type == type }
        let begin = storage.count
        write(&storage)
        places.append(Place(type: type, value: begin..<storage.count))
    }

    /// The comprehension-required attributes (below 0x8000) that are not in `known`: cause of an error 420.
    package func unknownRequired(besides known: Set<AttributeType>) -> [UInt16] {
        var unknown: [UInt16] = []
        for place in places where place.type.rawValue < 0x8000 && !known.contains(place.type) {
            unknown.append(place.type.rawValue)
        }
        return unknown
    }
}
