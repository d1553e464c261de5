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

    @Test func readsTheObjectShape() throws {
        let script = """
            var subdomain = '<!--# echo var="subdomain" -->';
            if (subdomain) { subdomain = subdomain.substr(0, 3) + '.'; }
            /* hosts: { domain: 'wrong' } */
            var config = {
                hosts: {
                    domain: 'meet.example.net', // anonymousdomain: 'no.example.net',
                    "muc": 'conference.' + subdomain + 'meet.example.net',
                },
                bosh: '//visio.example.org/' + subdir + 'http-bind',
                websocket: `wss://visio.example.org/${subdir}xmpp-websocket`,
                channelLastN: -1, resolution: 360, list: ['a', 1, { x: 2 }],
                odd: function () { return { domain: 'x' }; }, ternary: true ? 1 : 2,
                hiddenDomain: 'recorder.meet.example.net'
            };
            """
        let url = try RoomURL("https://visio.example.org/mairie/x")
        let configuration = ServerConfiguration(roomURL: url, configScript: script)
        #expect(configuration.xmppDomain == "meet.example.net")
        #expect(configuration.mucDomain == "conference.mairie.meet.example.net")
        #expect(configuration.boshURL == "https://visio.example.org/mairie/http-bind")
        #expect(configuration.webSocketURL == "wss://visio.example.org/mairie/xmpp-websocket")
        #expect(configuration.focus == "focus.meet.example.net")
        #expect(configuration.hiddenDomain == "recorder.meet.example.net")
        #expect(configuration.anonymousDomain == nil)
        #expect(configuration.resolution == 360)
        #expect(ConfigScript.read(script)["ternary"] == nil)
    }

    @Test func readsTheAssignmentShapeAndLaterLinesWin() throws {
        let script = """
            var config = {};
            if (!config.hasOwnProperty('hosts')) config.hosts = {};
            config.hosts.domain = 'first.example';
            config.hosts.domain = 'meet.jitsi'
            config.hosts['muc'] = 'MUC.' + subdomain + 'meet.jitsi';
            config.hosts.anonymousdomain = 'guest.meet.jitsi';
            config.websocket = 'ws://insecure.example/xmpp-websocket';
            config.hosts.focus = unknown + 'x';
            config.p2p = { enabled: false };
            config.conferenceRequestUrl = 'https://visio.example.org/' + subdir + 'conference-request/v1';
            """
        let url = try RoomURL("https://visio.example.org/x")
        let configuration = ServerConfiguration(roomURL: url, configScript: script)
        #expect(configuration.xmppDomain == "meet.jitsi")
        #expect(configuration.mucDomain == "muc.meet.jitsi")
        #expect(configuration.anonymousDomain == "guest.meet.jitsi")
        #expect(configuration.webSocketURL == nil)
        #expect(configuration.webSocketURLs == ["wss://visio.example.org/xmpp-websocket"])
        #expect(configuration.focus == "focus.meet.jitsi")
        #expect(configuration.conferenceRequestURL == "https://visio.example.org/conference-request/v1")
        #expect(ConfigScript.read(script)["p2p.enabled"] == .bool(false))
        let overridden = ServerConfiguration(
            roomURL: url, configScript: script, overrides: ServerOverrides(xmppDomain: "other.example"))
        #expect(overridden.xmppDomain == "other.example")
    }

    @Test func damagedScriptsNeverTrap() {
        let script = Array(
            "var config = { a: [1, '2', {b: (3)}], 'c': -4 + `x${subdir}`, }; config.d['e'] = \"\\u0041\"".utf8)
        var random = RandomSource(seed: 7)
        for _ in 0..<3000 {
            var bytes = script
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    Array("{}[]()'\"`$,;:+-=./*\\a1\n\u{1}".utf8).randomElement(using: &random) ?? 0
            }
            let values = ConfigScript.read(String(decoding: bytes, as: UTF8.self))
            #expect(values.count <= 20)
        }
        #expect(ConfigScript.read(String(repeating: "config={a:", count: 20_000)).isEmpty)
        #expect(ConfigScript.read("config.a = " + String(repeating: "[(", count: 50_000)).isEmpty)
    }

    @Test func remoteTextIsCleanedAndBounded() {
        #expect(RemoteText.name(" A\u{202E}B\u{7}\n\tC ") == "AB C")
        #expect(RemoteText.name(String(repeating: "é", count: 500)).count == 80)
        #expect(RemoteText.chat("a" + String(repeating: "\u{301}", count: 100_000)).unicodeScalars.count <= 16_000)
    }
}
