package import Devices

/// The appliance's configuration: checked, complete, immutable.
package struct Configuration: Equatable, Sendable {
    package struct Device: Equatable, Sendable {
        /// The name that the other participants see.
        package var name = "Salle"
        package var language = DisplayLanguage.french
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
        /// Minutes without a call or a press until the TV may sleep; nil for never.
        package var restsAfterMinutes: Int? = 15
    }

    package struct Camera: Equatable, Sendable {
        /// The cameras to look for, best first; empty takes the first that gives pictures.
        package var devices: [DeviceIdentity] = []
        package var powerLineFrequency = PowerLineFrequency.hertz50
        /// Controls by their V4L2 names in small letters, for instance `pan_absolute`.
        package var controls: [CameraControl] = []
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
        /// Loudness of the first start, 0…100; nil where nothing is said: 70 for a real speaker, full for a file.
        package var volume: Int?
        /// The bounds of the loudness.
        package var volumeFloor = 10
        package var volumeCeiling = 100
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
    package var rooms: [Room] = []
    /// PEM files of certificate authorities that are trusted beside the system's.
    package var caFiles: [String] = []
    package var network = Network()
    package var board = Board()
    package var display = Display()
    package var camera = Camera()
    package var audio = Audio()
    package var cec = CECChoice.full
    /// Where the panel listens, `ADDRESS:PORT`; nil for no panel.
    package var panelListen: String?

    package init() {}
}

package enum DisplayLanguage: String, CaseIterable, Equatable, Sendable {
    case french = "fr"
    case english = "en"
}
