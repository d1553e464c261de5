import Basis

/// What a key picture tells of the layers of its stream (RFC 9628 section 4.2.1).
package struct VP9ScalabilityStructure: Equatable, Sendable {
    /// The size of the pictures of a spatial layer.
    package struct Size: Equatable, Sendable {
        /// In pixels.
        package var width: UInt16
        /// In pixels.
        package var height: UInt16

        package init(width: UInt16, height: UInt16) {
            self.width = width
            self.height = height
        }
    }

    /// One picture of the group that repeats.
    package struct Picture: Equatable, Sendable {
        /// TID, 0…7.
        package var temporalLayer: UInt8
        /// The U bit.
        package var isSwitchingUpPoint: Bool
        /// The pictures of the same layer that it is predicted from.
        package var references: VP9References

        package init(temporalLayer: UInt8, isSwitchingUpPoint: Bool, references: VP9References) {
            self.temporalLayer = temporalLayer & 7
            self.isSwitchingUpPoint = isSwitchingUpPoint
            self.references = references
        }
    }

    /// 1…8 (N_S + 1).
    package var spatialLayers: Int
    /// From the smallest layer up; empty where it does not tell (Y = 0).
    package var sizes: [Size]
    /// The order of the temporal layers; nil where it does not tell (G = 0).
    package var group: [Picture]?

    package init(spatialLayers: Int = 1, sizes: [Size] = [], group: [Picture]? = nil) {
        self.spatialLayers = min(max(1, spatialLayers), 8)
        self.sizes = sizes
        self.group = group
    }

    /// Reads the structure at `offset` of a payload; `end` is where it ends.
    static func parse(_ payload: Span<UInt8>, at offset: Int) -> (structure: Self, end: Int)? {
        guard let first = payload.uint8(at: offset) else { return nil }
        var structure = VP9ScalabilityStructure(spatialLayers: Int(first >> 5) + 1)
        var offset = offset + 1
        if first & 0x10 != 0 {
            for _ in 0..<structure.spatialLayers {
                guard let width = payload.uint16(at: offset), let height = payload.uint16(at: offset + 2) else {
                    return nil
                }
                structure.sizes.append(Size(width: width, height: height))
                offset += 4
            }
        }
        guard first & 0x08 != 0 else { return (structure, offset) }
        guard let count = payload.uint8(at: offset) else { return nil }
        offset += 1
        var group: [Picture] = []
        for _ in 0..<count {
            guard let byte = payload.uint8(at: offset) else { return nil }
            offset += 1
            var references = VP9References()
            for _ in 0..<(byte >> 2 & 3) {
                guard let distance = payload.uint8(at: offset) else { return nil }
                references.append(distance)
                offset += 1
            }
            group.append(
                Picture(temporalLayer: byte >> 5, isSwitchingUpPoint: byte & 0x10 != 0, references: references))
        }
        structure.group = group
        return (structure, offset)
    }

    func write(into buffer: inout [UInt8]) {
        let hasSizes = sizes.count == spatialLayers
        buffer.append(UInt8(spatialLayers - 1) << 5 | (hasSizes ? 0x10 : 0) | (group == nil ? 0 : 0x08))
        if hasSizes {
            for size in sizes {
                buffer.append(uint16: size.width)
                buffer.append(uint16: size.height)
            }
        }
        guard let group else { return }
        buffer.append(UInt8(clamping: group.count))
        for picture in group.prefix(255) {
            buffer.append(
                picture.temporalLayer << 5 | (picture.isSwitchingUpPoint ? 0x10 : 0)
                    | UInt8(picture.references.count) << 2)
            for index in 0..<picture.references.count { buffer.append(picture.references[index]) }
        }
    }
}
