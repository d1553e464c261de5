package import Basis

/// What a client of the panel may do.
enum PanelRole: String, Equatable, Sendable {
    /// Nothing but to load the page, which asks for the token.
    case stranger
    /// See, and press nothing.
    case viewer
    /// Press the buttons, as somebody in the room.
    case `operator`
}

/// Who may do what: the box itself everything, others what the token says, and without one only look.
package struct PanelAccess: Sendable {
    /// A shorter token can be found by trying.
    package static let minimumTokenLength = 16

    private let token: Redacted<[UInt8]>?

    /// - Parameter token: what clients off the loopback must show (RFC 6750, `Authorization: Bearer`); without one they
    ///   are viewers.
    package init(token: Redacted<String>? = nil) {
        self.token = token.map { Redacted(Array($0.revealed.utf8)) }
    }

    /// - Parameter isLocal: whether the request comes from this machine itself.
    func role(of request: PanelRequest, isLocal: Bool) -> PanelRole {
        // What a reverse proxy on this machine passes on comes from elsewhere.
        if isLocal, !["forwarded", "x-forwarded-for", "via"].contains(where: request.has) { return .operator }
        guard let token else { return .viewer }
        guard let shown = request.header("authorization"), shown.lowercased().hasPrefix("bearer ") else {
            return .stranger
        }
        let bytes = Array(shown.utf8.dropFirst(7).drop { $0 == 0x20 })
        return Self.isEqual(bytes, token.revealed) ? .operator : .stranger
    }

    /// In a time that depends on the length of `shown` alone.
    static func isEqual(_ shown: [UInt8], _ secret: [UInt8]) -> Bool {
        guard !secret.isEmpty else { return false }
        var difference = shown.count ^ secret.count
        for index in shown.indices { difference |= Int(shown[index] ^ secret[index % secret.count]) }
        return difference == 0
    }
}
