internal import Basis

/// What is known of the line during a call: whether the bridge is silent, and whether signalling has a connection.
struct LineState {
    /// Since when nothing has come from the bridge.
    var silentSince: MonotonicInstant?
    /// The next question to the server during a silence: who hears it knows that the line itself is well.
    var nextProbe: MonotonicInstant?
    /// When the server was found to be heard in spite of the silence.
    var provenAt: MonotonicInstant?
    /// A new media session was asked for; until then the call counts as interrupted, not as without media.
    var renewingUntil: MonotonicInstant?
    /// The present session is given up; its last pictures stay until the new one stands, or does not come.
    var isSessionStale = false
    /// The address that the path to the bridge began at is no longer ours.
    var isPathGone = false
    /// Addresses that went away and have not come back.
    var lostAddresses: [TransportAddress] = []
    /// An address went away, and the server has not been heard since: a connection that does not outlive it is given up.
    var doubtUntil: MonotonicInstant?
    /// We are in the room, where media is to be expected.
    var isInRoom = false
    /// The focus is gone, or has no bridge: nobody gives us media.
    var lacksFocus = false
    var lacksBridge = false
    /// What was last told of it.
    var isTold = false

    // The stream without a connection.
    var suspendedSince: MonotonicInstant?
    var attempts = 0
    /// When the stream last went on, and how often in a row it did for a moment only.
    var resumedAt: MonotonicInstant?
    var shortResumptions = 0
    var nextAttempt: MonotonicInstant?
    /// When an attempt that does not get through is given up.
    var attemptDeadline: MonotonicInstant?

    /// Between two questions to the server during a silence.
    static let probeInterval = Duration.seconds(2)
    /// The same where the path's address is gone.
    static let goneProbeInterval = Duration.milliseconds(500)
    /// A server that is heard so long after the bridge fell silent shows that it is the bridge, or the way to it.
    static let silenceProof = Duration.seconds(1)
    /// How long the bridge may stay silent once the line is known to be well, before a new session is asked for.
    static let silencePatience = Duration.seconds(2)
    /// The same after so long a silence that the bridge has given us up itself (RFC 7675: after 30 s without consent).
    static let longSilence = Duration.seconds(20)
    static let longSilencePatience = Duration.seconds(1)
    /// A silence after which the bridge channel's socket, if it is one, is opened anew.
    static let socketPatience = Duration.seconds(5)
    static let renewalPatience = Duration.seconds(20)
    /// How long a lost connection of the signalling alone stays unmentioned.
    static let suspensionPatience = Duration.seconds(3)
    /// Servers keep a stream for about a minute after they have noticed, which they may do late.
    static let resumptionLimit = Duration.seconds(150)
    /// A stream that breaks so soon after it went on has not been mended; after that many times it is given up.
    static let stablePeriod = Duration.seconds(5)
    static let maximumShortResumptions = 5
    static let doubtPatience = Duration.seconds(10)
    /// What the room waits for may be on its way from the server's memory: so long it is not given up.
    static let patience = Duration.seconds(5)

    /// When a bridge that stays silent is replaced; nil while it is not known whether it is the line.
    var renewalDue: MonotonicInstant? {
        guard let silentSince, let provenAt else { return nil }
        return provenAt
            + (provenAt - silentSince >= Self.longSilence ? Self.longSilencePatience : Self.silencePatience)
    }

    /// The pause before the next attempt to reach the server, and how long that one may take.
    var pause: Duration {
        let tries = attempts + shortResumptions
        return tries == 0 ? .zero : .seconds(min(tries, 3))
    }

    var attemptLimit: Duration { .seconds(min(3 + attempts, 10)) }
}
