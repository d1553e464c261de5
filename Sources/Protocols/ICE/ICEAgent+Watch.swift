package import Basis

/// The watch over a path that carries media: a silence is noticed within two seconds, asked about several times a second,
/// and ends with the first answer. Consent alone (RFC 7675) would notice after thirty and then give up.
extension ICEAgent {
    struct Watch: Sendable {
        /// When the peer was last heard on the selected path.
        var heardAt: MonotonicInstant
        /// The first question of a silence, and the next one.
        var firstQuestion: MonotonicInstant?
        var nextQuestion: MonotonicInstant?
        /// When the pairs that were given up are tried again; nil while the path works.
        var nextRevival: MonotonicInstant?
        /// Another path that works, and when it takes over from the silent one.
        var substitute: (path: DatagramPath, from: MonotonicInstant)?
        /// Whether the selected path is such a one, and the peer has not followed yet.
        var isSubstituted = false
        var isInterrupted = false

        var deadline: MonotonicInstant {
            var deadline = nextQuestion ?? heardAt + ICETiming.silence
            if let interruption { deadline = min(deadline, interruption) }
            if let nextRevival { deadline = min(deadline, nextRevival) }
            if let substitute { deadline = min(deadline, substitute.from) }
            return deadline
        }

        /// When the silence counts as an interruption; nil while nothing was asked, or once it does.
        var interruption: MonotonicInstant? {
            guard !isInterrupted, let firstQuestion else { return nil }
            return max(heardAt + ICETiming.interruption, firstQuestion + ICETiming.answering)
        }

        mutating func hear(at now: MonotonicInstant) {
            heardAt = now
            firstQuestion = nil
            nextQuestion = nil
        }
    }

    /// Whether a watched path is silent.
    package var isInterrupted: Bool { watch?.isInterrupted ?? false }

    /// From now on the selected path is watched, and an agent that lost consent goes on asking until it is dropped.
    package mutating func beginWatch(at now: MonotonicInstant) {
        guard watch == nil, !isOver else { return }
        watch = Watch(heardAt: now)
    }

    /// Something authentic came on that path: media, or a check of the peer.
    package mutating func hear(on path: DatagramPath, at now: MonotonicInstant) {
        guard watch != nil, selection?.path == path else { return }
        watch?.hear(at: now)
        // Without consent only an answer of the peer gives the path back (RFC 7675).
        if selection?.hasConsent == true { endInterruption() }
    }

    /// The peer answered a check on the selected path. On a substitute that says only that we can send: whether the peer
    /// does the same is known when it nominates it or sends on it.
    mutating func answered(at now: MonotonicInstant) {
        guard let current = watch else { return }
        watch?.hear(at: now)
        if !current.isSubstituted { endInterruption() }
    }

    private mutating func endInterruption() {
        guard watch?.isInterrupted == true else { return }
        watch?.isInterrupted = false
        watch?.isSubstituted = false
        watch?.nextRevival = nil
        watch?.substitute = nil
        emit(.restored)
    }

    /// A base has come or gone, or its way may have changed: the present path is asked at once.
    ///
    /// - Parameter isGone: nothing can come on it for the time being; no need to wait for the silence.
    package mutating func suspect(isGone: Bool, at now: MonotonicInstant) {
        guard watch != nil, selection != nil, !isOver else { return }
        watch?.nextQuestion = now
        if isGone { interrupt(at: now) }
        makeProgress(at: now)
    }

    var watchDeadline: MonotonicInstant? {
        selection == nil ? nil : watch?.deadline
    }

    mutating func loseConsent(at now: MonotonicInstant) {
        selection?.hasConsent = false
        interrupt(at: now)
    }

    mutating func advanceWatch(to now: MonotonicInstant) {
        guard let current = watch, selection != nil else { return }
        if (current.nextQuestion ?? current.heardAt + ICETiming.silence) <= now {
            watch?.nextQuestion =
                now + (current.isInterrupted ? ICETiming.askingInterrupted : ICETiming.asking)
            if current.firstQuestion == nil { watch?.firstQuestion = now }
            checkConsent(at: now)
        }
        if let due = watch?.interruption, due <= now { interrupt(at: now) }
        if let revival = watch?.nextRevival, revival <= now {
            watch?.nextRevival = now + ICETiming.reviving
            revivePairs()
        }
        if let substitute = watch?.substitute, substitute.from <= now { take(substitute.path, at: now) }
    }

    /// While the selected path is silent, this one has answered.
    mutating func considerSwitch(to path: DatagramPath, at now: MonotonicInstant) {
        guard watch?.substitute == nil, selection?.path != path else { return }
        watch?.substitute = (path, now + ICETiming.loyalty)
    }

    private mutating func take(_ path: DatagramPath, at now: MonotonicInstant) {
        watch?.substitute = nil
        guard let index = pairIndex(path), let former = selection.flatMap({ pairIndex($0.path) }), former != index
        else { return }
        pairs[former].state = .waiting
        watch?.isSubstituted = true
        select(index, isNominated: false, at: now)
    }

    private mutating func interrupt(at now: MonotonicInstant) {
        guard watch?.isInterrupted == false else { return }
        watch?.isInterrupted = true
        watch?.nextRevival = now
        emit(.interrupted)
    }

    /// All other pairs get another chance.
    private mutating func revivePairs() {
        guard let path = selection?.path else { return }
        cancelTransactions { $0.purpose == .check && $0.path != path }
        for index in pairs.indices where pairs[index].path != path { pairs[index].state = .waiting }
    }
}
