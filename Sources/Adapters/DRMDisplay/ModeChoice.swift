package import Devices

/// Which modes of a TV are tried, the best first.
package enum ModeChoice {
    /// Modes tried at most: each costs buffers and a test by the driver.
    package static let most = 8

    /// - Parameters:
    ///   - offered: what the TV says it can, in its order; empty for one in standby.
    ///   - size: what the set-up asks for; nil: 1920x1080 at 60 Hz, also of a TV that could do more, else its own mode.
    ///   - refreshRate: what the set-up asks for, in Hz.
    package static func candidates(
        _ offered: [DisplayMode], size: PictureSize?, refreshRate: Int?
    ) -> [DisplayMode] {
        let plain = offered.filter { $0.isPlain && $0.hdisplay >= 320 && $0.vdisplay >= 200 && $0.milliHertz > 0 }
        var chosen: [DisplayMode] = []
        func add(_ modes: [DisplayMode]) {
            for mode in modes where !chosen.contains(mode) { chosen.append(mode) }
        }
        func ordered(_ size: PictureSize, at rate: Int) -> [DisplayMode] {
            closest(to: rate, plain.filter { $0.size == size })
        }
        let rate = refreshRate ?? 60
        if let size { add(ordered(size, at: rate)) }
        if let refreshRate, size == nil {
            add(ordered(DisplayMode.fullHD.size, at: rate).filter { $0.refreshRate == refreshRate })
        }
        add(ordered(DisplayMode.fullHD.size, at: 60).filter { $0.refreshRate == 60 })
        add(plain.filter(\.isPreferred))
        add(ordered(DisplayMode.fullHD.size, at: rate))
        add(ordered(DisplayMode.hd.size, at: rate))
        // Small screens and odd ones: the largest that is no larger than 1080p, then whatever there is.
        let byArea = plain.sorted { $0.size.width * $0.size.height > $1.size.width * $1.size.height }
        add(byArea.filter { $0.hdisplay <= 1920 && $0.vdisplay <= 1200 })
        add(byArea)
        if chosen.count > most { chosen.removeLast(chosen.count - most) }
        return chosen.isEmpty ? [.fullHD, .hd] : chosen
    }

    /// Sorted by distance from `rate`; the order of the TV decides between equals.
    private static func closest(to rate: Int, _ modes: [DisplayMode]) -> [DisplayMode] {
        modes.enumerated().sorted { one, other in
            let (near, far) = (abs(one.element.milliHertz - rate * 1_000), abs(other.element.milliHertz - rate * 1_000))
            return near == far ? one.offset < other.offset : near < far
        }.map(\.element)
    }
}
