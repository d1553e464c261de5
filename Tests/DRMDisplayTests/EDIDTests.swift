import Basis
import DRMDisplay
import Testing

@Suite struct EDIDTests {
    @Test func aTelevisionIsRead() throws {
        let edid = try #require(Samples.read(Samples.edid()))
        #expect(edid.maker == "SAM" && edid.name == "LE40" && edid.serial == "ABC123")
        #expect(edid.title == "SAM LE40")
        #expect(edid.product == 0x1234 && edid.year == 2020)
        #expect(edid.millimetres?.width == 886 && edid.millimetres?.height == 498)
        #expect(edid.isChecksumRight)
    }

    @Test func whatIsMissingIsEmpty() throws {
        var bytes = Samples.edid(name: "", serial: "")
        bytes[8] = 0
        bytes[9] = 0
        (bytes[66], bytes[67], bytes[68]) = (0, 0, 0)
        let edid = try #require(Samples.read(bytes))
        #expect(edid.maker.isEmpty && edid.name.isEmpty && edid.serial.isEmpty && edid.title.isEmpty)
        #expect(edid.millimetres?.width == 880 && edid.millimetres?.height == 490, "the centimetres are left")
        #expect(!edid.isChecksumRight)
        (bytes[21], bytes[22]) = (0, 79)
        #expect(Samples.read(bytes)?.millimetres == nil, "an aspect ratio is no size")
        (bytes[12], bytes[13], bytes[14], bytes[15]) = (0x78, 0x56, 0x34, 0x12)
        #expect(Samples.read(bytes)?.serial == String(0x1234_5678))
    }

    @Test func aNameHoldsPrintableCharactersAlone() throws {
        let bytes = Samples.edid(name: "A\u{7}B  ")
        #expect(Samples.read(bytes)?.name == "A?B")
    }

    @Test func otherBytesAreRefused() {
        let whole = Samples.edid()
        #expect(Samples.read(Array(whole.prefix(127))) == nil)
        #expect(Samples.read([]) == nil)
        for index in 0..<8 {
            var bytes = whole
            bytes[index] ^= 1
            #expect(Samples.read(bytes) == nil)
        }
    }

    @Test func anyBytesAreHarmless() {
        var chance = RandomSource(seed: 7)
        var read = 0
        for round in 0..<5_000 {
            var bytes = round % 2 == 0 ? Samples.edid() : chance.bytes(Int.random(in: 0...300, using: &chance))
            for _ in 0..<Int.random(in: 0...20, using: &chance) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &chance)
                bytes[index] = UInt8.random(in: 0...255, using: &chance)
            }
            guard let edid = Samples.read(bytes) else { continue }
            read += 1
            #expect(edid.name.utf8.count <= 13 && edid.serial.utf8.count <= 13 && [0, 3].contains(edid.maker.count))
            #expect(edid.title.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) })
            if let size = edid.millimetres { #expect(size.width > 0 && size.height > 0) }
        }
        #expect(read > 500)
    }
}
