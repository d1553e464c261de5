import NIOCore
import NIOEmbedded
import Testing

@testable import NetworkIO

struct RelayStreamTests {
    private let relayed: [UInt8] = [0x40, 0, 0, 4, 1, 2, 3, 4]
    private let request: [UInt8] = [0, 4, 0, 0, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 7, count: 12)

    @Test func mediaIsDroppedWhileTheLineStandsStill() throws {
        let channel = EmbeddedChannel()
        let stream = RelayStream(channel: channel)
        #expect(stream.write(relayed))
        channel.isWritable = false
        for _ in 0..<1_000 { #expect(!stream.write(relayed)) }
        // A refresh that is lost ends the allocation.
        #expect(stream.write(request))
        channel.isWritable = true
        #expect(stream.write(relayed))
        var sent: [[UInt8]] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            sent.append(Array(buffer.readableBytesView))
        }
        #expect(sent == [relayed, request, relayed])
    }
}
