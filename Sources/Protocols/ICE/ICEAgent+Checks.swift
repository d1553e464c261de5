import Basis

/// What the agent sends on its own account: checks, nominations, consent.
extension ICEAgent {
    /// Does everything that is due at `now`, in the order in which one thing can make another superfluous.
    mutating func makeProgress(at now: MonotonicInstant) {
        if isOver { return }
        if let selection, selection.hasConsent, selection.consentExpiry <= now {
            guard watch != nil else { return end(with: .consentLost) }
            loseConsent(at: now)
        }
        if let failureDeadline, failureDeadline <= now { return end(with: .failed) }
        serveTransactions(at: now)
        if let due = selection?.nextConsentCheck, due <= now { checkConsent(at: now) }
        advanceWatch(to: now)
        considerNomination(at: now)
        startNext(at: now)
    }

    // MARK: Pacing

    /// Whether a transaction waits for its turn.
    var hasUnstarted: Bool {
        if !ungathered.isEmpty { return true }
        return remote != nil && (!triggered.isEmpty || nextOrdinary != nil)
    }

    /// RFC 8445 section 6.1.4.2: the best pair that was not tried; none once a pair is nominated, unless that is silent.
    private var nextOrdinary: Int? {
        if isNominated, !isInterrupted { return nil }
        return pairs.indices.filter { pairs[$0].state == .waiting }.max { pairs[$0].priority < pairs[$1].priority }
    }

    /// Starts at most one transaction per pacing interval: triggered checks, then requests to STUN servers, whose
    /// answers are candidates the peer waits for, then ordinary checks.
    private mutating func startNext(at now: MonotonicInstant) {
        guard hasUnstarted, pacingSlot.map({ $0 <= now }) ?? true else { return }
        pacingSlot = now + ICETiming.pacing
        if remote != nil, !triggered.isEmpty {
            startCheck(on: triggered.removeFirst(), for: .check, at: now)
        } else if !ungathered.isEmpty {
            startGathering(on: ungathered.removeFirst(), at: now)
        } else if let index = nextOrdinary {
            startCheck(on: pairs[index].path, for: .check, at: now)
        }
    }

    /// Puts a pair into the queue of triggered checks (RFC 8445 section 7.3.1.4).
    mutating func trigger(_ index: Int) {
        cancelTransactions { [path = pairs[index].path] in $0.purpose == .check && $0.path == path }
        pairs[index].state = .waiting
        if !triggered.contains(pairs[index].path) { triggered.append(pairs[index].path) }
    }

    // MARK: Requests

    private mutating func startGathering(on path: DatagramPath, at now: MonotonicInstant) {
        composed.begin(.request, .binding, transaction: .generate(using: &random))
        startComposed(key: nil, on: path, for: .gathering, at: now)
    }

    /// RFC 8445 section 7.2.4.
    mutating func startCheck(on path: DatagramPath, for purpose: ICETransaction.Purpose, at now: MonotonicInstant) {
        guard let remoteKey, let base = base(at: path.local) else { return }
        composed.begin(.request, .binding, transaction: .generate(using: &random))
        composed.set(.username, checkUsername)
        composed.priority = ICECandidate.priority(kind: .prflx, localPreference: base.localPreference)
        switch role {
        case .controlled: composed.iceControlled = tieBreaker
        case .controlling: composed.iceControlling = tieBreaker
        }
        if purpose == .nomination { composed.useCandidate = true }
        if purpose == .check, let index = pairIndex(path) { pairs[index].state = .inProgress }
        startComposed(key: remoteKey, on: path, for: purpose, at: now)
    }

    /// Sends the request in `composed` and waits for its answer.
    private mutating func startComposed(
        key: Redacted<[UInt8]>?, on path: DatagramPath, for purpose: ICETransaction.Purpose, at now: MonotonicInstant
    ) {
        var bytes = takeBuffer()
        composed.encode(into: &bytes, key: key)
        transmit(bytes, on: path)
        transactions.append(
            ICETransaction(
                id: composed.transaction, path: path, purpose: purpose, role: role, request: bytes, at: now))
    }

    private mutating func serveTransactions(at now: MonotonicInstant) {
        let expired = transactions.filter { $0.expiry <= now }
        transactions.removeAll { $0.expiry <= now }
        for index in transactions.indices where transactions[index].takeRetransmission(at: now) {
            transmit(transactions[index].request, on: transactions[index].path)
        }
        for transaction in expired where !transaction.isCancelled { fail(transaction, isRefused: false, at: now) }
    }

    mutating func cancelTransactions(where condition: (ICETransaction) -> Bool) {
        for index in transactions.indices where condition(transactions[index]) { transactions[index].cancel() }
    }

    /// A transaction, already removed, has come to nothing: without an answer, or with an error.
    mutating func fail(_ transaction: ICETransaction, isRefused: Bool, at now: MonotonicInstant) {
        switch transaction.purpose {
        case .gathering:
            if !isGathering { emit(.gatheringFinished) }
        case .check:
            guard let index = pairIndex(transaction.path), pairs[index].state == .inProgress else { return }
            let hasValid = pairs.contains { $0.state == .succeeded }
            pairs[index].state = isRefused || hasValid ? .failed : .waiting
        case .nomination:
            // Unanswered and with nothing to turn to, the same pair is nominated again; refused, not before the next
            // answer to a consent check. Either way consent bounds it.
            let hasOther = pairs.contains { $0.state == .succeeded && $0.path != transaction.path }
            guard hasOther || isRefused, !isNominated, let index = pairIndex(transaction.path) else { return }
            pairs[index].state = .failed
            if let best = bestValid { select(best, isNominated: false, at: now) }
        case .consent:
            break
        }
    }

    // MARK: Selection

    /// The pair of highest priority that has answered.
    private var bestValid: Int? {
        pairs.indices.filter { pairs[$0].state == .succeeded }.max { pairs[$0].priority < pairs[$1].priority }
    }

    /// A check of this pair has succeeded.
    mutating func pairSucceeded(_ index: Int, at now: MonotonicInstant) {
        let path = pairs[index].path
        // Whatever else is on its way on this pair can no longer say anything new.
        cancelTransactions { $0.purpose == .check && $0.path == path }
        triggered.removeAll { $0 == path }
        if role == .controlled, peerNomination == path {
            select(index, isNominated: true, at: now)
        } else if isInterrupted {
            considerSwitch(to: path, at: now)
        } else if !isNominated, let best = bestValid {
            select(best, isNominated: false, at: now)
        }
    }

    /// Media goes over this valid pair. The last nomination counts: RFC 8445 knows no aggressive one, and a controlling
    /// agent that missed our answers turns to another pair.
    mutating func select(_ index: Int, isNominated: Bool, at now: MonotonicInstant) {
        let path = pairs[index].path
        failureDeadline = nil
        if selection?.path != path {
            // Whatever was learnt of this pair may be old: it is asked at once and has the full time to answer.
            let isFresh = pairs[index].answeredAt == now
            selection = Selection(
                path: path, isNominated: isNominated, nextConsentCheck: isFresh ? nextConsentCheck(after: now) : now,
                consentExpiry: now + ICETiming.consentExpiry)
            emit(.selected(path))
            if isFresh, isNominated { hear(on: path, at: now) }
        }
        guard isNominated else { return }
        selection?.isNominated = true
        nominationDeadline = nil
        // RFC 8445 section 8.1.2: the other checks have lost their purpose.
        cancelTransactions { $0.purpose == .check || $0.purpose == .nomination }
        triggered.removeAll()
    }

    /// Regular nomination by a controlling agent (RFC 8445 section 8.1.1): the best valid pair, as soon as no better one
    /// can still succeed or has had its time to.
    private mutating func considerNomination(at now: MonotonicInstant) {
        guard role == .controlling, !isNominated, let best = bestValid,
            !transactions.contains(where: { $0.purpose == .nomination && !$0.isCancelled })
        else { return }
        let isWorthWaiting = pairs.contains { pair in
            pair.priority > pairs[best].priority && (pair.state == .waiting || pair.state == .inProgress)
        }
        if isWorthWaiting, nominationDeadline.map({ now < $0 }) ?? true {
            if nominationDeadline == nil { nominationDeadline = now + ICETiming.nominationPatience }
            return
        }
        nominationDeadline = nil
        startCheck(on: pairs[best].path, for: .nomination, at: now)
    }

    // MARK: Role

    /// RFC 8445 section 7.3.1.1: the conflict is repaired by changing sides.
    mutating func switchRole() {
        role = role.other
        nominationDeadline = nil
        peerNomination = nil
        cancelTransactions { $0.purpose == .nomination }
        updatePriorities()
    }

    // MARK: Consent

    private mutating func nextConsentCheck(after now: MonotonicInstant) -> MonotonicInstant {
        now + .milliseconds(Int.random(in: ICETiming.consentInterval, using: &random))
    }

    mutating func checkConsent(at now: MonotonicInstant) {
        guard let path = selection?.path else { return }
        let next = nextConsentCheck(after: now)
        selection?.nextConsentCheck = next
        startCheck(on: path, for: .consent, at: now)
    }
}
