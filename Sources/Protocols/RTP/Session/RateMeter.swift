import Basis

/// The sum of what was added within the last second, in steps of 100 ms.
struct RateMeter: Sendable {
    private static let buckets = 10
    private static let width: Int64 = 100_000_000

    private var sums: InlineArray<10, Int> = .init(repeating: 0)
    /// The latest bucket written to, counted from the clock's origin.
    private var latest: Int64 = 0

    mutating func add(_ amount: Int, at now: MonotonicInstant) {
        let current = now.nanoseconds / Self.width
        if current > latest {
            for stale in max(latest + 1, current - Int64(Self.buckets) + 1)...current {
                sums[Self.index(stale)] = 0
            }
            latest = current
        }
        sums[Self.index(current)] &+= amount
    }

    func sum(at now: MonotonicInstant) -> Int {
        let current = max(latest, now.nanoseconds / Self.width)
        let oldest = current - Int64(Self.buckets) + 1
        guard oldest <= latest else { return 0 }
        var total = 0
        for bucket in oldest...latest { total &+= sums[Self.index(bucket)] }
        return total
    }

    private static func index(_ bucket: Int64) -> Int {
        Int((bucket % Int64(buckets) + Int64(buckets)) % Int64(buckets))
    }
}
