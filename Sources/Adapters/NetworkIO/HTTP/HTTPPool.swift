package import NIOCore
import NIOHTTP1

/// The HTTP connections, a few per origin; requests to one origin start in the order they were made. Belongs to the loop.
///
/// BOSH holds one request open while it sends the next (XEP-0124 section 11), and a conference request must not wait for
/// either: hence four.
final class HTTPPool {
    private static let maximumPerOrigin = 4
    private static let idleTime = TimeAmount.seconds(25)

    private struct Lane {
        var waiting: [HTTPExchange] = []
        var idle: [HTTPConnection] = []
        var connecting = 0
        var all: [ObjectIdentifier: HTTPConnection] = [:]
    }

    private let eventLoop: any EventLoop
    private var lanes: [String: Lane] = [:]
    private var isClosed = false

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func submit(_ exchange: HTTPExchange, context: NetworkContext) {
        guard !isClosed else { return exchange.finish(.failure(.closed)) }
        let key = exchange.url.origin
        lanes[key, default: Lane()].waiting.append(exchange)
        serve(key, context)
    }

    private func serve(_ key: String, _ context: NetworkContext) {
        while !isClosed, var lane = lanes[key] {
            lane.waiting.removeAll { $0.isFinished }
            guard let next = lane.waiting.first else {
                lanes[key] = lane.all.isEmpty && lane.connecting == 0 ? nil : lane
                return
            }
            if let connection = lane.idle.popLast() {
                lane.waiting.removeFirst()
                lanes[key] = lane
                guard connection.channel.isActive else {
                    lanes[key]?.waiting.insert(next, at: 0)
                    continue
                }
                connection.carry(next, cookie: context.cookies.value.header(for: next.url))
            } else if lane.connecting < lane.waiting.count, lane.all.count + lane.connecting < Self.maximumPerOrigin {
                lane.connecting += 1
                lanes[key] = lane
                connect(key, next, context)
            } else {
                lanes[key] = lane
                return
            }
        }
    }

    private func connect(_ key: String, _ exchange: HTTPExchange, _ context: NetworkContext) {
        let url = exchange.url
        let timeout = min(exchange.remainingTime(at: eventLoop.now), .seconds(15))
        let opening = context.open(url, timeout: timeout) { channel in
            try channel.pipeline.syncOperations.addHTTPClient(leftOverBytes: .dropBytes)
            try channel.pipeline.syncOperations.addHandler(HTTPConnection(channel: channel))
        }
        // The context lives as long as the attempt: it is what completes the waiting requests.
        opening.assumeIsolated().whenComplete { [self] result in
            lanes[key]?.connecting -= 1
            do {
                let channel = try result.get()
                let connection = try channel.pipeline.syncOperations.handler(type: HTTPConnection.self)
                admit(connection, key, context)
            } catch {
                let waiting = lanes[key]?.waiting.isEmpty == false ? lanes[key]?.waiting.removeFirst() : nil
                waiting?.finish(.failure(NetworkError(error, host: url.host)))
            }
            serve(key, context)
        }
    }

    private func admit(_ connection: HTTPConnection, _ key: String, _ context: NetworkContext) {
        guard !isClosed else { return connection.abort() }
        lanes[key, default: Lane()].all[ObjectIdentifier(connection)] = connection
        lanes[key]?.idle.append(connection)
        connection.attach(
            HTTPConnection.Outlet(
                answered: { [unowned self] connection, exchange, response, isReusable in
                    if isReusable { park(connection, key) } else { lanes[key]?.all[ObjectIdentifier(connection)] = nil }
                    settle(exchange, response, context)
                    serve(key, context)
                },
                lost: { [unowned self] connection, exchange, error, isStale in
                    lanes[key]?.all[ObjectIdentifier(connection)] = nil
                    lanes[key]?.idle.removeAll { $0 === connection }
                    if let exchange {
                        if isStale, exchange.takeRetry() {
                            submit(exchange, context: context)
                        } else {
                            exchange.finish(.failure(error))
                        }
                    }
                    serve(key, context)
                }))
    }

    private func park(_ connection: HTTPConnection, _ key: String) {
        lanes[key]?.idle.append(connection)
        let parked = connection.park()
        eventLoop.assumeIsolated().scheduleTask(in: Self.idleTime) { [weak self, weak connection] in
            guard let self, let connection, connection.isParked(parked) else { return }
            lanes[key]?.idle.removeAll { $0 === connection }
            connection.abort()
        }
    }

    private func settle(_ exchange: HTTPExchange, _ response: HTTPResponse, _ context: NetworkContext) {
        for field in response.headers where field.name.lowercased() == "set-cookie" {
            context.cookies.value.store(field.value, from: response.url)
        }
        switch exchange.redirect(status: response.status, location: response.header("location")) {
        case .deliver: exchange.finish(.success(response))
        case .fail(let error): exchange.finish(.failure(error))
        case .follow: submit(exchange, context: context)
        }
    }

    /// Closes every connection; what they carry fails, and what waits gets a new one.
    func abandonConnections() {
        for lane in lanes.values {
            for connection in lane.all.values { connection.abort() }
        }
    }

    func close() {
        isClosed = true
        let ending = lanes.values
        lanes = [:]
        for lane in ending {
            for exchange in lane.waiting { exchange.finish(.failure(.closed)) }
            for connection in lane.all.values { connection.abandon(.closed) }
        }
    }
}

extension ChannelPipeline.SynchronousOperations {
    /// HTTP/1.1 as a client, with bounded headers.
    ///
    /// - Parameter leftOverBytes: what the decoder does with bytes after an upgrade when it leaves.
    func addHTTPClient(leftOverBytes: RemoveAfterUpgradeStrategy) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 100
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: leftOverBytes, informationalResponseStrategy: .drop, limitConfiguration: limits)
        try addHandler(HTTPRequestEncoder(), name: HandlerName.encoder)
        try addHandler(ByteToMessageHandler(decoder), name: HandlerName.decoder)
        try addHandler(NIOHTTPRequestHeadersValidator(), name: HandlerName.validator)
    }
}

/// The names under which the HTTP handlers can be removed after an upgrade.
enum HandlerName {
    static let encoder = "http-request-encoder"
    static let decoder = "http-response-decoder"
    static let validator = "http-headers-validator"
}

extension NetworkContext {
    /// Sends one request over a kept-alive connection and gives the whole answer, whatever its status.
    ///
    /// - Parameters:
    ///   - timeout: for everything, from the name lookup to the last byte.
    ///   - maximumBody: a longer answer is an error.
    ///   - completion: called once, on the loop.
    package func request(
        method: HTTPRequestMethod = .get, url: String, headers: [HTTPField] = [], body: [UInt8] = [],
        timeout: TimeAmount = .seconds(20), maximumBody: Int = 1 << 20,
        completion: @escaping @Sendable (Result<HTTPResponse, NetworkError>) -> Void
    ) {
        eventLoop.onLoop { [self] in
            do throws(NetworkError) {
                let parsed = try WebURL(url)
                guard !parsed.scheme.isWebSocket else { throw .invalidURL("not http") }
                let exchange = HTTPExchange(
                    method: method, url: parsed, headers: headers, body: body, maximumBody: maximumBody,
                    deadline: eventLoop.now + timeout, completion: completion)
                exchange.startTimer(on: eventLoop)
                pool.value.submit(exchange, context: self)
            } catch {
                completion(.failure(error))
            }
        }
    }
}
