/// The cookies of RFC 6265 as far as a load balancer needs them: kept per host and port, never shared between hosts
/// (the Domain attribute is ignored, which is stricter), and never written to disk.
struct CookieJar: Sendable {
    private struct Cookie {
        var name: String
        var value: String
        var path: String
        var isSecure: Bool
    }

    private static let maximumOrigins = 32
    private static let maximumPerOrigin = 32
    private static let maximumSize = 4096

    private var cookies: [String: [Cookie]] = [:]

    private static func key(_ url: WebURL) -> String { "\(url.host):\(url.port)" }

    /// Takes over one Set-Cookie header that came with an answer of `url`.
    mutating func store(_ header: String, from url: WebURL) {
        guard header.utf8.count <= Self.maximumSize else { return }
        let parts = header.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return }
        let name = String(Self.trimmed(pair[..<equals]))
        let value = String(Self.trimmed(pair[pair.index(after: equals)...]))
        guard !name.isEmpty, (name + value).utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return }
        var cookie = Cookie(name: name, value: value, path: Self.defaultPath(url), isSecure: false)
        var isExpired = false
        for part in parts.dropFirst() {
            let words = part.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            switch words.first?.lowercased() {
            case "path": if words.count == 2, words[1].hasPrefix("/") { cookie.path = String(words[1]) }
            case "secure": cookie.isSecure = true
            case "max-age": isExpired = words.count == 2 && (words[1].hasPrefix("-") || words[1] == "0")
            // Servers delete with the epoch; a date that passes while the appliance runs is the server's to notice.
            case "expires": isExpired = isExpired || part.contains("1970")
            default: break
            }
        }
        guard !cookie.isSecure || url.scheme.isSecure else { return }
        let key = Self.key(url)
        var list = cookies[key] ?? []
        list.removeAll { $0.name == cookie.name && $0.path == cookie.path }
        if !isExpired { list.append(cookie) }
        if list.count > Self.maximumPerOrigin { list.removeFirst() }
        guard cookies[key] != nil || cookies.count < Self.maximumOrigins else { return }
        cookies[key] = list.isEmpty ? nil : list
    }

    /// The Cookie header for a request to `url`, or nil.
    func header(for url: WebURL) -> String? {
        let matching = (cookies[Self.key(url)] ?? []).filter { cookie in
            (!cookie.isSecure || url.scheme.isSecure) && Self.path(url.path, isBelow: cookie.path)
        }
        return matching.isEmpty ? nil : matching.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    /// RFC 6265 section 5.1.4.
    private static func path(_ path: String, isBelow folder: String) -> Bool {
        path == folder || path.hasPrefix(folder) && (folder.hasSuffix("/") || path.hasPrefix(folder + "/"))
    }

    private static func defaultPath(_ url: WebURL) -> String {
        guard let slash = url.path.lastIndex(of: "/"), slash > url.path.startIndex else { return "/" }
        return String(url.path[..<slash])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
