import Glibc
import Provisioning

/// Standard error, and the language of whoever reads it.
enum Terminal {
    static func complain(_ text: String) {
        var line = Array((text + "\n").utf8)
        _ = write(2, &line, line.count)
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
