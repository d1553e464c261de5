import Basis
internal import Devices

/// From a request to what is done with it: all the rules of the panel's interface, without a socket.
struct PanelRouter: Sendable {
    /// Longer bodies are refused.
    static let maximumBody = 4096
    private static let json = "application/json"

    /// The host part of the listen address, in lower case.
    let listenHost: String
    let source: any PanelSource
    var access = PanelAccess()

    /// - Parameter isLocal: whether the request comes from this machine itself.
    func answer(_ request: PanelRequest, isLocal: Bool = true) -> PanelAnswer {
        do throws(PanelProblem) {
            try check(request)
            let role = access.role(of: request, isLocal: isLocal)
            if role == .stranger, !Self.isOpen(request.path) { throw .unauthorized }
            return try route(request, role)
        } catch {
            return .respond(error.response)
        }
    }

    // MARK: Who asks

    private func check(_ request: PanelRequest) throws(PanelProblem) {
        guard let host = request.header("host") else { throw .badRequest("Exactly one Host header is needed.") }
        // A page of a hostile site that rebinds its name to our address still sends its own name.
        guard isOurs(host: host) else { throw .unknownHost }
        guard request.target.hasPrefix("/") else { throw .badRequest("The target must be a path.") }
        if request.method != "GET", request.method != "HEAD", request.has("origin") {
            guard let origin = request.header("origin"), Self.authority(ofOrigin: origin) == host.lowercased() else {
                throw .crossOrigin
            }
        }
    }

    func isOurs(host: String) -> Bool {
        guard let name = Self.hostName(host) else { return false }
        return name == "localhost" || name == listenHost || IPAddress(name) != nil
    }

    /// The lower-case name or bare address of a Host header; nil when it is malformed.
    static func hostName(_ host: String) -> String? {
        guard host.utf8.count <= 255 else { return nil }
        let name: Substring
        let rest: Substring
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            name = host[host.index(after: host.startIndex)..<end]
            rest = host[host.index(after: end)...]
            guard IPAddress(String(name))?.isV6 == true else { return nil }
        } else {
            name = host.prefix { $0 != ":" }
            rest = host[name.endIndex...]
        }
        guard !name.isEmpty else { return nil }
        guard rest.isEmpty || rest.first == ":" && UInt16(rest.dropFirst()) != nil else { return nil }
        return name.lowercased()
    }

    private static func authority(ofOrigin origin: String) -> String? {
        let text = origin.lowercased()
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            return String(text.dropFirst(scheme.count))
        }
        return nil
    }

    /// What says nothing of the room: the page, which asks for the token, and what supervises.
    private static func isOpen(_ path: String) -> Bool {
        ["/", "/panel.css", "/panel.js", "/icon.svg", "/healthz", "/readyz"].contains(path)
    }

    // MARK: What is asked

    private func route(_ request: PanelRequest, _ role: PanelRole) throws(PanelProblem) -> PanelAnswer {
        let prefix = "/api/v1/buttons/"
        if request.path.hasPrefix(prefix) {
            guard request.method == "POST" else { throw .methodNotAllowed(allow: "POST") }
            guard role == .operator else { throw .readOnly }
            let name = PercentEncoding.decode(String(request.path.dropFirst(prefix.count)))
            return .respond(try press(name, request))
        }
        guard let answer = page(request, role) else { throw .notFound }
        guard request.method == "GET" || request.method == "HEAD" else { throw .methodNotAllowed(allow: "GET, HEAD") }
        return try answer()
    }

    private func page(_ request: PanelRequest, _ role: PanelRole) -> (() throws(PanelProblem) -> PanelAnswer)? {
        switch request.path {
        case "/": return { .respond(document(request)) }
        case "/panel.css": return { .respond(text(PanelPage.style, type: "text/css; charset=utf-8")) }
        case "/panel.js": return { .respond(text(PanelPage.script, type: "text/javascript; charset=utf-8")) }
        case "/icon.svg": return { .respond(text(PanelPage.icon, type: "image/svg+xml")) }
        case "/screen.png": return { .screenPNG }
        case "/screen.jpg": return { .screenJPEG }
        case "/screen.mjpeg": return { .screenMJPEG }
        case "/api/v1/events": return { .events }
        case "/api/v1/access":
            let access: JSONValue = ["role": .string(role.rawValue)]
            return { .respond(text(access.serialized(), type: Self.json)) }
        case "/api/v1/status": return { .respond(text(source.status().serialized(), type: Self.json)) }
        case "/api/v1/leds": return { .respond(text(source.leds().serialized(), type: Self.json)) }
        case "/healthz": return { .respond(text("ok\n", type: "text/plain; charset=utf-8")) }
        case "/readyz":
            return { () throws(PanelProblem) in
                guard source.isReady else { throw .notReady }
                return .respond(text("ready\n", type: "text/plain; charset=utf-8"))
            }
        default: return nil
        }
    }

    private func document(_ request: PanelRequest) -> PanelResponse {
        let language = PanelLanguage.chosen(
            asked: request.query("lang"), accepted: request.header("accept-language"),
            box: source.status()["language"]?.string)
        var response = text(
            PanelPage.document(buttons: source.buttonNames(), language: language), type: "text/html; charset=utf-8")
        response.language = language
        return response
    }

    private func press(_ name: String, _ request: PanelRequest) throws(PanelProblem) -> PanelResponse {
        guard source.buttonNames().contains(name) else { throw .unknownButton }
        let type = request.header("content-type")?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == Self.json else { throw .unsupportedMediaType }
        guard request.body.count <= Self.maximumBody else { throw .tooLarge(limit: Self.maximumBody) }
        let parsed = try? JSONReader.parse(request.body, maximumSize: Self.maximumBody, maximumDepth: 8)
        guard let body = parsed else { throw .malformedJSON }
        // Nobody starts the box anew from afar.
        guard let press = body["press"]?.string.flatMap(ButtonPress.init(rawValue:)), press != .veryLong else {
            throw .invalidPress
        }
        guard source.press(name, press) == .accepted else { throw .unknownButton }
        let answer: JSONValue = ["button": .string(name), "press": .string(press.rawValue)]
        return text(answer.serialized(), type: Self.json, status: 202)
    }

    private func text(_ text: String, type: String, status: Int = 200) -> PanelResponse {
        PanelResponse(status: status, contentType: type, body: Array(text.utf8))
    }
}
