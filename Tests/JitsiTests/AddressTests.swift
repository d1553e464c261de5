import Basis
import Testing

@testable import Jitsi

struct AddressTests {
    @Test(arguments: [
        ("https://visio.example.org/ConseilMunicipal", "conseilmunicipal"),
        ("https://visio.example.org/Salle%20des%20F%C3%AAtes", "salle%20des%20f%c3%aates"),
        ("https://visio.example.org/Fe\u{302}te", "f%c3%aate"),
        ("https://visio.example.org/mairie/Conseil?jwt=abc#config.x=1", "conseil"),
        ("  https://VISIO.example.org:8443/a(b)c!  ", "abc"),
        ("https://visio.example.org/\u{FF21}\u{FF22}", "ab"),
        ("http://127.0.0.1:8080/room/", "room"),
        // What the address bar of a browser makes of raw blanks.
        ("https://visio.example.org/Salle des f\u{EA}tes", "salle%20des%20f%c3%aates"),
        ("\thttps://visio.example.org/Con\nseil\r\n", "conseil"),
    ])
    func normalisesTheRoom(text: String, expected: String) throws {
        #expect(try RoomURL(text).normalizedRoom == expected)
    }

    @Test(arguments: [
        ("", RoomURLError.empty), ("visio.example.org/x", .unsupportedScheme("")),
        ("http://visio.example.org/x", .unsupportedScheme("http")), ("https:///x", .missingHost),
        ("https://visio.example.org/", .missingRoom), ("https://visio.example.org", .missingRoom),
        ("https://a@visio.example.org/x", .credentialsInAuthority), ("https://visio.example.org:0/x", .invalidPort),
        ("https://visio.example.org:70000/x", .invalidPort), ("https://vi%sio/x", .invalidHost),
        ("https://[::1/x", .invalidHost),
    ])
    func refusesOtherTexts(text: String, error: RoomURLError) {
        #expect(throws: error) { try RoomURL(text) }
    }

    @Test func derivesAddressesWithTenantAndHidesTheToken() throws {
        let url = try RoomURL("https://visio.example.org:8443/Mairie.Nord/Conseil?x=1&jwt=SECRET")
        #expect(url.configURL == "https://visio.example.org:8443/Mairie.Nord/config.js")
        #expect(url.defaultWebSocketURL == "wss://visio.example.org:8443/Mairie.Nord/xmpp-websocket")
        #expect(url.link == "https://visio.example.org:8443/Mairie.Nord/Conseil")
        #expect(url.subdomain == "mairie_nord.")
        #expect(url.jwt?.revealed == "SECRET")
        #expect(!"\(url)".contains("SECRET"))
        let configuration = ServerConfiguration(roomURL: url, configScript: nil)
        #expect(configuration.mucDomain == "conference.mairie_nord.visio.example.org")
        #expect(configuration.roomJID(url) == "conseil@conference.mairie_nord.visio.example.org")
    }

    @Test func remoteTextIsCleanedAndBounded() {
        #expect(RemoteText.name(" A\u{202E}B\u{7}\n\tC ") == "AB C")
        #expect(RemoteText.name(String(repeating: "é", count: 500)).count == 80)
        #expect(RemoteText.chat("a" + String(repeating: "\u{301}", count: 100_000)).unicodeScalars.count <= 16_000)
    }
}
