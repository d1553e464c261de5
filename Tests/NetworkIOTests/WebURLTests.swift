import Basis
import Testing

@testable import NetworkIO

struct WebURLTests {
    @Test func readsItsParts() throws {
        let url = try WebURL("WSS://Visio.Example.org/conseil/xmpp-websocket?room=a&token=b#part")
        #expect(url.scheme == .wss)
        #expect(url.host == "visio.example.org")
        #expect(url.port == 443)
        #expect(url.target == "/conseil/xmpp-websocket?room=a&token=b")
        #expect(url.authority == "visio.example.org")
        #expect(url.origin == "https://visio.example.org")
        #expect(url.description == "wss://visio.example.org/conseil/xmpp-websocket?…")
        let literal = try WebURL("http://[2001:db8::1]:8080?x")
        #expect(literal.address == IPAddress("2001:db8::1"))
        #expect(literal.port == 8080)
        #expect(literal.target == "/?x")
        #expect(literal.authority == "[2001:db8::1]:8080")
    }

    @Test(arguments: [
        "", "visio.example.org", "ftp://a/", "http://", "http:///x", "http://user@host/", "http://a b/", "http://a:0/",
        "http://a:65536/", "http://a:+1/", "http://[::1", "http://[1.2.3.4]/", "http://é.fr/", "http://.a/",
        "http://a\r\nHost: b/",
    ])
    func refuses(text: String) {
        #expect(throws: NetworkError.self) { try WebURL(text) }
    }

    @Test func resolvesReferences() throws {
        let base = try WebURL("https://a.example/b/c?d")
        #expect(base.resolving("/x?y")?.target == "/x?y")
        #expect(base.resolving("x")?.target == "/b/x")
        #expect(base.resolving("?z")?.target == "/b/c?z")
        #expect(base.resolving("//h.example/p")?.origin == "https://h.example")
        #expect(base.resolving("http://h.example:81/p")?.port == 81)
        #expect(base.resolving("javascript:alert(1)") == nil)
    }

    @Test func survivesMutations() {
        var random = RandomSource(seed: 7)
        let seeds = ["wss://[::1]:443/a?b#c", "https://visio.example.org:8443/http-bind?room=x", "http://a"]
        for round in 0..<4000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let url = try? WebURL(text) { #expect(url.target.hasPrefix("/") && !url.host.isEmpty) }
            _ = try? WebURL("http://a/b").resolving(text)
            var jar = CookieJar()
            if let url = try? WebURL("http://a/b") {
                jar.store(text, from: url)
                _ = jar.header(for: url)
            }
        }
    }

    @Test func cookiesKeepToTheirPlace() throws {
        var jar = CookieJar()
        let page = try WebURL("https://a.example/app/page")
        jar.store("one=1", from: page)
        jar.store("two=2; Path=/; Secure", from: page)
        jar.store("three=3; path=/other", from: page)
        jar.store("no value", from: page)
        #expect(jar.header(for: page) == "one=1; two=2")
        #expect(jar.header(for: try WebURL("wss://a.example/other/x")) == "two=2; three=3")
        #expect(jar.header(for: try WebURL("http://a.example:443/other")) == "three=3")
        #expect(jar.header(for: try WebURL("https://b.example/app/page")) == nil)
        jar.store("one=9", from: page)
        jar.store("two=; Path=/; Max-Age=0", from: page)
        #expect(jar.header(for: page) == "one=9")
        for index in 0..<100 { jar.store("c\(index)=x", from: page) }
        #expect(jar.header(for: page)?.split(separator: ";").count == 32)
    }

    @Test func acceptKeyOfRFC6455() {
        #expect(WebSocketUpgradeHandler.accept(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func tellsTransientFromPermanent() {
        #expect(NetworkError.httpStatus(502, excerpt: "").isTransient)
        #expect(NetworkError.httpStatus(403, excerpt: "").isPermanent)
        #expect(NetworkError.nameResolution(host: "a").isTransient)
        #expect(NetworkError.tls(host: "a", .certificate, detail: "").isPermanent)
    }
}
