/// A remote picture as the screen draws it, so that no larger one is asked for.
package struct PictureNeed: Equatable, Sendable {
    /// What `SceneSource.remote` carries.
    package var source: String
    /// The pixels of the screen that the whole height of a picture of 16:9 covers, what is cut off included.
    package var height: Int
    /// Whether it is a shared screen.
    package var isShare: Bool
    /// At least twice as large as any other.
    package var isLarge: Bool

    package init(source: String, height: Int, isShare: Bool, isLarge: Bool) {
        self.source = source
        self.height = height
        self.isShare = isShare
        self.isLarge = isLarge
    }
}

extension SceneState {
    /// The remote pictures that a call shows on a screen of that many pixels, in the order in which they are drawn.
    package func picturesInCall(width: Int, height: Int) -> [PictureNeed] {
        var call = self
        call.phase = .inCall
        let layers = call.layout(width: width, height: height).videos
        let remote = layers.compactMap { layer in
            if case .remote(let source) = layer.source { (source: source, layer: layer) } else { nil }
        }
        let areas = remote.map { $0.layer.rectangle.width * $0.layer.rectangle.height }.sorted(by: >)
        let shares = Set(participants.filter(\.isScreenShare).compactMap(\.sourceID))
        return remote.map { source, layer in
            let (width, height) = (layer.rectangle.width, layer.rectangle.height)
            let covered = layer.fit == .fill ? max(height, width * 9 / 16) : min(height, width * 9 / 16)
            return PictureNeed(
                source: source, height: covered, isShare: shares.contains(source),
                isLarge: areas.count == 1 || areas.count > 1 && width * height >= 2 * areas[1])
        }
    }
}
