/// How the pictures of a call are arranged.
package enum CallView: String, CaseIterable, Sendable {
    /// A shared screen large when there is one, tiles among few, the speaker large among many.
    case automatic
    /// Whoever speaks large, the others in a strip.
    case speaker
    /// Everybody alike.
    case tiles

    /// What a short press of the layout button leads to.
    package var next: CallView {
        switch self {
        case .automatic: .speaker
        case .speaker: .tiles
        case .tiles: .automatic
        }
    }
}

/// A page opened beside the pictures.
package enum CallPanel: String, CaseIterable, Sendable {
    case people
    case chat
    case information

    /// What a long press of the layout button leads to: page after page, then none.
    package static func next(after panel: CallPanel?) -> CallPanel? {
        switch panel {
        case nil: .people
        case .people: .chat
        case .chat: .information
        case .information: nil
        }
    }
}

/// What everybody in a call has a right to know about it.
package struct CallMarks: OptionSet, Hashable, Sendable {
    /// One bit for each mark; never stored.
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// What is said is being recorded by the server.
    package static let recording = CallMarks(rawValue: 1)
    /// The conference is streamed to the public.
    package static let liveStream = CallMarks(rawValue: 2)
    /// What is said is written down.
    package static let transcription = CallMarks(rawValue: 4)
    /// End to end: not even the bridge sees the pictures.
    package static let encrypted = CallMarks(rawValue: 8)
    /// The room has a password.
    package static let locked = CallMarks(rawValue: 16)
    /// Asked for; it begins in a moment.
    package static let recordingSoon = CallMarks(rawValue: 32)
    /// A live stream was asked for; it begins in a moment.
    package static let liveStreamSoon = CallMarks(rawValue: 64)
    /// This room neither sees the others nor is seen.
    package static let audioOnly = CallMarks(rawValue: 128)
}

/// As many bars as the raw value.
package enum LinkGrade: Int, CaseIterable, Comparable, Sendable {
    case bad = 1
    case poor
    case fair
    case good

    package static func < (left: LinkGrade, right: LinkGrade) -> Bool { left.rawValue < right.rawValue }

    /// What `connectionQuality` of Jitsi's endpoint messages means, 0 to 100: the web client alarms nobody above 30, says
    /// "not optimal" above 10 and "poor" below (jitsi-meet, connection-indicator).
    package init(percent: Int) {
        self =
            switch percent {
            case 50...: .good
            case 30..<50: .fair
            case 10..<30: .poor
            default: .bad
            }
    }

    /// By the loss of packets in thousandths and the round trip in milliseconds: speech stays whole up to about two in a
    /// hundred, concealment covers five, and above ten words are lost; ITU-T G.114 wants less than 150 ms one way.
    package init(lossThousandths: Int, roundTripMilliseconds: Int) {
        self =
            if lossThousandths <= 20, roundTripMilliseconds <= 300 {
                .good
            } else if lossThousandths <= 50, roundTripMilliseconds <= 500 {
                .fair
            } else if lossThousandths <= 100, roundTripMilliseconds <= 1000 {
                .poor
            } else {
                .bad
            }
    }
}

/// How well what we send gets there, and what is sent gets to us.
package struct LinkQuality: Equatable, Sendable {
    /// Of what we send, as the bridge reports it.
    package var sent: LinkGrade
    /// Of what we receive, as we measure it.
    package var received: LinkGrade

    package init(sent: LinkGrade, received: LinkGrade) {
        self.sent = sent
        self.received = received
    }
}

/// Somebody who asked to speak.
package struct RaisedHand: Equatable, Sendable {
    /// As the participant wrote it; not cleaned.
    package var name: String
    /// Seconds since it was raised.
    package var waited: Int

    package init(name: String, waited: Int) {
        self.name = name
        self.waited = waited
    }
}

/// A message of the conference's chat.
package struct ChatMessage: Equatable, Sendable {
    /// The sender's name, as written; not cleaned.
    package var sender: String
    /// The message as written; not cleaned.
    package var text: String
    /// When it was sent, in the room's time zone; nil where the clock is not trusted.
    package var time: CivilTime?

    package init(sender: String, text: String, time: CivilTime? = nil) {
        self.sender = sender
        self.text = text
        self.time = time
    }
}

/// Something said, as the server wrote it down.
package struct CaptionLine: Equatable, Sendable {
    /// The speaker's name, as the server gives it.
    package var speaker: String
    /// What was recognised, or its translation.
    package var text: String

    package init(speaker: String, text: String) {
        self.speaker = speaker
        self.text = text
    }
}

/// What a technician asks on the telephone. Nothing that is unknown is shown.
package struct SessionInformation: Equatable, Sendable {
    /// The host of the conference's address.
    package var server = ""
    /// The media server, and its version where it says it.
    package var bridge = ""
    /// The pair of addresses in use, such as "UDP 192.0.2.1".
    package var path = ""
    /// Codec and size, such as "VP8 1280 × 720, 30/s".
    package var sent = ""
    /// The same of the largest picture received.
    package var received = ""
    /// Codec, sampling rate and the longest playout delay.
    package var sound = ""
    /// The bitrate of all that is sent, in kbit/s.
    package var sentKilobits: Int?
    /// The bitrate of all that is received, in kbit/s.
    package var receivedKilobits: Int?
    /// The worst share of packets lost on the way to us.
    package var lossThousandths: Int?
    /// How much of the sound had to be made up.
    package var concealedThousandths: Int?
    /// To the bridge and back.
    package var roundTripMilliseconds: Int?
    /// Of sound and picture on their way to the server.
    package var encryption = ""

    package init() {}
}

/// Who ended a call for us, and why, in their own words; empty where not told.
package struct Farewell: Equatable, Sendable {
    /// The name of who ended it.
    package var by: String
    /// The reason given.
    package var reason: String

    package init(by: String = "", reason: String = "") {
        self.by = by
        self.reason = reason
    }
}
