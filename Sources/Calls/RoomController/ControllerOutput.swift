package import Basis
package import Conference
package import Devices
package import Jitsi
package import Room
package import Scene

/// What a `RoomController` wants from whoever drives it, complete in itself: nothing of it needs a look at the state.
package enum ControllerOutput: Sendable {
    /// To the network, for the conference of that number; 0 for what belongs to none.
    case network(NetworkRequest, of: Int)
    case media(MediaCommand)
    /// To lamps, speakerphones and the TV's wire.
    case control(ControlCommand)
    /// The TV's signal is to be on or off.
    case displayPower(isOn: Bool)
    /// The kernel told of a change of displays: the TV is to be asked again.
    case displayHotplug
    case scene(SceneContent)
    case status(ApplianceStatus)
    case lamps(LampStates)
    case journal(JournalEntry)
    /// Somebody pressed a button that has a meaning.
    case pressed(ButtonRole, ButtonPress)
    /// A fact that is to survive a restart.
    case remember(name: String, value: String)
    /// The process is to end and to be started anew.
    case restart
    /// For whoever keeps minutes: what has just been dealt with.
    case trace(ControllerTrace)
}

/// What the controller has just dealt with, in order.
package enum ControllerTrace: Equatable, Sendable {
    case phase(RoomPhase)
    /// All but pictures.
    case event(ConferenceEvent)
}

/// A line of the journal.
package struct JournalEntry: Equatable, Sendable {
    /// How much it matters.
    package var level: Diagnostic.Level
    /// A stable name, such as `join`.
    package var code: String
    /// In the order in which they are written.
    package var details: [(name: String, value: String)]

    init(_ level: Diagnostic.Level, _ code: String, _ details: [(String, String)] = []) {
        self.level = level
        self.code = code
        self.details = details.map { (name: $0.0, value: $0.1) }
    }

    init(_ diagnostic: Diagnostic) {
        self.init(diagnostic.level, diagnostic.code, [("detail", diagnostic.detail)])
    }

    package static func == (left: JournalEntry, right: JournalEntry) -> Bool {
        left.level == right.level && left.code == right.code
            && left.details.elementsEqual(right.details) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// Something that the network is to do; `NetworkAnswer` tells what became of it.
package enum NetworkRequest: Sendable {
    case get(RequestToken, url: String)
    case post(
        RequestToken, url: Redacted<String>, contentType: String, body: Redacted<String>, bearer: Redacted<String>?)
    /// Give up the requests that are under way, whose connections may be dead; those that follow take new ones.
    case abandonRequests
    case openWebSocket(SocketToken, url: Redacted<String>, subprotocol: String?, origin: String)
    case sendText(SocketToken, Redacted<String>)
    case closeWebSocket(SocketToken)
    /// The conference is over: whatever it still holds is closed without a word.
    case closeAll
    /// Bind a UDP socket on each usable address of the host.
    case openMediaSockets
    case closeMediaSockets
    /// The host's addresses may be others now: look, and bind what is missing.
    case refreshMediaSockets
    case openRelay(number: Int, ExternalService)
    case closeRelays
    case resolve(host: String, port: UInt16)
    /// For the connection check: whether the name is known, and whether the server can be greeted.
    case lookUp(number: Int, host: String)
    case greet(number: Int, ConnectionCheck.Server)
    /// Fetch the room's calendar and read it.
    case fetchCalendar(number: Int)
}

/// What became of a `NetworkRequest`, or what came by itself.
package enum NetworkAnswer: Sendable {
    case response(RequestToken, status: Int, body: [UInt8])
    case failure(RequestToken, NetworkTrouble)
    case webSocketOpened(SocketToken)
    case webSocketText(SocketToken, String)
    /// A message was longer than the socket takes, and is lost.
    case webSocketSkipped(SocketToken)
    case webSocketClosed(SocketToken, code: Int?, NetworkTrouble?)
    case resolved([TransportAddress])
    /// The sockets are bound to these addresses; none where there is no network.
    case mediaSocketsOpened([TransportAddress])
    case mediaSocketsChanged([TransportAddress])
    case relayOpened(number: Int, relayed: TransportAddress, server: TransportAddress, mapped: TransportAddress?)
    case lookedUp(number: Int, isFound: Bool)
    /// Nil for a server that answers.
    case greeted(number: Int, NetworkTrouble?)
    case calendar(number: Int, Result<Agenda, CalendarTrouble>)
}

/// What the threads of sound and pictures are to do.
package enum MediaCommand: Sendable {
    /// Opens the sound devices; closes them.
    case startAudio, stopAudio
    case setMuted(Bool)
    /// Whether sound leaves the box at all.
    case setSending(Bool)
    case setCamera(isOn: Bool)
    /// Of one layer, or of all.
    case requestKeyframe(layer: Int?)
    case limitCamera(CameraLimits)
    case choosePreset(index: Int)
    /// A remote picture comes or goes.
    case addPicture(ssrc: UInt32)
    case removePicture(ssrc: UInt32)
    /// One whole encoded picture; its bytes go back by `RoomController.reuse`.
    case decode(ssrc: UInt32, codec: VideoCodec, bytes: [UInt8], isKeyframe: Bool, instant: MonotonicInstant)
    case removeSound(ssrc: UInt32)
    case play(RoomSound)
    case setSpeakerVolume(percent: Int)
    case setSoundVolume(percent: Int)
    case setDiscontinuous(Bool)
    /// What becomes of our sound: the share that is lost, 0…1, and what may be sent in all, in bit/s.
    case noteUplink(fractionLost: Double, bandwidth: Int?)
    /// Tell the counters by `mediaSampled`.
    case sample
}

/// What the camera may send.
package struct CameraLimits: Equatable, Sendable {
    /// In bit/s.
    package var bitrate = 0
    /// Whether one other participant is all there is to look at us.
    package var hasOneReceiver = false
    /// What pictures are compressed with.
    package var codec = VideoCodec.vp8
    /// Whether they go out in three sizes at once.
    package var sendsSimulcast = false
    /// The greatest height that anybody wants; −1 for any, 0 for nothing at all.
    package var height = 0
}

/// Where a picture of the scene comes from.
package enum PictureOrigin: Hashable, Sendable {
    case camera
    /// `revision` is another one when the source began anew.
    case remote(ssrc: UInt32, revision: Int)
}

/// What the screen is to show.
package struct SceneContent: Equatable, Sendable {
    /// What is said and who is there.
    package var scene: SceneState
    /// Where the pictures that the scene names come from.
    package var pictures: [SceneSource: PictureOrigin]
    /// The attempt whose first remote picture is to be reported.
    package var attempt: Int
    /// Whether pictures may come at any time; else the screen changes only when told.
    package var isLive: Bool
}
