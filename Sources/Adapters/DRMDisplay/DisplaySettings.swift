package import Devices

/// What a configuration may say of the display; nothing of it is needed.
package struct DisplaySettings: Equatable, Sendable {
    /// The card's node, for instance `/dev/dri/card1`; nil takes the first that has connectors.
    package var card: String?
    /// The connector as the kernel calls it, for instance `HDMI-A-2`; nil takes the first with a TV.
    package var connector: String?
    /// The mode; nil takes 1920x1080 where the TV has it, else the TV's own.
    package var size: PictureSize?
    /// Pictures a second; nil is 60.
    package var refreshRate: Int?
    package var margins: Margins

    package init(
        card: String? = nil, connector: String? = nil, size: PictureSize? = nil, refreshRate: Int? = nil,
        margins: Margins = Margins()
    ) {
        self.card = card
        self.connector = connector
        self.size = size
        self.refreshRate = refreshRate
        self.margins = margins
    }

    /// What a TV with overscan cuts off each side, in per cent of the picture's width or height: 0…20.
    package struct Margins: Equatable, Sendable {
        package var left: Int
        package var top: Int
        package var right: Int
        package var bottom: Int

        package init(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) {
            func clamped(_ value: Int) -> Int { min(max(0, value), 20) }
            self.left = clamped(left)
            self.top = clamped(top)
            self.right = clamped(right)
            self.bottom = clamped(bottom)
        }

        package var isEmpty: Bool { self == Margins() }

        /// What is left of a picture of `size`: its place, at whole pairs of pixels.
        package func visible(of size: PictureSize) -> PixelRectangle {
            let (x, y) = (size.width * left / 100 & ~1, size.height * top / 100 & ~1)
            return PixelRectangle(
                x: x, y: y, width: (size.width - x - size.width * right / 100) & ~1,
                height: (size.height - y - size.height * bottom / 100) & ~1)
        }
    }
}
