import Basis

/// An input of a state machine: a series of datagrams, each `control, length (16 bit), bytes`. The last may be cut short.
struct DatagramSeries {
    struct Datagram {
        /// What the target makes of the bytes; its lowest three bits are always `pause`.
        let control: UInt8
        let bytes: [UInt8]

        /// How long nothing happens before it.
        var pause: Duration {
            .milliseconds([0, 1, 5, 20, 150, 700, 5_000, 31_000][Int(control & 7)])
        }
    }

    /// More would only make an execution slow.
    private static let maximumDatagrams = 64

    private let bytes: [UInt8]
    private var offset = 0
    private var count = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Datagram? {
        guard count < Self.maximumDatagrams, let control = bytes.span.uint8(at: offset) else { return nil }
        count += 1
        let length = min(Int(bytes.span.uint16(at: offset + 1) ?? 0), max(0, bytes.count - offset - 3))
        let body = bytes.span.bytes(at: offset + 3, count: length) ?? []
        offset += 3 + length
        return Datagram(control: control, bytes: body)
    }
}

/// An input of lines, so that inputs for protocols of text stay legible.
func lines(_ bytes: [UInt8], maximum: Int = 64) -> [ArraySlice<UInt8>] {
    Array(bytes.split(separator: UInt8(ascii: "\n")).prefix(maximum))
}
