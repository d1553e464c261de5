/// How bright a lamp is in the course of time, repeated for ever. All times in milliseconds.
enum LampRhythm: Equatable {
    case steady(UInt8)
    /// Up and down again in steps; the period is that of a calm breath.
    case breathing
    /// `count` flashes, `off` between them, `pause` after the last.
    case flashes(Int64, on: Int64, off: Int64, pause: Int64)
    /// From 4 Hz to 10 Hz within 7 s, the time of a reset's countdown.
    case accelerating

    private static let breath: Int64 = 4_000
    private static let breathStep: Int64 = 100

    /// The brightness after `elapsed`, and when it changes next; nil when never.
    func level(after elapsed: Int64) -> (level: UInt8, change: Int64?) {
        switch self {
        case .steady(let level): return (level, nil)
        case .breathing:
            let step = elapsed / Self.breathStep
            let steps = Self.breath / Self.breathStep
            let phase = step % steps
            // A triangle from 0 to 1, squared: eyes see brightness by its root.
            let height = min(phase, steps - phase) * 2
            let level = 4 + 251 * height * height / (steps * steps)
            return (UInt8(clamping: level), (step + 1) * Self.breathStep)
        case .flashes(let count, let on, let off, let pause):
            let period = count * on + (count - 1) * off + pause
            let phase = elapsed % period
            let start = elapsed - phase
            let flash = phase / (on + off)
            guard flash < count else { return (0, start + period) }
            if phase - flash * (on + off) < on { return (255, start + flash * (on + off) + on) }
            return (0, flash == count - 1 ? start + period : start + (flash + 1) * (on + off))
        case .accelerating:
            var (begin, half, isLit) = (Int64(0), Int64(125), true)
            while half > 50, begin + half <= elapsed {
                begin += half
                half -= 1
                isLit.toggle()
            }
            if half == 50 {
                let halves = (elapsed - begin) / half
                begin += halves * half
                if halves % 2 == 1 { isLit.toggle() }
            }
            return (isLit ? 255 : 0, begin + half)
        }
    }
}
