internal import Glibc

/// The time zones that this machine knows (tzfile(5)).
package struct TimeZoneDatabase {
    private let folder: String

    /// - Parameter folder: where the zones are; another one in tests.
    package init(folder: String = "/usr/share/zoneinfo") {
        self.folder = folder
    }

    /// Whether there are any zones at all.
    package var isInstalled: Bool { !Folder.entries(folder).isEmpty }

    /// Whether `name`, such as `Europe/Paris`, is one of them.
    package func contains(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.first != "." && part.utf8.allSatisfy(Self.isNameByte)
        }
        guard isName, name.utf8.count <= 80 else { return false }
        let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var magic = [UInt8](repeating: 0, count: 4)
        return read(descriptor, &magic, magic.count) == 4 && magic == Array("TZif".utf8)
    }

    /// Times of day are those of the zone `name` from now on, in all of this process. Called before threads start.
    package func use(_ name: String) {
        setenv("TZ", ":\(folder)/\(name)", 1)
        tzset()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
        default: false
        }
    }
}
