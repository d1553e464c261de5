import Basis
import Testing

@testable import Panel

@Suite struct PanelJournalTests {
    private func status(
        _ state: String, room: String? = nil, people: [(id: String, name: String, hand: Bool)] = [],
        muted: Bool = false, recording: Bool = false, faults: [String] = [], isConnected: Bool = true,
        volume: Int = 50, message: String? = nil, interrupted: Bool = false, movedTo: String? = nil,
        number: Int? = nil
    ) -> JSONValue {
        [
            "state": .string(state), "room": room.map { ["label": .string($0)] } ?? nil,
            "people": .array(
                people.map { ["id": .string($0.id), "name": .string($0.name), "hand": .bool($0.hand)] }),
            "microphone_muted": .bool(muted), "camera_on": true, "hand_raised": false, "recording": .bool(recording),
            "faults": .array(
                faults.map { ["code": "x", "text": .string($0), "number": number.map { JSONValue($0) } ?? nil] }),
            "interrupted": .bool(interrupted), "moved_to": movedTo.map { .string($0) } ?? nil,
            "display": ["connected": .bool(isConnected), "name": "", "connector": "HDMI-A-1"],
            "volume": JSONValue(volume), "message": message.map { .string($0) } ?? nil,
            "busy": .bool(["joining", "in-call", "leaving"].contains(state)),
        ]
    }

    private func tell(_ journal: inout PanelJournal, _ status: JSONValue, at now: Int64 = 5) -> [String] {
        journal.note("status", status, at: now).new.map { "\($0.kind.rawValue) \($0.subject)" }
    }

    @Test func tellsTheLifeOfAMeeting() {
        var journal = PanelJournal(startedAt: 1)
        #expect(tell(&journal, status("starting")) == [])
        #expect(tell(&journal, status("idle")) == [])
        #expect(
            tell(&journal, status("joining", room: "Conseil", muted: true)) == ["joining Conseil", "microphone-off "])
        #expect(tell(&journal, status("in-call", room: "Conseil", muted: true)) == ["joined Conseil"])
        let people = [("b", "Zoé", false), ("a", "Camille", false)]
        #expect(
            tell(&journal, status("in-call", room: "Conseil", people: people))
                == ["arrived Camille", "arrived Zoé", "microphone-on "])
        let hands = [("a", "Camille", true)]
        #expect(
            tell(&journal, status("in-call", room: "Conseil", people: hands, recording: true))
                == ["departed Zoé", "their-hand Camille", "recording-on "])
        #expect(tell(&journal, status("in-call", room: "Conseil", people: hands, recording: true)) == [])
        #expect(tell(&journal, status("joining", room: "Conseil")) == ["reconnecting Conseil"])
        #expect(tell(&journal, status("in-call", room: "Conseil", people: hands)) == ["joined Conseil"])
        #expect(tell(&journal, status("leaving")) == ["left Conseil"])
        #expect(journal.entries.contains { $0.subject == "Camille" })
        let end = journal.note("status", status("idle", message: "Au revoir"), at: 6)
        #expect(end.new == [.init(at: 6, kind: .message, subject: "Au revoir")])
        #expect(end.isRewritten && journal.entries.filter { $0.kind == .arrived }.count == 2)
        #expect(!journal.entries.contains { ["Camille", "Zoé"].contains($0.subject) }, "names go with the meeting")
    }

    @Test func tellsOfPressesFaultsAndDevices() {
        var journal = PanelJournal(startedAt: 1)
        _ = tell(&journal, status("idle"))
        let long = journal.note("button", ["name": "hand", "press": "long"], at: 9).new
        #expect(long == [.init(at: 9, kind: .held, subject: "hand")])
        #expect(journal.note("button", ["name": "mute", "press": "short"], at: 9).new.map(\.kind) == [.pressed])
        #expect(journal.note("button", [:], at: 9).new.isEmpty)
        #expect(journal.note("leds", ["mute": "red"], at: 9).new.isEmpty)
        #expect(tell(&journal, status("joining", room: "Conseil")) == ["joining Conseil"])
        #expect(tell(&journal, status("idle", faults: ["no camera"])) == ["cancelled ", "fault no camera"])
        #expect(tell(&journal, status("idle")) == ["fault-over no camera"])
        #expect(tell(&journal, status("idle", isConnected: false)) == ["no-television "])
        #expect(tell(&journal, status("idle")) == ["television HDMI-A-1"])
    }

    @Test func aFailureToJoinIsToldOnceAndEndsUnmended() {
        var journal = PanelJournal(startedAt: 1)
        _ = tell(&journal, status("joining", room: "Conseil"))
        #expect(
            tell(&journal, status("joining", room: "Conseil", faults: ["no server"], number: 21)) == ["fault no server"]
        )
        #expect(tell(&journal, status("joining", room: "Conseil", faults: ["no server"], number: 21)) == [])
        #expect(tell(&journal, status("idle")) == ["cancelled "])
    }

    @Test func aCutLineAndAMoveAreNoLoss() {
        var journal = PanelJournal(startedAt: 1)
        _ = tell(&journal, status("in-call", room: "Conseil"))
        #expect(tell(&journal, status("in-call", room: "Conseil", interrupted: true)) == ["line-cut "])
        #expect(tell(&journal, status("in-call", room: "Conseil")) == ["line-back "])
        #expect(tell(&journal, status("joining", room: "Conseil", movedTo: "Groupe 1")) == ["moving Groupe 1"])
        #expect(tell(&journal, status("in-call", room: "Conseil")) == ["joined Conseil"])
    }

    @Test func aTurnedKnobMakesOneLine() {
        var journal = PanelJournal(startedAt: 1)
        _ = tell(&journal, status("idle"))
        for volume in 51...60 { _ = tell(&journal, status("idle", volume: volume)) }
        #expect(journal.entries.map(\.kind) == [.started, .volume] && journal.entries.last?.subject == "60")
    }

    @Test func holdsTheLatestOnly() {
        var journal = PanelJournal(startedAt: 1)
        for number in 0..<500 {
            _ = journal.note("button", ["name": .string("b\(number)"), "press": "short"], at: Int64(number))
        }
        #expect(journal.entries.count == PanelJournal.maximumEntries && journal.entries.last?.subject == "b499")
    }

    @Test func takesAnyStatus() {
        var journal = PanelJournal(startedAt: 1)
        for value: JSONValue in [
            nil, [], "x", ["state": 3], ["state": "in-call", "people": "x"],
            ["state": "in-call", "people": [nil, 1, [:]]],
            ["faults": [["text": 1]], "display": "x", "room": [:], "volume": "loud", "busy": true],
        ] {
            _ = journal.note("status", value, at: 2)
        }
        #expect(journal.entries.map(\.kind) == [.started, .joined])
    }

    /// The page finds the sentence of an entry, of a phase and of a lamp by its name.
    @Test func everyEntryHasItsSentence() {
        let names = Set(PanelText.allCases.map(\.rawValue))
        for kind in PanelJournal.Kind.allCases { #expect(names.contains("entry.\(kind.rawValue)")) }
        for state in ["starting", "idle", "joining", "in-call", "leaving", "fault"] {
            #expect(names.contains("phase.\(state)"))
        }
        for colour in ["off", "white", "green", "blue", "red", "yellow", "orange"] {
            #expect(names.contains("colour.\(colour)"))
        }
        for pattern in ["steady", "dim", "breathing", "blink-1hz", "blink-2hz", "flashes"] {
            #expect(names.contains("pattern.\(pattern)"))
        }
    }

    /// The page looks for `button.NAME`, for `button.join` and `button.preset` where a number follows.
    @Test func everyButtonOfABoardHasItsWords() {
        let names = Set(PanelText.allCases.map(\.rawValue))
        for button in [
            "join", "mute", "hang-up", "camera", "hand", "layout", "volume-up", "volume-down", "preset",
        ] {
            #expect(names.contains("button.\(button)"))
        }
        let page = PanelPage.document(buttons: ["preset-1"], language: .french)
        #expect(page.contains("Cadrage"))
    }

    @Test func everyTextIsThereInBothLanguages() {
        for text in PanelText.allCases {
            for language in PanelLanguage.allCases {
                let words = text[language]
                #expect(!words.isEmpty)
                // They stand in the document as they are.
                #expect(!words.contains { "<>&\"".contains($0) })
            }
            #expect(text.french.contains("{subject}") == text.english.contains("{subject}"))
        }
        let same = PanelText.allCases.filter { $0.french == $0.english }.map(\.rawValue)
        let allowed: Set = [
            "participants", "colour.orange", "entry.message", "milliseconds", "kilobits", "people",
            "journal", "volume",
        ]
        #expect(Set(same).isSubset(of: allowed))
    }
}
