import Devices
import Glibc
import Painter
import Scene
import ScreenGallery
import Testing

/// Screens against pictures of them that were looked at.
///
/// After a wanted change: `visiosalle screens --out Tests/ScreenGalleryTests/Goldens --size 480x270 --lang fr --only NAME`,
/// and look at the picture.
@Suite struct GalleryTests {
    private static let size = PictureSize(width: 480, height: 270)
    private static let block = 6

    @Test(arguments: [
        "idle", "joining", "alone", "call-four", "call-speaker", "call-share", "call-marks-and-hands",
        "call-people-page", "call-captions", "kicked-with-reason", "no-server", "fault", "join-failed-media",
        "idle-two-buttons",
    ])
    func theScreenLooksAsItDid(name: String) throws {
        let screen = try #require(GalleryScreen.all.first { $0.name == name })
        let renderer = GalleryRenderer()
        let canvas = try renderer.draw(screen, language: .french, size: Self.size)
        let golden = try #require(PNGReader.decode(try Self.read("\(name).fr.480x270.png")))
        #expect(golden.width == Self.size.width && golden.height == Self.size.height)
        let (worst, mean) = Self.difference(canvas.bytes, golden.pixels)
        // Another version of a font or of Cairo moves edges by a part of a pixel; another layout moves whole blocks.
        #expect(mean < 3 && worst < 90, "mean \(mean), worst block \(worst)")
    }

    @Test func aChangedScreenIsNoticed() throws {
        let renderer = GalleryRenderer()
        let idle = try #require(GalleryScreen.all.first { $0.name == "idle" })
        let next = try #require(GalleryScreen.all.first { $0.name == "idle-next-meeting" })
        let one = try renderer.draw(idle, language: .french, size: Self.size)
        let two = try renderer.draw(next, language: .french, size: Self.size)
        let (worst, _) = Self.difference(one.bytes, two.bytes)
        #expect(worst >= 90)
    }

    @Test(arguments: Language.allCases)
    func everyStateIsDrawn(language: Language) throws {
        #expect(Set(GalleryScreen.all.map(\.name)).count == GalleryScreen.all.count)
        let renderer = GalleryRenderer()
        for screen in GalleryScreen.all {
            let canvas = try renderer.draw(screen, language: language, size: PictureSize(width: 320, height: 180))
            #expect(Set(canvas.bytes).count > 20, "\(screen.name)")
        }
    }

    /// Every kind of state is in the gallery: a new one fails here until it has a sample.
    @Test func noStateIsForgotten() {
        var seen: Set<String> = []
        for screen in GalleryScreen.all { seen.insert(Self.kind(screen.state(.french).phase)) }
        #expect(seen.count == 16, "\(seen.sorted())")
    }

    private static func kind(_ phase: ScenePhase) -> String {
        switch phase {
        case .starting: "starting"
        case .disconnected: "disconnected"
        case .idle: "idle"
        case .joining: "joining"
        case .passwordRequired: "passwordRequired"
        case .waitingForHost: "waitingForHost"
        case .lobby: "lobby"
        case .aloneInRoom: "aloneInRoom"
        case .inCall: "inCall"
        case .reconnecting: "reconnecting"
        case .leaving: "leaving"
        case .kicked: "kicked"
        case .roomClosed: "roomClosed"
        case .moved: "moved"
        case .updating: "updating"
        case .fault: "fault"
        }
    }

    /// Of the means of blocks of pixels: the largest difference, and the mean of all.
    private static func difference(_ one: [UInt8], _ two: [UInt8]) -> (worst: Double, mean: Double) {
        var (worst, sum, count) = (0.0, 0.0, 0.0)
        for top in stride(from: 0, to: size.height, by: block) {
            for left in stride(from: 0, to: size.width, by: block) {
                for part in 0..<3 {
                    var (a, b, pixels) = (0, 0, 0)
                    for y in top..<min(size.height, top + block) {
                        for x in left..<min(size.width, left + block) {
                            a += Int(one[(y * size.width + x) * 4 + part])
                            b += Int(two[(y * size.width + x) * 4 + part])
                            pixels += 1
                        }
                    }
                    let difference = Double(abs(a - b)) / Double(pixels)
                    worst = max(worst, difference)
                    sum += difference
                    count += 1
                }
            }
        }
        return (worst, sum / count)
    }

    private static func read(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let file = try #require(fopen("\(folder)/Goldens/\(name)", "rb"), "\(name) is missing")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
        }
    }
}
