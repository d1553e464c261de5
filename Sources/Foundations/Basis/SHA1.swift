/// SHA-1 (FIPS 180-4), which STUN's MESSAGE-INTEGRITY, entity capabilities and SCRAM-SHA-1 prescribe.
///
/// Our own because the pure layers import no C library; it guards no secret that its standards do not already give to it.
package struct SHA1: Sendable {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32)
    private var block = InlineArray<64, UInt8>(repeating: 0)
    /// Bytes in `block`; fewer than 64 between calls.
    private var filled = 0
    private var length: UInt64 = 0

    /// An empty message.
    package init() {
        state = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
    }

    /// The digest of `bytes` (RFC 3174).
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes.span).bytes
    }

    fileprivate static func digest(_ bytes: Span<UInt8>) -> SHA1Digest {
        var context = SHA1()
        context.update(bytes)
        return context.finish()
    }

    /// Appends `bytes` to the message.
    package mutating func update(_ bytes: Span<UInt8>) {
        length &+= UInt64(bytes.count)
        for index in bytes.indices { append(bytes[index]) }
    }

    fileprivate mutating func update(_ digest: SHA1Digest) {
        length &+= UInt64(SHA1Digest.length)
        for index in 0..<SHA1Digest.length { append(digest[index]) }
    }

    private mutating func append(_ byte: UInt8) {
        block[filled] = byte
        filled += 1
        guard filled == 64 else { return }
        compress()
        filled = 0
    }

    /// Of everything given.
    package consuming func finish() -> SHA1Digest {
        let bits = length &* 8
        append(0x80)
        while filled != 56 { append(0) }
        for shift in 1...8 { append(UInt8(truncatingIfNeeded: bits >> UInt64(64 - 8 * shift))) }
        return SHA1Digest([state.0, state.1, state.2, state.3, state.4])
    }

    private mutating func compress() {
        var schedule = InlineArray<80, UInt32>(repeating: 0)
        for index in 0..<16 {
            let base = index * 4
            schedule[index] =
                UInt32(block[base]) << 24 | UInt32(block[base + 1]) << 16 | UInt32(block[base + 2]) << 8
                | UInt32(block[base + 3])
        }
        for index in 16..<80 {
            schedule[index] = Self.rotate(
                schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16], 1)
        }
        var (a, b, c, d, e) = state
        for index in 0..<80 {
            let mixed: UInt32
            let constant: UInt32
            switch index {
            case 0..<20: (mixed, constant) = ((b & c) | (~b & d), 0x5A82_7999)
            case 20..<40: (mixed, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
            case 40..<60: (mixed, constant) = ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
            default: (mixed, constant) = (b ^ c ^ d, 0xCA62_C1D6)
            }
            let next = Self.rotate(a, 5) &+ mixed &+ e &+ constant &+ schedule[index]
            (e, d, c, b, a) = (d, c, Self.rotate(b, 30), a, next)
        }
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
    }

    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
        value << count | value >> (32 - count)
    }
}

/// 20 bytes that SHA-1 or HMAC-SHA-1 made.
package struct SHA1Digest: Sendable {
    /// 160 bits, in bytes.
    package static let length = 20
    private let words: InlineArray<5, UInt32>

    fileprivate init(_ words: InlineArray<5, UInt32>) {
        self.words = words
    }

    /// The byte at `index`, from 0 to 19.
    package subscript(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[index / 4] >> UInt32(24 - index % 4 * 8))
    }

    /// All 20 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        append(to: &bytes)
        return bytes
    }

    /// Appends all 20 bytes to `bytes`.
    package func append(to bytes: inout [UInt8]) {
        for index in 0..<Self.length { bytes.append(self[index]) }
    }

    /// Whether these are the digest's bytes, in a time that does not depend on where they differ.
    package func equals(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count == Self.length else { return false }
        var difference: UInt8 = 0
        for index in bytes.indices { difference |= self[index] ^ bytes[index] }
        return difference == 0
    }
}

/// HMAC-SHA-1 (RFC 2104): the two hashes with the key already taken in, for many messages under one key, or for one that
/// comes in parts. Allocates nothing.
package struct HMACSHA1: Sendable {
    private var inner = SHA1()
    private var outer = SHA1()

    /// Begins an authentication code under `key`; one longer than a block of 64 bytes is hashed first (RFC 2104 section
    /// 2).
    package init(_ key: [UInt8]) {
        var padded = InlineArray<64, UInt8>(repeating: 0)
        if key.count > 64 {
            let short = SHA1.digest(key.span)
            for index in 0..<SHA1Digest.length { padded[index] = short[index] }
        } else {
            for index in key.indices { padded[index] = key[index] }
        }
        for index in padded.indices { padded[index] ^= 0x36 }
        inner.update(padded.span)
        for index in padded.indices { padded[index] ^= 0x36 ^ 0x5C }
        outer.update(padded.span)
    }

    /// Appends `part` to the message.
    package mutating func update(_ part: Span<UInt8>) {
        inner.update(part)
    }

    /// The authentication code of the message.
    package consuming func finish() -> SHA1Digest {
        let digest = inner.finish()
        outer.update(digest)
        return outer.finish()
    }

    private func authenticate(_ message: [UInt8]) -> [UInt8] {
        var code = self
        code.update(message.span)
        return code.finish().bytes
    }

    /// The authentication code of `message` under `key` (RFC 2104).
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        HMACSHA1(key).authenticate(message)
    }

    /// Whether two digests are equal, in a time that does not depend on where they differ.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    /// PBKDF2 with HMAC-SHA-1 (RFC 8018 section 5.2), one block of 20 bytes: SCRAM's Hi().
    package static func deriveKey(password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        let keyed = HMACSHA1(password)
        var block = keyed.authenticate(salt + [0, 0, 0, 1])
        var result = block
        for _ in 1..<max(1, iterations) {
            block = keyed.authenticate(block)
            for index in result.indices { result[index] ^= block[index] }
        }
        return result
    }
}
