import Basis
import Devices
import Glibc
import HostFiles
import Room
import Testing

@testable import RoomController

/// The status, its JSON and its page are one.
@Suite struct ApplianceStatusTests {
    private static let path =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/docs/operating/status.md"

    /// A status in which nothing is missing.
    private static var full: ApplianceStatus {
        var status = ApplianceStatus()
        status.room = .init(label: "Conseil", url: "https://visio.example.org/Conseil", name: "Budget")
        status.people = [
            .init(
                id: "a", name: "A", isAudioMuted: true, isVideoMuted: true, isHandRaised: true, isModerator: true,
                isDominant: true)
        ]
        status.video = .init(
            level: "full", lastN: 1, bandwidth: 1, heights: ["a-v0": 720], onStage: ["a-v0"], wantedHeight: -1,
            simulcast: true, codec: "vp8", heldBy: nil, limit: 1, temperature: nil)
        status.facts.captions = [.init(name: "A", text: "Bonjour")]
        status.lastJoin.steps = [.init(name: "joined", milliseconds: 1.5)]
        status.faults = [.init(code: "server-unreachable", number: 21, text: "")]
        status.media = [
            MediaStreamStatus.Details.heard(.init()), .spoken(.init()), .seen(.init()), .filmed(.init()),
        ].map { details in
            MediaStreamStatus(
                source: "a-v0", isReceived: true, isAudio: false, codec: "vp8", ssrc: 1, bitrate: 1, packets: 1,
                jitterMilliseconds: 1, details: details)
        }
        status.display = DisplayState(isConnected: true, size: PictureSize(width: 1_920, height: 1_080))
        status.network = [.init(rung: .cable, state: "works")]
        status.nextMeeting = .init(title: nil, start: 1, end: 2, isAllDay: false, button: .join(room: 0))
        return status
    }

    /// The paths of a value, as the page writes them; objects whose keys are names have `*`.
    private func paths(_ value: JSONValue, _ prefix: String = "") -> [String] {
        switch value {
        case .object(let members):
            let isNamed = ["video.receiving.heights", "last_join_steps", "network"].contains(prefix)
            return members.flatMap { member -> [String] in
                let path = (prefix.isEmpty ? "" : prefix + ".") + (isNamed ? "*" : member.key)
                return [path] + paths(member.value, path)
            }
        case .array(let values): return values.flatMap { paths($0, prefix + "[]") }
        default: return []
        }
    }

    @Test func everyKeyIsDocumentedAndEveryDocumentedKeyIsThere() {
        let told = Set(paths(Self.full.json)).subtracting([
            "video.receiving", "video.sending", "video.receiving.heights", "last_join_steps", "network",
        ])
        let documented = Set(ApplianceStatus.keys.map(\.path))
        #expect(told.subtracting(documented) == [])
        #expect(documented.subtracting(told) == [])
        #expect(ApplianceStatus.keys.count == documented.count)
    }

    @Test func thePageIsOfTheKeys() throws {
        let page = ApplianceStatus.documentation
        if getenv("VISIOSALLE_UPDATE_DOCS") != nil, let file = fopen(Self.path, "w") {
            fputs(page, file)
            fclose(file)
        }
        #expect(try TextFile.read(Self.path) == page, "docs/operating/status.md is of other keys")
    }

    @Test func whatIsRecordedOrStreamedIsRecording() {
        var status = ApplianceStatus()
        #expect(status.json["recording"]?.bool == false && status.json["health"]?.string == "good")
        status.facts.liveStream = .on
        #expect(status.json["recording"]?.bool == true)
    }
}
