/// Everything to be drawn for one screen: the background, then `videos`, then `overlay`, each in order.
package struct SceneLayout: Equatable, Sendable {
    package var videos: [VideoLayer] = []
    package var overlay: [OverlayLayer] = []
    package var palette = Palette.standard

    package init() {}

    package var shapes: [ShapeLayer] {
        overlay.compactMap { if case .shape(let layer) = $0 { layer } else { nil } }
    }

    package var texts: [TextLayer] {
        overlay.compactMap { if case .text(let layer) = $0 { layer } else { nil } }
    }
}

/// What lies over the moving pictures.
package enum OverlayLayer: Hashable, Sendable {
    case shape(ShapeLayer)
    case text(TextLayer)

    package var rectangle: SceneRectangle {
        get {
            switch self {
            case .shape(let layer): layer.rectangle
            case .text(let layer): layer.rectangle
            }
        }
        set {
            switch self {
            case .shape(var layer):
                layer.rectangle = newValue
                self = .shape(layer)
            case .text(var layer):
                layer.rectangle = newValue
                self = .text(layer)
            }
        }
    }
}

/// A rectangle in pixels of the screen, from its top left corner.
package struct SceneRectangle: Hashable, Sendable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    package var maxX: Int { x + width }
    package var maxY: Int { y + height }

    package func intersects(_ other: SceneRectangle) -> Bool {
        x < other.maxX && other.x < maxX && y < other.maxY && other.y < maxY
    }

    package func contains(_ other: SceneRectangle) -> Bool {
        x <= other.x && y <= other.y && maxX >= other.maxX && maxY >= other.maxY
    }
}

/// Where a moving picture comes from.
package enum SceneSource: Hashable, Sendable {
    case remote(String)
    case selfView
}

/// Which part of a picture is shown in a rectangle of another shape.
package enum VideoFit: Hashable, Sendable {
    /// All of it, with bars.
    case whole
    /// The rectangle filled and the rest cut off, unless too much would be lost (a telephone held upright): then whole.
    case fill
}

package struct VideoLayer: Hashable, Sendable {
    package var source: SceneSource
    package var rectangle: SceneRectangle
    package var fit: VideoFit
    /// Left and right exchanged, as in a mirror.
    package var mirrored: Bool
    /// Radius of the corners in pixels; what lies beneath shows through outside them.
    package var cornerRadius: Int
    /// What is seen where the picture is not: the bars, or all of it while no picture has come.
    package var backdrop: ColourRole

    package init(
        source: SceneSource, rectangle: SceneRectangle, fit: VideoFit, mirrored: Bool, cornerRadius: Int,
        backdrop: ColourRole
    ) {
        self.source = source
        self.rectangle = rectangle
        self.fit = fit
        self.mirrored = mirrored
        self.cornerRadius = cornerRadius
        self.backdrop = backdrop
    }
}

package struct ShapeLayer: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case roundedRectangle(radius: Int)
        /// The largest circle in the rectangle.
        case circle
        /// A line of `width` pixels along the inside of the edge.
        case outline(radius: Int, width: Int)
        /// The colour at the top, fading to nothing at the bottom.
        case shade
        /// The colour at the bottom, fading to nothing at the top.
        case shadeBelow
        /// The largest square in the rectangle, in its middle.
        case icon(SceneIcon)
        /// Four bars of growing height, of which `lit` are full.
        case bars(lit: Int)
        /// `share` hundredths of the rectangle from the left, its ends round.
        case progress(hundredths: Int)
        /// A QR code of the text with its quiet zone, on white, in the largest square in the middle. A text too long for
        /// one draws nothing.
        case qr(String)
        /// The picture, whole, at the left of the rectangle and in the middle of its height.
        case picture(ScenePicture)
    }

    package var kind: Kind
    package var rectangle: SceneRectangle
    package var colour: ColourRole

    package init(kind: Kind, rectangle: SceneRectangle, colour: ColourRole) {
        self.kind = kind
        self.rectangle = rectangle
        self.colour = colour
    }
}

/// Words inside a rectangle: never outside it, ended by an ellipsis when too long.
package struct TextLayer: Hashable, Sendable {
    package enum Weight: Hashable, Sendable {
        case light
        case regular
        case semibold
        case bold
    }

    package enum Alignment: Hashable, Sendable {
        case left
        case centre
        case right
    }

    package enum Vertical: Hashable, Sendable {
        case top
        case middle
        case bottom
    }

    /// A plate behind the words, as high as the rectangle and as wide as the words need.
    package struct Plate: Hashable, Sendable {
        package var colour: ColourRole
        /// Drawn before the words.
        package var icon: SceneIcon?
        /// The colour of `icon` where it is not that of the words.
        package var iconColour: ColourRole?
        /// Radius of the corners as a fraction of the height: 0.5 is a pill.
        package var roundness: Double

        /// A `clear` plate takes no room at the sides.
        package init(colour: ColourRole, icon: SceneIcon?, iconColour: ColourRole? = nil, roundness: Double = 0.3) {
            self.colour = colour
            self.icon = icon
            self.iconColour = iconColour
            self.roundness = roundness
        }
    }

    package var text: String
    package var rectangle: SceneRectangle
    /// Height of the type (its em) as a fraction of the screen's height.
    package var size: Double
    package var weight: Weight
    package var alignment: Alignment
    package var colour: ColourRole
    package var maximumLines: Int
    package var vertical: Vertical
    package var plate: Plate?

    package init(
        text: String, rectangle: SceneRectangle, size: Double, weight: Weight, alignment: Alignment, colour: ColourRole,
        maximumLines: Int, vertical: Vertical = .middle, plate: Plate? = nil
    ) {
        self.text = text
        self.rectangle = rectangle
        self.size = size
        self.weight = weight
        self.alignment = alignment
        self.colour = colour
        self.maximumLines = maximumLines
        self.vertical = vertical
        self.plate = plate
    }
}
