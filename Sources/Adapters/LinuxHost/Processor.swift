internal import Glibc
internal import HostFiles

/// What the kernel tells of the processor.
package struct Processor: Sendable {
    private let zones: [String]

    /// - Parameter folder: where the kernel's thermal zones are.
    package init(folder: String = "/sys/class/thermal") {
        var zones: [String] = []
        for name in Folder.entries(folder) where name.hasPrefix("thermal_zone") {
            let zone = "\(folder)/\(name)"
            guard let type = try? TextFile.read("\(zone)/type", limit: 256).lowercased() else { continue }
            if ["cpu", "soc", "pkg", "package"].contains(where: type.contains) { zones.append("\(zone)/temp") }
        }
        self.zones = zones
    }

    /// How many run.
    package static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Of the hottest zone, in degrees Celsius; nil where the kernel knows none.
    package var temperature: Int? {
        let milli = zones.compactMap { path in
            (try? TextFile.read(path, limit: 64)).flatMap { Int($0.prefix { !$0.isWhitespace }) }
        }
        // What is not between ice and boiling lead comes from a broken sensor.
        return milli.map { $0 / 1_000 }.filter { (1...300).contains($0) }.max()
    }
}
