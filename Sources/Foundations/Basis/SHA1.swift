/// SHA-1 (FIPS 180-4), which STUN's MESSAGE-INTEGRITY, entity capabilities and SCRAM-SHA-1 prescribe.
///
/// Our own because the pure layers import no C library; it guards no secret that its standards do not already give to it.
package struct SHA1: Sendable {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32)
    private var block: [UInt8] = []
    private var length: UInt64 = 0

    package init() {
        state = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
        block.reserveCapacity(64)
    }

    fileprivate init(beginningWith bytes: [UInt8]) {
        self.init()
        update(bytes.span)
    }

    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        let context = SHA1(beginningWith: bytes)
        return context.finish()
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        length &+= UInt64(bytes.count)
        for index in bytes.indices {
            block.append(bytes[index])
            if block.count == 64 {
                compress()
                block.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The 20-byte digest of everything given.
    package consuming func finish() -> [UInt8] {
        let bits = length &* 8
        block.append(0x80)
        if block.count > 56 {
            while block.count < 64 { block.append(0) }
            compress()
            block.removeAll(keepingCapacity: true)
        }
        while block.count < 56 { block.append(0) }
        block.append(uint64: bits)
        compress()
        var digest: [UInt8] = []
        digest.reserveCapacity(20)
        for word in [state.0, state.1, state.2, state.3, state.4] { digest.append(uint32: word) }
        return digest
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

/// HMAC-SHA-1 (RFC 2104).
package enum HMACSHA1 {
    /// The two hashes with the key already taken in, for many messages under one key.
    private struct Keyed {
        private let inner: SHA1
        private let outer: SHA1

        init(_ key: [UInt8]) {
            let short = key.count > 64 ? SHA1.hash(key) : key
            let padded = short + [UInt8](repeating: 0, count: 64 - short.count)
            inner = SHA1(beginningWith: padded.map { $0 ^ 0x36 })
            outer = SHA1(beginningWith: padded.map { $0 ^ 0x5C })
        }

        func authenticate(_ message: [UInt8]) -> [UInt8] {
            var inner = inner
            inner.update(message.span)
            let digest = inner.finish()
            var outer = outer
            outer.update(digest.span)
            return outer.finish()
        }
    }

    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Keyed(key).authenticate(message)
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
        let keyed = Keyed(password)
        var block = keyed.authenticate(salt + [0, 0, 0, 1])
        var result = block
        for _ in 1..<max(1, iterations) {
            block = keyed.authenticate(block)
            for index in result.indices { result[index] ^= block[index] }
        }
        return result
    }
}
