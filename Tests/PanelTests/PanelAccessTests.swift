import Basis
import Testing

@testable import Panel

struct PanelAccessTests {
    private static let token = "0123456789abcdef0123456789abcdef"
    private let board = BoardDouble()

    private func status(
        _ method: String, _ target: String, token: String? = nil, isLocal: Bool = false,
        headers: [(name: String, value: String)] = []
    ) throws -> Int {
        let access = PanelAccess(token: token.map { Redacted($0) })
        let router = PanelRouter(listenHost: "0.0.0.0", source: board, access: access)
        var request = PanelRequest(
            method: method, target: target, headers: [("host", "192.0.2.1:8080")] + headers,
            body: Array(#"{"press":"short"}"#.utf8))
        if method == "POST" { request.headers.append(("content-type", "application/json")) }
        switch router.answer(request, isLocal: isLocal) {
        case .respond(let response):
            if response.status == 401 { #expect(response.challenge?.hasPrefix("Bearer") == true) }
            if response.status >= 400 { #expect(response.contentType == "application/problem+json") }
            return response.status
        default: return 200
        }
    }

    private static let seen = ["/screen.png", "/screen.jpg", "/screen.mjpeg", "/api/v1/events", "/api/v1/status"]

    @Test func withoutATokenOthersLookAndPressNothing() throws {
        for path in Self.seen + ["/", "/api/v1/leds", "/healthz"] { #expect(try status("GET", path) == 200) }
        #expect(try status("POST", "/api/v1/buttons/mute") == 403)
        // A token that nobody asked for opens nothing.
        let shown = [(name: "authorization", value: "Bearer \(Self.token)")]
        #expect(try status("POST", "/api/v1/buttons/mute", headers: shown) == 403)
        #expect(board.presses.isEmpty)
    }

    @Test func withATokenOthersNeedIt() throws {
        for path in Self.seen + ["/api/v1/leds", "/api/v1/access", "/nothing"] {
            #expect(try status("GET", path, token: Self.token) == 401)
        }
        #expect(try status("POST", "/api/v1/buttons/mute", token: Self.token) == 401)
        // The page, which asks for it, and what supervises.
        for path in ["/", "/panel.css", "/panel.js", "/icon.svg", "/healthz", "/readyz"] {
            #expect(try status("GET", path, token: Self.token) == 200)
        }
        for wrong in [
            "Bearer", "Bearer ", "Bearer \(Self.token)0", "Bearer \(Self.token.dropLast())", "Basic \(Self.token)",
            Self.token, "Bearer \(Self.token.uppercased())",
        ] {
            let shown = [(name: "authorization", value: wrong)]
            #expect(try status("POST", "/api/v1/buttons/mute", token: Self.token, headers: shown) == 401)
        }
        #expect(board.presses.isEmpty)
        for right in ["Bearer \(Self.token)", "bearer  \(Self.token)"] {
            let shown = [(name: "authorization", value: right)]
            #expect(try status("POST", "/api/v1/buttons/mute", token: Self.token, headers: shown) == 202)
            #expect(try status("GET", "/api/v1/status", token: Self.token, headers: shown) == 200)
        }
        #expect(board.presses.count == 2)
    }

    @Test func theBoxItselfMayDoEverything() throws {
        #expect(try status("POST", "/api/v1/buttons/mute", isLocal: true) == 202)
        #expect(try status("POST", "/api/v1/buttons/mute", token: Self.token, isLocal: true) == 202)
        // What a reverse proxy on the box passes on comes from elsewhere.
        for name in ["x-forwarded-for", "forwarded", "via"] {
            let passed = [(name: name, value: "203.0.113.9")]
            #expect(try status("POST", "/api/v1/buttons/mute", isLocal: true, headers: passed) == 403)
            #expect(try status("GET", "/api/v1/status", token: Self.token, isLocal: true, headers: passed) == 401)
        }
    }

    @Test(arguments: [
        ("secret", "secret", true), ("secres", "secret", false), ("secre", "secret", false),
        ("secretsecret", "secret", false),
        ("", "secret", false), ("", "", false), ("s", "", false),
    ])
    func comparesWholeTokens(shown: String, secret: String, isEqual: Bool) {
        #expect(PanelAccess.isEqual(Array(shown.utf8), Array(secret.utf8)) == isEqual)
    }
}
