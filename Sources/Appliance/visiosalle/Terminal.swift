import Devices
import Glibc
import Provisioning

/// Standard error, and the language of whoever reads it.
enum Terminal {
    /// A line on standard output that is read at once, by a person or through a pipe.
    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    static func complain(_ text: String) {
        var line = Array((text + "\n").utf8)
        _ = write(2, &line, line.count)
    }

    /// A file that cannot be used: what is wrong with it, in words.
    static func complain(_ error: DeviceError, _ language: DisplayLanguage) {
        let isFrench = language == .french
        let reason: String
        switch error.errno {
        case ENOENT, ENOTDIR: reason = isFrench ? "fichier introuvable" : "no such file"
        case EACCES, EPERM: reason = isFrench ? "accès refusé" : "permission denied"
        case EISDIR: reason = isFrench ? "c'est un dossier, pas un fichier" : "this is a folder, not a file"
        case 0: reason = error.detail
        default: reason = String(cString: strerror(error.errno))
        }
        complain("\(error.device): \(reason)")
    }

    /// French unless `text` says English; with nothing said, the locale decides.
    static func language(_ text: String?) -> DisplayLanguage {
        if let text, let language = DisplayLanguage(rawValue: text) { return language }
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            guard let value = getenv(name) else { continue }
            let locale = String(cString: value)
            if locale.isEmpty { continue }
            return locale.hasPrefix("en") ? .english : .french
        }
        return .french
    }
}
