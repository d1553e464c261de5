import Basis
import HID
import Testing

@Suite struct HIDFuzzTests {
    /// Feeds a machine with reports of about the right form, and checks that it stays within its bounds.
    static func drive(_ bytes: [UInt8], _ random: inout RandomSource) {
        let descriptor = ReportDescriptor(bytes)
        #expect(descriptor.fields.count <= 1_024)
        for field in descriptor.fields {
            #expect(field.bitOffset >= 0 && (1...32).contains(field.bitSize) && field.count > 0)
            let length = descriptor.byteCount(field.direction, id: field.reportID)
            #expect(length > 0 && length <= 8_193)
            #expect(field.bitOffset + field.bitSize * field.count <= length * 8)
        }
        guard var machine = TelephonyMachine(descriptor) else { return }
        var now = MonotonicInstant.zero
        let ids = Set(descriptor.fields.map(\.reportID)).sorted()
        for _ in 0..<20 {
            now += .milliseconds(Int.random(in: 0...1_500, using: &random))
            var report = random.bytes(Int.random(in: 0...12, using: &random))
            if !report.isEmpty, let id = ids.randomElement(using: &random) { report[0] = id }
            machine.receive(report, at: now)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: machine.setInCall(Bool.random(using: &random), at: now)
            case 1: machine.setMuted(Bool.random(using: &random), at: now)
            case 2: machine.advance(to: now)
            default: break
            }
            while machine.pollEvent() != nil {}
            while let output = machine.pollOutput() {
                let id = output.first ?? 0
                let expected = descriptor.byteCount(.output, id: id) + (descriptor.numbersReports ? 0 : 1)
                #expect(output.count == expected)
            }
        }
        now += .seconds(10)
        machine.advance(to: now)
        #expect(machine.deadline == nil)
    }

    @Test func randomDescriptors() {
        var random = RandomSource(seed: 1)
        for _ in 0..<3_000 {
            Self.drive(random.bytes(Int.random(in: 0...200, using: &random)), &random)
        }
    }

    @Test func mutatedDescriptors() {
        var random = RandomSource(seed: 2)
        for round in 0..<3_000 {
            var bytes = TelephoneFixtures.all[round % TelephoneFixtures.all.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            Self.drive(bytes, &random)
        }
    }

    @Test func randomReportsOfRealDescriptors() {
        var random = RandomSource(seed: 3)
        for round in 0..<2_000 {
            Self.drive(TelephoneFixtures.all[round % TelephoneFixtures.all.count], &random)
        }
    }
}
