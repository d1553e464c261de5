internal import Basis

/// Decides when a camera that is open and gives no error has nevertheless stopped.
struct StallWatch {
    /// The first picture takes longer: sensors start and find their exposure.
    private static let firstPatience = Duration.seconds(4)
    private static let patience = Duration.seconds(2)
    /// Without a single good picture among corrupt ones.
    private static let corruptPatience = Duration.seconds(3)

    private var lastSign: MonotonicInstant?
    private var lastPicture: MonotonicInstant?
    private var hasPicture = false

    /// A picture came.
    mutating func noteGood(at now: MonotonicInstant) {
        (lastSign, lastPicture, hasPicture) = (now, now, true)
    }

    /// Something came that is no picture.
    mutating func noteCorrupt(at now: MonotonicInstant) {
        lastSign = now
        if lastPicture == nil { lastPicture = now }
    }

    /// Why the camera counts as stalled, in one English sentence; nil while it does not. Time runs from the first call.
    mutating func complaint(at now: MonotonicInstant) -> String? {
        let sign = lastSign ?? now
        let picture = lastPicture ?? now
        (lastSign, lastPicture) = (sign, picture)
        if now - sign >= (hasPicture ? Self.patience : Self.firstPatience) { return "no picture came for a while" }
        if now - picture >= (hasPicture ? Self.corruptPatience : Self.firstPatience) {
            return "all pictures are corrupt"
        }
        return nil
    }
}
