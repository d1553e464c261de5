/// The head and body of a request, free of NIO.
struct PanelRequest: Sendable {
    var method: String
    /// The request target in origin form.
    var target: String
    /// Names in lower case.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// The value of a header that must not be repeated; nil when it is absent or repeated.
    func header(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }
        return values.count == 1 ? values.first?.value : nil
    }

    func has(_ name: String) -> Bool { headers.contains { $0.name == name } }

    /// The path without the query.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The value of the first member of the query with this name, as it is written.
    func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        let members = target[target.index(after: mark)...].split(separator: "&")
        return members.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}

/// A complete answer.
struct PanelResponse: Equatable, Sendable {
    var status: Int
    var contentType: String
    var body: [UInt8]
    /// The Allow header of a 405.
    var allow: String?
    var retryAfter: Int?
    /// The WWW-Authenticate of a 401.
    var challenge: String?
    /// The Content-Language of a text.
    var language: PanelLanguage?
}

/// What to do with a request.
enum PanelAnswer: Equatable, Sendable {
    case respond(PanelResponse)
    case screenPNG
    case screenJPEG
    case screenMJPEG
    case events
}
