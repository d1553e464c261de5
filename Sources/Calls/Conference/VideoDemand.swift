package import Jitsi

/// A remote picture as the screen draws it.
package struct DrawnPicture: Equatable, Sendable {
    /// Of its source, for instance 5e6f7a8b-v0.
    package var name: String
    /// The pixels of the screen that its height covers.
    package var height: Int
    /// Somebody's screen: letters must stay legible.
    package var isShare: Bool
    /// Drawn much larger than the others.
    package var isLarge: Bool

    package init(name: String, height: Int, isShare: Bool = false, isLarge: Bool = false) {
        self.name = name
        self.height = height
        self.isShare = isShare
        self.isLarge = isLarge
    }
}

/// What to ask the bridge for, by what is drawn.
package enum VideoDemand {
    /// The heights in which cameras and screens are sent.
    private static let heights = [180, 360, 720, 1_080, 2_160]
    /// Nobody's camera is asked for more: beyond this decoding costs more than is seen.
    private static let mostOfCamera = 720
    private static let leastOfShare = 360

    /// - Parameters:
    ///   - pictures: in the order in which they are drawn; the last is the first to go.
    ///   - level: what the line bears.
    package static func constraints(
        for pictures: [DrawnPicture], level: ReceptionLadder.Level
    ) -> ReceiverVideoConstraints {
        let ranked = pictures.filter(\.isLarge) + pictures.filter { !$0.isLarge }
        let kept = Array(ranked.prefix(count(of: ranked.count, level)))
        return ReceiverVideoConstraints(
            lastN: kept.count, onStageSources: kept.filter(\.isLarge).map(\.name),
            selectedSources: kept.filter { !$0.isLarge }.map(\.name), defaultMaximumHeight: 0,
            maximumHeights: Dictionary(
                kept.map { ($0.name, height(of: $0, level)) }, uniquingKeysWith: { first, _ in first }))
    }

    private static func count(of pictures: Int, _ level: ReceptionLadder.Level) -> Int {
        switch level {
        case .full, .medium, .small: pictures
        case .half: (pictures + 1) / 2
        case .one: min(1, pictures)
        case .none: 0
        }
    }

    private static func height(of picture: DrawnPicture, _ level: ReceptionLadder.Level) -> Int {
        // A third larger than it is sent does not look soft yet.
        let fitting = heights.first { $0 * 4 / 3 >= picture.height } ?? 2_160
        if picture.isShare {
            let most = level < .small ? 2_160 : 720
            return min(max(fitting, leastOfShare), most)
        }
        let most =
            switch level {
            case .full: mostOfCamera
            case .medium: 360
            case .small, .half, .one, .none: 180
            }
        return min(fitting, most)
    }
}
