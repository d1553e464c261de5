import Basis
import Scene
import Testing

@Suite struct SpeakerSelectionTests {
    private func at(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }

    @Test func theFirstToSpeakIsShownAtOnce() {
        var selection = SpeakerSelection()
        #expect(selection.shown == nil && selection.deadline == nil)
        selection.dominates("a", at: at(0))
        #expect(selection.shown == "a" && selection.deadline == nil)
    }

    @Test func aCoughChangesNothing() {
        var selection = SpeakerSelection()
        selection.dominates("a", at: at(0))
        selection.dominates("b", at: at(10_000))
        selection.dominates("a", at: at(10_500))
        selection.advance(to: at(20_000))
        #expect(selection.shown == "a" && selection.deadline == nil)
    }

    @Test func whoGoesOnSpeakingIsShownWhenSettled() {
        var selection = SpeakerSelection()
        selection.dominates("a", at: at(0))
        selection.dominates("b", at: at(10_000))
        #expect(selection.deadline == at(10_800))
        selection.advance(to: at(10_799))
        #expect(selection.shown == "a")
        selection.advance(to: at(10_800))
        #expect(selection.shown == "b" && selection.deadline == nil)
    }

    @Test func nobodyIsShownForAnInstantOnly() {
        var selection = SpeakerSelection()
        selection.dominates("a", at: at(0))
        selection.dominates("b", at: at(100))
        #expect(selection.deadline == at(3000))
        selection.advance(to: at(2999))
        #expect(selection.shown == "a")
        selection.dominates("c", at: at(2999))
        #expect(selection.shown == "a" && selection.deadline == at(3799))
        selection.advance(to: at(3799))
        #expect(selection.shown == "c")
    }

    @Test func silenceKeepsWhoeverIsShown() {
        var selection = SpeakerSelection()
        selection.dominates("a", at: at(0))
        selection.dominates(nil, at: at(5000))
        #expect(selection.shown == "a")
    }

    @Test func anEmptyPlaceIsFilledAtOnce() {
        var selection = SpeakerSelection()
        selection.dominates("a", at: at(0))
        selection.dominates("b", at: at(100))
        selection.left("a", at: at(200))
        #expect(selection.shown == "b")
        selection.left("b", at: at(300))
        #expect(selection.shown == nil && selection.deadline == nil)
        selection.dominates("c", at: at(301))
        #expect(selection.shown == "c")
    }

    /// However the facts come, nobody is shown for less than the holding time unless they leave.
    @Test func noSequenceFlickers() {
        var random = RandomSource(seed: 11)
        var selection = SpeakerSelection()
        var time = 0
        var shown: (String, Int)?
        for _ in 0..<5000 {
            time += Int.random(in: 0...1200, using: &random)
            let someone = ["a", "b", "c", "d"][Int.random(in: 0...3, using: &random)]
            selection.dominates(Int.random(in: 0...9, using: &random) == 0 ? nil : someone, at: at(time))
            if let now = selection.shown, now != shown?.0 {
                if let shown { #expect(time - shown.1 >= 3000) }
                shown = (now, time)
            }
        }
    }
}

@Suite struct ChatNoticesTests {
    private func at(_ seconds: Int) -> MonotonicInstant { .zero + .seconds(seconds) }

    @Test func longerMessagesStayLonger() {
        #expect(ChatNotices.time(for: "Oui") == .seconds(5))
        #expect(ChatNotices.time(for: String(repeating: "mot ", count: 30)) > .seconds(8))
        #expect(ChatNotices.time(for: String(repeating: "m", count: 4000)) == .seconds(15))
    }

    @Test func noticesGoAndStayUnread() {
        var notices = ChatNotices()
        for index in 0..<3 {
            notices.receive(ChatMessage(sender: "A", text: "\(index)"), pageIsOpen: false, at: at(index))
        }
        #expect(notices.shown.map(\.text) == ["1", "2"])
        #expect(notices.unreadCount == 3 && notices.deadline == at(6))
        notices.advance(to: at(6))
        #expect(notices.shown.map(\.text) == ["2"])
        notices.advance(to: at(60))
        #expect(notices.shown.isEmpty && notices.deadline == nil && notices.unreadCount == 3)
        notices.read()
        #expect(notices.unreadCount == 0 && notices.messages.count == 3)
    }

    @Test func anOpenPageReadsAtOnce() {
        var notices = ChatNotices()
        notices.receive(ChatMessage(sender: "A", text: "x"), pageIsOpen: true, at: at(0))
        #expect(notices.unreadCount == 0 && notices.shown.isEmpty && notices.messages.count == 1)
    }

    @Test func memoryIsBounded() {
        var notices = ChatNotices()
        for index in 0..<500 {
            notices.receive(ChatMessage(sender: "A", text: "\(index)"), pageIsOpen: false, at: at(index))
        }
        #expect(notices.messages.count == ChatNotices.mostKept && notices.messages.last?.text == "499")
        #expect(notices.shown.count <= ChatNotices.mostShown)
    }
}
