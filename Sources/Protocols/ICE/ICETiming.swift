import Basis

/// The timers of RFC 8445, RFC 8489 and RFC 7675, each with where ours differs.
enum ICETiming {
    /// Ta, between two new transactions. RFC 8445 section 14.2 recommends 50 ms and allows 5 ms; a bridge offers few
    /// candidates, and the user waits.
    static let pacing = Duration.milliseconds(20)
    /// RTO of a new transaction, doubled with every repetition. RFC 8445 section 14.3 wants at least 500 ms, for agents
    /// with many pairs on thin lines: 100 ms costs a slow line a few small duplicates and saves a lossy one 400 ms.
    static let retransmission = Duration.milliseconds(100)
    /// Rc of RFC 8489 section 6.2.1: sent after 0, 100, 300, 700, 1500, 3100 and 6300 ms.
    static let transmissions = 7
    /// The last repetition and Rm × RTO after it.
    static let transactionExpiry = Duration.milliseconds(6300 + 1600)
    /// How long a controlling agent that has a valid pair waits for a better one to succeed.
    static let nominationPatience = Duration.milliseconds(150)
    /// How long all pairs may fail before the agent gives up.
    static let failure = Duration.seconds(30)
    /// RFC 7675 section 5.1: 5 s, randomized by 20 %.
    static let consentInterval = 4_000...6_000
    /// RFC 7675 section 5.1.
    static let consentExpiry = Duration.seconds(30)
    /// A watched path that is silent for so long is asked. Where somebody speaks, packets come each 20 ms.
    static let silence = Duration.milliseconds(700)
    /// Between two such questions.
    static let asking = Duration.milliseconds(300)
    /// The same once it is interrupted.
    static let askingInterrupted = Duration.milliseconds(500)
    /// Silent for so long in spite of them, it counts as interrupted: four questions on a line that carries none of them.
    static let interruption = Duration.milliseconds(1_600)
    /// And so long after the first question: an event loop that was held up must read its sockets before it judges.
    static let answering = Duration.milliseconds(600)
    /// While it is interrupted, all other pairs are tried again as often as this.
    static let reviving = Duration.seconds(3)
    /// How long a silent path may still come back when another one is seen to work.
    static let loyalty = Duration.seconds(1)
}
