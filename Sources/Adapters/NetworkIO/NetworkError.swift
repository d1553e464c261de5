import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// What a TLS handshake failed for.
package enum TLSFault: Equatable, Sendable {
    /// The certificate is not trusted, over, not yet valid, or another server's.
    case certificate
    /// The other end closed the connection.
    case hungUp
    /// Not TLS at all, as a portal's plain page, or no common version or cipher.
    case other
}

/// Why something on the network did not work. The texts hold no query strings, hence no passwords and no tokens.
package enum NetworkError: Error, Equatable, Sendable {
    /// A CA file that cannot be read or holds no certificate.
    case configuration(String)
    case invalidURL(String)
    /// DNS has no address for the host, or no DNS server answered.
    case nameResolution(host: String)
    case connect(host: String, detail: String)
    /// The handshake failed; the detail names the cause, for instance the verdict on the certificate.
    case tls(host: String, TLSFault, detail: String)
    case timeout(host: String)
    /// An answer with another status than the protocol at hand needs; the excerpt is the beginning of its body.
    case httpStatus(Int, excerpt: String)
    /// The proxy did not open the way: its status, where it gave one.
    case proxy(host: String, status: Int?, detail: String)
    case tooLarge(limit: Int)
    case tooManyRedirects
    case protocolViolation(String)
    case connectionLost(host: String)
    /// The peer does not take what we send.
    case overloaded(host: String)
    /// Our own side closed the context.
    case closed

    /// Whether the same attempt may succeed later without anybody changing a configuration.
    package var isTransient: Bool {
        switch self {
        case .nameResolution, .connect, .timeout, .connectionLost, .overloaded: true
        case .httpStatus(let status, _): status == 408 || status == 425 || status == 429 || status >= 500
        case .proxy(_, let status, _): status.map { $0 >= 500 } ?? true
        case .tls(_, let fault, _): fault != .certificate
        case .configuration, .invalidURL, .tooLarge, .tooManyRedirects, .protocolViolation, .closed: false
        }
    }

    /// The same, with regard to the clock: while it is not known to be right, a certificate may be refused for a date that
    /// it does not have, and a board without a battery has the right time seconds after its network.
    ///
    /// - Parameter isClockRight: whether somebody keeps the clock right; nil when the kernel does not say.
    package func isTransient(isClockRight: Bool?) -> Bool {
        if case .tls(_, .certificate, _) = self { return isClockRight != true }
        return isTransient
    }

    /// The opposite of `isTransient`: retrying is useless until somebody changes something.
    package var isPermanent: Bool { !isTransient }
}

extension NetworkError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let detail): "configuration: \(detail)"
        case .invalidURL(let detail): "invalid URL: \(detail)"
        case .nameResolution(let host): "no address for \(host)"
        case .connect(let host, let detail): "cannot connect to \(host): \(detail)"
        case .tls(let host, _, let detail): "TLS with \(host) failed: \(detail)"
        case .timeout(let host): "\(host) did not answer in time"
        case .httpStatus(let status, _): "HTTP status \(status)"
        case .proxy(let host, let status?, let detail): "the proxy \(host) refuses: \(status) \(detail)"
        case .proxy(let host, nil, let detail): "the proxy \(host) does not work: \(detail)"
        case .tooLarge(let limit): "more than \(limit) bytes"
        case .tooManyRedirects: "too many redirects"
        case .protocolViolation(let detail): "protocol violation: \(detail)"
        case .connectionLost(let host): "connection with \(host) lost"
        case .overloaded(let host): "\(host) takes data too slowly"
        case .closed: "closed"
        }
    }
}

extension NetworkError {
    /// Translates what NIO and its handlers throw.
    init(_ error: any Error, host: String) {
        switch error {
        case let error as NetworkError:
            self = error
        case let error as NIOConnectionError:
            self = Self.connection(error, host: host)
        case let error as NIOSSLError:
            self = Self.tls(error, host: host)
        case let error as NIOSSLExtraError:
            // The only one of these that a handshake ends with is a name that the certificate does not hold.
            self = .tls(host: host, .certificate, detail: "\(error)")
        case let error as BoringSSLError:
            self = Self.handshake(error, host: host)
        case is NIOWebSocketError, is HTTPParserError:
            self = .protocolViolation("\(error)")
        case ChannelError.connectTimeout:
            self = .timeout(host: host)
        case is ChannelError:
            self = .connectionLost(host: host)
        case let error as IOError:
            self = .connect(host: host, detail: error.description)
        default:
            self = .protocolViolation("\(error)")
        }
    }

    private static func connection(_ error: NIOConnectionError, host: String) -> NetworkError {
        guard let failure = error.connectionErrors.first else { return .nameResolution(host: host) }
        if case ChannelError.connectTimeout = failure.error { return .timeout(host: host) }
        return .connect(host: host, detail: "\(failure.error)")
    }

    private static func tls(_ error: NIOSSLError, host: String) -> NetworkError {
        switch error {
        case .handshakeFailed(let reason): handshake(reason, host: host)
        case .uncleanShutdown, .shutdownFailed: .connectionLost(host: host)
        case .unableToValidateCertificate, .cannotFindPeerIP, .noCertificateToValidate:
            .tls(host: host, .certificate, detail: "\(error)")
        default: .tls(host: host, .other, detail: "\(error)")
        }
    }

    /// BoringSSL tells in its error strings alone; what a human can act on is said in ours.
    private static func handshake(_ error: BoringSSLError, host: String) -> NetworkError {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return .tls(host: host, .certificate, detail: "the certificate is not trusted")
        }
        if text.contains("EOF during handshake") {
            return .tls(host: host, .hungUp, detail: "the server hung up during the handshake")
        }
        return .tls(host: host, .other, detail: text)
    }
}
