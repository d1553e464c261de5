import Devices
import Glibc
import Painter
import Scene
import ScreenGallery

/// Milliseconds of CPU for composing one frame at 1920x1080, and what an unchanged screen draws.

func cpuMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
}

/// Pages of this process that are in memory (proc(5), statm).
func residentMegabytes() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let fields = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Double((Int(fields[1]) ?? 0) * 4096) / 1_048_576 : 0
}

func people(_ count: Int) -> SceneState {
    var state = SceneState(
        deviceName: "Salle du conseil", roomName: "Conseil municipal", phase: .inCall,
        participants: (0..<count).map {
            SceneParticipant(
                id: "p\($0)", name: "Personne \($0)", audioMuted: $0 == 1, hasVideo: true, dominant: $0 == 0,
                sourceID: "p\($0)")
        }, participantCount: count + 1, elapsedText: "12:34")
    state.link = LinkQuality(sent: .good, received: .good)
    return state
}

func measure(_ name: String, _ state: SceneState, picture: PictureSize, limit: Double) throws {
    let size = PictureSize(width: 1920, height: 1080)
    let frames = FrameStore()
    var compositor = try Compositor(size: size)
    var canvas = Canvas(size: size)
    let rounds = 100
    var total = 0.0
    for round in 0..<rounds {
        for index in state.participants.indices {
            frames.put(SamplePictures.person(index, size: picture), for: .remote("p\(index)"))
        }
        let start = cpuMilliseconds()
        let layout = state.layout(width: size.width, height: size.height)
        _ = compositor.compose(layout, frames: frames, into: &canvas)
        if round > 0 { total += cpuMilliseconds() - start }
    }
    let mean = total / Double(rounds - 1)
    print("\(name): \((mean * 100).rounded() / 100) ms of CPU a frame (goal: \(limit))")
}

do {
    let size = PictureSize(width: 1920, height: 1080)
    let before = residentMegabytes()
    var painter = try OverlayPainter(size: size)
    var overlay = Canvas(size: size)
    var layout = SceneLayout()
    for (index, name) in ["Salle du conseil", "محمد بن عبد الله", "王小明 김민준", "Zoé 🎉"].enumerated() {
        for (row, size) in [0.03, 0.044, 0.06].enumerated() {
            layout.overlay.append(
                .text(
                    TextLayer(
                        text: name,
                        rectangle: SceneRectangle(x: 20 + index * 460, y: 40 + row * 90, width: 440, height: 80),
                        size: size, weight: .semibold, alignment: .left, colour: .text, maximumLines: 1)))
        }
    }
    _ = painter.paint(layout, into: &overlay)
    let surface = Double(overlay.bytes.count) / 1_048_576
    let fonts = residentMegabytes() - before - surface
    print(
        "memory: \((surface * 10).rounded() / 10) MB a surface, \((fonts * 10).rounded() / 10) MB for fonts of four scripts"
    )
}

try measure(
    "one person, 1280x720, whole screen", people(1), picture: PictureSize(width: 1280, height: 720), limit: 4)
try measure("four people, 640x360, tiles", people(4), picture: PictureSize(width: 640, height: 360), limit: 5)

for screen in GalleryScreen.all where screen.name == "idle" {
    let size = PictureSize(width: 1920, height: 1080)
    let state = screen.state(.french)
    let frames = FrameStore()
    var compositor = try Compositor(size: size)
    var canvas = Canvas(size: size)
    let first = cpuMilliseconds()
    _ = compositor.compose(state.layout(width: size.width, height: size.height), frames: frames, into: &canvas)
    print("idle, the first time: \(((cpuMilliseconds() - first) * 100).rounded() / 100) ms")
    var draws = 0
    let start = cpuMilliseconds()
    for _ in 0..<60 {
        let layout = state.layout(width: size.width, height: size.height)
        draws += compositor.compose(layout, frames: frames, into: &canvas).count
    }
    print(
        "idle, unchanged: \(draws) draws in 60 frames, \(((cpuMilliseconds() - start) / 60 * 1000).rounded()) µs each")
}
