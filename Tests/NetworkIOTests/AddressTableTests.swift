import Basis
import Testing

@testable import NetworkIO

@Suite struct AddressTableTests {
    private func avoided(_ lines: String...) -> [String] {
        AddressTable(lines.joined(separator: "\n")).avoided.map(\.description).sorted()
    }

    private let lasting = "20010db8000000000000000000000005 02 40 00 80     eth0"
    private let temporary = "20010db8000000000000000012345678 02 40 00 01     eth0"

    @Test func aTemporaryAddressGivesWayToALastingOneOfItsInterface() {
        #expect(avoided(lasting, temporary) == ["2001:db8::1234:5678"])
        #expect(avoided(temporary).isEmpty)
        #expect(avoided(temporary, "20010db8000000000000000000000005 03 40 00 80    wlan0").isEmpty)
        // A link-local one is no substitute.
        #expect(avoided(temporary, "fe800000000000000000000000000005 02 40 20 80     eth0").isEmpty)
        // Neither is one that is deprecated itself.
        #expect(
            avoided(temporary, "20010db8000000000000000000000005 02 40 00 a0     eth0") == ["2001:db8::5"])
    }

    @Test(arguments: ["08", "20", "40", "60", "c0"]) func whatIsNotInForceIsAvoided(flags: String) {
        #expect(avoided("20010db8000000000000000000000009 02 40 00 \(flags)     eth0") == ["2001:db8::9"])
    }

    @Test func anyTextIsRead() {
        var random = RandomSource(seed: 4)
        for _ in 0..<2_000 {
            var bytes = Array((lasting + "\n" + temporary + "\n").utf8)
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
            }
            _ = AddressTable(String(decoding: bytes, as: UTF8.self))
        }
        #expect(avoided("", "x", "1 2 3 4 5 6", lasting).isEmpty)
    }

    @Test func theKernelsOwnIsRead() {
        // Whatever is there, nothing that is offered is avoided.
        let avoided = AddressTable.current().avoided
        #expect(NetworkContext.interfaceAddresses(includeLoopback: true).allSatisfy { !avoided.contains($0) })
    }
}
