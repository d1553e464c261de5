internal import Glibc
internal import HostFiles

/// The time zones that this machine knows (tzfile(5)).
package struct TimeZoneDatabase: Sendable {
    private let folder: String

    /// - Parameter folder: where the zones are; another one in tests.
    package init(folder: String = "/usr/share/zoneinfo") {
        self.folder = folder
    }

    /// Whether there are any zones at all.
    package var isInstalled: Bool { !Folder.entries(folder).isEmpty }

    /// No zone has as many bytes.
    private static let longest = 65_536

    /// Whether `name`, such as `Europe/Paris`, is one of them.
    package func contains(_ name: String) -> Bool { file(name) != nil }

    /// The zone's file (tzfile(5)); nil where there is none of that name.
    package func file(_ name: String) -> [UInt8]? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.first != "." && part.utf8.allSatisfy(Self.isNameByte)
        }
        guard isName, name.utf8.count <= 80 else { return nil }
        guard let bytes = try? ByteReader.read("\(folder)/\(name)", limit: Self.longest) else { return nil }
        return bytes.starts(with: Array("TZif".utf8)) ? bytes : nil
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
