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

    /// The administrator wants BOSH although there is a WebSocket (`preferBosh`).
    package let prefersBOSH: Bool
    /// Why config.js told less than it was written for; nil where all is well, or where there is none.
    package let scriptFailure: ConfigScript.Failure?
    /// The keys of config.js that are written, matter, are not overridden, and could not be understood.
    package let unknownKeys: [String]

    /// Whether the room's address or the domain to log in at is not known: with the usual ones we would perhaps sit
    /// alone in another room.
    package var isRoomUnknown: Bool {
        ["hosts.domain", "hosts.muc", "hosts.anonymousdomain"].contains { unknownKeys.contains($0) }
    }

    package init(roomURL: RoomURL, configScript: String?, overrides: ServerOverrides = ServerOverrides()) {
        var values = ScriptValues(script: configScript.map { ConfigScript($0, page: roomURL) }, roomURL: roomURL)
        scriptFailure = values.script?.failure
        let domainName = values.domain(overrides.xmppDomain, "hosts.domain") ?? roomURL.host
        xmppDomain = domainName
        mucDomain =
            values.domain(overrides.mucDomain, "hosts.muc")
            ?? ("conference." + roomURL.subdomain + domainName).lowercased()
        // Whoever says where to log in says it whole.
        anonymousDomain =
            overrides.xmppDomain != nil && values.isUnknown("hosts.anonymousdomain")
            ? overrides.anonymousDomain : values.domain(overrides.anonymousDomain, "hosts.anonymousdomain")
        authDomain = values.domain(overrides.authDomain, "hosts.authdomain")
        focus = values.domain(overrides.focus, "hosts.focus") ?? "focus." + domainName
        focusUserJID = values.string("focusUserJid").flatMap { JID.isBare($0) ? $0.lowercased() : nil }
        hiddenDomain = values.domain(overrides.hiddenDomain, "hiddenDomain")
        let insecure = roomURL.isLoopback
        let socketSchemes = insecure ? ["wss", "ws"] : ["wss"]
        let webSchemes = insecure ? ["https", "http"] : ["https"]
        let socket = values.url(overrides.webSocketURL, ["websocket", "serviceUrl"], socketSchemes)
        webSocketURL = socket
        webSocketURLs = [socket, roomURL.defaultWebSocketURL].compactMap { $0 }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        boshURL = values.url(overrides.boshURL, ["bosh", "serviceUrl"], webSchemes) ?? roomURL.defaultBOSHURL
        conferenceRequestURL = values.url(overrides.conferenceRequestURL, ["conferenceRequestUrl"], webSchemes)
        prefersBOSH = overrides.webSocketURL == nil && values.bool("preferBosh")
        startAudioMuted = values.integer("startAudioMuted")
        startVideoMuted = values.integer("startVideoMuted")
        resolution = values.integer("resolution") ?? values.integer("constraints.video.height.ideal")
        channelLastN = values.integer("channelLastN") ?? -1
        disablesSimulcast = values.bool("disableSimulcast")
        unknownKeys = values.unknownKeys
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
}
