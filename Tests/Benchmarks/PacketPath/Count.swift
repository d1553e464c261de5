import CAllocations
import Glibc

/// What some steps of the program cost: counted from the beginning on, closed with `end`.
struct Count {
    private(set) var steps = 0
    /// Asked for in all, and by our own code.
    private(set) var allocations = Int(vs_allocations())
    private(set) var own = Int(vs_own_allocations())
    private(set) var nanoseconds = cpuNanoseconds()

    /// Begins to count.
    init() {}

    /// The sum of nothing.
    init(steps: Int) {
        (self.steps, allocations, own, nanoseconds) = (steps, 0, 0, 0)
    }

    mutating func add(_ other: Count) {
        steps += other.steps
        allocations += other.allocations
        own += other.own
        nanoseconds += other.nanoseconds
    }

    mutating func end(of steps: Int) {
        allocations = Int(vs_allocations()) - allocations
        own = Int(vs_own_allocations()) - own
        nanoseconds = Self.cpuNanoseconds() - nanoseconds
        self.steps = steps
    }

    /// Prints what was counted; false when our own code asked for more than `most`.
    func report(_ name: String, _ unit: String, most: Int) -> Bool {
        let each = Int(nanoseconds / Double(max(1, steps)))
        let others = Double((allocations - own) * 10 / max(1, steps)) / 10
        print(
            "\(name): \(steps) \(unit), \(each) ns each, \(own) allocations of our own (at most \(most)),"
                + " \(others) each of libraries")
        return own <= most
    }

    private static func cpuNanoseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
