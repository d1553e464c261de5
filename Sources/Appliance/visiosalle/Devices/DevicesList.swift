import ALSAAudio
import ArgumentParser
import Basis
import Devices
import LinuxHost
import Provisioning
import V4L2Camera

/// What the kernel shows, with the names that a configuration takes. Disturbs nobody: a device in use is only named.
struct DevicesList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the devices that the kernel shows, with the names for the configuration.")

    @Flag(help: "As JSON.") var json = false
    @Option(help: "The language of messages: fr or en.") var lang: String?

    private struct Row {
        var kind: String
        var node: String
        var name: String
        var identity: String?
        var detail = ""
    }

    func run() throws {
        let rows = Self.rows()
        if json {
            print(
                JSONValue.array(
                    rows.map { row in
                        [
                            "class": .string(row.kind), "node": .string(row.node), "name": .string(row.name),
                            "identity": row.identity.map { .string($0) } ?? nil, "detail": .string(row.detail),
                        ]
                    }
                ).serialized())
            return
        }
        if rows.isEmpty {
            print(
                Terminal.language(lang) == .french
                    ? "aucun écran, caméra, carte son, bouton ni voyant trouvé"
                    : "no display, camera, sound card, button or lamp found")
        }
        for row in rows {
            let columns = [row.kind, row.node, row.identity ?? "", row.name, row.detail]
            print(columns.filter { !$0.isEmpty }.joined(separator: "\t"))
        }
    }

    private static func rows() -> [Row] {
        let cameras = CameraInventory.list().map { camera in
            Row(
                kind: "camera", node: camera.facts.node, name: camera.facts.name,
                identity: camera.facts.identity.description,
                detail: camera.error.map { "\($0)" } ?? camera.preferred.map { "\($0)" } ?? "")
        }
        let cards = SoundInventory.report(KernelSound()).map { report in
            var words: [String] = []
            if !report.capture.isEmpty { words.append("microphone") }
            if !report.playback.isEmpty { words.append("speaker") }
            if report.cancelsEcho { words.append("cancels its echo") }
            return Row(
                kind: "sound", node: report.card.facts.node, name: report.card.facts.name,
                identity: report.card.facts.identity.description, detail: words.joined(separator: ", "))
        }
        let others = DeviceInventory.scan().filter { !["camera", "sound"].contains($0.kind) }.map {
            Row(kind: $0.kind, node: $0.node, name: $0.name)
        }
        return others.filter { $0.kind == "display" } + cameras + cards + others.filter { $0.kind != "display" }
    }
}
