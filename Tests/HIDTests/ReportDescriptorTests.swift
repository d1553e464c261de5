import Basis
import HID
import Testing

@Suite struct ReportDescriptorTests {
    static func field(
        _ usage: HIDUsage, _ direction: HIDField.Direction, in bytes: [UInt8]
    ) throws -> HIDField {
        try #require(ReportDescriptor(bytes).fields.first { $0.direction == direction && $0.declares(usage) })
    }

    @Test func readsTheConferencePuck() throws {
        let descriptor = ReportDescriptor(TelephoneFixtures.conferencePuck)
        #expect(descriptor.numbersReports && descriptor.isTelephony && descriptor.hasConsumerKeys)
        #expect(descriptor.byteCount(.input, id: 1) == 2)
        #expect(descriptor.byteCount(.input, id: 3) == 3)
        #expect(descriptor.byteCount(.output, id: 3) == 3)
        #expect(descriptor.byteCount(.output, id: 1) == 0)
        // 3 keys, 6 lamps, 2 + 4 telephone keys, the keypad; no padding.
        #expect(descriptor.fields.count == 16)
        let hook = try Self.field(.hookSwitch, .input, in: TelephoneFixtures.conferencePuck)
        #expect(hook.reportID == 3 && hook.bitOffset == 0 && hook.bitSize == 1)
        #expect(hook.isConstant && !hook.isRelative && !hook.isArray)
        let mute = try Self.field(.phoneMute, .input, in: TelephoneFixtures.conferencePuck)
        #expect(mute.bitOffset == 2 && mute.isRelative && !mute.isConstant)
        let lamp = try Self.field(.muteLamp, .output, in: TelephoneFixtures.conferencePuck)
        #expect(lamp.bitOffset == 2 && lamp.reportID == 3)
        let keypad = try Self.field(HIDUsage(page: 0x0B, id: 0xB5), .input, in: TelephoneFixtures.conferencePuck)
        #expect(keypad.isArray && keypad.bitOffset == 6 && keypad.bitSize == 4 && keypad.logicalMinimum == 1)
        #expect(keypad.usage == nil)
    }

    @Test func readsTheHeadset() throws {
        let descriptor = ReportDescriptor(TelephoneFixtures.headset)
        // Pages inside usages of four bytes.
        #expect(try Self.field(.muteLamp, .output, in: TelephoneFixtures.headset).reportID == 9)
        #expect(try Self.field(.offHookLamp, .output, in: TelephoneFixtures.headset).reportID == 0x17)
        #expect(descriptor.byteCount(.output, id: 0x64) == 37)
        let volume = try Self.field(.volumeUp, .input, in: TelephoneFixtures.headset)
        #expect(volume.isArray && volume.bitSize == 16 && volume.logicalMaximum == 0x23C)
        #expect(descriptor.isOn(.volumeUp, of: volume, in: [1, 0xE9, 0]) == true)
        #expect(descriptor.isOn(.volumeDown, of: volume, in: [1, 0xE9, 0]) == false)
        #expect(descriptor.isOn(.volumeUp, of: volume, in: [2, 0xE9, 0]) == nil)
        #expect(descriptor.isOn(.volumeUp, of: volume, in: [1, 0xE9]) == nil)
    }

    @Test func tellsTelephonesFromOthers() {
        #expect(ReportDescriptor(TelephoneFixtures.plainTelephone).isTelephony)
        #expect(!ReportDescriptor(TelephoneFixtures.plainTelephone).hasConsumerKeys)
        #expect(!ReportDescriptor(TelephoneFixtures.keyboard).isTelephony)
        #expect(!ReportDescriptor(TelephoneFixtures.loudspeaker).isTelephony)
        #expect(ReportDescriptor(TelephoneFixtures.loudspeaker).hasConsumerKeys)
        #expect(ReportDescriptor([]).fields.isEmpty)
    }

    @Test func aKeyboardsReportHasItsLength() {
        let keyboard = ReportDescriptor(TelephoneFixtures.keyboard)
        #expect(!keyboard.numbersReports)
        #expect(keyboard.byteCount(.input, id: 0) == 8 && keyboard.byteCount(.output, id: 0) == 1)
        #expect(keyboard.fields.count == 8 + 5 + 1)
    }

    @Test func writesAndReadsAnyBits() {
        // Five fields of 3 bits, report 7.
        let descriptor = ReportDescriptor([
            0x05, 0x08, 0x85, 0x07, 0x19, 0x01, 0x29, 0x05, 0x75, 0x03, 0x95, 0x05, 0x91, 0x02,
        ])
        #expect(descriptor.byteCount(.output, id: 7) == 3)
        var report: [UInt8] = [7, 0, 0]
        for (value, field) in zip([5, 2, 7, 0, 6] as [UInt32], descriptor.fields) {
            descriptor.setBits(value, of: field, in: &report)
        }
        #expect(report == [7, 0b1101_0101, 0b0110_0001])
        #expect(descriptor.fields.map { descriptor.rawValue(of: $0, in: report) } == [5, 2, 7, 0, 6])
        for field in descriptor.fields { descriptor.setBits(0, of: field, in: &report) }
        #expect(report == [7, 0, 0])
        var tooShort: [UInt8] = [7, 0]
        if let last = descriptor.fields.last { descriptor.setBits(7, of: last, in: &tooShort) }
        #expect(tooShort == [7, 0])
    }

    @Test func globalsArePushedAndPopped() {
        let descriptor = ReportDescriptor([
            0x05, 0x08, 0x75, 0x01, 0x95, 0x01, 0xA4,  // push
            0x05, 0x0C, 0x75, 0x08, 0x09, 0xE9, 0x81, 0x02, 0xB4,  // another page and size, pop
            0x09, 0x09, 0x91, 0x02, 0xB4, 0x09, 0x17, 0x91, 0x02,  // a pop too many does nothing
        ])
        #expect(descriptor.fields.map(\.usage) == [.volumeUp, .muteLamp, .offHookLamp])
        #expect(descriptor.fields.map(\.bitSize) == [8, 1, 1])
    }

    @Test func theLastUsageServesTheRestAndAlternativesTheFirst() {
        let descriptor = ReportDescriptor([
            0x05, 0x0B, 0x75, 0x01, 0x95, 0x03, 0x09, 0x20, 0x09, 0x2F, 0x81, 0x02,
            // A delimiter: 0x21 or 0x24, the first of which counts; then 0x26.
            0xA9, 0x01, 0x09, 0x21, 0x09, 0x24, 0xA9, 0x00, 0x09, 0x26, 0x95, 0x02, 0x81, 0x02,
        ])
        #expect(descriptor.fields.map { $0.usage?.id } == [0x20, 0x2F, 0x2F, 0x21, 0x26])
    }

    @Test func longItemsAndWhatIsCutShortDoNoHarm() {
        let long: [UInt8] = [0xFE, 3, 0x55, 1, 2, 3]
        #expect(ReportDescriptor(long + TelephoneFixtures.plainTelephone).isTelephony)
        for length in 0..<TelephoneFixtures.conferencePuck.count {
            let cut = ReportDescriptor(Array(TelephoneFixtures.conferencePuck.prefix(length)))
            #expect(cut.fields.count <= 16)
        }
        #expect(ReportDescriptor([0xFE]).fields.isEmpty)
        #expect(ReportDescriptor([0xFE, 0xFF]).fields.isEmpty)
        #expect(ReportDescriptor([0x27, 1, 2, 3]).fields.isEmpty)
    }

    @Test func hugeSizesAreBounded() {
        // 65535 elements of one bit, again and again; then 4294967295 elements of 4294967295 bits.
        var bytes: [UInt8] = [0x05, 0x0B, 0x09, 0x20, 0x75, 0x01, 0x96, 0xFF, 0xFF]
        for _ in 0..<50 { bytes += [0x09, 0x20, 0x81, 0x02] }
        bytes += [0x77, 0xFF, 0xFF, 0xFF, 0xFF, 0x97, 0xFF, 0xFF, 0xFF, 0xFF, 0x09, 0x20, 0x81, 0x02]
        let descriptor = ReportDescriptor(bytes)
        #expect(descriptor.fields.count == 1_024)
        #expect(descriptor.byteCount(.input, id: 0) <= 8_192)
        var usages: [UInt8] = [0x05, 0x0C, 0x75, 0x08, 0x95, 0x01]
        for usage in 0..<1_000 { usages += [0x0A, UInt8(usage & 255), UInt8(usage >> 8)] }
        let many = ReportDescriptor(usages + [0x81, 0x00])
        #expect(many.fields.count == 1 && many.fields.allSatisfy { $0.usages.count == 64 })
    }
}
