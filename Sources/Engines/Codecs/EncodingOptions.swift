/// How pictures are compressed, whatever their codec and size.
package struct EncodingOptions: Equatable, Sendable {
    /// What the pictures show.
    package enum Content: Equatable, Sendable {
        case camera
        /// A computer's screen: letters and lines, still for long.
        case screen
    }

    /// What the pictures show: it chooses the encoder's tuning.
    package var content: Content
    /// 1, or 3 for the pattern 0 2 1 2.
    package var temporalLayers: Int
    /// Processors of the machine: large pictures are shared among some of them.
    package var processors: Int

    package init(content: Content = .camera, temporalLayers: Int = 1, processors: Int = 4) {
        self.content = content
        self.temporalLayers = temporalLayers == 3 ? 3 : 1
        self.processors = max(1, processors)
    }
}
