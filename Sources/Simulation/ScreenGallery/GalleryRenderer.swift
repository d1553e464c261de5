package import Devices
package import Painter
package import Scene

/// Draws sample states with the compositor that draws the TV.
package struct GalleryRenderer: ~Copyable {
    private let frames = FrameStore()

    /// Pictures of people and of a shared screen are made once.
    package init() {
        let size = PictureSize(width: 1280, height: 720)
        for index in 0..<SamplePictures.personCount {
            frames.put(SamplePictures.person(index, size: size), for: .remote("person-\(index)"))
        }
        frames.put(SamplePictures.person(5, size: size), for: .selfView)
        if let slide = SamplePictures.slide(size: PictureSize(width: 1920, height: 1080)) {
            frames.put(slide, for: .remote(SamplePictures.slide))
        }
    }

    /// - Parameter theme: takes the place of the sample's own.
    package func draw(
        _ screen: GalleryScreen, language: Language, size: PictureSize, theme: Theme? = nil
    ) throws(PainterError) -> Canvas {
        var compositor = try Compositor(size: size)
        var canvas = Canvas(size: size)
        var state = screen.state(language)
        if let theme { state.theme = theme }
        let layout = state.layout(width: size.width, height: size.height)
        _ = compositor.compose(layout, frames: frames, into: &canvas)
        return canvas
    }
}
