import Testing

@testable import TOML

struct TOMLReaderTests {
    private func error(_ bytes: [UInt8]) -> TOMLError? {
        do throws(TOMLError) {
            _ = try TOMLReader.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyKindOfValueIsReadWithItsPlace() throws {
        let text = """
            \u{FEFF}a = "x\\u0041é"\r
            [t]
            n = -3
            r = 1.5
            b = true
            d = 2026-12-01
            l = [1, "é", {k = 2}]
            [[s]]
            'quoted key'.inner = 1
            [[s]]
            """
        let root = try TOMLReader.read(Array(text.utf8))
        #expect(root.keys == ["a", "t", "s"])
        #expect(root["a"]?.text == "xAé")
        let table = try #require(root["t"]?.table)
        #expect(table.keys == ["n", "r", "b", "d", "l"])
        #expect(table["n"]?.integer == -3 && table["n"]?.place == TOMLPlace(line: 3, column: 1))
        #expect(table["r"]?.value == .real(1.5) && table["b"]?.boolean == true && table["d"]?.value == .date)
        let list = try #require(table["l"]?.array)
        #expect(list.map(\.place) == [(7, 6), (7, 9), (7, 14)].map { TOMLPlace(line: $0.0, column: $0.1) })
        #expect(list[2].table?["k"]?.place == TOMLPlace(line: 7, column: 15))
        let sections = try #require(root["s"]?.array)
        #expect(sections.count == 2 && sections[0].place.line == 8 && sections[1].place.line == 10)
        #expect(sections[0].table?["quoted key"]?.table?["inner"]?.integer == 1)
    }

    @Test func aNullCharacterIsRefusedWhereverItStands() {
        for text in ["a = 1\n\0b = 2", "a = 1\n# é\0", "a = \"x\0y\""] {
            #expect(error(Array(text.utf8))?.reason == .nul)
        }
        #expect(error(Array("a = 1\n# é\0".utf8))?.place == TOMLPlace(line: 2, column: 4))
    }

    @Test func otherEncodingsAreToldApart() {
        let latin = Array("a = 1\nb = \"".utf8) + [0xE9, 0x22]
        #expect(error(latin) == TOMLError(reason: .notUTF8, place: TOMLPlace(line: 2, column: 6)))
        let wide = "a = 1\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(error(wide)?.reason == .utf16)
        #expect(error([0xFF, 0xFE] + wide)?.reason == .utf16)
        #expect(error([0xFE, 0xFF, 0, 0x61])?.reason == .utf16)
    }

    @Test func errorsOfGrammarHaveAPlaceAndWords() throws {
        let found = try #require(error(Array("a = 1\n[b\n".utf8)))
        #expect(found.place.line == 2)
        guard case .syntax(let words) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(!words.isEmpty)
        #expect(error(Array("a = 1\na = 2".utf8)) != nil)
    }

    @Test func nestingIsBounded() {
        #expect(error(Array(("a = " + String(repeating: "[", count: 100_000)).utf8)) != nil)
        #expect(error(Array((String(repeating: "a.", count: 100_000) + "a = 1").utf8)) != nil)
        #expect(error(Array((String(repeating: "[a.", count: 100_000) + "a]").utf8)) != nil)
    }
}
