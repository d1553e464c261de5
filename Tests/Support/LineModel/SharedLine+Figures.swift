/// What came of a run. Times are seconds since its beginning, rates bit/s on the wire.
extension SharedLine {
    package func rate(of flow: Int, from: Double, to: Double) -> Double {
        let tenths = flows[flow].passed
        let range = Int(from * 10)..<min(tenths.count, Int(to * 10))
        return range.isEmpty ? 0 : Double(tenths[range].reduce(0, +)) * 80 / Double(range.count)
    }

    /// Of all media together.
    package func rate(from: Double, to: Double) -> Double {
        flows.indices.reduce(0) { $0 + rate(of: $1, from: from, to: to) }
    }

    /// The queueing delay that so many of a hundred packets of media stayed under, in ms.
    package func queue(_ share: Int, from: Double, to: Double) -> Double {
        let delays = flows.flatMap(\.queued).filter { $0.at >= from && $0.at < to }.map(\.delay).sorted()
        return delays.isEmpty ? 0 : delays[min(delays.count - 1, delays.count * share / 100)]
    }

    /// Jain's index: 1 where all flows get the same.
    package func fairness(from: Double, to: Double) -> Double {
        let rates = flows.indices.map { rate(of: $0, from: from, to: to) }
        let squares = rates.reduce(0) { $0 + $1 * $1 }
        let sum = rates.reduce(0, +)
        return squares > 0 ? sum * sum / (Double(rates.count) * squares) : 0
    }

    /// When after `from` the flow's estimate first was `least` or more; nil where it never was by `to`.
    package func reached(_ least: Int, by flow: Int = 0, from: Double, to: Double) -> Double? {
        let tenths = flows[flow].estimates
        return (Int(from * 10)..<min(tenths.count, Int(to * 10))).first { tenths[$0] >= least }
            .map { Double($0) / 10 - from }
    }

    /// When after `from` the media first fitted into `capacity`, over a second; nil where it did not by `to`.
    package func settled(_ queueBelow: Double, from: Double, to: Double) -> Double? {
        var second = from
        while second < to {
            if queue(95, from: second, to: second + 1) < queueBelow { return second - from }
            second += 0.1
        }
        return nil
    }
}
