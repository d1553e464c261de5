/// Tiles of 16:9, as large as an area allows.
package enum TileGrid {
    /// `count` equal tiles in reading order, in the middle of `area`; the last row is centred.
    package static func tiles(_ count: Int, in area: SceneRectangle, gap: Int) -> [SceneRectangle] {
        guard count > 0 else { return [] }
        var best = (width: 0, columns: 1, rows: count)
        for columns in 1...count {
            let rows = (count + columns - 1) / columns
            let byWidth = (area.width - gap * (columns - 1)) / columns
            let byHeight = (area.height - gap * (rows - 1)) / rows * 16 / 9
            let width = min(byWidth, byHeight)
            if width > best.width { best = (width, columns, rows) }
        }
        let width = max(2, best.width)
        let height = max(2, width * 9 / 16)
        let top = area.y + (area.height - best.rows * height - (best.rows - 1) * gap) / 2
        return (0..<count).map { index in
            let row = index / best.columns
            let inRow = min(best.columns, count - row * best.columns)
            let left = area.x + (area.width - inRow * width - (inRow - 1) * gap) / 2
            return SceneRectangle(
                x: left + index % best.columns * (width + gap), y: top + row * (height + gap), width: width,
                height: height)
        }
    }

    /// As `tiles(_:in:gap:)`, but leaving `reserved` (the self view, in the lower right corner) free: beside it or above
    /// it, whichever leaves the larger tiles.
    package static func tiles(
        _ count: Int, in area: SceneRectangle, gap: Int, avoiding reserved: SceneRectangle?
    ) -> [SceneRectangle] {
        let free = tiles(count, in: area, gap: gap)
        guard let reserved, free.contains(where: { $0.intersects(reserved) }) else { return free }
        var beside = area
        beside.width = max(2, min(area.maxX, reserved.x - gap) - area.x)
        var above = area
        above.height = max(2, min(area.maxY, reserved.y - gap) - area.y)
        let options = [tiles(count, in: beside, gap: gap), tiles(count, in: above, gap: gap)]
        return options.max { ($0.first?.width ?? 0) < ($1.first?.width ?? 0) } ?? free
    }
}
