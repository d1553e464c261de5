internal import Devices

/// Gives a rectangle of a canvas round corners: what was beneath them is kept and put back after the drawing.
struct RoundedCorners {
    private var rectangle = PixelRectangle(x: 0, y: 0, width: 0, height: 0)
    private var radius = 0
    /// The four squares of `radius` by `radius` pixels: top left, top right, bottom left, bottom right.
    private var kept: [UInt8] = []
    /// How much of each pixel of the top left square lies inside the circle, 0 … 255, for radius `maskRadius`.
    private var mask: [UInt8] = []
    private var maskRadius = 0

    /// Keeps the corners of `rectangle`; a radius of 0, or a rectangle not wholly on the canvas, keeps none.
    mutating func save(of rectangle: PixelRectangle, radius wanted: Int, from canvas: borrowing Canvas) {
        radius = min(wanted, min(rectangle.width, rectangle.height) / 2)
        if radius < 1 || rectangle.clipped(to: canvas.size) != rectangle { radius = 0 }
        self.rectangle = rectangle
        guard radius > 0 else { return }
        kept.removeAll(keepingCapacity: true)
        for corner in 0..<4 {
            for row in 0..<radius {
                let start = offset(corner: corner, row: row, stride: canvas.stride)
                kept.append(contentsOf: canvas.bytes[start..<start + radius * 4])
            }
        }
    }

    /// Puts back what was kept, outside the circles.
    mutating func restore(into canvas: inout Canvas) {
        guard radius > 0 else { return }
        prepareMask()
        var source = 0
        for corner in 0..<4 {
            for row in 0..<radius {
                let start = offset(corner: corner, row: row, stride: canvas.stride)
                let maskRow = corner < 2 ? row : radius - 1 - row
                for column in 0..<radius {
                    let maskColumn = corner % 2 == 0 ? column : radius - 1 - column
                    let inside = Int(mask[maskRow * radius + maskColumn])
                    for byte in 0..<4 {
                        let index = start + column * 4 + byte
                        let mixed = Int(canvas.bytes[index]) * inside + Int(kept[source]) * (255 - inside)
                        canvas.bytes[index] = UInt8((mixed + 127) / 255)
                        source += 1
                    }
                }
            }
        }
    }

    private func offset(corner: Int, row: Int, stride: Int) -> Int {
        let x = corner % 2 == 0 ? rectangle.x : rectangle.x + rectangle.width - radius
        let y = corner < 2 ? rectangle.y : rectangle.y + rectangle.height - radius
        return (y + row) * stride + x * 4
    }

    private mutating func prepareMask() {
        guard maskRadius != radius else { return }
        maskRadius = radius
        mask.removeAll(keepingCapacity: true)
        for row in 0..<radius {
            for column in 0..<radius {
                let across = Double(radius - column) - 0.5
                let down = Double(radius - row) - 0.5
                let distance = (across * across + down * down).squareRoot()
                let share = min(1, max(0, Double(radius) + 0.5 - distance))
                mask.append(UInt8(share * 255))
            }
        }
    }
}
