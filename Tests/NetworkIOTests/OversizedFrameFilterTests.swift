import Basis
import NIOCore
import Testing

@testable import NetworkIO

struct OversizedFrameFilterTests {
    private func frame(_ opcode: UInt8, length: Int, isMasked: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch length {
        case ..<126: bytes.append(mask | UInt8(length))
        case ..<65_536:
            bytes.append(mask | 126)
            bytes.append(UInt8(length >> 8))
            bytes.append(UInt8(length & 0xFF))
        default:
            bytes.append(mask | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        if isMasked { bytes += [1, 2, 3, 4] }
        for index in 0..<length { bytes.append(UInt8(truncatingIfNeeded: index)) }
        return bytes
    }

    /// However the stream is cut, the same comes out: short frames as they are, an empty one for each that is too long.
    @Test func cutsDoNotMatter() {
        var random = RandomSource(seed: 3)
        for _ in 0..<200 {
            var input: [UInt8] = []
            var expected: [UInt8] = []
            var oversized = 0
            for _ in 0..<6 {
                let lengths: [Int] = [0, 1, 125, 126, 1_000, 1_001, 65_535, 65_536, 70_000]
                let length = lengths.randomElement(using: &random) ?? 0
                let opcodes: [UInt8] = [0, 1, 2, 8, 9]
                let opcode = opcodes.randomElement(using: &random) ?? 1
                let bytes = frame(opcode, length: length, isMasked: Bool.random(using: &random))
                input += bytes
                if length > 1_000, opcode <= 2 {
                    oversized += 1
                    let isMasked = bytes[1] & 0x80 != 0
                    expected.append(bytes[0])
                    expected.append(bytes[1] & 0x80)
                    if isMasked { expected += [1, 2, 3, 4] }
                } else {
                    expected += bytes
                }
            }
            var filter = OversizedFrameFilter(maximumPayload: 1_000)
            var output = ByteBuffer()
            var replaced = 0
            var offset = 0
            while offset < input.count {
                let count = min(input.count - offset, Int.random(in: 1...5_000, using: &random))
                var part = ByteBuffer(bytes: input[offset..<offset + count])
                offset += count
                while part.readableBytes > 0 {
                    guard let replacement = filter.filter(&part, into: &output) else { continue }
                    replaced += 1
                    output.writeBytes(replacement)
                }
            }
            #expect(Array(output.readableBytesView) == expected)
            #expect(replaced == oversized)
        }
    }

    /// Of whatever length a header speaks, nothing is gathered, and what is malformed is the decoder's to refuse.
    @Test func noLengthIsTooLong() {
        let lengths: [UInt64] = [.max, 1 << 63, 0x7FFF_FFFF_FFFF_FFFF, 1 << 32]
        for length in lengths {
            let passes = length >= 1 << 63
            var filter = OversizedFrameFilter(maximumPayload: 1_000)
            var input = ByteBuffer(bytes: [0x81, 127])
            input.writeInteger(length)
            input.writeBytes([UInt8](repeating: 0x61, count: 5_000))
            var output = ByteBuffer()
            let replacement = filter.filter(&input, into: &output)
            #expect((replacement == nil) == passes)
            while input.readableBytes > 0 { #expect(filter.filter(&input, into: &output) == nil) }
            #expect(output.readableBytes == (passes ? 5_010 : 0))
        }
    }
}
