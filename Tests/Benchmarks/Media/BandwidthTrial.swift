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
        evaluate(seed: seed)
    }

    /// RFC 8867 section 5, case by case.
    private static func evaluate(seed: UInt64) {
        let one = EvaluationCases.variableCapacity(seed: seed)
        report("5.1 used at 1 Mbit/s", one.rate(from: 10, to: 40) / 10_000, "%")
        report("5.1 used at 2.5", one.rate(from: 45, to: 60) / 25_000, "%")
        report("5.1 used at 0.6", one.rate(from: 65, to: 80) / 6_000, "%")
        report("5.1 used at 1 again", one.rate(from: 85, to: 100) / 10_000, "%")
        report("5.1 queue, p95", one.queue(95, from: 5, to: 100), "ms")
        report("5.1 up to 2.2 of 2.5 after", one.reached(2_200_000, from: 40, to: 60) ?? 99, "s")
        report("5.1 queue short again after the fall", one.settled(100, from: 60, to: 80) ?? 99, "s")

        let two = EvaluationCases.variableCapacityForTwo(seed: seed)
        for (from, capacity) in [(0.0, 4.0), (25, 2), (50, 3.5), (75, 1), (100, 2)] {
            report("5.2 used at \(capacity)", two.rate(from: from + 10, to: from + 25) / capacity / 10_000, "%")
        }
        report("5.2 fairness", two.fairness(from: 10, to: 125), "")
        report("5.2 queue, p95", two.queue(95, from: 5, to: 125), "ms")

        let feedback = EvaluationCases.congestedFeedback(seed: seed)
        report("5.3 forth, used at 1 and 0.5", feedback.rate(of: 0, from: 45, to: 60) / 5_000, "%")
        report("5.3 back, used at 0.8", feedback.rate(of: 1, from: 45, to: 70) / 8_000, "%")
        report("5.3 both again, used of 2", feedback.rate(from: 80, to: 100) / 40_000, "%")
        report("5.3 queue, p95", feedback.queue(95, from: 5, to: 100), "ms")

        let three = EvaluationCases.competingFlows(seed: seed)
        report("5.4 used", three.rate(from: 60, to: 120) / 35_000, "%")
        report("5.4 fairness of three", three.fairness(from: 60, to: 120), "")
        report("5.4 queue, p95", three.queue(95, from: 50, to: 120), "ms")

        let five = EvaluationCases.roundTripFairness(seed: seed)
        report("5.5 used", five.rate(from: 80, to: 200) / 40_000, "%")
        report("5.5 fairness of five", five.fairness(from: 80, to: 200), "")
        report("5.5 queue, p95", five.queue(95, from: 60, to: 200), "ms")

        for queue in [300, 1_000] {
            let long = EvaluationCases.longTransfer(queue: .milliseconds(queue), seed: seed)
            report(
                "5.6 share of a fair half beside TCP, queue \(queue) ms", long.rate(from: 30, to: 120) / 1_000_000, "")
        }

        let short = EvaluationCases.shortTransfers(seed: seed)
        let carried = Double(short.transferredBytes) * 8 / 200
        report("5.7 media", short.rate(from: 10, to: 200) / 1_000, "kbit/s")
        report("5.7 TCP", carried / 1_000, "kbit/s")
        report("5.7 queue, p95", short.queue(95, from: 10, to: 200), "ms")

        let pause = EvaluationCases.pauseAndResume(seed: seed)
        report("5.8 used by two meanwhile", pause.rate(from: 50, to: 60) / 35_000, "%")
        report("5.8 fairness after", pause.fairness(from: 80, to: 120), "")
        report("5.8 queue, p95", pause.queue(95, from: 10, to: 120), "ms")
    }

    private static func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e9 }
}
