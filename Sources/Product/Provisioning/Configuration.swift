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

    package struct Board: Equatable, Sendable {
        /// The board's name under `Board/`, or nil for the simulated one.
        package var name: String?
    }

    package var device = Device()
    package var rooms: [Room] = []
    /// PEM files of certificate authorities that are trusted beside the system's.
    package var caFiles: [String] = []
    package var board = Board()

    package init() {}
}

package enum DisplayLanguage: String, CaseIterable, Equatable, Sendable {
    case french = "fr"
    case english = "en"
}
