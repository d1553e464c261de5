package import Basis

/// What an `ICEAgent` has to say.
package enum ICEEvent: Equatable, Sendable {
    /// A candidate to signal to the peer (trickle, RFC 8838).
    case localCandidate(ICECandidate)
    /// Every STUN server asked so far has answered or been given up.
    case gatheringFinished
    /// Media goes over this path from now on. Comes again when a better pair or the nominated one takes over.
    case selected(DatagramPath)
    /// Nothing has come from the peer for a while on a path that is watched; checks go on. `restored` follows, or nothing.
    case interrupted
    /// The peer is heard again.
    case restored
    /// The peer no longer answers on the selected path (RFC 7675): nothing may be sent there. The agent is over.
    case consentLost
    /// No pair has worked in 30 s. The agent is over.
    case failed
}

/// A full ICE agent (RFC 8445) with trickle (RFC 8838) and consent freshness (RFC 7675), for one component over UDP.
///
/// Assumes BUNDLE and rtcp-mux, so there is one data stream and one component. Sockets belong to the caller: each bound
/// socket is a base given to `addHost`, each STUN datagram that it receives goes to `receive`, and after every input the
/// caller drains `pollTransmit` and `pollEvent` and wakes at `soonest`.
///
/// Where it departs from RFC 8445, on purpose:
/// - no frozen pairs: they exist for several components and streams; the pacing orders the checks by priority;
/// - local peer-reflexive candidates are not kept: a datagram leaves from the base anyway, so a valid pair keeps the
///   priority of the pair that was checked;
/// - a check that times out while nothing else works is made again until the 30 s are over, because a bridge may learn
///   our credentials later than we learn its own;
/// - shorter timers, see `ICETiming`;
/// - a path that is watched (`ICEAgent+Watch`) is asked more often than for consent alone, and its pairs go on being
///   checked after consent has expired;
/// - no restart: new credentials take a new agent.
package struct ICEAgent: Sendable {
    /// Who nominates (RFC 8445 section 6.1.1).
    package enum Role: Sendable {
        case controlled, controlling

        var other: Role {
            self == .controlled ? .controlling : .controlled
        }
    }

    /// A place that datagrams leave from: a bound socket, or an address that a TURN server relays for us.
    struct Base: Sendable {
        let address: TransportAddress
        let kind: ICECandidate.Kind
        let localPreference: UInt16

        var priority: UInt32 {
            ICECandidate.priority(kind: kind, localPreference: localPreference)
        }
    }

    /// The path in use.
    struct Selection: Sendable {
        let path: DatagramPath
        var isNominated: Bool
        var nextConsentCheck: MonotonicInstant
        var consentExpiry: MonotonicInstant
        /// Whether media may be sent (RFC 7675); false only on a watched path, where it can come back.
        var hasConsent = true
    }

    static let maximumRemoteCandidates = 64
    static let maximumPairs = 100
    static let maximumGathering = 32

    /// As given at first; a role conflict may have changed it since (RFC 8445 section 7.3.1.1).
    package internal(set) var role: Role
    /// Our candidates so far, to be sent to the peer.
    package internal(set) var localCandidates: [ICECandidate] = []

    let local: ICECredentials
    let localKey: Redacted<[UInt8]>
    let tieBreaker: UInt64
    var random: RandomSource
    var remote: ICECredentials?
    var bases: [Base] = []
    var remoteCandidates: [ICECandidate] = []
    var pairs: [ICEPair] = []
    /// Pairs to check before all others, in order of arrival (RFC 8445 section 6.1.4.1).
    var triggered: [DatagramPath] = []
    /// From a base to a STUN server, waiting for the pacing.
    var ungathered: [DatagramPath] = []
    var transactions: [ICETransaction] = []
    /// When the next new transaction may start.
    var pacingSlot: MonotonicInstant?
    var nominationDeadline: MonotonicInstant?
    var failureDeadline: MonotonicInstant?
    var selection: Selection?
    /// The pair that a controlling peer asked for last.
    var peerNomination: DatagramPath?
    /// Consent was lost or nothing worked: the agent neither answers nor asks any more.
    var isOver = false
    /// Nil for a path that is not watched.
    var watch: Watch?

    private var transmits: [(path: DatagramPath, bytes: [UInt8])] = []
    private var events: [ICEEvent] = []
    /// Buffers of datagrams that were sent, used again.
    private var spare: [[UInt8]] = []
    /// What the USERNAME of the peer's checks begins with.
    let usernamePrefix: String
    var remoteKey: Redacted<[UInt8]>?
    /// The USERNAME of our checks.
    var checkUsername: [UInt8] = []
    /// The message being read, and the one being composed.
    private var received = STUNMessage()
    var composed = STUNMessage()

    package init(role: Role, local: ICECredentials, random: RandomSource) {
        self.role = role
        self.local = local
        self.random = random
        localKey = local.key
        usernamePrefix = "\(local.ufrag):"
        tieBreaker = self.random.next()
    }

    // MARK: Local candidates

    /// Adds a bound UDP socket, which becomes a host candidate. `localPreference` orders several of them: higher is
    /// better, and no two should be equal (RFC 8445 section 5.1.2.1).
    package mutating func addHost(_ base: TransportAddress, localPreference: UInt16) {
        addBase(Base(address: base, kind: .host, localPreference: localPreference), server: nil, related: nil)
    }

    /// Adds an address that a TURN server has allocated for us; the paths with it as local end are the caller's to wrap
    /// in TURN. `mapped` is our reflexive address as the server saw it.
    package mutating func addRelay(
        _ relayed: TransportAddress, server: TransportAddress, mapped: TransportAddress?, localPreference: UInt16,
        at now: MonotonicInstant
    ) {
        let base = Base(address: relayed, kind: .relay, localPreference: localPreference)
        addBase(base, server: server.address, related: mapped)
        makeProgress(at: now)
    }

    private mutating func addBase(_ base: Base, server: IPAddress?, related: TransportAddress?) {
        guard !isOver, !bases.contains(where: { $0.address == base.address }) else { return }
        bases.append(base)
        let foundation = ICECandidate.foundation(kind: base.kind, base: base.address.address, server: server)
        addLocal(
            ICECandidate(
                foundation: foundation, priority: base.priority, address: base.address, kind: base.kind,
                related: related))
        for candidate in remoteCandidates { pair(base, with: candidate) }
    }

    /// Asks a STUN server how it sees each host base of its address family. A server that does not answer only means
    /// that there is no server-reflexive candidate.
    package mutating func gather(from stunServer: TransportAddress, at now: MonotonicInstant) {
        guard !isOver else { return }
        for base in bases where base.kind == .host && base.address.address.isV6 == stunServer.address.isV6 {
            let path = DatagramPath(local: base.address, remote: stunServer)
            let isAsked = transactions.contains { $0.purpose == .gathering && $0.path == path }
            if isAsked || ungathered.contains(path) || ungathered.count == Self.maximumGathering { continue }
            ungathered.append(path)
        }
        if isGathering {
            makeProgress(at: now)
        } else {
            emit(.gatheringFinished)
        }
    }

    /// Whether candidates of ours are still awaited.
    package var isGathering: Bool {
        !ungathered.isEmpty || transactions.contains { $0.purpose == .gathering }
    }

    mutating func addLocal(_ candidate: ICECandidate) {
        localCandidates.append(candidate)
        emit(.localCandidate(candidate))
    }

    // MARK: The peer

    /// Gives the peer's credentials, with which checks begin. Later calls are ignored: other credentials mean an ICE
    /// restart, which takes a new agent. Credentials that no check could carry fail the agent.
    package mutating func setRemote(_ credentials: ICECredentials, at now: MonotonicInstant) {
        guard remote == nil, !isOver else { return }
        guard credentials.isUsable else { return end(with: .failed) }
        remote = credentials
        remoteKey = credentials.key
        checkUsername = Array("\(credentials.ufrag):\(local.ufrag)".utf8)
        failureDeadline = now + ICETiming.failure
        makeProgress(at: now)
    }

    /// Adds a candidate of the peer, signalled at any time. Candidates that cannot be used are passed over in silence.
    package mutating func addRemote(_ candidate: ICECandidate, at now: MonotonicInstant) {
        guard !isOver, candidate.component == 1, candidate.address.port != 0, candidate.address.address.isUnicast
        else { return }
        learn(candidate)
        makeProgress(at: now)
    }

    /// Takes over a remote candidate and pairs it. One that is known by address is replaced when a check had discovered
    /// it and signalling now tells more.
    mutating func learn(_ candidate: ICECandidate) {
        if let index = remoteCandidates.firstIndex(where: { $0.address == candidate.address }) {
            guard remoteCandidates[index].kind == .prflx, candidate.kind != .prflx else { return }
            remoteCandidates[index] = candidate
            updatePriorities()
        } else if remoteCandidates.count < Self.maximumRemoteCandidates {
            remoteCandidates.append(candidate)
            for base in bases { pair(base, with: candidate) }
        }
    }

    /// RFC 8445 section 6.1.2.2: same family, and link-local only with link-local.
    private mutating func pair(_ base: Base, with candidate: ICECandidate) {
        let (ours, theirs) = (base.address.address, candidate.address.address)
        guard ours.isV6 == theirs.isV6, !ours.isV6 || ours.isLinkLocal == theirs.isLinkLocal else { return }
        let path = DatagramPath(local: base.address, remote: candidate.address)
        let new = ICEPair(path: path, priority: priority(of: base, with: candidate))
        if pairs.count >= Self.maximumPairs {
            // RFC 8445 section 6.1.2.5: the least promising gives way.
            let idle = pairs.indices.filter { pairs[$0].state == .waiting || pairs[$0].state == .failed }
            guard let worst = idle.min(by: { pairs[$0].priority < pairs[$1].priority }),
                pairs[worst].priority < new.priority
            else { return }
            let removed = pairs.remove(at: worst).path
            triggered.removeAll { $0 == removed }
        }
        pairs.append(new)
    }

    private func priority(of base: Base, with candidate: ICECandidate) -> UInt64 {
        role == .controlling
            ? ICEPair.priority(controlling: base.priority, controlled: candidate.priority)
            : ICEPair.priority(controlling: candidate.priority, controlled: base.priority)
    }

    mutating func updatePriorities() {
        for index in pairs.indices {
            guard let base = base(at: pairs[index].path.local),
                let candidate = remoteCandidates.first(where: { $0.address == pairs[index].path.remote })
            else { continue }
            pairs[index].priority = priority(of: base, with: candidate)
        }
    }

    func base(at address: TransportAddress) -> Base? {
        bases.first { $0.address == address }
    }

    func pairIndex(_ path: DatagramPath) -> Int? {
        pairs.firstIndex { $0.path == path }
    }

    // MARK: Result

    /// Where media may be sent: the nominated pair, before that the best one that has answered.
    package var selectedPath: DatagramPath? {
        selection.flatMap { $0.hasConsent ? $0.path : nil }
    }

    /// Whether the controlling side has settled on the selected path.
    package var isNominated: Bool {
        selection?.isNominated ?? false
    }

    /// Whether the peer has proved on `path`, by an answer or a check with the right password (RFC 8445 section 7), that it
    /// is the one that signalling speaks of. Only from there anything but STUN is to be taken: others can send to any
    /// address of ours.
    package func isAuthenticated(_ path: DatagramPath) -> Bool {
        pairIndex(path).map { pairs[$0].isAuthenticated } ?? false
    }

    /// The smoothed round trip on the selected path, from answers to checks that were sent once.
    package var roundTrip: Duration? {
        selection.flatMap { pairIndex($0.path) }.flatMap { pairs[$0].roundTrip }
    }

    /// What was tried, in one line for the journal.
    package var summary: String {
        let states: [(ICEPair.State, String)] = [
            (.waiting, "waiting"), (.inProgress, "in progress"), (.succeeded, "succeeded"), (.failed, "failed"),
        ]
        let counts = states.map { state, name in "\(pairs.count { $0.state == state }) \(name)" }
        return "\(localCandidates.count) local, \(remoteCandidates.count) remote candidates; pairs: "
            + counts.joined(separator: ", ")
    }

    // MARK: Input and output

    /// Whether a received datagram is for `receive` (RFC 7983), and not DTLS, RTP or ChannelData.
    package static func isSTUN(_ datagram: Span<UInt8>) -> Bool {
        STUNMessage.isSTUN(datagram)
    }

    /// A STUN datagram that arrived on the socket bound to `path.local` from `path.remote`.
    package mutating func receive(_ datagram: Span<UInt8>, on path: DatagramPath, at now: MonotonicInstant) {
        guard !isOver else { return }
        var message = STUNMessage()
        swap(&message, &received)
        defer { swap(&message, &received) }
        guard message.read(datagram), message.method == .binding else { return }
        switch message.messageClass {
        case .request: receiveRequest(message, on: path, at: now)
        case .success, .error: receiveResponse(message, on: path, at: now)
        case .indication: break  // A keepalive (RFC 8445 section 11) asks for nothing.
        }
        makeProgress(at: now)
    }

    /// Does what is due; to be called when `soonest` has come, harmless earlier.
    package mutating func advance(to now: MonotonicInstant) {
        makeProgress(at: now)
    }

    /// The next datagram to send from the socket bound to `path.local`.
    package mutating func pollTransmit() -> (path: DatagramPath, bytes: [UInt8])? {
        transmits.isEmpty ? nil : transmits.removeFirst()
    }

    /// The same, copied into `buffer`.
    package mutating func pollTransmit(into buffer: inout [UInt8]) -> DatagramPath? {
        guard let (path, bytes) = pollTransmit() else { return nil }
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: bytes)
        giveBack(bytes)
        return path
    }

    /// Whether `pollEvent` has something.
    package var hasEvents: Bool { !events.isEmpty }

    /// What happened since the last call, the oldest first; nil when there is nothing more.
    package mutating func pollEvent() -> ICEEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// When `advance` is needed next, and what for.
    package var soonest: Soonest {
        var soonest = Soonest()
        guard !isOver else { return soonest }
        if hasUnstarted { soonest.consider(pacingSlot ?? .zero, "ice-pacing") }
        for transaction in transactions { soonest.consider(transaction.deadline, "ice-transaction") }
        soonest.consider(nominationDeadline, "ice-nomination")
        soonest.consider(selection?.nextConsentCheck, "ice-consent-check")
        if selection?.hasConsent == true { soonest.consider(selection?.consentExpiry, "ice-consent-expiry") }
        soonest.consider(watchDeadline, "ice-watch")
        soonest.consider(failureDeadline, "ice-failure")
        return soonest
    }

    /// Sends a copy of `bytes`.
    mutating func transmit(_ bytes: [UInt8], on path: DatagramPath) {
        var copy = takeBuffer()
        copy.append(contentsOf: bytes)
        transmits.append((path, copy))
    }

    /// Sends `composed`.
    mutating func transmitComposed(key: Redacted<[UInt8]>?, on path: DatagramPath) {
        var bytes = takeBuffer()
        composed.encode(into: &bytes, key: key)
        transmits.append((path, bytes))
    }

    /// An empty buffer, an old one where there is one. (Only now is it emptied: who gave it back may have held it still.)
    mutating func takeBuffer() -> [UInt8] {
        guard var buffer = spare.popLast() else { return [] }
        buffer.removeAll(keepingCapacity: true)
        return buffer
    }

    /// Keeps the memory of a datagram that nobody needs any more.
    mutating func giveBack(_ buffer: consuming [UInt8]) {
        if spare.count < 16 { spare.append(buffer) }
    }

    mutating func emit(_ event: ICEEvent) {
        events.append(event)
    }

    /// The last event; what was still to be sent or awaited is dropped.
    mutating func end(with event: ICEEvent) {
        isOver = true
        selection = nil
        transactions.removeAll()
        transmits.removeAll()
        triggered.removeAll()
        ungathered.removeAll()
        emit(event)
    }
}
