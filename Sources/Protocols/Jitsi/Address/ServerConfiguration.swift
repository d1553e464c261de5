package import Basis

/// What provisioning says about a server, stronger than its config.js; nil leaves a value alone.
package struct ServerOverrides: Equatable, Sendable {
    package var xmppDomain: String?
    package var mucDomain: String?
    package var anonymousDomain: String?
    package var authDomain: String?
    package var focus: String?
    package var webSocketURL: String?
    package var boshURL: String?
    package var conferenceRequestURL: String?
    package var hiddenDomain: String?

    package init(
        xmppDomain: String? = nil, mucDomain: String? = nil, anonymousDomain: String? = nil, authDomain: String? = nil,
        focus: String? = nil, webSocketURL: String? = nil, boshURL: String? = nil,
        conferenceRequestURL: String? = nil, hiddenDomain: String? = nil
    ) {
        self.xmppDomain = xmppDomain
        self.mucDomain = mucDomain
        self.anonymousDomain = anonymousDomain
        self.authDomain = authDomain
        self.focus = focus
        self.webSocketURL = webSocketURL
        self.boshURL = boshURL
        self.conferenceRequestURL = conferenceRequestURL
        self.hiddenDomain = hiddenDomain
    }
}

/// Where the parts of a Jitsi Meet installation are: provisioning first, then config.js, then the usual places.
package struct ServerConfiguration: Equatable, Sendable {
    package let xmppDomain: String
    /// Lower case, the tenant included.
    package let mucDomain: String
    /// The domain of guests where the server has a "secure domain".
    package let anonymousDomain: String?
    /// The domain of accounts.
    package let authDomain: String?
    /// The address of the conference request.
    package let focus: String
    /// The focus's own bare JID when config.js tells it (`focusUserJid`).
    package let focusUserJID: String?
    /// As configured; `webSocketURLs` also holds the usual place.
    package let webSocketURL: String?
    package let boshURL: String?
    package let conferenceRequestURL: String?
    /// The domain of recorders and transcribers, which are never shown.
    package let hiddenDomain: String?
    /// Participants after this many start muted (policy told to Jicofo when we create the conference).
    package let startAudioMuted: Int?
    package let startVideoMuted: Int?
    /// The capture height that the server's administrator wants.
    package let resolution: Int?
    /// -1 for all.
    package let channelLastN: Int
    /// The administrator wants one size of each camera (`disableSimulcast`).
    package let disablesSimulcast: Bool
    /// The WebSocket addresses to try in turn: the configured one, then the usual place.
    package let webSocketURLs: [String]

    package init(roomURL: RoomURL, configScript: String?, overrides: ServerOverrides = ServerOverrides()) {
        let values =
            configScript.map {
                ConfigScript.read($0, subdomain: roomURL.subdomain, subdirectory: roomURL.subdirectory)
            } ?? [:]
        func domain(_ override: String?, _ key: String) -> String? {
            (override ?? values[key]?.string).map { $0.lowercased() }.flatMap { JID.isDomain($0) ? $0 : nil }
        }
        func url(_ override: String?, _ keys: [String], _ schemes: [String]) -> String? {
            let candidates = [override] + keys.map { values[$0]?.string }
            return candidates.compactMap { $0 }
                .compactMap { Self.resolve($0, roomURL: roomURL, schemes: schemes) }.first
        }
        func integer(_ key: String) -> Int? {
            values[key]?.number.flatMap { Int(exactly: $0) }
        }
        let domainName = domain(overrides.xmppDomain, "hosts.domain") ?? roomURL.host
        xmppDomain = domainName
        mucDomain =
            domain(overrides.mucDomain, "hosts.muc") ?? ("conference." + roomURL.subdomain + domainName).lowercased()
        anonymousDomain = domain(overrides.anonymousDomain, "hosts.anonymousdomain")
        authDomain = domain(overrides.authDomain, "hosts.authdomain")
        focus = domain(overrides.focus, "hosts.focus") ?? "focus." + domainName
        focusUserJID = values["focusUserJid"]?.string.flatMap { JID.isBare($0) ? $0.lowercased() : nil }
        hiddenDomain = domain(overrides.hiddenDomain, "hiddenDomain")
        let insecure = roomURL.isLoopback
        let socketSchemes = insecure ? ["wss", "ws"] : ["wss"]
        let webSchemes = insecure ? ["https", "http"] : ["https"]
        let socket = url(overrides.webSocketURL, ["websocket", "serviceUrl"], socketSchemes)
        webSocketURL = socket
        webSocketURLs = [socket, roomURL.defaultWebSocketURL].compactMap { $0 }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        boshURL = url(overrides.boshURL, ["bosh", "serviceUrl"], webSchemes) ?? roomURL.defaultBOSHURL
        conferenceRequestURL = url(overrides.conferenceRequestURL, ["conferenceRequestUrl"], webSchemes)
        startAudioMuted = integer("startAudioMuted")
        startVideoMuted = integer("startVideoMuted")
        resolution = integer("resolution") ?? integer("constraints.video.height.ideal")
        channelLastN = integer("channelLastN") ?? -1
        disablesSimulcast = values["disableSimulcast"]?.bool ?? false
    }

    /// The room's bare JID.
    package func roomJID(_ roomURL: RoomURL) -> String {
        roomURL.normalizedRoom + "@" + mucDomain
    }

    /// A WebSocket or BOSH address with the query that the server's modules need (`mod_jitsi_session`).
    package static func address(_ url: String, room: RoomURL, jwt: Redacted<String>?) -> Redacted<String> {
        var text = url + (url.contains("?") ? "&" : "?") + "room=" + room.normalizedRoom
        if let jwt { text += "&token=" + PercentEncoding.encodeComponent(jwt.revealed) }
        return Redacted(text)
    }

    /// An absolute address of an allowed scheme; protocol-relative and path-only texts are completed from the room's address.
    private static func resolve(_ text: String, roomURL: RoomURL, schemes: [String]) -> String? {
        guard let preferred = schemes.first, text.utf8.count <= 2048,
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else { return nil }
        if text.hasPrefix("//") { return preferred + ":" + text }
        if text.hasPrefix("/") { return preferred + "://" + roomURL.authority + text }
        // Schemes are case-insensitive (RFC 3986 section 3.1); whoever asks later whether the way is encrypted compares text.
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0 + "://") }) else { return nil }
        return scheme + text.dropFirst(scheme.utf8.count)
    }
}
