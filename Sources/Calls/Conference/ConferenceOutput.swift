package import Basis
package import Jitsi
package import Room

/// A request over HTTP, by what it is for.
package enum RequestToken: Hashable, Sendable {
    case configuration
    case bosh(UInt64)
    case conferenceRequest(String)
}

/// Which of the two sockets.
package enum SocketRole: Hashable, Sendable {
    case signalling
    case bridgeChannel
}

/// One WebSocket; `number` tells a socket from the one that it replaces.
package struct SocketToken: Hashable, Sendable {
    package let role: SocketRole
    package let number: Int
}

/// Why the network gave nothing.
package enum NetworkTrouble: Equatable, Sendable {
    case nameNotFound
    case unreachable
    case certificate
    /// The proxy lets nobody through without an account, or not to there.
    case proxyAccount
    case proxyRefused
    /// An HTTP answer that is not the one wanted.
    case status(Int)
    case broken

    /// Whether somebody said no, rather than nothing: that is worth more than what another way meets.
    var isRefusal: Bool {
        switch self {
        case .certificate, .proxyAccount, .proxyRefused: true
        case .nameNotFound, .unreachable, .status, .broken: false
        }
    }
}

/// What a conference wants from whoever drives it.
package enum ConferenceOutput: Equatable, Sendable {
    case get(RequestToken, url: String)
    case post(
        RequestToken, url: Redacted<String>, contentType: String, body: Redacted<String>, bearer: Redacted<String>?)
    /// Give up the requests that are under way, whose connections may be dead; those that follow take new ones.
    case abandonRequests
    case openWebSocket(SocketToken, url: Redacted<String>, subprotocol: String?, origin: String)
    case sendText(SocketToken, Redacted<String>)
    case closeWebSocket(SocketToken)
    /// Bind a UDP socket on each usable address of the host and report with `socketsOpened`.
    case openMediaSockets
    case closeMediaSockets
    /// Ask this TURN server for an allocation and report with `relayOpened`; `number` tells it from earlier ones.
    case openRelay(number: Int, ExternalService)
    case closeRelays
    /// Look `host` up and report with `resolved`.
    case resolve(host: String, port: UInt16)
    case event(ConferenceEvent)
}

package enum ConferenceEvent: Equatable, Sendable {
    case fact(ConferenceFact)
    /// Something on the way to the first picture was reached, for the join's table of steps.
    case milestone(Milestone)
    case peopleChanged
    case subject(String)
    case chat(name: String, text: String)
    case audioSourceRemoved(ssrc: UInt32)
    case videoSourcesChanged
    /// One encoded picture, complete and in order.
    case videoFrame(ssrc: UInt32, codec: VideoCodec, bytes: [UInt8], timestamp: UInt32, isKeyframe: Bool)
    /// The bridge wants the next picture of that layer of our camera, or of all, to be a key frame.
    case keyframeWanted(layer: Int?)
    /// The greatest height that anybody wants of our camera; 0 for none, nil for no limit.
    case cameraHeightWanted(Int?)
    /// What the bridge can take from us, in bit/s.
    case uplinkLimit(Int)
    /// How much the path takes by our own estimate, everything included, in bit/s.
    case bandwidth(Int)
    /// What the meeting is: recorded, locked and so on.
    case meetingFacts(MeetingFacts)
    case recordingFailed(isStream: Bool)
    case caption(Caption)
    /// Before the fact that ends the attempt: who removed us and why, or why the room was closed; empty where not told.
    case farewell(by: String, reason: String)
    case notice(ConferenceNotice)
    case diagnostic(Diagnostic)
}

/// The steps of a join that are timed, in their order.
package enum Milestone: String, CaseIterable, Sendable {
    case configuration, signallingOpen = "signalling-open", authenticated, focusReady = "focus-ready", joined, offered
    case mediaConnected = "ice-connected", secured = "dtls-secured", channelOpen = "channel-open"
    case firstFrame = "first-frame", firstPicture = "first-picture"
}
