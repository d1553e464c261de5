internal import Basis
package import Devices
package import Room

/// The state of the appliance as programs see it: what `GET /api/v1/status` answers and what its events carry. Its keys are
/// documented in `ApplianceStatus.keys`, which `docs/operating/status.md` is made of.
package struct ApplianceStatus: Equatable, Sendable {
    /// What the room is doing.
    package struct Activity: Equatable, Sendable {
        package enum State: String, CaseIterable, Sendable {
            case starting, idle, joining, inCall = "in-call", leaving, fault
        }

        package var state = State.starting
        package var isInterrupted = false
        package var movedTo: String?
        package var isBusy = false
        package var message: String?
    }

    package struct Meeting: Equatable, Sendable {
        package var label: String
        package var url: String
        package var name: String
    }

    package struct Person: Equatable, Sendable {
        package var id: String
        package var name: String
        package var isAudioMuted: Bool
        package var isVideoMuted: Bool
        package var isHandRaised: Bool
        package var isModerator: Bool
        package var isDominant: Bool
    }

    /// What is sent of the room itself.
    package struct Own: Equatable, Sendable {
        package var isMicrophoneMuted = false
        package var isCameraOn = true
        package var isAudioOnly = false
        package var isHandRaised = false
    }

    /// What is asked for and what is held back of pictures.
    package struct Video: Equatable, Sendable {
        package var level: String
        package var lastN: Int?
        package var bandwidth: Int?
        /// By the name of the source.
        package var heights: [String: Int]
        package var onStage: [String]
        package var wantedHeight: Int
        package var simulcast: Bool
        package var codec: String
        package var heldBy: String?
        package var limit: Int
        package var temperature: Int?
    }

    /// What becomes of what is said in the meeting.
    package struct Facts: Equatable, Sendable {
        package enum Activity: String, Sendable { case off, starting, on }

        package var recording = Activity.off
        package var liveStream = Activity.off
        package var isTranscribed = false
        package var isEncrypted = false
        package var hasPassword = false
        package var hasLobby = false
        package var captions: [Caption] = []
    }

    package struct Caption: Equatable, Sendable {
        package var name: String
        package var text: String
    }

    package struct Fault: Equatable, Sendable {
        package var code: String
        package var number: Int?
        package var text: String
    }

    /// The times of the last join, in milliseconds from the press.
    package struct Join: Equatable, Sendable {
        package struct Step: Equatable, Sendable {
            package var name: String
            package var milliseconds: Double
        }

        package var total: Double?
        package var steps: [Step] = []
    }

    /// A rung of the way to the servers: `works`, `trying`, or what is wrong.
    package struct Rung: Equatable, Sendable {
        package var rung: ConnectionRung
        package var state: String
    }

    /// Counters of camera and sound devices.
    package struct DeviceCounters: Equatable, Sendable {
        package var camera = Camera()
        package var sound = Sound()

        package struct Camera: Equatable, Sendable {
            package var captured = 0
            package var stillCards = 0
            package var corrupt = 0
            package var lost = 0
        }

        package struct Sound: Equatable, Sendable {
            package var underruns = 0
            package var overruns = 0
            package var droppedBlocks = 0
            package var driftPartsPerMillion = 0
            package var cancelsEcho = false
            package var echoDelay = 0
            package var microphoneSilentSeconds = 0
            package var microphoneLevel = 0
        }
    }

    /// What the box is called and has.
    package struct Box: Equatable, Sendable {
        package var device = ""
        package var language = ""
        package var meetings: [String] = []
        package var presets: [String] = []
    }

    package struct NextMeeting: Equatable, Sendable {
        package var title: String?
        /// Seconds since 1970 UTC.
        package var start: Int64
        package var end: Int64
        package var isAllDay: Bool
        package var button: ButtonRole?
    }

    package var activity = Activity()
    package var room: Meeting?
    package var people: [Person] = []
    /// The others and us; 0 outside of a meeting.
    package var participants = 0
    package var own = Own()
    package var video: Video?
    package var facts = Facts()
    package var lastJoin = Join()
    package var faults: [Fault] = []
    /// Whether a device is missing or broken.
    package var isDegraded = false
    package var media: [MediaStreamStatus] = []
    package var display: DisplayState?
    package var network: [Rung] = []
    package var volume = 0
    package var devices = DeviceCounters()
    /// Whether a server waits for a press.
    package var isStandingBy = false
    package var box = Box()
    package var nextMeeting: NextMeeting?
    /// Whether a join would be tried: `GET /ready` and what starts the box look at it.
    package var isReady = false

    package init() {}
}

/// One stream of RTP, received or sent.
package struct MediaStreamStatus: Equatable, Sendable {
    package var source: String
    package var isReceived: Bool
    package var isAudio: Bool
    package var codec: String
    package var ssrc: UInt32
    /// In bit/s.
    package var bitrate: Int
    package var packets: Int
    /// Of what is received.
    package var lost: Int?
    /// 0…1; nil while the other side has not said.
    package var loss: Double?
    package var jitterMilliseconds: Double
    package var roundTripMilliseconds: Double?
    package var details: Details?

    package enum Details: Equatable, Sendable {
        case heard(Heard)
        case spoken(Spoken)
        case seen(Seen)
        case filmed(Filmed)
    }

    /// What became of the sound of one source; counts are samples at 48 kHz and packets.
    package struct Heard: Equatable, Sendable {
        package var target = 0
        package var delay = 0
        package var decoded = 0
        package var concealed = 0
        package var accelerated = 0
        package var expanded = 0
        package var late = 0
        package var restored = 0
        package var copied = 0
    }

    /// How the own voice is encoded.
    package struct Spoken: Equatable, Sendable {
        package var targetBitrate = 0
        package var isRepeated = false
        package var hasFEC = false
        package var isDiscontinuous = false
    }

    package struct Seen: Equatable, Sendable {
        package var width = 0
        package var height = 0
        package var framesPerSecond = 0
        package var framesDecoded = 0
        package var framesShown = 0
        package var framesDropped = 0
        package var keyframeRequests = 0
        package var nacks = 0
    }

    /// One layer of the camera; sizes are nil while it is off.
    package struct Filmed: Equatable, Sendable {
        package var layer = 0
        package var width: Int?
        package var height: Int?
        package var framesPerSecond = 0
        package var target = 0
        package var framesEncoded = 0
        package var keyframes = 0
        package var retransmissions = 0
    }
}
