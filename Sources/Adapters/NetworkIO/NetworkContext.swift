package import Basis
import Glibc
package import NIOCore
import NIOPosix
import NIOSSL

/// The appliance's way to the network: one event loop, one TLS configuration, one set of cookies and idle connections.
///
/// Everything happens on `eventLoop` and every callback is called there. The methods may be called from anywhere; calls
/// from the loop itself act at once, others are passed to it.
package final class NetworkContext: Sendable {
    package let eventLoop: any EventLoop
    let tls: NIOSSLContext
    let cookies: NIOLoopBoundBox<CookieJar>
    let pool: NIOLoopBoundBox<HTTPPool>
    private let proxy: HTTPProxy?

    /// - Parameters:
    ///   - caFiles: PEM files with certification authorities that are trusted in addition to the system's own. The
    ///     peer's chain and host name are always verified.
    ///   - proxy: through which TCP connections go.
    package init(
        eventLoop: any EventLoop, caFiles: [String] = [], proxy: HTTPProxy? = nil
    ) throws(NetworkError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // The chain; whom the certificate is for is `ServerIdentity`'s.
        configuration.certificateVerification = .noHostnameVerification
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            configuration.additionalTrustRoots = try caFiles.map { path in
                let certificates = try NIOSSLCertificate.fromPEMFile(path)
                guard !certificates.isEmpty else { throw NetworkError.configuration("no certificate in \(path)") }
                return .certificates(certificates)
            }
            tls = try NIOSSLContext(configuration: configuration)
        } catch let error as NetworkError {
            throw error
        } catch {
            throw .configuration("CA files: \(error)")
        }
        self.eventLoop = eventLoop
        self.proxy = proxy
        cookies = .makeBoxSendingValue(CookieJar(), eventLoop: eventLoop)
        pool = .makeBoxSendingValue(HTTPPool(eventLoop: eventLoop), eventLoop: eventLoop)
    }

    /// Ends every HTTP request with `NetworkError.closed` and closes the idle connections. WebSockets and UDP sockets
    /// have their own `close`.
    package func close() {
        eventLoop.onLoop { [pool] in pool.value.close() }
    }

    /// Closes the HTTP connections, whose way may be gone; requests on them fail, later ones take new connections.
    package func abandonConnections() {
        eventLoop.onLoop { [pool] in pool.value.abandonConnections() }
    }

    /// Opens TCP and, where the URL says so, TLS. The future succeeds with the TCP connection; a failed TLS handshake
    /// shows as an error in the pipeline.
    ///
    /// - Parameter configure: adds the handlers that follow TLS; runs on the loop.
    func open(
        _ url: WebURL, timeout: TimeAmount, configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        openStream(
            host: url.host, port: url.port, isSecure: url.scheme.isSecure, timeout: timeout, configure: configure)
    }

    /// Opens TCP and, if wished, TLS with `host` as the name or address that the certificate must hold.
    func openStream(
        host: String, port: UInt16, isSecure: Bool, timeout: TimeAmount = .seconds(10),
        configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let way = proxy.flatMap { $0.serves(host) ? $0 : nil }
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let way {
                        let tunnel = ProxyTunnelHandler(
                            proxy: way, host: host, port: port, timeout: timeout, on: channel.eventLoop)
                        try channel.pipeline.syncOperations.addHandler(tunnel)
                    }
                    if isSecure {
                        let handler = try NIOSSLClientHandler.verifying(host, context: tls)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try configure(channel)
                }
            }
            .connect(host: way?.host ?? host, port: Int(way?.port ?? port))
            .flatMap { channel in
                guard way != nil else { return channel.eventLoop.makeSucceededFuture(channel) }
                do {
                    let tunnel = try channel.pipeline.syncOperations.handler(type: ProxyTunnelHandler.self)
                    return tunnel.opened.map { channel }
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }
    }

    /// The addresses of a host in the resolver's order of preference (RFC 6724), found off the loop.
    package func resolve(
        host: String, completion: @escaping @Sendable (Result<[IPAddress], NetworkError>) -> Void
    ) {
        if let literal = IPAddress(host) {
            eventLoop.onLoop { completion(.success([literal])) }
            return
        }
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { Self.lookUp(host) }.whenComplete { result in
            let addresses = (try? result.get()) ?? []
            completion(addresses.isEmpty ? .failure(.nameResolution(host: host)) : .success(addresses))
        }
    }

    private static func lookUp(_ host: String) -> [IPAddress] {
        guard !host.isEmpty, host.utf8.count <= 253, !host.utf8.contains(0) else { return [] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var cursor = list
        while let entry = cursor?.pointee, addresses.count < 32 {
            if let address = Self.address(of: entry), !addresses.contains(address) { addresses.append(address) }
            cursor = entry.ai_next
        }
        return addresses
    }

    private static func address(of entry: addrinfo) -> IPAddress? {
        guard let raw = UnsafeRawPointer(entry.ai_addr) else { return nil }
        return TransportAddress(kernel: UnsafeRawBufferPointer(start: raw, count: Int(entry.ai_addrlen)))?.address
    }

    /// The host's addresses that can serve as ICE host candidates: no link-local, multicast or unspecified ones, no IPv6
    /// address that is not in force or about to be replaced, and loopback only on demand. In the order of the interfaces,
    /// each once.
    package static func interfaceAddresses(includeLoopback: Bool = false) -> [IPAddress] {
        var addresses: [IPAddress] = []
        let avoided = AddressTable.current().avoided
        for device in (try? System.enumerateDevices()) ?? [] {
            guard let socketAddress = device.address, let address = TransportAddress(socketAddress)?.address,
                !address.isLinkLocal, !avoided.contains(address), includeLoopback || !address.isLoopback,
                !addresses.contains(address)
            else { continue }
            addresses.append(address)
        }
        return addresses
    }
}

extension EventLoop {
    /// Runs `work` now when this is the loop, else passes it to the loop.
    func onLoop(_ work: @escaping @Sendable () -> Void) {
        if inEventLoop { work() } else { execute(work) }
    }
}
