package import Basis
internal import Glibc

/// The kernel's CLOCK_MONOTONIC: the one clock that V4L2, DRM, GPIO and the event loop stamp with.
package enum MonotonicClock {
    package static var now: MonotonicInstant {
        var time = timespec()
        // Fails only for an unknown clock or a bad pointer.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
