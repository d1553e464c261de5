/// The way from the box to the sound and picture of a meeting; each rung stands on those before it.
package enum ConnectionRung: String, CaseIterable, Comparable, Sendable {
    case cable, address, names, time, tls, signalling, bridge, media

    package static func < (left: ConnectionRung, right: ConnectionRung) -> Bool { left.place < right.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is known of a rung.
package enum RungState: Equatable, Sendable {
    case works
    case fails(RungTrouble)
    case trying
}

/// What is wrong with a rung.
package enum RungTrouble: String, CaseIterable, Equatable, Sendable {
    /// No interface has a carrier.
    case noCarrier = "no-carrier"
    /// The network gave none.
    case noAddress = "no-address"
    /// The DNS has no address for the server, or does not answer.
    case nameUnknown = "name-unknown"
    /// The clock stands before this software was made: no certificate is valid then.
    case clockWrong = "clock-wrong"
    case noAnswer = "no-answer"
    case certificateRefused = "certificate-refused"
    /// The network's proxy lets nobody through, or not to this server.
    case proxyRefused = "proxy-refused"
    case notAMeetingServer = "not-a-meeting-server"
    /// No packet of sound and picture comes through.
    case blocked
    /// The media server's key is not the announced one.
    case keyMismatch = "key-mismatch"
    /// Our own media engine could not be started.
    case engineFailed = "engine-failed"
}

/// How right the clock of the box is.
package enum ClockTrust: Equatable, Sendable {
    /// Before this software was made.
    case wrong
    /// Not absurd, but nobody keeps it right, or nobody says.
    case plausible
    case kept
}
