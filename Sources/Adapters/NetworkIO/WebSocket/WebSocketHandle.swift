package import NIOCore
import NIOHTTP1

/// How a WebSocket ended.
package enum WebSocketEnd: Equatable, Sendable {
    /// By the closing handshake (RFC 6455 section 7), of either side. The code is 1005 when the Close frame held none.
    case closed(code: UInt16, reason: String)
    /// Before or without it. A refused upgrade is `NetworkError.httpStatus`.
    case failed(NetworkError)
}

/// The bounds of a WebSocket.
package struct WebSocketLimits: Sendable {
    /// The longest message taken, after reassembly, in bytes. A longer one is passed over.
    package var maximumMessage = 1 << 20
    /// How many bytes may wait for a slow peer before the socket ends as overloaded.
    package var maximumPending = 4 << 20
    package var pingInterval = TimeAmount.seconds(25)
    /// How long the peer may take to answer our Close frame.
    package var closeTimeout = TimeAmount.seconds(5)

    package init() {}
}

/// A WebSocket from the first DNS query to its end. Letting go of the handle does not close the socket.
package final class WebSocketHandle: Sendable {
    private let eventLoop: any EventLoop
    let connection: NIOLoopBoundBox<WebSocketConnection>

    init(eventLoop: any EventLoop, connection: NIOLoopBoundBox<WebSocketConnection>) {
        self.eventLoop = eventLoop
        self.connection = connection
    }

    /// Sends one text message. Before the opening and after the end it is dropped.
    package func send(_ text: String) {
        eventLoop.onLoop { [connection] in connection.value.send(text) }
    }

    /// Starts the closing handshake; `onClose` follows. During the opening it abandons the attempt.
    package func close(code: UInt16 = 1000) {
        eventLoop.onLoop { [connection] in connection.value.close(code: code) }
    }
}

extension NetworkContext {
    /// Opens a WebSocket (RFC 6455) without extensions.
    ///
    /// - Parameters:
    ///   - url: ws or wss; used verbatim.
    ///   - subprotocol: must be echoed by the server.
    ///   - origin: the Origin header, for instance `https://visio.example.org`.
    ///   - timeout: for everything up to the opening: names, TCP, TLS, upgrade.
    ///   - onSkip: called for each text message that was longer than the limit and is lost. The socket goes on.
    ///   - onClose: called exactly once, and nothing after it.
    package func connectWebSocket(
        url: String, subprotocol: String? = nil, origin: String? = nil, timeout: TimeAmount = .seconds(15),
        limits: WebSocketLimits = WebSocketLimits(), onOpen: @escaping @Sendable () -> Void,
        onText: @escaping @Sendable (String) -> Void, onSkip: @escaping @Sendable () -> Void = {},
        onClose: @escaping @Sendable (WebSocketEnd) -> Void
    ) -> WebSocketHandle {
        let connection = WebSocketConnection(
            eventLoop: eventLoop, limits: limits, onOpen: onOpen, onText: onText, onSkip: onSkip,
            onClose: onClose)
        let handle = WebSocketHandle(
            eventLoop: eventLoop, connection: .makeBoxSendingValue(connection, eventLoop: eventLoop))
        // Always later: the caller has the handle before the first callback.
        eventLoop.execute { [self] in
            startWebSocket(handle, url: url, subprotocol: subprotocol, origin: origin, timeout: timeout)
        }
        return handle
    }

    private func startWebSocket(
        _ handle: WebSocketHandle, url: String, subprotocol: String?, origin: String?, timeout: TimeAmount
    ) {
        let connection = handle.connection.value
        do throws(NetworkError) {
            let parsed = try WebURL(url)
            guard parsed.scheme.isWebSocket else { throw .invalidURL("not ws or wss") }
            connection.begin(host: parsed.host, timeout: timeout)
            guard connection.isConnecting else { return }
            let cookie = cookies.value.header(for: parsed)
            open(parsed, timeout: timeout) { [cookies] channel in
                guard handle.connection.value.isConnecting else { throw NetworkError.closed }
                try channel.pipeline.syncOperations.addHTTPClient(leftOverBytes: .forwardBytes)
                let upgrade = WebSocketUpgradeHandler(
                    url: parsed, subprotocol: subprotocol, origin: origin, cookie: cookie,
                    connection: handle.connection.value)
                upgrade.onCookie = { cookies.value.store($0, from: parsed) }
                try channel.pipeline.syncOperations.addHandler(upgrade)
            }.whenFailure { error in
                handle.connection.value.finish(.failed(NetworkError(error, host: parsed.host)))
            }
        } catch {
            connection.finish(.failed(error))
        }
    }
}
