package import Basis

/// An HTTP proxy through which TCP connections go (CONNECT, RFC 9110 section 9.3.6). UDP does not.
package struct HTTPProxy: Sendable {
    package var host: String
    package var port: UInt16
    /// For Basic authentication (RFC 7617); nil for a proxy that asks for none.
    package var user: String?
    package var password: Redacted<String>?
    /// Hosts that are reached directly: names, which stand for all names below them too, and addresses.
    package var exceptions: [String]

    package init(
        host: String, port: UInt16, user: String? = nil, password: Redacted<String>? = nil, exceptions: [String] = []
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.exceptions = exceptions
    }

    /// Whether connections to `host` go through the proxy. This machine itself is never asked for elsewhere.
    package func serves(_ host: String) -> Bool {
        let name = host.lowercased()
        let address = IPAddress(name)
        if name == "localhost" || address?.isLoopback == true { return false }
        return !exceptions.contains { exception in
            let listed = exception.lowercased().drop { $0 == "." }
            if let address { return IPAddress(String(listed)) == address }
            return name == listed || name.hasSuffix("." + listed)
        }
    }

    /// The request that opens a tunnel.
    func request(host: String, port: UInt16) -> String {
        let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var lines = ["CONNECT \(authority) HTTP/1.1", "Host: \(authority)"]
        if let user {
            let credentials = Base64.encode(Array("\(user):\(password?.revealed ?? "")".utf8))
            lines.append("Proxy-Authorization: Basic \(credentials)")
        }
        return lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }
}

/// The head of a proxy's answer, as it comes in.
struct ProxyAnswer {
    enum Verdict: Equatable {
        /// The head is not complete.
        case pending
        /// The tunnel stands; what follows the head, from this index on, came through it.
        case open(payload: Int)
        case refused(status: Int, reason: String)
        case garbage
    }

    private static let mostBytes = 16 << 10
    private(set) var bytes: [UInt8] = []

    mutating func append(_ more: some Sequence<UInt8>) -> Verdict {
        let searched = max(0, bytes.count - 3)
        bytes.append(contentsOf: more)
        guard isPlausible else { return .garbage }
        guard let end = endOfHead(from: searched) else { return bytes.count > Self.mostBytes ? .garbage : .pending }
        return verdict(end: end)
    }

    /// Whether what has come begins as an answer of HTTP/1 does.
    private var isPlausible: Bool {
        zip(bytes, "HTTP/1.".utf8).allSatisfy { $0 == $1 }
    }

    private func endOfHead(from start: Int) -> Int? {
        guard start <= bytes.count - 4 else { return nil }
        for index in start...(bytes.count - 4) where bytes[index] == 13 {
            if bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 { return index + 4 }
        }
        return nil
    }

    private func verdict(end: Int) -> Verdict {
        let line = bytes.prefix { $0 != 13 }
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard parts.count >= 2, parts[1].count == 3, parts[1].allSatisfy({ (48...57).contains($0) }) else {
            return .garbage
        }
        let status = parts[1].reduce(0) { $0 * 10 + Int($1 - 48) }
        if (200...299).contains(status) { return .open(payload: end) }
        let reason = parts.count > 2 ? parts[2].prefix(80).filter { (0x20...0x7E).contains($0) } : []
        return .refused(status: status, reason: String(decoding: reason, as: UTF8.self))
    }
}
