import Basis
import Scene
import Testing

@Suite struct CaptionFeedTests {
    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    private func line(_ text: String, _ speaker: String = "Zoé") -> CaptionLine {
        CaptionLine(speaker: speaker, text: text)
    }

    @Test func growingWordsAreReplacedAndThenStayAsLongAsTheyTakeToRead() {
        var feed = CaptionFeed()
        feed.receive(line("Bonj"), id: "1", isInterim: true, isTranslation: false, at: second(0))
        feed.receive(line("Bonjour à"), id: "1", isInterim: true, isTranslation: false, at: second(1))
        #expect(feed.lines.map(\.text) == ["Bonjour à"])
        feed.receive(line("Bonjour à tous"), id: "1", isInterim: false, isTranslation: false, at: second(2))
        #expect(feed.lines.map(\.text) == ["Bonjour à tous"])
        #expect(feed.deadline == second(5))
        feed.advance(to: second(4))
        #expect(feed.lines.count == 1)
        feed.advance(to: second(5))
        #expect(feed.lines.isEmpty && feed.isOpen)
        #expect(feed.deadline == second(22))
        feed.advance(to: second(22))
        #expect(!feed.isOpen && feed.deadline == nil)
        let long = String(repeating: "mot ", count: 60)
        feed.receive(line(long), id: "2", isInterim: false, isTranslation: false, at: second(30))
        #expect(feed.deadline == second(38))
    }

    @Test func wordsThatNobodyFinishesGoAway() {
        var feed = CaptionFeed()
        feed.receive(line("Et donc"), id: "1", isInterim: true, isTranslation: false, at: second(0))
        feed.advance(to: second(6))
        #expect(feed.lines.isEmpty)
        feed.receive(line("Et donc"), id: "2", isInterim: true, isTranslation: false, at: second(7))
        feed.receive(line(" \u{7}"), id: "2", isInterim: false, isTranslation: false, at: second(8))
        #expect(feed.lines.isEmpty)
    }

    @Test func theLastTwoAreKeptInTheOrderInWhichTheyWereBegun() {
        var feed = CaptionFeed()
        feed.receive(line("Un", "A"), id: "1", isInterim: true, isTranslation: false, at: second(0))
        feed.receive(line("Deux", "B"), id: "2", isInterim: true, isTranslation: false, at: second(0))
        feed.receive(line("Un !", "A"), id: "1", isInterim: false, isTranslation: false, at: second(1))
        #expect(feed.lines.map(\.text) == ["Un !", "Deux"])
        feed.receive(line("Trois", "C"), id: "3", isInterim: true, isTranslation: false, at: second(1))
        #expect(feed.lines.map(\.speaker) == ["B", "C"])
    }

    @Test func withoutIdsASpeakersGrowingLineIsTheOneThatIsMeant() {
        var feed = CaptionFeed()
        feed.receive(line("Oui", "A"), id: "", isInterim: true, isTranslation: false, at: second(0))
        feed.receive(line("Oui, bien sûr", "A"), id: "", isInterim: false, isTranslation: false, at: second(1))
        feed.receive(line("Merci", "A"), id: "", isInterim: false, isTranslation: false, at: second(2))
        #expect(feed.lines.map(\.text) == ["Oui, bien sûr", "Merci"])
    }

    @Test func aTranslationTakesThePlaceOfWhatItTranslates() {
        var feed = CaptionFeed()
        feed.receive(line("Good morning"), id: "1", isInterim: false, isTranslation: false, at: second(0))
        feed.receive(line("Bonjour"), id: "1", isInterim: false, isTranslation: true, at: second(1))
        feed.receive(line("Good morning."), id: "1", isInterim: false, isTranslation: false, at: second(2))
        #expect(feed.lines.map(\.text) == ["Bonjour"])
    }

    @Test func ofALongSpeechTheEndIsKept() throws {
        var feed = CaptionFeed()
        let words = (0..<200).map { "mot\($0)" }.joined(separator: " ")
        feed.receive(line(words), id: "1", isInterim: true, isTranslation: false, at: second(0))
        let text = try #require(feed.lines.first).text
        #expect(text.hasPrefix("… mot") && text.hasSuffix("mot199"))
        #expect(text.count <= CaptionFeed.longest + 2)
        feed.receive(
            line(String(repeating: "话", count: 400)), id: "1", isInterim: true, isTranslation: false, at: second(1))
        #expect(feed.lines.first?.text.count == CaptionFeed.longest + 2)
    }
}
