import Basis

/// SDES (RFC 3550 section 6.5), as far as the canonical name goes.
package struct SourceDescription: Equatable, Sendable {
    /// What is said of one source (RFC 3550 section 6.5).
    package struct Chunk: Equatable, Sendable {
        /// The source.
        package var ssrc: UInt32
        /// Empty where the chunk has no CNAME item.
        package var cname: String

        package init(ssrc: UInt32, cname: String) {
            self.ssrc = ssrc
            self.cname = cname
        }
    }

    /// At most 31 are written.
    package var chunks: [Chunk]

    package init(chunks: [Chunk]) {
        self.chunks = chunks
    }

    private static let cnameItem: UInt8 = 1

    static func parse(_ body: Span<UInt8>, count: Int) -> SourceDescription? {
        var chunks: [Chunk] = []
        var offset = 0
        for _ in 0..<count {
            guard let ssrc = body.uint32(at: offset) else { return nil }
            var chunk = Chunk(ssrc: ssrc, cname: "")
            offset += 4
            while true {
                guard let item = body.uint8(at: offset) else { return nil }
                if item == 0 { break }
                guard let length = body.uint8(at: offset + 1),
                    let text = body.bytes(at: offset + 2, count: Int(length))
                else { return nil }
                if item == cnameItem { chunk.cname = String(decoding: text, as: UTF8.self) }
                offset += 2 + Int(length)
            }
            offset = (offset / 4 + 1) * 4
            chunks.append(chunk)
        }
        return SourceDescription(chunks: chunks)
    }

    /// Appends the packet with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        Self.write(chunks.prefix(31), into: &buffer)
    }

    /// At most 31 chunks.
    static func write(_ chunks: some Collection<Chunk>, into buffer: inout [UInt8]) {
        let start = RTCPHeader.begin(RTCPPacketType.sourceDescription, format: chunks.count, into: &buffer)
        for chunk in chunks {
            let text = chunk.cname.utf8.prefix(255)
            buffer.append(uint32: chunk.ssrc)
            buffer.append(cnameItem)
            buffer.append(UInt8(text.count))
            buffer.append(contentsOf: text)
            repeat {
                buffer.append(0)
            } while (buffer.count - start) % 4 != 0
        }
        RTCPHeader.finish(start, in: &buffer)
    }
}
