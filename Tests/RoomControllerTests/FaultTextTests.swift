import HostFiles
import Room
import Scene
import Testing

@testable import RoomController

@Suite struct FaultTextTests {
    /// Whatever the number, there is something to read and something to do, in both languages.
    @Test(arguments: RoomFault.allCases)
    func everyFaultHasASentenceAndAnAction(fault: RoomFault) {
        let french = FaultText.fault(fault, .french)
        let english = FaultText.fault(fault, .english)
        for text in [french.sentence, french.action, english.sentence, english.action] {
            #expect(text.count > 10 && text.hasSuffix(".") && !text.contains("'"), "\(text)")
        }
        #expect(french.sentence != english.sentence && french.action != english.action)
        #expect((10...99).contains(fault.rawValue))
    }

    @Test func numbersAndSentencesTellFaultsApart() {
        #expect(Set(RoomFault.allCases.map(\.rawValue)).count == RoomFault.allCases.count)
        for language in Language.allCases {
            let sentences = RoomFault.allCases.map { FaultText.fault($0, language).sentence }
            #expect(Set(sentences).count == sentences.count)
        }
    }

    @Test(arguments: ["incidents.md", "incidents.fr.md"])
    func everyNumberIsInTheManual(name: String) throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let text = try TextFile.read("\(root)/docs/operating/\(name)")
        let isFrench = name.contains(".fr.")
        for fault in RoomFault.allCases {
            let sentence = FaultText.fault(fault, isFrench ? .french : .english).sentence
            let words = sentence.prefix { $0 != "." && $0 != ":" && $0 != "\u{A0}" }
            let plain = String(words.map { $0 == "’" ? "'" : $0 })
            #expect(text.contains("| \(fault.rawValue) | \(plain)"), "\(fault.rawValue) \(plain)")
        }
    }

    @Test func anEndHasItsWords() {
        for reason in [LeaveReason.kicked, .roomClosed, .hungUp] {
            for language in Language.allCases {
                #expect(!FaultText.ended(reason, language).sentence.isEmpty)
                #expect(!FaultText.ended(reason, language).action.isEmpty)
            }
        }
    }
}
