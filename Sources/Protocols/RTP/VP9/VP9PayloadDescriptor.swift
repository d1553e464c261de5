import Basis

/// The VP9 payload descriptor (RFC 9628 section 4.2).
package struct VP9PayloadDescriptor: Equatable, Sendable {
    /// Both formats count alike.
    package typealias PictureID = VP8PayloadDescriptor.PictureID

    /// The layers that a frame belongs to (RFC 9628 section 4.2, the L bit).
    package struct LayerIndices: Equatable, Sendable {
        /// TID, 0…7.
        package var temporal: UInt8
        /// The U bit: what follows of the layers above depends on nothing of them before this picture.
        package var isSwitchingUpPoint: Bool
        /// SID, 0…7.
        package var spatial: UInt8
        /// The D bit: it is predicted from the next smaller layer of the same picture.
        package var isInterLayerPredicted: Bool

        package init(
            temporal: UInt8 = 0, isSwitchingUpPoint: Bool = false, spatial: UInt8 = 0,
            isInterLayerPredicted: Bool = false
        ) {
            self.temporal = temporal & 7
            self.isSwitchingUpPoint = isSwitchingUpPoint
            self.spatial = spatial & 7
            self.isInterLayerPredicted = isInterLayerPredicted
        }
    }

    /// Counts pictures, all layers of one the same; nil where the sender leaves it out (the I bit).
    package var pictureID: PictureID?
    /// The P bit: an earlier picture is needed.
    package var isInterPicturePredicted: Bool
    /// The F bit: each picture tells its references itself.
    package var isFlexible: Bool
    /// The B bit: the frame of a layer begins with this packet.
    package var startsFrame: Bool
    /// The E bit.
    package var endsFrame: Bool
    /// The Z bit: larger layers of the same picture do not need this one.
    package var isNotReferenceForUpperLayers: Bool
    /// Nil where the stream has no layers (the L bit).
    package var layers: LayerIndices?
    /// TL0PICIDX; not in flexible mode, and only with `layers`.
    package var temporalLayerZeroIndex: UInt8?
    /// P_DIFF; in flexible mode, where `isInterPicturePredicted`.
    package var references: VP9References
    /// With key pictures (the V bit).
    package var structure: VP9ScalabilityStructure?

    package init(
        pictureID: PictureID? = nil, isInterPicturePredicted: Bool = false, isFlexible: Bool = false,
        startsFrame: Bool = false, endsFrame: Bool = false, isNotReferenceForUpperLayers: Bool = false,
        layers: LayerIndices? = nil, temporalLayerZeroIndex: UInt8? = nil, references: VP9References = [],
        structure: VP9ScalabilityStructure? = nil
    ) {
        self.pictureID = pictureID
        self.isInterPicturePredicted = isInterPicturePredicted
        self.isFlexible = isFlexible
        self.startsFrame = startsFrame
        self.endsFrame = endsFrame
        self.isNotReferenceForUpperLayers = isNotReferenceForUpperLayers
        self.layers = layers
        self.temporalLayerZeroIndex = temporalLayerZeroIndex
        self.references = references
        self.structure = structure
    }

    /// Whether a decoder can begin with the picture that this frame begins: the smallest layer of a key picture.
    package var startsKeyPicture: Bool {
        startsFrame && !isInterPicturePredicted && layers?.spatial ?? 0 == 0
    }

    /// Reads the descriptor at the beginning of a payload; `length` is where the frame's bytes begin.
    package static func parse(_ payload: Span<UInt8>) -> (descriptor: VP9PayloadDescriptor, length: Int)? {
        guard let first = payload.uint8(at: 0) else { return nil }
        var descriptor = VP9PayloadDescriptor(
            isInterPicturePredicted: first & 0x40 != 0, isFlexible: first & 0x10 != 0, startsFrame: first & 0x08 != 0,
            endsFrame: first & 0x04 != 0, isNotReferenceForUpperLayers: first & 0x01 != 0)
        var offset = 1
        if first & 0x80 != 0 {
            guard let byte = payload.uint8(at: offset) else { return nil }
            if byte & 0x80 != 0 {
                guard let value = payload.uint16(at: offset) else { return nil }
                descriptor.pictureID = PictureID(value: value & 0x7FFF, isExtended: true)
                offset += 2
            } else {
                descriptor.pictureID = PictureID(value: UInt16(byte), isExtended: false)
                offset += 1
            }
        }
        if first & 0x20 != 0 {
            guard let byte = payload.uint8(at: offset) else { return nil }
            descriptor.layers = LayerIndices(
                temporal: byte >> 5, isSwitchingUpPoint: byte & 0x10 != 0, spatial: byte >> 1 & 7,
                isInterLayerPredicted: byte & 0x01 != 0)
            offset += 1
            if !descriptor.isFlexible {
                guard let index = payload.uint8(at: offset) else { return nil }
                descriptor.temporalLayerZeroIndex = index
                offset += 1
            }
        }
        if descriptor.isFlexible, descriptor.isInterPicturePredicted {
            // Distances without a place to count from mean nothing.
            guard descriptor.pictureID != nil else { return nil }
            var goesOn = true
            while goesOn {
                guard let byte = payload.uint8(at: offset), byte > 1,
                    descriptor.references.count < VP9References.maximumCount
                else { return nil }
                descriptor.references.append(byte >> 1)
                goesOn = byte & 1 != 0
                offset += 1
            }
        }
        if first & 0x02 != 0 {
            guard let (structure, end) = VP9ScalabilityStructure.parse(payload, at: offset) else { return nil }
            descriptor.structure = structure
            offset = end
        }
        return (descriptor, offset)
    }

    /// Appends the descriptor; fields that are nil are left out.
    package func write(into buffer: inout [UInt8]) {
        buffer.append(
            (pictureID == nil ? 0 : 0x80) | (isInterPicturePredicted ? 0x40 : 0) | (layers == nil ? 0 : 0x20)
                | (isFlexible ? 0x10 : 0) | (startsFrame ? 0x08 : 0) | (endsFrame ? 0x04 : 0)
                | (structure == nil ? 0 : 0x02) | (isNotReferenceForUpperLayers ? 0x01 : 0))
        if let pictureID {
            if pictureID.isExtended {
                buffer.append(uint16: 0x8000 | pictureID.value)
            } else {
                buffer.append(UInt8(truncatingIfNeeded: pictureID.value) & 0x7F)
            }
        }
        if let layers {
            buffer.append(
                layers.temporal << 5 | (layers.isSwitchingUpPoint ? 0x10 : 0) | layers.spatial << 1
                    | (layers.isInterLayerPredicted ? 0x01 : 0))
            if !isFlexible { buffer.append(temporalLayerZeroIndex ?? 0) }
        }
        if isFlexible, isInterPicturePredicted {
            for index in 0..<references.count {
                buffer.append(references[index] << 1 | (index + 1 < references.count ? 1 : 0))
            }
        }
        structure?.write(into: &buffer)
    }
}
