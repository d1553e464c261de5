package import Basis

/// An absolute http, https, ws or wss URL, as far as this appliance needs one: ASCII, no user information, no fragment.
package struct WebURL: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https, ws, wss

        /// https and wss.
        package var isSecure: Bool { self == .https || self == .wss }

        /// ws and wss.
        package var isWebSocket: Bool { self == .ws || self == .wss }

        package var defaultPort: UInt16 { isSecure ? 443 : 80 }
    }

    package let scheme: Scheme
    /// A lower-case name or an address without brackets.
    package let host: String
    package let port: UInt16
    /// Path and query as the request line holds them; begins with a slash.
    package let target: String

    /// Longer URLs are refused; a colibri or XMPP URL with a JWT stays well below.
    package static let maximumLength = 8192

    package init(_ text: String) throws(NetworkError) {
        guard text.utf8.count <= Self.maximumLength else { throw .invalidURL("too long") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .invalidURL("not printable ASCII") }
        guard let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
        else { throw .invalidURL("no known scheme") }
        let whole = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = whole.prefix { $0 != "/" && $0 != "?" }
        let (host, port) = try Self.split(authority: authority, defaultPort: scheme.defaultPort)
        let target = whole[authority.endIndex...]
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    private init(scheme: Scheme, host: String, port: UInt16, target: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target
    }

    private static func split(
        authority: Substring, defaultPort: UInt16
    ) throws(NetworkError) -> (host: String, port: UInt16) {
        let host: String
        var rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .invalidURL("unclosed bracket") }
            host = authority[authority.index(after: authority.startIndex)..<end].lowercased()
            guard IPAddress(host)?.isV6 == true else { throw .invalidURL("bad IPv6 address") }
            rest = authority[authority.index(after: end)...]
        } else {
            let name = authority.prefix { $0 != ":" }
            host = name.lowercased()
            guard isName(host) else { throw .invalidURL("bad host") }
            rest = authority[name.endIndex...]
        }
        if rest.isEmpty { return (host, defaultPort) }
        guard rest.popFirst() == ":" else { throw .invalidURL("bad authority") }
        if rest.isEmpty { return (host, defaultPort) }
        guard rest.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(rest), port > 0 else {
            throw .invalidURL("bad port")
        }
        return (host, port)
    }

    private static func isName(_ host: String) -> Bool {
        (1...253).contains(host.utf8.count) && !host.hasPrefix(".")
            && host.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }

    /// Host and, unless it is the scheme's own, port, as the Host header holds them.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// The web origin (RFC 6454) that a page on this host has: `https://host[:port]`.
    package var origin: String { (scheme.isSecure ? "https://" : "http://") + authority }

    /// The host when it is an address literal.
    package var address: IPAddress? { IPAddress(host) }

    /// The path without the query.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// The target of a Location header: absolute, scheme-relative, absolute-path or relative (RFC 3986 section 4.2,
    /// without dot segments). Nil when it makes no URL that this type can hold.
    package func resolving(_ reference: String) -> WebURL? {
        if reference.hasPrefix("//") { return try? WebURL("\(scheme.rawValue):\(reference)") }
        if reference.prefix(while: { $0 != "/" && $0 != "?" && $0 != "#" }).contains(":") {
            return try? WebURL(reference)
        }
        let base = "\(scheme.rawValue)://\(authority)"
        if reference.hasPrefix("/") { return try? WebURL(base + reference) }
        if reference.hasPrefix("?") { return try? WebURL(base + path + reference) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return try? WebURL(base + folder + reference)
    }
}

extension WebURL: CustomStringConvertible {
    /// The URL without its query, which may hold a password or a token.
    package var description: String {
        "\(scheme.rawValue)://\(authority)\(path)\(target.contains("?") ? "?…" : "")"
    }
}
