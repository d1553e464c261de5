package import Basis

/// A flat colour in the Y'CbCr of BT.601, limited range, as VP8 carries it.
package struct PracticeColour: Equatable, Sendable {
    package var y: UInt8
    package var u: UInt8
    package var v: UInt8

    package init(y: UInt8, u: UInt8, v: UInt8) {
        self.y = y
        self.u = u
        self.v = v
    }

    package static let teal = PracticeColour(y: 96, u: 148, v: 84)
    package static let amber = PracticeColour(y: 132, u: 62, v: 168)
    package static let violet = PracticeColour(y: 84, u: 172, v: 152)
}

/// A participant made of a moving picture and a tone.
package struct PracticePartner: Equatable, Sendable {
    package var name: String
    /// The ground of the picture: by it a partner is recognised on any screen.
    package var colour: PracticeColour
    /// The pitch of the voice, in hertz.
    package var tone: Double
    package var audioMuted: Bool
    package var videoMuted: Bool
    /// What pictures it prefers; it sends VP8 all the same while anybody else does not take VP9.
    package var videoCodec: VideoCodec

    package init(
        name: String, colour: PracticeColour, tone: Double, audioMuted: Bool = false, videoMuted: Bool = false,
        videoCodec: VideoCodec = .vp8
    ) {
        self.name = name
        self.colour = colour
        self.tone = tone
        self.audioMuted = audioMuted
        self.videoMuted = videoMuted
        self.videoCodec = videoCodec
    }

    /// Two partners with French names, a fourth and a little more apart.
    package static let usual = [
        PracticePartner(name: "Camille", colour: .teal, tone: 440),
        PracticePartner(name: "Idris", colour: .amber, tone: 523.25),
    ]
}

/// A server beside the conference that clients are told of (XEP-0215).
package struct PracticeService: Equatable, Sendable {
    /// `stun`, `turn` or `turns`.
    package var type: String
    package var host: String
    package var port: UInt16
    /// `udp` or `tcp`.
    package var transport: String

    package init(type: String, host: String, port: UInt16, transport: String) {
        self.type = type
        self.host = host
        self.port = port
        self.transport = transport
    }
}

package struct PracticeOptions: Equatable, Sendable {
    /// The ways to the bridge channel that offers contain.
    package enum Channel: String, CaseIterable, Sendable {
        case webSocket
        case sctp
        case both
    }

    /// The name in the room's address; the room of the protocol is its lower-case form.
    package var room: String
    package var xmppDomain: String
    package var channel: Channel
    package var partners: [PracticePartner]
    /// Sources in Jitsi's JSON to clients that advertise it; else always in XML.
    package var jsonSources: Bool
    /// What the room asks for at the door; nil lets everybody in.
    package var password: String?
    /// The STUN and TURN servers.
    package var services: [PracticeService] = []
    /// Whether who comes has to wait in the lobby.
    package var lobby = false
    /// How long somebody waits there until a partner lets them in; nil for ever.
    package var admitsAfter: Duration?
    /// What happens, one thing after the other, once somebody has come in.
    package var script: [PracticeFact] = []
    /// Offers then carry another certificate's fingerprint: a client that checks it must end the session.
    package var wrongFingerprint: Bool
    /// How long a partner speaks before the next one does.
    package var turn: Duration
    package var framesPerSecond: Int
    /// config.js then asks clients for one size of their camera.
    package var disablesSimulcast: Bool
    /// How long a stream without a connection can be taken up again (XEP-0198); nil for a server that does not manage
    /// streams, as those installed in 2022 from packages.
    package var resumption: Duration?

    package init(
        room: String = "Entrainement", xmppDomain: String = "practice.invalid", channel: Channel = .both,
        partners: [PracticePartner] = PracticePartner.usual, jsonSources: Bool = true, password: String? = nil,
        wrongFingerprint: Bool = false, turn: Duration = .seconds(4), framesPerSecond: Int = 15,
        disablesSimulcast: Bool = false, resumption: Duration? = .seconds(60)
    ) {
        self.room = room
        self.xmppDomain = xmppDomain
        self.channel = channel
        self.partners = partners
        self.jsonSources = jsonSources
        self.password = password
        self.wrongFingerprint = wrongFingerprint
        self.turn = turn
        self.framesPerSecond = min(max(1, framesPerSecond), 30)
        self.disablesSimulcast = disablesSimulcast
        self.resumption = resumption
    }

    var mucDomain: String { "conference." + xmppDomain }
    var focusAddress: String { "focus." + xmppDomain }
    var focusJID: String { "focus@auth." + xmppDomain }
    var lobbyJID: String { room.lowercased() + "@lobby." + xmppDomain }
    /// The domain of recorders and transcribers.
    var hiddenDomain: String { "recorder." + xmppDomain }
    var transcriberJID: String { "transcriber@" + hiddenDomain + "/practice" }
    var moderationAddress: String { "avmoderation." + xmppDomain }
    var roomJID: String { room.lowercased() + "@" + mucDomain }
    var offersWebSocket: Bool { channel != .sctp }
    var offersSCTP: Bool { channel != .webSocket }
}
