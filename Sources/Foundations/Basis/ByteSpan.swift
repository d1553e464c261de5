/// Bounds-checked big-endian reads: nil where the span is too short, never a trap.
extension Span<UInt8> {
    /// The byte at `offset`.
    package func uint8(at offset: Int) -> UInt8? {
        guard offset >= 0, offset < count else { return nil }
        return self[offset]
    }

    /// The network-order 16-bit integer that starts at `offset`.
    package func uint16(at offset: Int) -> UInt16? {
        guard holds(2, at: offset) else { return nil }
        return UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    /// The network-order 24-bit integer that starts at `offset`.
    package func uint24(at offset: Int) -> UInt32? {
        guard holds(3, at: offset) else { return nil }
        return UInt32(self[offset]) << 16 | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2])
    }

    /// The network-order 32-bit integer that starts at `offset`.
    package func uint32(at offset: Int) -> UInt32? {
        guard let high = uint16(at: offset), holds(4, at: offset), let low = uint16(at: offset + 2) else { return nil }
        return UInt32(high) << 16 | UInt32(low)
    }

    /// The network-order 64-bit integer that starts at `offset`.
    package func uint64(at offset: Int) -> UInt64? {
        guard holds(8, at: offset), let high = uint32(at: offset), let low = uint32(at: offset + 4) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    /// A copy of `length` bytes from `offset`, or nil where they do not exist.
    package func bytes(at offset: Int, count length: Int) -> [UInt8]? {
        guard length >= 0, holds(length, at: offset) else { return nil }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            for index in 0..<length {
                buffer.initializeElement(at: index, to: self[offset + index])
            }
            initialized = length
        }
    }

    /// Whether `length` bytes exist from `offset` on.
    package func holds(_ length: Int, at offset: Int) -> Bool {
        offset >= 0 && length >= 0 && offset <= count && count - offset >= length
    }
}

/// Appends of network-order integers.
extension [UInt8] {
    /// Appends two bytes, most significant first.
    package mutating func append(uint16 value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    /// Appends the low three bytes of `value`, most significant first.
    package mutating func append(uint24 value: UInt32) {
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(uint16: UInt16(truncatingIfNeeded: value))
    }

    /// Appends four bytes, most significant first.
    package mutating func append(uint32 value: UInt32) {
        append(uint16: UInt16(value >> 16))
        append(uint16: UInt16(truncatingIfNeeded: value))
    }

    /// Appends eight bytes, most significant first.
    package mutating func append(uint64 value: UInt64) {
        append(uint32: UInt32(value >> 32))
        append(uint32: UInt32(truncatingIfNeeded: value))
    }

    /// Appends a copy of all bytes of `span`.
    package mutating func append(copying span: Span<UInt8>) {
        span.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Overwrites two bytes; ignored where they do not exist.
    package mutating func set(uint16 value: UInt16, at offset: Int) {
        guard offset >= 0, offset + 2 <= count else { return }
        self[offset] = UInt8(value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Overwrites four bytes; ignored where they do not exist.
    package mutating func set(uint32 value: UInt32, at offset: Int) {
        set(uint16: UInt16(value >> 16), at: offset)
        set(uint16: UInt16(truncatingIfNeeded: value), at: offset + 2)
    }
}
