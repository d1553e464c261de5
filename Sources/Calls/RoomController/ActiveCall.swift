internal import Basis
internal import Conference
internal import Jitsi
internal import RTP
internal import Scene

/// One attempt to be in a meeting, from the press to its end, and all that is known of it: made whole and dropped whole, so
/// that nothing of one call is left for the next.
///
/// An object of the controller alone, which cannot be copied. Workaround: as a struct its conference makes the compiler's
/// check of the controller take minutes (docs/workarounds.md).
final class ActiveCall {
    /// The attempt of `RoomState`.
    let attempt: Int
    /// Tells the answers to its conference from those to another.
    let number: Int
    /// The meeting, from 0.
    let meeting: Int
    var conference: Conference
    var view = CallViewState()
    var video = CallVideoState()
    var uplink = Uplink()
    var subject = ""
    /// What the meeting is: recorded, locked and so on.
    var facts = MeetingFacts()
    /// The remote pictures that are decoded, and how often their source began anew.
    var pictures: [UInt32: Int] = [:]
    var picturesAdded = 0

    init(attempt: Int, number: Int, meeting: Int, conference: consuming Conference) {
        self.attempt = attempt
        self.number = number
        self.meeting = meeting
        self.conference = conference
    }

    /// Whether what is said here is kept or heard elsewhere by the server's doing.
    var isRecording: Bool { facts.recording == .on || facts.liveStream == .on }
}

/// How much may be sent, and what is done about losses.
struct Uplink {
    /// Opus with its headers, 50 packets a second.
    private static let audioShare = 60_000
    private static let minimum = 60_000

    /// Where the bridge tells of losses alone, and what it last said that it can take.
    var lossBased = LossBasedRate()
    var estimate: Int?
    /// By the bridge's feedback on each packet, in bit/s; nil while it gives none.
    var bandwidth: Int?
    /// The greatest height that the bridge wants of the camera; −1 for any, 0 for nothing.
    var cameraHeight = 0
    var repetition = SpeechRepetition()
    /// Pictures encoded as of the last sample, and in the second before it.
    var encodedFrames = (count: 0, perSecond: 0)

    /// What is left for the camera: sound comes first.
    var cameraBitrate: Int { max(Self.minimum, (bandwidth ?? lossBased.bitsPerSecond) - Self.audioShare) }
}
