import Basis

/// The cases of RFC 8867 section 5, with the product's own camera rates. Where not told otherwise: 50 ms one way, a queue of
/// 300 ms that drops its tail, packets uneven by 5 ms (RFC 8868 section 4.3.1) in order.
package enum EvaluationCases {
    private static func line(_ capacity: Int, back: Int = 100_000_000, seed: UInt64) -> SharedLine {
        var line = SharedLine(capacity: capacity, back: back, seed: seed)
        line.jitter = .milliseconds(5)
        return line
    }

    /// 5.1: one flow, 1 Mbit/s, from 40 s on 2.5, from 60 s on 0.6, from 80 s on 1.
    package static func variableCapacity(seed: UInt64) -> SharedLine {
        var line = line(1_000_000, seed: seed)
        line.addFlow()
        for (until, capacity) in [(40.0, 1_000_000), (60, 2_500_000), (80, 600_000), (100, 1_000_000)] {
            line.forth.capacity = capacity
            line.run(until: until)
        }
        return line
    }

    /// 5.2: two flows, 4, 2, 3.5, 1 and 2 Mbit/s for 25 s each.
    package static func variableCapacityForTwo(seed: UInt64) -> SharedLine {
        var line = line(4_000_000, seed: seed)
        for _ in 0..<2 { line.addFlow() }
        for (until, capacity) in [
            (25.0, 4_000_000), (50, 2_000_000), (75, 3_500_000), (100, 1_000_000), (125, 2_000_000),
        ] {
            line.forth.capacity = capacity
            line.run(until: until)
        }
        return line
    }

    /// 5.3: a flow each way; forth 2, 1, 0.5 and 2 Mbit/s from 0, 20, 40 and 60 s on; back 2, 0.8 and 2 from 0, 35, 70 s on.
    package static func congestedFeedback(seed: UInt64) -> SharedLine {
        var line = line(2_000_000, back: 2_000_000, seed: seed)
        line.addFlow()
        line.addFlow(isForth: false)
        for (until, forth, back) in [
            (20.0, 2_000_000, 2_000_000), (35, 1_000_000, 2_000_000), (40, 1_000_000, 800_000),
            (60, 500_000, 800_000), (70, 2_000_000, 800_000), (100, 2_000_000, 2_000_000),
        ] {
            line.forth.capacity = forth
            line.back.capacity = back
            line.run(until: until)
        }
        return line
    }

    /// 5.4: three flows on 3.5 Mbit/s, 20 s after each other.
    package static func competingFlows(seed: UInt64, until end: Double = 120) -> SharedLine {
        var line = line(3_500_000, seed: seed)
        for until in [20.0, 40, end] {
            line.addFlow()
            line.run(until: until)
        }
        return line
    }

    /// 5.5: five flows on 4 Mbit/s, 10 s after each other, 10, 25, 50, 100 and 150 ms one way.
    package static func roundTripFairness(seed: UInt64, until: Double = 200) -> SharedLine {
        var line = line(4_000_000, seed: seed)
        for (begin, delay) in [(0.0, 10), (10, 25), (20, 50), (30, 100), (40, 150)] {
            line.run(until: begin)
            line.addFlow(delay: .milliseconds(delay))
        }
        line.run(until: until)
        return line
    }

    /// 5.6: a TCP transfer without an end on 2 Mbit/s, from 5 s on beside one flow.
    package static func longTransfer(
        queue: Duration = .milliseconds(300), seed: UInt64, until end: Double = 120
    ) -> SharedLine {
        var line = line(2_000_000, seed: seed)
        line.forth.limit = queue
        line.addTransfer()
        line.run(until: 5)
        line.addFlow()
        line.run(until: end)
        return line
    }

    /// 5.7: two flows on 2 Mbit/s among short TCP transfers: ten people, 100 kB to 1 MB each time, 10 s on average between.
    package static func shortTransfers(seed: UInt64, until: Double = 200) -> SharedLine {
        var chance = RandomSource(seed: seed &+ 99)
        var line = line(2_000_000, seed: seed)
        for _ in 0..<2 { line.addFlow() }
        // Two of the ten begin at once.
        var next = 5.0
        while next < until {
            line.run(until: next)
            if line.transferCount < 4 { line.addTransfer(bytes: Int.random(in: 100_000...1_000_000, using: &chance)) }
            next += Double.random(in: 2...18, using: &chance)
        }
        line.run(until: until)
        return line
    }

    /// 5.8: three flows on 3.5 Mbit/s; the first one pauses from 40 to 60 s.
    package static func pauseAndResume(seed: UInt64) -> SharedLine {
        var line = line(3_500_000, seed: seed)
        for _ in 0..<3 { line.addFlow() }
        line.run(until: 40)
        line.flows[0].isPaused = true
        line.run(until: 60)
        line.flows[0].isPaused = false
        line.run(until: 120)
        return line
    }
}
