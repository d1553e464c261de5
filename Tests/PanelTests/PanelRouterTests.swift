import Basis
import Devices
import Synchronization
import Testing

@testable import Panel

/// A board with four buttons that remembers what was pressed.
final class BoardDouble: PanelSource {
    private let log = Mutex<[String]>([])
    private let pictures = Mutex(0)
    private let picture: [UInt8]?
    private let language: String?
    let isReady: Bool

    init(isReady: Bool = true, picture: [UInt8]? = [0xFF, 0xD8, 0xFF, 0xD9], language: String? = nil) {
        self.isReady = isReady
        self.picture = picture
        self.language = language
    }

    var presses: [String] { log.withLock { $0 } }

    func status() -> JSONValue {
        language.map { ["state": "idle", "language": .string($0)] } ?? ["state": "idle"]
    }
    func leds() -> JSONValue { ["mute": ["colour": "red", "pattern": "steady"]] }
    func buttonNames() -> [String] { ["join-1", "mute", "hang-up", "</script>"] }
    func press(_ name: String, _ press: ButtonPress) -> PressOutcome {
        log.withLock { $0.append("\(name) \(press.rawValue)") }
        return .accepted
    }
    func screenPNG(completion: @escaping @Sendable ([UInt8]?) -> Void) { completion(picture) }
    func watchersChanged(_ count: Int) { log.withLock { $0.append("watched by \(count)") } }
    /// Another picture each time.
    func screenJPEG(completion: @escaping @Sendable (PanelPicture?) -> Void) {
        let number = pictures.withLock { count in
            count += 1
            return count
        }
        completion(picture.map { PanelPicture(number: number, bytes: $0) })
    }
}

struct PanelRouterTests {
    private func request(
        _ method: String, _ target: String, host: String = "127.0.0.1:8080", type: String? = "application/json",
        origin: String? = nil, body: String = ""
    ) -> PanelRequest {
        var request = PanelRequest(method: method, target: target, headers: [("host", host)], body: Array(body.utf8))
        if let type, method == "POST" { request.headers.append(("content-type", type)) }
        if let origin { request.headers.append(("origin", origin)) }
        return request
    }

    private func answer(_ request: PanelRequest, _ board: BoardDouble = BoardDouble()) -> PanelAnswer {
        PanelRouter(listenHost: "panel.example", source: board).answer(request)
    }

    private func response(_ request: PanelRequest, _ board: BoardDouble = BoardDouble()) throws -> PanelResponse {
        guard case .respond(let response) = answer(request, board) else {
            throw PanelProblem.notFound
        }
        return response
    }

    @Test func pressesButtons() throws {
        let board = BoardDouble()
        let short = request("POST", "/api/v1/buttons/mute", body: #"{"press":"short"}"#)
        #expect(try response(short, board).status == 202)
        let long = request(
            "POST", "/api/v1/buttons/join%2D1?x", type: "application/json; charset=utf-8", body: #"{"press":"long"}"#)
        #expect(try response(long, board).status == 202)
        #expect(board.presses == ["mute short", "join-1 long"])
    }

    @Test(arguments: [
        ("GET", "/nothing", "", 404, "not-found"),
        ("POST", "/", "", 405, "method-not-allowed"),
        ("DELETE", "/api/v1/status", "", 405, "method-not-allowed"),
        ("GET", "/api/v1/buttons/mute", "", 405, "method-not-allowed"),
        ("POST", "/api/v1/buttons/eject", #"{"press":"short"}"#, 404, "unknown-button"),
        ("POST", "/api/v1/buttons/mute", "{", 400, "malformed-json"),
        ("POST", "/api/v1/buttons/mute", "", 400, "malformed-json"),
        ("POST", "/api/v1/buttons/mute", "[]", 400, "invalid-press"),
        ("POST", "/api/v1/buttons/mute", #"{"press":"double"}"#, 400, "invalid-press"),
        ("POST", "/api/v1/buttons/mute", String(repeating: " ", count: 4097), 413, "too-large"),
        ("GET", "http://127.0.0.1/", "", 400, "bad-request"),
    ])
    func refuses(method: String, target: String, body: String, status: Int, code: String) throws {
        let board = BoardDouble()
        let response = try response(request(method, target, body: body), board)
        #expect(response.status == status)
        #expect(response.contentType == "application/problem+json")
        let document = try JSONReader.parse(response.body)
        #expect(document["code"] == .string(code))
        #expect(document["status"]?.integer == status)
        #expect(document["title"]?.string != nil && document["detail"]?.string != nil && document["type"] != nil)
        #expect((response.allow != nil) == (status == 405))
        #expect(board.presses.isEmpty)
    }

    @Test func refusesOtherMediaTypes() throws {
        for type in [nil, "text/plain", "application/x-www-form-urlencoded"] {
            let press = request("POST", "/api/v1/buttons/mute", type: type, body: #"{"press":"short"}"#)
            #expect(try response(press).status == 415)
        }
    }

    @Test func refusesForeignHostsAndOrigins() throws {
        for host in ["localhost", "LOCALHOST:80", "192.0.2.7:8080", "[2001:db8::1]:8080", "Panel.Example"] {
            #expect(try response(request("GET", "/healthz", host: host)).status == 200)
        }
        for host in ["evil.example", "panel.example.evil.example:80", "localhost:x", "[::1", "", "127.0.0.1.nip.io"] {
            #expect(try response(request("GET", "/healthz", host: host)).status == 421)
        }
        #expect(try response(PanelRequest(method: "GET", target: "/")).status == 400)
        let body = #"{"press":"short"}"#
        for (origin, status) in [
            ("http://127.0.0.1:8080", 202), ("http://127.0.0.1", 403), ("https://evil.example", 403), ("null", 403),
        ] {
            let press = request("POST", "/api/v1/buttons/mute", origin: origin, body: body)
            #expect(try response(press).status == status)
        }
    }

    @Test func tellsHealthAndReadiness() throws {
        let faulty = BoardDouble(isReady: false)
        #expect(try response(request("GET", "/healthz"), faulty).status == 200)
        #expect(try response(request("GET", "/readyz"), faulty).status == 503)
        #expect(try response(request("GET", "/readyz")).status == 200)
    }

    @Test func knowsTheStreams() {
        #expect(answer(request("GET", "/screen.png?1")) == .screenPNG)
        #expect(answer(request("GET", "/screen.jpg")) == .screenJPEG)
        #expect(answer(request("GET", "/screen.mjpeg")) == .screenMJPEG)
        #expect(answer(request("HEAD", "/api/v1/events")) == .events)
    }

    @Test func pageHoldsTheButtonsSafely() throws {
        let page = try text("/")
        #expect(page.contains(#""buttons":["join-1","mute","hang-up","\u003c/script>"]"#))
        #expect(page.hasPrefix("<!DOCTYPE html>") && !page.contains("{{"))
    }

    /// The policy in the headers forbids what is written inside the document, and everything from elsewhere.
    @Test func pageIsMadeOfItsOwnFilesAlone() throws {
        let page = try text("/")
        #expect(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="))
        #expect(page.ranges(of: "<script").count == 2, "the script and the data for it")
        for path in ["/panel.css", "/panel.js", "/icon.svg"] {
            #expect(page.contains("\"\(path)\""))
            let file = try text(path)
            #expect(!file.isEmpty)
            #expect(file.ranges(of: "://").count == file.ranges(of: "http://www.w3.org/2000/svg").count)
            #expect(!file.contains("innerHTML ="), "names from afar are text")
        }
        #expect(!page.contains("://"))
    }

    @Test(arguments: [
        ("/?lang=en", "fr", "fr", "en"), ("/?lang=fr", "en", nil, "fr"), ("/?lang=de", "en-GB", "fr", "en"),
        ("/", "de, en;q=0.5, fr;q=0.9", "en", "fr"), ("/", "EN-us,en;q=0.9,fr;q=0.8", "fr", "en"),
        ("/", "fr;q=0, en;q=0.1", nil, "en"), ("/", "de", "en", "en"), ("/", "de", "xx", "fr"), ("/", nil, nil, "fr"),
        ("/", ";;q=,,en;q=x,fr ; q=0.2", nil, "fr"),
    ])
    func pageSpeaksTheLanguageOfWhoReadsIt(target: String, accepted: String?, box: String?, expected: String) throws {
        var request = request("GET", target)
        if let accepted { request.headers.append(("accept-language", accepted)) }
        let response = try response(request, BoardDouble(language: box))
        #expect(response.language?.rawValue == expected)
        let page = String(decoding: response.body, as: UTF8.self)
        #expect(page.contains("<html lang=\"\(expected)\">"))
        #expect(page.contains(expected == "fr" ? "L’écran de la salle" : "The room’s screen"))
        #expect(page.contains("href=\"/?lang=\(expected)\"") && page.contains("aria-current=\"page\""))
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try response(request("GET", path)).body, as: UTF8.self)
    }

    @Test func eventsStayOnTheirLines() {
        let event = PanelHub.event("sta\ntus", ["text": "a\nb"])
        #expect(event == "event: status\ndata: {\"text\":\"a\\nb\"}\n\n")
    }

    @Test func readsListenAddresses() {
        #expect(PanelServer.parse("127.0.0.1:8080").map { "\($0)" } == #"(host: "127.0.0.1", port: 8080)"#)
        #expect(PanelServer.parse("[::1]:0")?.host == "::1")
        for text in ["", "8080", "localhost", "localhost:", "localhost:70000", ":80", "[::1]80"] {
            #expect(PanelServer.parse(text) == nil)
        }
    }

    @Test func survivesMutations() {
        var random = RandomSource(seed: 11)
        let targets = ["/api/v1/buttons/mute", "/api/v1/status?x=y", "/screen.png"]
        for round in 0..<3000 {
            var parts = [
                targets[round % 3], "[2001:db8::1]:8080", #"{"press":"short"}"#, "http://127.0.0.1:8080",
            ].map { Array($0.utf8) }
            for index in parts.indices {
                let place = Int.random(in: 0..<parts[index].count, using: &random)
                if Bool.random(using: &random) { parts[index][place] = UInt8.random(in: 0...255, using: &random) }
            }
            let texts = parts.map { String(decoding: $0, as: UTF8.self) }
            let mutated = request(
                round.isMultiple(of: 2) ? "POST" : "GET", texts[0], host: texts[1], origin: texts[3], body: texts[2])
            if case .respond(let response) = answer(mutated) { #expect((200...503).contains(response.status)) }
        }
    }
}
