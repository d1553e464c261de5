import Testing

@testable import ICalendar

@Suite struct MeetingLinksTests {
    @Test(arguments: [
        ("« https://v.example/Conseil »", ["https://v.example/Conseil"]),
        ("(https://v.example/Conseil).", ["https://v.example/Conseil"]),
        ("“https://v.example/Conseil”", ["https://v.example/Conseil"]),
        ("https://v.example/Conseil\u{2060}", ["https://v.example/Conseil"]),
        ("&lt;a href=&#34;https://v.example/Conseil&#x22;&gt;", ["https://v.example/Conseil"]),
        ("https://v.example/Conseil?a=1&amp;b=2", ["https://v.example/Conseil?a=1&b=2"]),
        ("JITSI-MEET://v.example/Conseil", ["https://v.example/Conseil"]),
        ("org.jitsi.meet://v.example/Conseil", ["https://v.example/Conseil"]),
        (
            "https://www.google.com/url?q=https%3A%2F%2Fv.example%2FConseil&sa=D",
            ["https://www.google.com/url?q=https%3A%2F%2Fv.example%2FConseil&sa=D", "https://v.example/Conseil"]
        ),
        ("https://v.example/a?url=%zz", ["https://v.example/a?url=%zz"]), ("AT&T & co; https:/x", []), ("&#xD800;", []),
    ])
    func addressesInRunningText(text: String, links: [String]) {
        #expect(MeetingLinks.find(in: text) == links)
    }

    @Test func aPlaceNeedsNoScheme() {
        #expect(MeetingLinks.find(in: "v.example/Conseil", isPlace: true) == ["https://v.example/Conseil"])
        #expect(MeetingLinks.find(in: "v.example/Conseil").isEmpty)
    }

    @Test func thereIsAnEndToThem() {
        let many = String(repeating: "https://x.example/?url=https://y.example/z ", count: 1_000)
        #expect(MeetingLinks.find(in: many).count == 20)
    }
}
