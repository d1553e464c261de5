package import Basis

/// Why a text is not the address of a room.
package enum RoomURLError: Error, Equatable, Sendable {
    case empty
    case tooLong
    /// Neither https nor, for a loopback host, http.
    case unsupportedScheme(String)
    case missingHost
    case invalidHost
    case invalidPort
    /// `user@host`: never part of a room's address, often part of a deception.
    case credentialsInAuthority
    case missingRoom
}

/// The address of a conference room: `https://HOST[/TENANT…]/ROOM[?jwt=TOKEN]`.
package struct RoomURL: Equatable, Sendable {
    /// `https`, or `http` towards a loopback host.
    package let scheme: String
    /// Lower case; IPv6 literals without their brackets.
    package let host: String
    /// nil for the scheme's own port.
    package let port: UInt16?
    /// What stands between the host and the room, display form.
    package let tenant: [String]
    /// The room as a person wrote it, percent-decoded.
    package let room: String
    /// The local part of the room's JID and the value of `?room=`.
    package let normalizedRoom: String
    /// The token that the address carries, if any.
    package let jwt: Redacted<String>?

    /// Reads an address as people paste it; white space is dropped.
    package init(_ text: String) throws(RoomURLError) {
        guard text.utf8.count <= 16_384 else { throw .tooLong }
        // As a browser does (URL Standard, 4.4): nothing of blanks at the ends, nor of line ends and tabs anywhere.
        let ends = text.drop { $0.isWhitespace }
        let blanks = ends.reversed().prefix { $0.isWhitespace }.count
        let compact = String(ends.dropLast(blanks).filter { !$0.isNewline && $0 != "\t" })
        guard !compact.isEmpty else { throw .empty }
        guard let separator = Text.range(of: "://", in: compact) else { throw .unsupportedScheme("") }
        let scheme = compact[..<separator.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { throw .unsupportedScheme(RemoteText.name(scheme)) }

        let rest = compact[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let afterAuthority = rest.dropFirst(authority.count)
        let path = afterAuthority.prefix { $0 != "?" }
        let query = afterAuthority.dropFirst(path.count).dropFirst()
        (host, port) = try Self.readAuthority(String(authority))
        guard scheme == "https" || Self.isLoopback(host) else { throw .unsupportedScheme(scheme) }
        self.scheme = scheme

        var segments = path.split(separator: "/").map { RoomName.cleaned(String($0)) }.filter { !$0.isEmpty }
        guard let last = segments.popLast(), segments.count <= 8 else { throw .missingRoom }
        room = RemoteText.clean(PercentEncoding.decode(last), limit: 300)
        normalizedRoom = RoomName.normalized(last)
        guard !room.isEmpty else { throw .missingRoom }
        // XMPP allows 1023 bytes in a local part (RFC 7622 section 3.3).
        guard normalizedRoom.utf8.count <= 1023 else { throw .tooLong }
        tenant = segments.map { RemoteText.clean(PercentEncoding.decode($0), limit: 100) }
        jwt = query.split(separator: "&").first { $0.hasPrefix("jwt=") }
            .map { PercentEncoding.decode(String($0.dropFirst(4))) }
            .flatMap { $0.isEmpty ? nil : Redacted($0) }
    }

    /// Whether the server is this machine.
    package var isLoopback: Bool { Self.isLoopback(host) }

    /// `https://host[:port]`, also the value of the `Origin` header.
    package var origin: String { scheme + "://" + authority }

    /// `host[:port]` as URLs spell it.
    package var authority: String {
        let name = host.contains(":") ? "[" + host + "]" : host
        return port.map { name + ":" + String($0) } ?? name
    }

    /// `mairie.` for the tenant `mairie`, empty without tenant: what config.js calls `subdomain`.
    package var subdomain: String {
        tenant.map { RoomName.normalized($0).map { $0 == "." ? "_" : String($0) }.joined() + "." }.joined()
    }

    /// `mairie/` for the tenant `mairie`, empty without tenant: what config.js calls `subdir`.
    package var subdirectory: String {
        tenant.map { PercentEncoding.encodeComponent($0) + "/" }.joined()
    }

    /// Where the server publishes its configuration.
    package var configURL: String { origin + "/" + subdirectory + "config.js" }

    /// Where the XMPP WebSocket is unless config.js says otherwise; without query.
    package var defaultWebSocketURL: String {
        (scheme == "https" ? "wss://" : "ws://") + authority + "/" + subdirectory + "xmpp-websocket"
    }

    /// Where BOSH is unless config.js says otherwise; without query.
    package var defaultBOSHURL: String { origin + "/" + subdirectory + "http-bind" }

    /// The address without its token: for a QR code or an invitation.
    package var link: String { origin + "/" + subdirectory + PercentEncoding.encodeComponent(room) }

    private static func readAuthority(_ text: String) throws(RoomURLError) -> (String, UInt16?) {
        guard !text.isEmpty else { throw .missingHost }
        guard !text.contains("@") else { throw .credentialsInAuthority }
        let host: Substring
        let portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .invalidHost }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw .invalidHost }
            portText = tail.isEmpty ? nil : tail.dropFirst()
            guard let address = IPAddress(String(host)), address.isV6 else { throw .invalidHost }
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let first = parts.first else { throw .invalidHost }
            host = first
            portText = parts.count == 2 ? parts.last : nil
            guard !host.isEmpty else { throw .missingHost }
            guard host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte), !host.hasPrefix("."), !host.hasPrefix("-")
            else { throw .invalidHost }
        }
        guard let portText, !portText.isEmpty else { return (host.lowercased(), nil) }
        guard portText.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(portText), port > 0 else {
            throw .invalidPort
        }
        return (host.lowercased(), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host)?.isLoopback == true
    }
}
