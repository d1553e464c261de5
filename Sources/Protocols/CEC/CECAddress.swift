/// Who a device is on the CEC bus, 0…15 (HDMI 1.4 CEC table 5).
package struct CECLogicalAddress: Hashable, Sendable {
    /// 0 to 15 (HDMI 1.4b, CEC table 5).
    package let value: UInt8

    /// The lowest four bits of `value`.
    package init(_ value: UInt8) {
        self.value = value & 0x0F
    }

    /// The TV, always at 0.
    package static let television = CECLogicalAddress(0)
    /// An amplifier or sound bar, always at 5.
    package static let audioSystem = CECLogicalAddress(5)
    /// As a destination: everybody. As an initiator: somebody without an address, whom no answer reaches.
    package static let broadcast = CECLogicalAddress(15)

    /// The address to speak from among those claimed, a bit for each (`log_addr_mask` of linux/cec.h): one of the three
    /// for players when there is one, any other that can be answered to otherwise. Nil when there is none.
    package static func preferred(ofMask mask: UInt16) -> CECLogicalAddress? {
        let players: [UInt8] = [4, 8, 11]
        let others = (0..<15).filter { !players.contains($0) }
        return (players + others).first { mask & (1 << UInt16($0)) != 0 }.map(CECLogicalAddress.init)
    }
}

/// Where a device is plugged in, seen from the TV: four numbers of four bits (HDMI 1.4 section 8.7).
package struct CECPhysicalAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four digits of four bits, the first the TV's input.
    package let value: UInt16

    /// - Parameter value: as the EDID and the messages carry it; 0xFFFF is invalid.
    package init(_ value: UInt16) {
        self.value = value
    }

    /// The root of the tree: 0.0.0.0.
    package static let television = CECPhysicalAddress(0)
    /// Nothing is plugged in.
    package static let invalid = CECPhysicalAddress(0xFFFF)

    /// Whether it is a place in the tree: not f.f.f.f.
    package var isValid: Bool { self != .invalid }

    /// For instance `1.0.0.0`.
    package var description: String {
        [value >> 12, value >> 8 & 15, value >> 4 & 15, value & 15].map { String($0, radix: 16) }.joined(separator: ".")
    }
}
