import Basis
import Testing

@testable import Jitsi

/// What a browser makes of a config.js (a JavaScript engine with the page's `window.location`), and so do we.
struct ConfigScriptTests {
    private static let room = "https://visio.ville.example:18443/Conseil"

    private func server(_ script: String, room: String = room) throws -> ServerConfiguration {
        ServerConfiguration(roomURL: try RoomURL(room), configScript: script)
    }

    private func script(_ text: String, room: String = room) throws -> ConfigScript {
        ConfigScript(text, page: try RoomURL(room))
    }

    // MARK: Shapes of the field

    @Test func theAddressIsThatOfThePage() throws {
        for script in [FieldScripts.literalThenLocation, FieldScripts.locationOnly] {
            let server = try server(script)
            #expect(server.webSocketURL == "wss://visio.ville.example:18443/xmpp-websocket")
            #expect(server.unknownKeys.isEmpty && server.scriptFailure == nil)
        }
        #expect(try server(FieldScripts.locationOnly).boshURL == "https://visio.ville.example:18443/http-bind")
        #expect(try server(FieldScripts.locationOnly).mucDomain == "conference.old-name.example.org")
    }

    @Test func deletedAndReplacedMembersAreGone() throws {
        let deleted = try server(FieldScripts.deletions)
        #expect(deleted.xmppDomain == "visio.ville.example")
        #expect(deleted.anonymousDomain == nil && deleted.hiddenDomain == nil)
        let replaced = try server(FieldScripts.hostsReplaced)
        #expect(replaced.xmppDomain == "visio.ville.example")
        #expect(replaced.mucDomain == "conference.visio.ville.example")
        #expect(replaced.focus == "focus.visio.ville.example")
        #expect(replaced.anonymousDomain == nil)
        #expect(replaced.boshURL == "https://visio.ville.example:18443/http-bind")
    }

    @Test func variablesAndRegularExpressionsAreUnderstood() throws {
        for script in [FieldScripts.variable, FieldScripts.regularExpression] {
            let server = try server(script)
            #expect(server.mucDomain == "salles.visio.ville.example")
            #expect(server.unknownKeys.isEmpty)
        }
    }

    @Test func boshCanBePreferred() throws {
        let server = try server(FieldScripts.prefersBOSH)
        #expect(server.prefersBOSH)
        #expect(server.boshURL == "https://visio.ville.example:18443/http-bind")
        #expect(try !self.server(FieldScripts.variable).prefersBOSH)
    }

    @Test func packagedAndContainerShapesAreRead() throws {
        let packaged = try server(
            """
            var subdomain = 'mairie.';
            if (subdomain) { subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_') + '.'; }
            /* hosts: { domain: 'wrong' } */
            var config = {
                hosts: {
                    domain: 'meet.example.net', // anonymousdomain: 'no.example.net',
                    "muc": 'conference.' + subdomain + 'meet.example.net',
                },
                bosh: '//visio.example.org/' + subdir + 'http-bind',
                websocket: `wss://visio.example.org/${subdir}xmpp-websocket`,
                channelLastN: -1, resolution: 360, list: ['a', 1, { x: 2 }],
                odd: function () { return { domain: 'x' }; }, hiddenDomain: 'recorder.meet.example.net'
            };
            """, room: "https://visio.example.org/mairie/x")
        #expect(packaged.mucDomain == "conference.mairie.meet.example.net")
        #expect(packaged.boshURL == "https://visio.example.org/mairie/http-bind")
        #expect(packaged.webSocketURL == "wss://visio.example.org/mairie/xmpp-websocket")
        #expect(packaged.focus == "focus.meet.example.net" && packaged.resolution == 360)
        #expect(packaged.hiddenDomain == "recorder.meet.example.net" && packaged.anonymousDomain == nil)
        let container = try server(
            """
            var config = {};
            if (!config.hasOwnProperty('hosts')) config.hosts = {};
            config.hosts.domain = 'first.example';
            config.hosts.domain = 'meet.jitsi'
            config.hosts['muc'] = 'MUC.' + subdomain + 'meet.jitsi';
            config.hosts.anonymousdomain = 'guest.meet.jitsi';
            config.websocket = 'ws://insecure.example/xmpp-websocket';
            config.conferenceRequestUrl = 'https://visio.example.org/' + subdir + 'conference-request/v1';
            """, room: "https://visio.example.org/x")
        #expect(container.xmppDomain == "meet.jitsi" && container.mucDomain == "muc.meet.jitsi")
        #expect(container.anonymousDomain == "guest.meet.jitsi")
        #expect(container.webSocketURLs == ["wss://visio.example.org/xmpp-websocket"])
        #expect(container.unknownKeys == ["websocket"])
        #expect(container.conferenceRequestURL == "https://visio.example.org/conference-request/v1")
    }

    /// Each value is what a JavaScript engine gives.
    @Test(arguments: [
        ("const d = 'x.example'; let { e = d, ...r } = {}; var config = { a: `muc.${e}` }", "muc.x.example"),
        ("const f = (a, ...r) => a + r.length; var config = { a: f('n', 1, 2) };", "n2"),
        ("var config = {}; Object.assign(config, { a: 'y' }, null, { b: 1 });", "y"),
        ("var config = { a: 'x' }; config = { ...config, b: 1 };", "x"),
        ("var config = {}; config.a ??= 'first'; config.a ||= 'second'; config.a &&= config.a + '!'", "first!"),
        ("var config = {}; for (const k of ['p', 'q']) config.a = (config.a || '') + k;", "pq"),
        ("var config = { x: 1, y: 2, a: '' }; for (var k in config) { config.a += k }", "xya"),
        ("var config = {}; try { nothing.x; config.a = 'bad' } catch (e) { config.a = 'caught' }", "caught"),
        ("var config = { a: ((window.location.port === '18443') ? 'yes' : 'no') };", "yes"),
        (
            "switch (location.protocol) { case 'https:': var t = 's'; break; default: t = 'd' } var config = { a: t };",
            "s"
        ),
        ("(function (w) { w.config = { a: this === window ? 'w' : 'u' } })(window);", "w"),
        ("window.config = { a: f() }; function f() { return 'hoisted' }", "hoisted"),
        ("var config = { a: ['b', 'a'].map(x => x.toUpperCase()).join('-') };", "B-A"),
        (
            "var i = 0, s = ''; while (i < 3) { s += i++; if (i == 2) continue; s += ';' } var config = { a: s };",
            "0;12;"
        ),
        ("var config = { a: 'x' + 1 + 2.5 + true + null + undefined + [1, 2] };", "x12.5truenullundefined1,2"),
        ("<!--#include virtual=\"/custom.js\" -->\nvar config = { a: 'x' }\n--> end", "x"),
        ("var config = { a: \"\\u00e9\\x41\\\n\" };", "éA"),
        ("var config = { a: location.pathname + location.hostname };", "/Conseilvisio.ville.example"),
        ("var x = 6, g = 2; var config = { a: '' + x /g/ 1 };", "3"),
        ("var config = { if: 1, a: 'k' }\nconfig.default = 2\n;[1].forEach(function () { config.a += '!' })", "k!"),
        ("class K { m() { return 1 } } var config = { a: typeof nothing + typeof config };", "undefinedundefined"),
    ]) func languageIsThatOfABrowser(text: String, value: String) throws {
        let script = try script(text)
        #expect(script.failure == nil)
        #expect(script["a"] == .string(value))
    }

    // MARK: What is not known

    @Test(arguments: [
        "config.a = navigator.language;",
        "if (document.cookie) { config.a = 'other' }",
        "if (document.cookie) { config = { a: 'other' } }",
        "if (/x/.test('x')) delete config.a;",
        "document.cookie && (config.a = 'other');",
        "fetch('/x').then(r => { config.a = r });",
        "setTimeout(function () { config.a = 'other' }, 5);",
        "extend(config); function extend(c) { if (Date.now() > 5) return; c.a = 'other' }",
        "var o = document.x ? config : {}; o.a = 'other';",
        "config[localStorage.getItem('key')] = 'other';",
        "for (var i = 0; i < screen.width; i++) config.a = i;",
        "switch (navigator.vendor) { case 'x': config.a = 'other' }",
        "try { localStorage.x.y() } catch (e) { config.a = 'other' }",
        "document.x ? Object.assign(config, { a: 'other' }) : 0;",
        "Object.assign(config, JSON.parse(localStorage.getItem('c')));",
        "config = { ...config, ...document.options };",
        "async function f() { config.a = 'other' } f();",
        "[config].forEach(document.change);",
        "var f = function () { config.a = 'other' }; document.listen({ f });",
        "while (document.x) { if (document.y) break; config.a = 'other' }",
        "function f() { throw document.x ? 1 : 2 } if (document.y) f(); config.a = 'other';",
    ]) func whatOnlyABrowserKnowsIsUnknown(text: String) throws {
        let script = try script("var config = { a: 'old' };\n" + text)
        #expect(script["a"] == .unknown)
    }

    @Test func whatIsUnknownSpoilsNothingElse() throws {
        let server = try server(
            """
            var config = { hosts: { domain: 'd.example', muc: 'muc.d.example' }, websocket: 'wss://d.example/ws' };
            if (navigator.userAgent.match(/Mobile/)) { config.resolution = 360; }
            config.locale = document.documentElement.lang;
            """)
        #expect(server.mucDomain == "muc.d.example" && server.webSocketURL == "wss://d.example/ws")
        #expect(server.unknownKeys == ["resolution"])
        #expect(!server.isRoomUnknown)
    }

    @Test(arguments: ["document.domain", "5", "'a b'", "function () {}"]) func aRoomThatIsNotKnownIsNotGuessed(
        value: String
    ) throws {
        let text = "var config = { hosts: { domain: 'd.example', muc: \(value) } };"
        let server = try server(text)
        #expect(server.unknownKeys == ["hosts.muc"])
        #expect(server.isRoomUnknown)
        let overridden = ServerConfiguration(
            roomURL: try RoomURL(Self.room), configScript: text, overrides: ServerOverrides(mucDomain: "muc.d.example"))
        #expect(overridden.mucDomain == "muc.d.example" && !overridden.isRoomUnknown)
    }

    @Test func aScriptThatThrowsKeepsWhatABrowserKeeps() throws {
        let server = try server(
            """
            var config = { hosts: { domain: 'd.example', muc: 'muc.d.example' } };
            config.hosts.focus = unknown + 'x';
            config.hosts.muc = 'other.example';
            """)
        #expect(server.scriptFailure == .thrown(line: 2, message: "ReferenceError: unknown is not defined"))
        #expect(server.mucDomain == "muc.d.example" && !server.isRoomUnknown)
        // Where it threw before there was a configuration, a browser has none.
        let early = try self.server("throw 'no'; var config = { hosts: { muc: 'x.example' } };")
        #expect(early.scriptFailure == .thrown(line: 1, message: "no"))
        #expect(early.isRoomUnknown)
    }

    @Test func whatIsNoScriptIsToldApart() throws {
        #expect(try script("<!DOCTYPE html>\n<html><body>404</body></html>").failure == .webPage)
        #expect(try script("\n<html lang='fr'>").failure == .webPage)
        #expect(try script("<!-- a portal -->\n<HTML><script>var config = {}</script>").failure == .webPage)
        let broken = try server("var config = { hosts: { domain: 'd.example' },\n websocket: ] };")
        #expect(broken.scriptFailure == .syntax(line: 2))
        #expect(broken.isRoomUnknown)
        let empty = try server("// nothing\n")
        #expect(empty.scriptFailure == nil && !empty.isRoomUnknown)
    }

    // MARK: Limits

    @Test(arguments: [
        "while (true) {}", "for (;;) config.a += 'x';", "function f() { return f() } f();",
        "var s = 'x'; for (var i = 0; i < 1e5; i++) s += s;", "var a = []; for (;;) a.push({});",
        "var o = []; o[4e9] = 1;", "var a = []; a[0] = a; config.a = '' + a;",
        "var s = 'ab'.split(''); for (;;) s = s.concat(s);",
    ]) func workAndMemoryAreBounded(text: String) throws {
        let script = try script("var config = { a: 'old' };\n" + text)
        #expect(script.failure == .limit(line: 2))
        #expect(script["a"] == .unknown)
    }

    @Test func nestingAndSizeAreBounded() throws {
        for text in [
            "[(", "{a:", "!", "-", "if(1)", "function f(){", "`${", "a?", "x=>", "a=", "new ", "a**", "(", "f(",
        ] {
            let script = try script("var config = 1; " + String(repeating: text, count: 20_000))
            #expect(script["a"] == .unknown || script.failure == nil)
        }
        #expect(try script(String(repeating: "x", count: ConfigScript.maximumSize + 1)).failure == .tooLarge)
        let sum = Array(repeating: "'x'", count: 1_000).joined(separator: " + ")
        #expect(try script("var config = { a: \(sum), b: 'y' };")["b"] == .string("y"))
        let members = String(repeating: ".a", count: 5_000)
        #expect(try script("var config = { a: {} }; config\(members) = 1").failure != nil)
    }

    /// A name of 200 kB above 2,000 members was once copied into each of their paths.
    @Test func aHugeNameIsKeptOnce() throws {
        let name = String(repeating: "n", count: 200_000)
        let members = (0..<2_000).map { "m\($0): 'v'" }.joined(separator: ", ")
        let script = try script("var config = { '\(name)': { \(members) }, a: 'y' };")
        #expect(script.failure == nil)
        #expect(script["a"] == .string("y"))
    }

    @Test func damagedScriptsNeverTrap() throws {
        let original = Array(
            (FieldScripts.locationOnly + FieldScripts.regularExpression
                + "for (let [k, v] of Object.entries(config)) { config.d = `${k}${v}` + config?.['e']; }").utf8)
        let page = try RoomURL(Self.room)
        var random = RandomSource(seed: 7)
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    Array("{}[]()'\"`$,;:+-=./*\\a1\n\u{1}<!?".utf8).randomElement(using: &random) ?? 0
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let server = ServerConfiguration(roomURL: page, configScript: text)
            #expect(!server.mucDomain.isEmpty)
        }
    }
}
