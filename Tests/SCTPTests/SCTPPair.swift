import Basis
import SCTP

/// Two associations joined by a wire in memory with its own time and losses.
final class SCTPPair {
    var client: DataChannelAssociation
    var server: DataChannelAssociation
    private(set) var now = MonotonicInstant.zero
    private(set) var clientEvents: [SCTPEvent] = []
    private(set) var serverEvents: [SCTPEvent] = []
    /// Every packet in the order of sending, lost ones included.
    private(set) var packets: [(fromClient: Bool, bytes: [UInt8])] = []
    /// Sees each packet; nil is a loss.
    var wire: (_ fromClient: Bool, [UInt8]) -> [UInt8]? = { $1 }

    init() throws {
        client = try DataChannelAssociation(role: .client)
        server = try DataChannelAssociation(role: .server)
        client.advance(to: now)
        server.advance(to: now)
    }

    /// Lets `duration` pass in steps of 10 ms; a packet arrives within its step.
    func run(for duration: Duration = .milliseconds(100)) {
        let end = now + duration
        while true {
            exchange()
            guard now < end else { break }
            now += .milliseconds(10)
            client.advance(to: now)
            server.advance(to: now)
        }
    }

    /// Connects and opens the channel; nothing of it stays among the events.
    func open() {
        client.connect()
        client.openChannel()
        run()
        clientEvents = []
        serverEvents = []
    }

    func clientSends(_ text: String) -> Bool {
        client.send(text: text)
    }

    func serverSends(_ text: String) -> Bool {
        server.send(text: text)
    }

    var clientDeadline: MonotonicInstant? { client.deadline }

    private func exchange() {
        var buffer: [UInt8] = []
        var isBusy = true
        while isBusy {
            isBusy = false
            while client.pollPacket(into: &buffer) {
                isBusy = true
                packets.append((true, buffer))
                if let passed = wire(true, buffer) { server.receive(passed.span) }
            }
            while server.pollPacket(into: &buffer) {
                isBusy = true
                packets.append((false, buffer))
                if let passed = wire(false, buffer) { client.receive(passed.span) }
            }
        }
        while let event = client.pollEvent() { clientEvents.append(event) }
        while let event = server.pollEvent() { serverEvents.append(event) }
    }
}

/// CRC32c (RFC 9260 appendix A), bit by bit.
enum CRC32C {
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        }
        return ~value
    }

    /// Whether the packet carries its own checksum, least significant octet first.
    static func isRight(_ packet: [UInt8]) -> Bool {
        guard packet.count >= 12 else { return false }
        let carried = (0..<4).reduce(UInt32(0)) { $0 | UInt32(packet[8 + $1]) << UInt32(8 * $1) }
        return checksum(packet[..<8] + [0, 0, 0, 0] + packet[12...]) == carried
    }

    /// The packet with a right checksum.
    static func sealed(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= 12 else { return packet }
        var result = Array(packet[..<8] + [0, 0, 0, 0] + packet[12...])
        let value = checksum(result)
        for index in 0..<4 { result[8 + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
        return result
    }
}
