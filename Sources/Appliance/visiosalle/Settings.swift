import Appliance
import ArgumentParser
import Basis
import Devices
import HostFiles
import Jitsi
import LinuxHost
import NetworkIO
import Panel
import Provisioning
import RoomController
import Scene

/// Makes the appliance's settings of a configuration file; every complaint goes to standard error, all at once.
enum Settings {
    /// Reads and checks `path`; exits with 66 when it cannot be read, with `failure` when it is wrong.
    /// - Parameters:
    ///   - language: of messages; nil for the one that the file asks for, and where it says nothing, the terminal's.
    ///   - boards: the folder with the boards' descriptions.
    ///   - shelf: gets the crest, for `make`.
    static func readConfiguration(
        _ path: String, language: DisplayLanguage?, failure: ExitCode, boards: String = BoardCatalogue.installed,
        shelf: CrestShelf = CrestShelf()
    ) throws -> Configuration {
        let bytes: [UInt8]
        do throws(LocalFile.Problem) {
            bytes = try LocalFile.read(path)
        } catch {
            Terminal.complain("\(path): \(error.text[language ?? Terminal.language(nil)])")
            throw ExitCodes.noInput
        }
        let folder = folder(of: path)
        var checks = checks(folder: folder, shelf: shelf)
        addFileChecks(to: &checks, folder: folder, boards: boards)
        switch ConfigurationReader.read(bytes, checks: checks, checkAddress: checkAddress) {
        case .success(var configuration):
            resolvePaths(in: &configuration, folder: folder)
            return configuration
        case .failure(let problems):
            let language = language ?? DisplayLanguage.declared(in: bytes) ?? Terminal.language(nil)
            for problem in problems.list { Terminal.complain(problem.text(file: path, language: language)) }
            throw failure
        }
    }

    /// What is wrong with a meeting's address, or nil.
    static func checkAddress(_ url: String) -> LocalizedText? {
        do throws(RoomURLError) {
            _ = try RoomURL(url)
            return nil
        } catch {
            return switch error {
            case .unsupportedScheme:
                LocalizedText(
                    "l'adresse d'une réunion commence par https://", "a meeting's address starts with https://")
            case .missingRoom:
                LocalizedText(
                    "il manque le nom de la réunion à la fin, comme dans https://visio.example.org/Conseil",
                    "the meeting's name is missing at the end, as in https://visio.example.org/Conseil")
            case .credentialsInAuthority:
                LocalizedText(
                    "pas de mot de passe dans l'adresse ; utilisez account_password_file",
                    "no password in the address; use account_password_file")
            case .invalidHost where !url.utf8.allSatisfy({ $0 < 0x80 }) && !isASCIIHost(url):
                LocalizedText(
                    "un nom de serveur accentué s'écrit sous sa forme « xn--… » ; un navigateur la donne quand on copie "
                        + "l'adresse de sa barre",
                    "a server name with accents is written in its form 'xn--…'; a browser gives it when the address is "
                        + "copied from its bar")
            case .empty, .tooLong, .missingHost, .invalidHost, .invalidPort:
                LocalizedText(
                    "une adresse comme https://visio.example.org/Conseil est attendue",
                    "an address such as https://visio.example.org/Conseil is expected")
            }
        }
    }

    private static func isASCIIHost(_ url: String) -> Bool {
        guard let scheme = url.firstIndex(of: ":") else { return true }
        return url[scheme...].dropFirst().drop { $0 == "/" }.prefix { !"/?#".contains($0) }.allSatisfy { $0.isASCII }
    }

    /// Settings for `configuration`; secrets are read here and nowhere later.
    /// - Parameter shelf: with the crest that was decoded when the configuration was read.
    static func make(_ configuration: Configuration, shelf: CrestShelf) throws -> ApplianceSettings {
        var meetings: [MeetingSettings] = []
        for room in configuration.rooms {
            var address = room.url
            if let file = room.tokenFile {
                address = String(address.prefix { $0 != "#" })
                address += (address.contains("?") ? "&" : "?") + "jwt=" + (try secret(file))
            }
            guard let url = try? RoomURL(address) else {
                Terminal.complain("\(room.url.prefix { $0 != "?" })")
                throw ExitCodes.configuration
            }
            var meeting = MeetingSettings(label: room.label, url: url)
            meeting.password = try room.passwordFile.map { Redacted(try secret($0)) }
            if let user = room.account, let file = room.accountPasswordFile {
                meeting.account = (user, Redacted(try secret(file)))
            }
            meeting.overrides = ServerOverrides(
                xmppDomain: room.server.xmppDomain, mucDomain: room.server.mucDomain,
                anonymousDomain: room.server.anonymousDomain, focus: room.server.focus,
                webSocketURL: room.server.webSocketURL, boshURL: room.server.boshURL,
                conferenceRequestURL: room.server.conferenceRequestURL)
            meetings.append(meeting)
        }
        var settings = ApplianceSettings(
            deviceName: configuration.device.name, language: Language(configuration.device.language),
            meetings: meetings, machineUID: machineUID(), caFiles: configuration.caFiles,
            // A server on this very machine, such as the practice conference, is reached by no other interface.
            usesLoopbackMedia: meetings.contains { $0.url.isLoopback })
        settings.calendar = try configuration.calendar.map(calendar)
        settings.room.cameraPresets = configuration.camera.presets.map(\.label)
        settings.room.video.simulcast = configuration.camera.simulcast
        settings.cameraShowsScreen = configuration.camera.content == .screen
        settings.room.video.codec = configuration.call.videoCodec
        settings.room.video.audioOnly = configuration.call.audioOnly
        settings.room.video.audioOnlyShares = configuration.call.audioOnlyShares
        settings.room.showsCaptions = configuration.display.captions
        settings.room.theme = theme(configuration, crest: shelf.picture)
        settings.room.helpURL = configuration.device.helpURL
        settings.room.idleDisplay.dimDelay = configuration.display.dims.duration
        settings.room.idleDisplay.restDelay = configuration.display.goesOff.duration
        settings.proxy = try configuration.network.proxy.map { proxy in
            HTTPProxy(
                host: proxy.host, port: proxy.port, user: proxy.user,
                password: try proxy.passwordFile.map { Redacted(try secret($0)) }, exceptions: proxy.exceptions)
        }
        settings.room.volume = SpeakerVolume(
            percent: configuration.audio.volume ?? 70, floor: configuration.audio.volumeFloor,
            ceiling: configuration.audio.volumeCeiling)
        settings.room.sendsPauses = configuration.audio.dtx
        settings.room.sounds.isOn = configuration.sounds.enabled
        settings.room.sounds.volume = configuration.sounds.volume
        settings.room.sounds.peopleLimit = configuration.sounds.peopleLimit
        return settings
    }

    private static func calendar(_ calendar: Configuration.Calendar) throws -> CalendarSettings {
        let address: String
        if let file = calendar.urlFile {
            address = try secret(file)
            if let complaint = Configuration.Calendar.complaint(of: address) {
                Terminal.complain("\(file): \(complaint[Terminal.language(nil)])")
                throw ExitCodes.configuration
            }
        } else {
            address = calendar.url ?? ""
        }
        var settings = CalendarSettings(url: Redacted(address), refresh: .seconds(60 * calendar.refreshMinutes))
        if let user = calendar.account, let file = calendar.accountPasswordFile {
            settings.account = (user, Redacted(try secret(file)))
        }
        return settings
    }

    /// The panel's token, from its file; nil for none. One that can be found by trying is refused.
    static func panelToken(_ path: String?, language: DisplayLanguage) throws -> Redacted<String>? {
        guard let path else { return nil }
        let token = try secret(path)
        guard token.utf8.count >= PanelAccess.minimumTokenLength else {
            let length = PanelAccess.minimumTokenLength
            Terminal.complain(
                language == .french
                    ? "\(path) : un jeton d'au moins \(length) caractères est attendu, par exemple de « openssl rand -hex 32 »"
                    : "\(path): a token of at least \(length) characters is expected, for instance of ‘openssl rand -hex 32’"
            )
            throw ExitCodes.configuration
        }
        return Redacted(token)
    }

    private static func secret(_ path: String) throws -> String {
        do throws(LocalFile.Problem) {
            return try LocalFile.secret(path)
        } catch {
            Terminal.complain("\(path): \(error.text[Terminal.language(nil)])")
            throw ExitCodes.configuration
        }
    }

    /// 32 hexadecimal digits, stable for this machine, from which its identity cannot be read back.
    static func machineUID() -> String {
        var random = RandomSource.system
        let identity = (try? TextFile.read("/etc/machine-id")).map { Array($0.utf8) } ?? random.bytes(16)
        return Hexadecimal.encode(Array(SHA1.hash(Array("visiosalle ".utf8) + identity).prefix(16)))
    }
}

extension Language {
    init(_ language: DisplayLanguage) {
        switch language {
        case .french: self = .french
        case .english: self = .english
        }
    }
}
