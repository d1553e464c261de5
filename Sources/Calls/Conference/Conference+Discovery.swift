internal import Basis
internal import Jitsi
internal import Room

extension Conference {
    /// config.js is there, or there is none: where the server's parts are, and the ways to signalling in turn.
    mutating func discovered(script: String?, at now: MonotonicInstant) {
        let server = ServerConfiguration(
            roomURL: configuration.roomURL, configScript: script, overrides: configuration.overrides)
        if server.scriptFailure == .webPage {
            diagnose(.notice, "config-js-absent", "\(ConfigScript.Failure.webPage)")
            discovered(script: nil, at: now)
            return
        }
        if let failure = server.scriptFailure { diagnose(.warning, "config-js-failed", "\(failure)") }
        if !server.unknownKeys.isEmpty {
            diagnose(.warning, "config-js-not-understood", server.unknownKeys.joined(separator: " "))
        }
        // The usual address may be another room, where nobody would be.
        guard !server.isRoomUnknown else {
            end(.lost(.configurationNotUnderstood), at: now)
            return
        }
        self.server = server
        reach(.configuration)
        // A server that publishes its addresses is believed: a stock one of 2022 names BOSH alone. One that publishes
        // nothing is asked at the usual places.
        let sockets: [String] = script != nil ? server.webSocketURL.map { [$0] } ?? [] : server.webSocketURLs
        let bosh: [SignallingRoute] = server.boshURL.map { [.bosh($0)] } ?? []
        routes = server.prefersBOSH ? bosh + sockets.map { .webSocket($0) } : sockets.map { .webSocket($0) } + bosh
        if script != nil { routes += server.webSocketURLs.filter { !sockets.contains($0) }.map { .webSocket($0) } }
        connectNextRoute(at: now)
    }
}
