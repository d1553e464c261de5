import Testing

@testable import Jitsi

struct JIDSeparatorTests {
    /// A combining mark behind `@` or `/` is part of what follows, not of the separator.
    @Test func combiningMarksDoNotHideSeparators() {
        let jid = "salle@\u{657}a.example.org/\u{301}nick"
        #expect(JID.local(jid) == "salle")
        #expect(JID.domain(jid) == "\u{657}a.example.org")
        #expect(JID.resource(jid) == "\u{301}nick")
        #expect(JID.bare(jid) == "salle@\u{657}a.example.org")
        #expect(!JID.isBare("salle@example.org/\u{301}"))
    }
}
