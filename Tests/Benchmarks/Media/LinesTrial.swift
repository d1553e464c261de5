import Basis
import Devices
import LineModel
import MediaEngine
import RTP

/// A room with three layers and one who looks at it behind narrow and trembling lines, one after the other with five good
/// seconds between, as `Scripts/bench --only M13` does with a real server.
enum LinesTrial {
    private struct Line {
        var name: String
        var loss = 0.0
        var rate: Int?
        var jitter = 0
    }

    private static let lines = [
        Line(name: "10 % loss", loss: 0.1), Line(name: "1000 kbit/s", rate: 1_000_000),
        Line(name: "250 kbit/s", rate: 250_000), Line(name: "jitter 40 ms", jitter: 40),
        Line(name: "jitter 30 ms, 5 % loss", loss: 0.05, jitter: 30),
    ]

    static func run(seed: UInt64) {
        for line in lines {
            var room = Self.room(seed: seed)
            measure(line, &room, "alone")
        }
        var room = Self.room(seed: seed)
        for line in lines { measure(line, &room, "in turn") }
        for line in lines.reversed() { measure(line, &room, "backwards") }
    }

    private static func room(seed: UInt64) -> RoomOnALine {
        var planner = SendingPlanner()
        var room = RoomOnALine(seed: seed) { bandwidth, now in
            // As the call does: sound first.
            let line = max(60_000, (bandwidth ?? 1_500_000) - 60_000)
            let plan = planner.plan(
                for: PictureSize(width: 1280, height: 720), maxHeight: 720, isSimulcast: true, skipsMiddle: true,
                line: line,
                step: SendingGovernor(framesPerSecond: 30).step, at: now)
            return [plan.low, plan.standard, plan.high].map { $0?.bitrate ?? 0 }
        }
        room.line.delay = .microseconds(12_500)
        room.line.queueLimit = .milliseconds(200)
        return room
    }

    private static func measure(_ line: Line, _ room: inout RoomOnALine, _ how: String) {
        room.run(.seconds(5))
        room.line.loss = line.loss
        room.line.bottleneck = line.rate
        room.line.returnBottleneck = line.rate
        room.line.jitter = .milliseconds(line.jitter)
        room.run(.seconds(8))
        let figures = room.measure(.seconds(15))
        room.line.loss = 0
        room.line.bottleneck = nil
        room.line.returnBottleneck = nil
        room.line.jitter = .zero
        func name(_ what: String) -> String { "\(line.name), \(how): \(what)" }
        report(name("came"), figures.rate / 1_000, "kbit/s")
        report(name("estimate"), Double(figures.estimate) / 1_000, "kbit/s")
        report(name("pictures"), figures.pictures, "a second")
        report(name("frozen"), figures.frozen * 100, "%")
        report(name("speech lost"), figures.lost * 100, "%")
        report(name("key frames"), Double(figures.keyframes), "")
        report(name("sent again"), figures.retransmitted * 100, "%")
        report(name("queue, p95"), figures.queue, "ms")
    }
}
