import Basis

/// The VP8 payload descriptor (RFC 7741 section 4.2).
package struct VP8PayloadDescriptor: Equatable, Sendable {
    /// Seven or fifteen bits, as the stream counts them.
    package struct PictureID: Equatable, Sendable {
        /// Modulo 2⁷ or 2¹⁵.
        package var value: UInt16
        /// The M bit; a bridge rewrites only these rightly.
        package var isExtended: Bool

        package init(value: UInt16, isExtended: Bool) {
            self.value = value
            self.isExtended = isExtended
        }
    }

    /// The N bit: nothing refers to this frame.
    package var isNonReference: Bool
    /// The S bit.
    package var startsPartition: Bool
    /// PID, 0...7 (three bits since RFC 7741).
    package var partitionIndex: UInt8
    /// Counts frames; nil where the sender leaves it out.
    package var pictureID: PictureID?
    /// TL0PICIDX.
    package var temporalLayerZeroIndex: UInt8?
    /// TID, 0...3.
    package var temporalLayer: UInt8?
    /// The Y bit; of meaning only with `temporalLayer`.
    package var isLayerSync: Bool
    /// KEYIDX, 0...31.
    package var keyIndex: UInt8?

    package init(
        isNonReference: Bool = false, startsPartition: Bool = false, partitionIndex: UInt8 = 0,
        pictureID: PictureID? = nil, temporalLayerZeroIndex: UInt8? = nil, temporalLayer: UInt8? = nil,
        isLayerSync: Bool = false, keyIndex: UInt8? = nil
    ) {
        self.isNonReference = isNonReference
        self.startsPartition = startsPartition
        self.partitionIndex = partitionIndex
        self.pictureID = pictureID
        self.temporalLayerZeroIndex = temporalLayerZeroIndex
        self.temporalLayer = temporalLayer
        self.isLayerSync = isLayerSync
        self.keyIndex = keyIndex
    }

    /// Whether the payload after the descriptor begins with a frame header.
    package var startsFrame: Bool {
        startsPartition && partitionIndex == 0
    }

    /// Reads the descriptor at the beginning of an RTP payload, with its length in bytes.
    package static func parse(_ payload: Span<UInt8>) -> (descriptor: VP8PayloadDescriptor, length: Int)? {
        guard let first = payload.uint8(at: 0) else { return nil }
        var descriptor = VP8PayloadDescriptor(
            isNonReference: first & 0x20 != 0, startsPartition: first & 0x10 != 0, partitionIndex: first & 0x07)
        guard first & 0x80 != 0 else { return (descriptor, 1) }
        guard let present = payload.uint8(at: 1) else { return nil }
        var offset = 2
        if present & 0x80 != 0 {
            guard let byte = payload.uint8(at: offset) else { return nil }
            if byte & 0x80 != 0 {
                guard let word = payload.uint16(at: offset) else { return nil }
                descriptor.pictureID = PictureID(value: word & 0x7FFF, isExtended: true)
                offset += 2
            } else {
                descriptor.pictureID = PictureID(value: UInt16(byte), isExtended: false)
                offset += 1
            }
        }
        if present & 0x40 != 0 {
            guard let index = payload.uint8(at: offset) else { return nil }
            descriptor.temporalLayerZeroIndex = index
            offset += 1
        }
        if present & 0x30 != 0 {
            guard let byte = payload.uint8(at: offset) else { return nil }
            if present & 0x20 != 0 {
                descriptor.temporalLayer = byte >> 6
                descriptor.isLayerSync = byte & 0x20 != 0
            }
            if present & 0x10 != 0 { descriptor.keyIndex = byte & 0x1F }
            offset += 1
        }
        return (descriptor, offset)
    }

    /// Appends the descriptor; fields that are nil are left out.
    package func write(into buffer: inout [UInt8]) {
        let hasLayerByte = temporalLayer != nil || keyIndex != nil
        let isExtended = pictureID != nil || temporalLayerZeroIndex != nil || hasLayerByte
        buffer.append(
            (isExtended ? 0x80 : 0) | (isNonReference ? 0x20 : 0) | (startsPartition ? 0x10 : 0) | partitionIndex & 0x07
        )
        guard isExtended else { return }
        buffer.append(
            (pictureID == nil ? 0 : 0x80) | (temporalLayerZeroIndex == nil ? 0 : 0x40)
                | (temporalLayer == nil ? 0 : 0x20) | (keyIndex == nil ? 0 : 0x10))
        if let pictureID {
            if pictureID.isExtended {
                buffer.append(uint16: 0x8000 | pictureID.value)
            } else {
                buffer.append(UInt8(truncatingIfNeeded: pictureID.value) & 0x7F)
            }
        }
        if let temporalLayerZeroIndex { buffer.append(temporalLayerZeroIndex) }
        if hasLayerByte {
            buffer.append(
                (temporalLayer ?? 0) << 6 | (temporalLayer != nil && isLayerSync ? 0x20 : 0) | (keyIndex ?? 0) & 0x1F)
        }
    }
}
