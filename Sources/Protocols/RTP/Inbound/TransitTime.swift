import Basis

/// What lies between the clock of a sender (RFC 3550 section 6.4.1) and ours for the fastest packets of one source.
///
/// Alone it says nothing, for nobody knows what the clocks differ by; of two sources of one sender the difference says how
/// much later the pictures arrive than the sound that belongs to them.
struct TransitTime: Sendable {
    /// The fastest packet is looked for among those of the last one or two.
    private static let window = Duration.seconds(3)
    /// A report that is so far from the packets is about something else.
    private static let furthest: Int64 = 60_000_000_000

    private let clockRate: Int64
    private var report: (ntp: Int64, rtp: UInt32)?
    private var fastest = Int64.max
    private var fastestBefore = Int64.max
    private var windowEnd = MonotonicInstant.zero

    init(clockRate: Int64) {
        self.clockRate = clockRate
    }

    mutating func note(_ report: SenderReport) {
        let seconds = Int64(report.ntp.rawValue >> 32)
        let fraction = Int64(((report.ntp.rawValue & 0xFFFF_FFFF) &* 1_000_000_000) >> 32)
        self.report = (seconds &* 1_000_000_000 &+ fraction, report.rtpTimestamp)
    }

    mutating func arrive(timestamp: UInt32, at now: MonotonicInstant) {
        guard let report else { return }
        let since = Int64(Int32(bitPattern: timestamp &- report.rtp)) &* 1_000_000_000 / clockRate
        guard abs(since) < Self.furthest else { return }
        let transit = now.nanoseconds &- report.ntp &- since
        if now >= windowEnd {
            fastestBefore = fastest
            fastest = transit
            windowEnd = now + Self.window
        }
        fastest = min(fastest, transit)
    }

    /// In nanoseconds; nil until a report and a packet after it have come.
    var value: Int64? {
        let value = min(fastest, fastestBefore)
        return value == .max ? nil : value
    }
}
