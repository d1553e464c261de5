import NIOCore
import NIOHTTP1

/// One request on its way, through queue, connection and redirects. Belongs to the loop.
final class HTTPExchange {
    let method: HTTPRequestMethod
    private(set) var url: WebURL
    let body: [UInt8]
    let maximumBody: Int
    private let headers: [HTTPField]
    private let deadline: NIODeadline
    private var redirectsLeft = 3
    private var retriesLeft: Int
    private var completion: (@Sendable (Result<HTTPResponse, NetworkError>) -> Void)?
    private var timer: Scheduled<Void>?
    /// The connection that carries the exchange now; closed when the exchange ends early.
    weak var connection: HTTPConnection?

    init(
        method: HTTPRequestMethod, url: WebURL, headers: [HTTPField], body: [UInt8], maximumBody: Int,
        deadline: NIODeadline, completion: @escaping @Sendable (Result<HTTPResponse, NetworkError>) -> Void
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.maximumBody = maximumBody
        self.deadline = deadline
        self.completion = completion
        // A server may close an idle connection in the very moment it is used again; only safe methods are repeated
        // (RFC 9110 section 9.2.2).
        retriesLeft = method == .get || method == .head ? 1 : 0
    }

    var isFinished: Bool { completion == nil }

    func remainingTime(at now: NIODeadline) -> TimeAmount {
        max(deadline - now, .milliseconds(1))
    }

    func startTimer(on eventLoop: any EventLoop) {
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.timeOut() ?? ()
        }
    }

    private func timeOut() {
        finish(.failure(.timeout(host: url.host)))
    }

    /// Hands the result over, once; later results are of no interest.
    func finish(_ result: Result<HTTPResponse, NetworkError>) {
        guard let completion else { return }
        self.completion = nil
        timer?.cancel()
        timer = nil
        if case .failure = result { connection?.abort() }
        connection = nil
        completion(result)
    }

    /// Whether the exchange may be tried once more after a reused connection turned out dead.
    func takeRetry() -> Bool {
        guard retriesLeft > 0, !isFinished else { return false }
        retriesLeft -= 1
        return true
    }

    enum RedirectVerdict {
        case deliver, follow, fail(NetworkError)
    }

    /// Follows a redirect of a GET (RFC 9110 section 15.4), never from https to http.
    func redirect(status: Int, location: String?) -> RedirectVerdict {
        guard method == .get, [301, 302, 303, 307, 308].contains(status), let location else { return .deliver }
        guard redirectsLeft > 0 else { return .fail(.tooManyRedirects) }
        guard let next = url.resolving(location), !next.scheme.isWebSocket else {
            return .fail(.protocolViolation("redirect to an unusable place"))
        }
        guard next.scheme.isSecure || !url.scheme.isSecure else {
            return .fail(.protocolViolation("redirect from https to http"))
        }
        redirectsLeft -= 1
        crossedOrigin = crossedOrigin || next.origin != url.origin
        url = next
        return .follow
    }

    private var crossedOrigin = false

    func head(cookie: String?) -> HTTPRequestHead {
        var fields = HTTPHeaders()
        fields.add(name: "Host", value: url.authority)
        for field in headers where !crossedOrigin || field.name.lowercased() != "authorization" {
            fields.add(name: field.name, value: field.value)
        }
        if let cookie { fields.add(name: "Cookie", value: cookie) }
        if !body.isEmpty || method == .post || method == .put {
            fields.replaceOrAdd(name: "Content-Length", value: String(body.count))
        }
        return HTTPRequestHead(
            version: .http1_1, method: NIOHTTP1.HTTPMethod(rawValue: method.rawValue), uri: url.target, headers: fields)
    }
}
