internal import Basis
internal import Devices
internal import Room

/// The state of the appliance as programs see it: what `GET /api/v1/status` answers and what its events carry. Its keys are
/// documented in `ApplianceStatus.keys`, which `docs/operating/status.md` is made of.
package struct ApplianceStatus: Equatable, Sendable {
    /// What the room is doing.
    struct Activity: Equatable, Sendable {
        enum State: String, CaseIterable, Sendable {
            case starting, idle, joining, inCall = "in-call", leaving, fault
        }

        var state = State.starting
        var isInterrupted = false
        var movedTo: String?
        var isBusy = false
        var message: String?
    }

    struct Meeting: Equatable, Sendable {
        var label: String
        var url: String
        var name: String
    }

    struct Person: Equatable, Sendable {
        var id: String
        var name: String
        var isAudioMuted: Bool
        var isVideoMuted: Bool
        var isHandRaised: Bool
        var isModerator: Bool
        var isDominant: Bool
    }

    /// What is sent of the room itself.
    struct Own: Equatable, Sendable {
        var isMicrophoneMuted = false
        var isCameraOn = true
        var isAudioOnly = false
        var isHandRaised = false
    }

    /// What is asked for and what is held back of pictures.
    struct Video: Equatable, Sendable {
        var level: String
        var lastN: Int?
        var bandwidth: Int?
        /// By the name of the source.
        var heights: [String: Int]
        var onStage: [String]
        var wantedHeight: Int
        var simulcast: Bool
        var codec: String
        var heldBy: String?
        var limit: Int
        var temperature: Int?
    }

    /// What becomes of what is said in the meeting.
    struct Facts: Equatable, Sendable {
        enum Activity: String, Sendable { case off, starting, on }

        var recording = Activity.off
        var liveStream = Activity.off
        var isTranscribed = false
        var isEncrypted = false
        var hasPassword = false
        var hasLobby = false
        var captions: [Caption] = []
    }

    struct Caption: Equatable, Sendable {
        var name: String
        var text: String
    }

    struct Fault: Equatable, Sendable {
        var code: String
        var number: Int?
        var text: String
    }

    /// The times of the last join, in milliseconds from the press.
    struct Join: Equatable, Sendable {
        struct Step: Equatable, Sendable {
            var name: String
            var milliseconds: Double
        }

        var total: Double?
        var steps: [Step] = []
    }

    /// A rung of the way to the servers: `works`, `trying`, or what is wrong.
    struct Rung: Equatable, Sendable {
        var rung: ConnectionRung
        var state: String
    }

    /// Counters of camera and sound devices.
    struct DeviceCounters: Equatable, Sendable {
        var camera = Camera()
        var sound = Sound()

        struct Camera: Equatable, Sendable {
            var captured = 0
            var stillCards = 0
            var corrupt = 0
            var lost = 0
        }

        struct Sound: Equatable, Sendable {
            var underruns = 0
            var overruns = 0
            var droppedBlocks = 0
            var driftPartsPerMillion = 0
            var cancelsEcho = false
            var echoDelay = 0
            var microphoneSilentSeconds = 0
            var microphoneLevel = 0
        }
    }

    /// What the box is called and has.
    struct Box: Equatable, Sendable {
        var device = ""
        var language = ""
        var meetings: [String] = []
        var presets: [String] = []
    }

    struct NextMeeting: Equatable, Sendable {
        var title: String?
        /// Seconds since 1970 UTC.
        var start: Int64
        var end: Int64
        var isAllDay: Bool
        var button: ButtonRole?
    }

    var activity = Activity()
    var room: Meeting?
    var people: [Person] = []
    /// The others and us; 0 outside of a meeting.
    var participants = 0
    var own = Own()
    var video: Video?
    var facts = Facts()
    var lastJoin = Join()
    var faults: [Fault] = []
    /// Whether a device is missing or broken.
    var isDegraded = false
    var media: [MediaStreamStatus] = []
    var display: DisplayState?
    var network: [Rung] = []
    var volume = 0
    var devices = DeviceCounters()
    /// Whether a server waits for a press.
    package var isStandingBy = false
    var box = Box()
    var nextMeeting: NextMeeting?
    /// Whether a join would be tried: `GET /ready` and what starts the box look at it.
    package var isReady = false

    /// The status of a box that has just started.
    package init() {}
}

/// One stream of RTP, received or sent.
struct MediaStreamStatus: Equatable, Sendable {
    var source: String
    var isReceived: Bool
    var isAudio: Bool
    var codec: String
    var ssrc: UInt32
    /// In bit/s.
    var bitrate: Int
    var packets: Int
    /// Of what is received.
    var lost: Int?
    /// 0…1; nil while the other side has not said.
    var loss: Double?
    var jitterMilliseconds: Double
    var roundTripMilliseconds: Double?
    var details: Details?

    enum Details: Equatable, Sendable {
        case heard(Heard)
        case spoken(Spoken)
        case seen(Seen)
        case filmed(Filmed)
    }

    /// What became of the sound of one source; counts are samples at 48 kHz and packets.
    struct Heard: Equatable, Sendable {
        var target = 0
        var delay = 0
        var decoded = 0
        var concealed = 0
        var accelerated = 0
        var expanded = 0
        var late = 0
        var restored = 0
        var copied = 0
    }

    /// How the own voice is encoded.
    struct Spoken: Equatable, Sendable {
        var targetBitrate = 0
        var isRepeated = false
        var hasFEC = false
        var isDiscontinuous = false
    }

    struct Seen: Equatable, Sendable {
        var width = 0
        var height = 0
        var framesPerSecond = 0
        var framesDecoded = 0
        var framesShown = 0
        var framesDropped = 0
        var keyframeRequests = 0
        var nacks = 0
    }

    /// One layer of the camera; sizes are nil while it is off.
    struct Filmed: Equatable, Sendable {
        var layer = 0
        var width: Int?
        var height: Int?
        var framesPerSecond = 0
        var target = 0
        var framesEncoded = 0
        var keyframes = 0
        var retransmissions = 0
    }
}
