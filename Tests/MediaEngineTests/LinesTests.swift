import Basis
import Devices
import LineModel
import Testing

@testable import MediaEngine

/// A room behind narrow and trembling lines, alone and right after another bad line, in virtual time: the far side sees no less
/// of it than a Chromium participant in its place let see in the lab (docs/performance.md, M13).
@Suite struct LinesTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var loss = 0.0
        var bottleneck: Int?
        var jitter = Duration.zero
        /// At least, in bit/s and pictures a second.
        var rate: Double
        var pictures: Double
        /// At most, 0…1.
        var frozen: Double
    }

    static let lines = [
        Line(testDescription: "10 % loss", loss: 0.1, rate: 1_200_000, pictures: 28, frozen: 0.02),
        // Chromium's stands for 0 % here: ours when a larger layer begins, with its key frame.
        Line(testDescription: "1000 kbit/s", bottleneck: 1_000_000, rate: 600_000, pictures: 28, frozen: 0.08),
        Line(testDescription: "250 kbit/s", bottleneck: 250_000, rate: 140_000, pictures: 26, frozen: 0.05),
        Line(
            testDescription: "jitter 40 ms", jitter: .milliseconds(40), rate: 1_200_000, pictures: 28, frozen: 0.02),
        Line(
            testDescription: "jitter 30 ms, 5 % loss", loss: 0.05, jitter: .milliseconds(30), rate: 1_200_000,
            pictures: 28, frozen: 0.04),
    ]

    private func room(seed: UInt64) -> RoomOnALine {
        var planner = SendingPlanner()
        let step = SendingGovernor(framesPerSecond: 30).step
        var room = RoomOnALine(seed: seed) { bandwidth, now in
            let plan = planner.plan(
                for: PictureSize(width: 1280, height: 720), maxHeight: 720, isSimulcast: true, skipsMiddle: true,
                line: max(60_000, (bandwidth ?? 1_500_000) - 60_000), step: step, at: now)
            return [plan.low, plan.standard, plan.high].map { $0?.bitrate ?? 0 }
        }
        room.line.delay = .microseconds(12_500)
        room.line.queueLimit = .milliseconds(200)
        return room
    }

    private func pass(_ line: Line, _ room: inout RoomOnALine) {
        room.run(.seconds(5))
        room.line.loss = line.loss
        room.line.bottleneck = line.bottleneck
        room.line.returnBottleneck = line.bottleneck
        room.line.jitter = line.jitter
        room.run(.seconds(8))
        let figures = room.measure(.seconds(15))
        room.line.loss = 0
        room.line.bottleneck = nil
        room.line.returnBottleneck = nil
        room.line.jitter = .zero
        #expect(figures.rate >= line.rate, "\(line.testDescription)")
        #expect(figures.pictures >= line.pictures, "\(line.testDescription)")
        #expect(figures.frozen <= line.frozen, "\(line.testDescription)")
        #expect(figures.lost <= line.loss + 0.04, "\(line.testDescription): sound first")
    }

    @Test(arguments: lines) func aBadLineAlone(line: Line) {
        var room = room(seed: 1)
        pass(line, &room)
    }

    @Test(arguments: [UInt64(1), 2]) func oneBadLineAfterAnother(seed: UInt64) {
        var room = room(seed: seed)
        for line in Self.lines { pass(line, &room) }
    }
}
