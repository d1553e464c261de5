/// What we want to receive (jitsi-videobridge `doc/allocation.md`). Heights are those of the smaller dimension in pixels;
/// 0 asks for nothing, negative for no limit.
package struct ReceiverVideoConstraints: Equatable, Sendable {
    /// -1 for all, 0 for no video.
    package var lastN: Int
    /// Source names, most wanted first: these get bandwidth before all others.
    package var onStageSources: [String]
    package var selectedSources: [String]
    /// For every source without an entry in `maximumHeights`.
    package var defaultMaximumHeight: Int
    /// By source name.
    package var maximumHeights: [String: Int]

    package init(
        lastN: Int = -1, onStageSources: [String] = [], selectedSources: [String] = [], defaultMaximumHeight: Int = 180,
        maximumHeights: [String: Int] = [:]
    ) {
        self.lastN = lastN
        self.onStageSources = onStageSources
        self.selectedSources = selectedSources
        self.defaultMaximumHeight = defaultMaximumHeight
        self.maximumHeights = maximumHeights
    }
}
