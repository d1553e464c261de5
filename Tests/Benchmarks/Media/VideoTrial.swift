import Basis
import LineModel
import RTP

/// A film of 1.5 Mbit/s through a line that loses packets: what the far end sees of it.
enum VideoTrial {
    /// A picture that stands for longer is a freeze.
    private static let freeze = 150.0

    static func run(loss: Int, roundTrip: Int, seed: UInt64) {
        var line = VirtualLine(seed: seed)
        line.line.delay = .microseconds(roundTrip * 500)
        line.film(.seconds(2), rate: 1_500_000, isAdaptive: false)
        line.line.loss = Double(loss) / 100
        let first = line.framesOut.count
        let keyframes = line.keyframes
        let (sent, again) = (line.bytesSent, line.bytesRetransmitted)
        line.playoutDelays = []
        line.film(.seconds(60), rate: 1_500_000, isAdaptive: false)
        let times = line.framesOut[max(0, first - 1)...].map { Double($0.nanoseconds) / 1e6 }
        let gaps =
            zip(times, times.dropFirst()).map { $1 - $0 } + [Double(line.now.nanoseconds) / 1e6 - (times.last ?? 0)]
        let frozen = gaps.filter { $0 > freeze }
        report("frames seen", Double(line.framesOut.count - first) / 1_800 * 100, "%")
        report("freezes", Double(frozen.count), "a minute")
        report("frozen", frozen.reduce(0, +) / 60_000 * 100, "% of the time")
        report("longest stand", gaps.max() ?? 0, "ms")
        report("held back, median", line.playoutDelays.percentile(50), "ms")
        report("key frames asked for", Double(line.keyframes - keyframes), "a minute")
        report("sent again", Double(line.bytesRetransmitted - again) / Double(line.bytesSent - sent) * 100, "%")
    }
}
