package import Basis

/// A 64-bit NTP timestamp (RFC 5905): seconds since 1900 in the upper half, fractions in the lower.
package struct NTPTimestamp: Hashable, Sendable {
    /// Seconds since 1900 in the upper 32 bits, fractions of 2⁻³² s in the lower.
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The wall clock at `instant`, where `offset` is the time from 1900 to the monotonic clock's origin.
    package init(_ instant: MonotonicInstant, offset: Duration) {
        let nanoseconds = instant.nanoseconds &+ offset.wholeNanoseconds
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let fraction = (UInt64(rest.magnitude) << 32) / 1_000_000_000
        let whole = UInt64(bitPattern: seconds) << 32
        rawValue = rest < 0 ? whole &- fraction : whole | fraction
    }

    /// The middle 32 bits, as report blocks quote them (RFC 3550 section 6.4.1), in 1/65536 s.
    package var middle: UInt32 {
        UInt32(truncatingIfNeeded: rawValue >> 16)
    }

    /// The 24 bits of the abs-send-time extension: 6.18 fixed-point seconds.
    package var absSendTime: UInt32 {
        UInt32(truncatingIfNeeded: rawValue >> 14) & 0xFF_FFFF
    }
}

/// Conversions between the monotonic clock and RTP clocks.
enum RTPClock {
    /// `instant` in units of a clock of `rate` Hz, a multiple of 1000; wraps as RTP timestamps do.
    static func units(_ instant: MonotonicInstant, rate: Int64) -> UInt32 {
        let (milliseconds, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let perMillisecond = rate / 1000
        return UInt32(truncatingIfNeeded: milliseconds &* perMillisecond &+ rest * perMillisecond / 1_000_000)
    }
}
