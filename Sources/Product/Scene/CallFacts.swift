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
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let recording = CallMarks(rawValue: 1)
    package static let liveStream = CallMarks(rawValue: 2)
    package static let transcription = CallMarks(rawValue: 4)
    /// End to end: not even the bridge sees the pictures.
    package static let encrypted = CallMarks(rawValue: 8)
    package static let locked = CallMarks(rawValue: 16)
    /// Asked for; it begins in a moment.
    package static let recordingSoon = CallMarks(rawValue: 32)
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
    package var sent: LinkGrade
    package var received: LinkGrade

    package init(sent: LinkGrade, received: LinkGrade) {
        self.sent = sent
        self.received = received
    }
}

/// Somebody who asked to speak.
package struct RaisedHand: Equatable, Sendable {
    package var name: String
    /// Seconds since it was raised.
    package var waited: Int

    package init(name: String, waited: Int) {
        self.name = name
        self.waited = waited
    }
}

package struct ChatMessage: Equatable, Sendable {
    package var sender: String
    package var text: String
    package var time: CivilTime?

    package init(sender: String, text: String, time: CivilTime? = nil) {
        self.sender = sender
        self.text = text
        self.time = time
    }
}

/// Something said, as the server wrote it down.
package struct CaptionLine: Equatable, Sendable {
    package var speaker: String
    package var text: String

    package init(speaker: String, text: String) {
        self.speaker = speaker
        self.text = text
    }
}

/// What a technician asks on the telephone. Nothing that is unknown is shown.
package struct SessionInformation: Equatable, Sendable {
    package var server = ""
    package var bridge = ""
    /// The pair of addresses in use, such as "UDP 192.0.2.1".
    package var path = ""
    /// Codec and size, such as "VP8 1280 × 720, 30/s".
    package var sent = ""
    package var received = ""
    package var sound = ""
    package var sentKilobits: Int?
    package var receivedKilobits: Int?
    package var lossThousandths: Int?
    /// How much of the sound had to be made up.
    package var concealedThousandths: Int?
    package var roundTripMilliseconds: Int?
    /// Of sound and picture on their way to the server.
    package var encryption = ""

    package init() {}
}

/// Who ended a call for us, and why, in their own words; empty where not told.
package struct Farewell: Equatable, Sendable {
    package var by: String
    package var reason: String

    package init(by: String = "", reason: String = "") {
        self.by = by
        self.reason = reason
    }
}
