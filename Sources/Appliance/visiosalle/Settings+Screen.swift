import LinuxHost
import Provisioning
import Scene

/// What a configuration says of the screen's looks, checked against this machine.
extension Settings {
    /// Where the check of a crest leaves what it has decoded.
    final class CrestShelf {
        var picture: ScenePicture?
    }

    /// - Parameters:
    ///   - folder: that of the configuration file, with a slash at its end; empty for the present one.
    ///   - shelf: gets the crest.
    static func checks(folder: String, shelf: CrestShelf) -> ConfigurationChecks {
        var checks = ConfigurationChecks()
        checks.crest = { path in
            do throws(CrestFile.Problem) {
                shelf.picture = try CrestFile.read(resolve(path, folder: folder))
                return nil
            } catch {
                return error.text
            }
        }
        checks.timeZone = { name in
            let zones = TimeZoneDatabase()
            if zones.contains(name) { return nil }
            return zones.isInstalled
                ? LocalizedText(
                    "un fuseau horaire comme « Europe/Paris » est attendu",
                    "a time zone such as 'Europe/Paris' is expected")
                : LocalizedText(
                    "les fuseaux horaires manquent sur cette machine (paquet tzdata)",
                    "this machine has no time zones (package tzdata)")
        }
        checks.colours = { ground, accent in
            let problems = Theme.problems(
                ground: ground ?? Theme.standardGround, accent: accent ?? Theme.standardAccent)
            func complaint(_ place: Theme.Problem.Place) -> LocalizedText? {
                problems.first { $0.place == place }.map(contrastText)
            }
            return (complaint(.ground), complaint(.accent))
        }
        return checks
    }

    /// The folder of the file at `path`, with a slash at its end; empty for the present one.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    static func resolve(_ path: String, folder: String) -> String {
        path.hasPrefix("/") ? path : folder + path
    }

    /// The looks that `configuration` asks for.
    static func theme(_ configuration: Configuration, crest: ScenePicture?) -> Theme {
        let theme = configuration.theme
        return Theme(
            ground: theme.ground.map { 0xFF00_0000 | $0 } ?? Theme.standardGround,
            accent: theme.accent.map { 0xFF00_0000 | $0 } ?? Theme.standardAccent, highContrast: theme.highContrast,
            crest: theme.crest == nil ? nil : crest)
    }

    static func contrastText(_ problem: Theme.Problem) -> LocalizedText {
        // Rounded down: what is said to be 4.5 is 4.5.
        let tenths = Int(problem.ratio * 10)
        let least = Int(Contrast.minimum * 10)
        let instead = "#" + String(problem.instead & 0xFF_FFFF | 0x100_0000, radix: 16).dropFirst()
        switch problem.place {
        case .ground:
            return LocalizedText(
                "les textes clairs sur cette couleur n'ont qu'un contraste de \(tenths / 10),\(tenths % 10):1, il en faut "
                    + "\(least / 10),\(least % 10):1 ; prenez une couleur plus sombre, par exemple « \(instead) »",
                "the light words on this colour have a contrast of \(tenths / 10).\(tenths % 10):1 only, "
                    + "\(least / 10).\(least % 10):1 is needed; take a darker colour, for instance '\(instead)'")
        case .accent:
            return LocalizedText(
                "cette couleur sur le fond sombre n'a qu'un contraste de \(tenths / 10),\(tenths % 10):1, il en faut "
                    + "\(least / 10),\(least % 10):1 ; prenez une couleur plus claire, par exemple « \(instead) »",
                "this colour on the dark background has a contrast of \(tenths / 10).\(tenths % 10):1 only, "
                    + "\(least / 10).\(least % 10):1 is needed; take a brighter colour, for instance '\(instead)'")
        }
    }
}
