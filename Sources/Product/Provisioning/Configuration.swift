package import Basis
package import Devices

/// The appliance's configuration: checked, complete, immutable.
package struct Configuration: Equatable, Sendable {
    package struct Device: Equatable, Sendable {
        /// The name that the other participants see.
        package var name = "Salle"
        package var language = DisplayLanguage.french
        /// The room's time zone by its name in the tz database, such as `Europe/Paris`; nil for the machine's own.
        package var timeZone: String?
        /// A page that helps with faults; `{fault}` in it stands for the fault's number. Nil for none.
        package var helpURL: String?
    }

    /// What the town chooses of the screen's looks.
    package struct Theme: Equatable, Sendable {
        /// A PNG file with the town's arms, relative to the configuration's folder.
        package var crest: String?
        /// The dark colour, behind white words, 0xRRGGBB; nil for the standard one.
        package var ground: UInt32?
        /// The bright colour, for signs and lines on dark.
        package var accent: UInt32?
        package var highContrast = false
    }

    /// A time of which "never" can be said.
    package enum Delay: Equatable, Sendable {
        case never
        /// 1 and more.
        case minutes(Int)

        package var duration: Duration? {
            switch self {
            case .never: nil
            case .minutes(let minutes): .seconds(60 * minutes)
            }
        }
    }

    /// One meeting that a button joins.
    package struct Room: Equatable, Sendable {
        /// What the screen and the button call it.
        package var label: String
        package var url: String
        /// A file that holds the meeting's password.
        package var passwordFile: String?
        /// A file that holds a JSON Web Token.
        package var tokenFile: String?
        /// The account of a server with a secure domain, and the file that holds its password.
        package var account: String?
        package var accountPasswordFile: String?
        package var server = Server()

        package init(label: String, url: String) {
            self.label = label
            self.url = url
        }
    }

    /// What config.js of the server says, overridden; nil means as the server says.
    package struct Server: Equatable, Sendable {
        package var xmppDomain: String?
        package var mucDomain: String?
        package var anonymousDomain: String?
        package var focus: String?
        package var webSocketURL: String?
        package var boshURL: String?
        package var conferenceRequestURL: String?
    }

    /// The way to the servers.
    package struct Network: Equatable, Sendable {
        package var proxy: Proxy?
    }

    /// An HTTP proxy for everything over TCP.
    package struct Proxy: Equatable, Sendable {
        package var host: String
        package var port: UInt16
        package var user: String?
        /// A file that holds the password of `user`.
        package var passwordFile: String?
        /// Hosts that are reached directly.
        package var exceptions: [String] = []

        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    package struct Board: Equatable, Sendable {
        /// The board's name under `Board/`, or nil: it is recognised by what it says of itself.
        package var name: String?
        /// Buttons and lamps in place of the board's own; nil leaves them as the board has them.
        package var buttons: [BoardButton]?
        package var lamps: [BoardLamp]?
    }

    /// The TV.
    package struct Display: Equatable, Sendable {
        /// The kernel's name of the connector; nil takes the first with a TV.
        package var connector: String?
        package var size: PictureSize?
        /// Pictures a second of the mode; nil takes what suits the size best.
        package var refreshRate: Int?
        /// How much of each edge the TV hides, in per cent.
        package var overscan = 0
        /// Whether what is said is shown in words when the server sends them.
        package var captions = true
        /// Without a call or a press so long, the screen is dimmed.
        package var dims = Delay.minutes(5)
        /// Without a call or a press so long, the signal goes off and the TV may sleep.
        package var goesOff = Delay.minutes(15)
    }

    /// What every call begins with.
    package struct Call: Equatable, Sendable {
        /// Neither the others' pictures nor our own.
        package var audioOnly = false
        /// Whether screens that others share are shown all the same.
        package var audioOnlyShares = false
        /// What pictures are preferred; others in the room who lack it get and send VP8.
        package var videoCodec = VideoCodec.vp8
    }

    package struct Camera: Equatable, Sendable {
        /// The cameras to look for, best first; empty takes the first that gives pictures.
        package var devices: [DeviceIdentity] = []
        package var powerLineFrequency = PowerLineFrequency.hertz50
        /// Controls by their V4L2 names in small letters, for instance `pan_absolute`.
        package var controls: [CameraControl] = []
        /// Where the camera can be told to look, by the buttons `preset-1`….
        package var presets: [CameraPreset] = []
        /// Whether the picture goes out in three sizes at once where the server allows it.
        package var simulcast = true
        package var content = CameraContent.camera
    }

    /// A view of the room: pan, tilt, zoom, whatever the camera has.
    package struct CameraPreset: Equatable, Sendable {
        package var label: String
        package var controls: [CameraControl]
    }

    /// What a camera shows: people, or the screen of a computer through a grabber.
    package enum CameraContent: String, CaseIterable, Equatable, Sendable {
        case camera, screen
    }

    package enum PowerLineFrequency: String, CaseIterable, Equatable, Sendable {
        case hertz50 = "50", hertz60 = "60", auto
    }

    package struct CameraControl: Equatable, Sendable {
        package var name: String
        package var value: Int

        package init(name: String, value: Int) {
            self.name = name
            self.value = value
        }
    }

    package struct Audio: Equatable, Sendable {
        /// The sound devices to look for, best first; empty takes the first, a speakerphone before others.
        package var microphones: [DeviceIdentity] = []
        package var speakers: [DeviceIdentity] = []
        package var echo = EchoChoice.auto
        /// Whether silence is not sent (discontinuous transmission).
        package var dtx = false
        /// Loudness of the first start, 0…100; nil where nothing is said: 70 for a real speaker, full for a file.
        package var volume: Int?
        /// The bounds of the loudness.
        package var volumeFloor = 10
        package var volumeCeiling = 100
    }

    /// The short sounds by which the box tells the room what happens.
    package struct Sounds: Equatable, Sendable {
        package var enabled = true
        /// Their loudness beside that of the call, 0…100.
        package var volume = 70
        /// The size of a meeting up to which arrivals and departures are told; 0 for never.
        package var peopleLimit = 8
    }

    /// The calendar of the room, as an iCalendar text by HTTPS.
    package struct Calendar: Equatable, Sendable {
        /// Nil where a file holds it.
        package var url: String?
        /// A file that holds the address, and it alone: the address of many a calendar is its only lock.
        package var urlFile: String?
        /// Who may read it, and the file that holds the password.
        package var account: String?
        package var accountPasswordFile: String?
        package var refreshMinutes = 15
    }

    /// Who takes the loudspeaker's sound out of the microphone's.
    package enum EchoChoice: String, CaseIterable, Equatable, Sendable {
        case auto, device, software, off
    }

    /// How far the box goes in commanding the TV through the HDMI cable (CEC).
    package enum CECChoice: String, CaseIterable, Equatable, Sendable {
        case off, watch, wake, full
    }

    package var device = Device()
    package var theme = Theme()
    package var rooms: [Room] = []
    /// PEM files of certificate authorities that are trusted beside the system's.
    package var caFiles: [String] = []
    package var network = Network()
    package var board = Board()
    package var display = Display()
    package var camera = Camera()
    package var call = Call()
    package var audio = Audio()
    package var sounds = Sounds()
    package var cec = CECChoice.full
    /// Nil for none.
    package var calendar: Calendar?
    /// Where the panel listens, `ADDRESS:PORT`; nil for no panel.
    package var panelListen: String?
    /// The file with the token that clients of the panel on other computers must show; nil lets them only look.
    package var panelTokenFile: String?

    package init() {}
}

package enum DisplayLanguage: String, CaseIterable, Equatable, Sendable {
    case french = "fr"
    case english = "en"
}
