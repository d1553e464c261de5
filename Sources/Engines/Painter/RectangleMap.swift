internal import Devices

/// A set of pixels in coarse cells: where rectangles were put in any order, disjoint rectangles come out.
struct RectangleMap {
    private static let cellWidth = 32
    private static let cellHeight = 8

    private let size: PictureSize
    private let columns: Int
    private let rows: Int
    private var cells: [Bool]

    init(size: PictureSize) {
        self.size = size
        columns = (size.width + Self.cellWidth - 1) / Self.cellWidth
        rows = (size.height + Self.cellHeight - 1) / Self.cellHeight
        cells = [Bool](repeating: false, count: columns * rows)
    }

    mutating func insert(_ rectangle: PixelRectangle) {
        let area = rectangle.clipped(to: size)
        guard !area.isEmpty else { return }
        let right = (area.x + area.width - 1) / Self.cellWidth
        let bottom = (area.y + area.height - 1) / Self.cellHeight
        for row in area.y / Self.cellHeight...bottom {
            for column in area.x / Self.cellWidth...right { cells[row * columns + column] = true }
        }
    }

    /// The set as rectangles that do not overlap: runs of cells, joined downwards while they are equal.
    func rectangles() -> [PixelRectangle] {
        var done: [PixelRectangle] = []
        var open: [PixelRectangle] = []
        for row in 0..<rows {
            var next: [PixelRectangle] = []
            var column = 0
            while column < columns {
                guard cells[row * columns + column] else {
                    column += 1
                    continue
                }
                let start = column
                while column < columns, cells[row * columns + column] { column += 1 }
                let run = PixelRectangle(
                    x: start * Self.cellWidth, y: row * Self.cellHeight, width: (column - start) * Self.cellWidth,
                    height: Self.cellHeight)
                if let above = open.firstIndex(where: { $0.x == run.x && $0.width == run.width }) {
                    var joined = open.remove(at: above)
                    joined.height += run.height
                    next.append(joined)
                } else {
                    next.append(run)
                }
            }
            done += open
            open = next
        }
        done += open
        return done.map { $0.clipped(to: size) }
    }
}

extension PixelRectangle {
    func intersection(_ other: PixelRectangle) -> PixelRectangle {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return PixelRectangle(
            x: left, y: top, width: min(x + width, other.x + other.width) - left,
            height: min(y + height, other.y + other.height) - top)
    }

    func union(_ other: PixelRectangle) -> PixelRectangle {
        let left = min(x, other.x)
        let top = min(y, other.y)
        return PixelRectangle(
            x: left, y: top, width: max(x + width, other.x + other.width) - left,
            height: max(y + height, other.y + other.height) - top)
    }
}
