import Glibc

/// CPU time of the whole process, in nanoseconds: the encoders have threads of their own.
func cpuTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// One line for whoever reads the figures: name, value, unit, with tabs between.
func report(_ name: String, _ value: Double, _ unit: String) {
    print("\(name)\t\((value * 1000).rounded() / 1000)\t\(unit)")
}

func fail(_ text: String) -> Never {
    print("mediabench: \(text)")
    exit(64)
}

extension Array<Double> {
    /// The value that so many of a hundred stay under; 0 for nothing.
    func percentile(_ share: Int) -> Double {
        let sorted = sorted()
        return sorted.isEmpty ? 0 : sorted[Swift.min(sorted.count - 1, sorted.count * share / 100)]
    }
}
