/// Everything to be drawn for one screen: the background, then `videos`, then `overlay`, each in order.
package struct SceneLayout: Equatable, Sendable {
    /// Moving pictures, the lowest first.
    package var videos: [VideoLayer] = []
    /// Shapes and words above them, the lowest first.
    package var overlay: [OverlayLayer] = []
    /// What the roles of colours stand for.
    package var palette = Palette.standard

    package init() {}

    /// The shapes of the overlay, words left out.
    package var shapes: [ShapeLayer] {
        overlay.compactMap { if case .shape(let layer) = $0 { layer } else { nil } }
    }

    /// The words of the overlay, shapes left out.
    package var texts: [TextLayer] {
        overlay.compactMap { if case .text(let layer) = $0 { layer } else { nil } }
    }
}

/// What lies over the moving pictures.
package enum OverlayLayer: Hashable, Sendable {
    case shape(ShapeLayer)
    case text(TextLayer)

    /// Where it lies.
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
    /// Of the left edge; may lie outside the screen.
    package var x: Int
    /// Of the upper edge; may lie outside the screen.
    package var y: Int
    /// In pixels.
    package var width: Int
    /// In pixels.
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The first column to the right of it.
    package var maxX: Int { x + width }
    /// The first row below it.
    package var maxY: Int { y + height }

    /// Whether they share a pixel.
    package func intersects(_ other: SceneRectangle) -> Bool {
        x < other.maxX && other.x < maxX && y < other.maxY && other.y < maxY
    }

    /// Whether `other` lies wholly inside.
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

/// A moving picture on the screen.
package struct VideoLayer: Hashable, Sendable {
    /// Whose picture it is.
    package var source: SceneSource
    /// Where it is drawn.
    package var rectangle: SceneRectangle
    /// Which part of it is drawn.
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

/// A shape in one colour.
package struct ShapeLayer: Hashable, Sendable {
    /// What is drawn in the rectangle.
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

    /// What is drawn.
    package var kind: Kind
    /// Where it is drawn.
    package var rectangle: SceneRectangle
    /// The role of its colour.
    package var colour: ColourRole

    package init(kind: Kind, rectangle: SceneRectangle, colour: ColourRole) {
        self.kind = kind
        self.rectangle = rectangle
        self.colour = colour
    }
}

/// Words inside a rectangle: never outside it, ended by an ellipsis when too long.
package struct TextLayer: Hashable, Sendable {
    /// How bold the type is.
    package enum Weight: Hashable, Sendable {
        case light
        case regular
        case semibold
        case bold
    }

    /// Where a line stands in the rectangle's width.
    package enum Alignment: Hashable, Sendable {
        case left
        case centre
        case right
    }

    /// Where the lines stand in the rectangle's height.
    package enum Vertical: Hashable, Sendable {
        case top
        case middle
        case bottom
    }

    /// A plate behind the words, as high as the rectangle and as wide as the words need.
    package struct Plate: Hashable, Sendable {
        /// The role of the plate's colour.
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

    /// Cleaned by `DisplayText` where it came from outside.
    package var text: String
    /// The words never leave it.
    package var rectangle: SceneRectangle
    /// Height of the type (its em) as a fraction of the screen's height.
    package var size: Double
    /// How bold the type is.
    package var weight: Weight
    /// Where each line stands in the width.
    package var alignment: Alignment
    /// The role of the words' colour.
    package var colour: ColourRole
    /// More are cut off with an ellipsis.
    package var maximumLines: Int
    /// Where the lines stand in the height.
    package var vertical: Vertical
    /// What lies behind the words; nil for nothing.
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
