internal import Basis

/// Pictures that come with the sound that belongs to them: the sound waits for nobody, the pictures wait for the sound.
extension RTPSession {
    /// From handing out a picture to its light on the screen: decoding, composing, half a refresh and a flip.
    private static var pictureTime: Duration { .milliseconds(25) }
    /// A picture that is ahead by so little is none too early: nobody sees it, and it is there sooner.
    private static var lead: Duration { .milliseconds(20) }
    /// Pictures are never held back longer for the sound's sake.
    private static var longest: Duration { .milliseconds(250) }
    /// A sender whose reports claim more says nothing of use.
    private static var largestDifference: Int64 { 1_000_000_000 }

    /// - Parameters:
    ///   - video: the SSRC of a camera.
    ///   - audio: that of the microphone beside it.
    ///   - soundDelay: how long its sound waits in the jitter buffer; nil while there is none: then pictures wait for nothing.
    package mutating func synchronize(video: UInt32, with audio: UInt32, soundDelay: Duration?) {
        guard let picture = inbound.firstIndex(where: { $0.source.ssrc == video && $0.video != nil }) else { return }
        guard let soundDelay, let sound = inbound.firstIndex(where: { $0.source.ssrc == audio }) else {
            inbound[picture].video?.holdBack(.zero)
            return
        }
        var later = Duration.zero
        if let ours = inbound[sound].transit.value, let theirs = inbound[picture].transit.value {
            let difference = ours.subtractingReportingOverflow(theirs)
            if !difference.overflow, abs(difference.partialValue) < Self.largestDifference {
                later = .nanoseconds(difference.partialValue)
            }
        }
        inbound[picture].video?.holdBack(
            min(max(.zero, later + soundDelay - Self.pictureTime - Self.lead), Self.longest))
    }
}
