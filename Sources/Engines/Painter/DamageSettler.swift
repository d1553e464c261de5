internal import Devices

/// Grows damage until every picture is in it wholly or not at all, as rectangles that do not overlap: then each is drawn
/// from the background up without regard for the others. Keeps its memory from one time to the next.
struct DamageSettler {
    private var size = PictureSize(width: 0, height: 0)
    private var videos: [PixelRectangle] = []
    private var settled: [PixelRectangle] = []
    private var open: [PixelRectangle] = []

    /// Begins with a screen of `size` without pictures.
    mutating func begin(size: PictureSize) {
        self.size = size
        videos.removeAll(keepingCapacity: true)
    }

    mutating func add(video: PixelRectangle) {
        videos.append(video)
    }

    mutating func settle(_ damage: inout [PixelRectangle]) {
        settled.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        for rectangle in damage {
            let area = rectangle.clipped(to: size)
            if !area.isEmpty { open.append(area) }
        }
        while let next = open.popLast() {
            var area = grown(next)
            var hasMet = false
            var index = 0
            while index < settled.count {
                guard !settled[index].intersection(area).isEmpty else {
                    index += 1
                    continue
                }
                hasMet = true
                area = area.union(settled.remove(at: index))
                // The larger one may meet those that were passed.
                index = 0
            }
            if hasMet { open.append(area) } else { settled.append(area) }
        }
        damage.removeAll(keepingCapacity: true)
        damage.append(contentsOf: settled)
    }

    /// `area` with all pictures that it touches.
    private func grown(_ area: PixelRectangle) -> PixelRectangle {
        var area = area
        var grew = true
        while grew {
            grew = false
            for video in videos where !video.intersection(area).isEmpty && area.union(video) != area {
                area = area.union(video).clipped(to: size)
                grew = true
            }
        }
        return area
    }
}
