import Basis
import LineModel
import RTP

/// How the estimate follows the line, after RFC 8867 sections 5.1 and 5.2.
enum BandwidthTrial {
    private static let rate = 2_500_000

    static func run(seed: UInt64) {
        var open = VirtualLine(seed: seed)
        var found: Double?
        open.film(.seconds(10), rate: rate, isAdaptive: true) { time, estimate in
            if found == nil, estimate >= rate { found = seconds(time) }
        }
        report("open line: 300 kbit/s to 2.5 Mbit/s", found ?? 99, "s")

        var fall = VirtualLine(seed: seed)
        fall.line.bottleneck = rate
        fall.film(.seconds(15), rate: rate, isAdaptive: true)
        fall.line.bottleneck = 250_000
        var fallen: Double?
        fall.film(.seconds(10), rate: rate, isAdaptive: true) { time, estimate in
            if fallen == nil, estimate <= 260_000 { fallen = seconds(time) }
        }
        report("drop to 250 kbit/s: followed down", fallen ?? 99, "s")
        fall.line.bottleneck = rate
        var risen: Double?
        fall.film(.seconds(20), rate: rate, isAdaptive: true) { time, estimate in
            if risen == nil, estimate >= rate * 9 / 10 { risen = seconds(time) }
        }
        report("drop of 10 s: nine tenths again", risen ?? 99, "s")

        var narrow = VirtualLine(seed: seed)
        narrow.line.bottleneck = 1_000_000
        narrow.film(.seconds(10), rate: rate, isAdaptive: true)
        narrow.line.queueDelays = []
        let passed = narrow.line.bytesPassed
        narrow.film(.seconds(60), rate: rate, isAdaptive: true)
        report("1 Mbit/s: used", Double(narrow.line.bytesPassed - passed) * 8 / 60 / 1_000_000 * 100, "%")
        report(
            "1 Mbit/s: queue, p95",
            narrow.line.queueDelays.map { Double($0.delay.wholeNanoseconds) / 1e6 }.percentile(95), "ms")
    }

    private static func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e9 }
}
