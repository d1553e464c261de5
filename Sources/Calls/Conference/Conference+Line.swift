package import Basis
internal import Jitsi
internal import MediaSession
internal import Room
internal import XMPP

/// A line that is cut for a while, or whose addresses change: the call stays what it is and goes on by itself.
extension Conference {
    // MARK: The bridge is silent

    mutating func mediaInterrupted(at now: MonotonicInstant) {
        guard line.silentSince == nil else { return }
        line.silentSince = now
        line.nextProbe = now
        diagnose(.notice, "media-interrupted")
        tellLine(at: now)
    }

    mutating func mediaRestored(at now: MonotonicInstant) {
        guard let since = line.silentSince else { return }
        forgetSilence()
        forwarding.resume(at: now)
        diagnose(.notice, "media-restored", "after \((now - since).wholeMilliseconds) ms")
        // The server is asked as well: TCP may take as long again as the cut before it goes on by itself.
        if xmpp?.heardAt.map({ $0 < since }) ?? false { xmpp?.probe(at: now) }
        // Nobody can make anything of the pictures that follow lost ones.
        outputs.append(.event(.keyframeWanted(layer: nil)))
        if line.suspendedSince != nil { hastenResumption(at: now) }
        if now - since >= LineState.socketPatience { reopenChannelSocket(at: now) }
        tellLine(at: now)
        drainXMPP(at: now)
    }

    /// The session is over, or another one stands.
    mutating func forgetSilence() {
        line.silentSince = nil
        line.nextProbe = nil
        line.provenAt = nil
        line.isPathGone = false
    }

    /// Asks for a new session when the line is seen to be well and the bridge stays silent.
    mutating func considerRenewal(at now: MonotonicInstant) {
        guard stage == .open, let since = line.silentSince, let heard = xmpp?.heardAt else { return }
        // Bridges do not follow to another address by themselves: there is nothing to wait for then.
        guard heard > since + (line.isPathGone ? .zero : LineState.silenceProof) else { return }
        if line.provenAt == nil { line.provenAt = now }
        guard line.isPathGone || line.renewalDue.map({ $0 <= now }) ?? false else { return }
        renewSession("no answer from the bridge, though the server answers", at: now)
    }

    /// Gives the media session up and asks for another one; until it stands the last pictures stay.
    mutating func renewSession(_ reason: String, at now: MonotonicInstant) {
        forgetSilence()
        line.isSessionStale = true
        line.renewingUntil = now + LineState.renewalPatience
        diagnose(.notice, "media-renewal", reason)
        tellLine(at: now)
        room?.mediaFailed(reason, at: now)
        drainRoom(at: now)
    }

    /// No new session came in time: the pictures of the old one say nothing any more.
    private mutating func renewalFailed(at now: MonotonicInstant) {
        line.renewingUntil = nil
        guard line.isSessionStale else { return }
        closeMedia(at: now)
        outputs.append(emitted(.mediaEnded))
    }

    // MARK: Signalling without a connection

    mutating func signallingSuspended(at now: MonotonicInstant) {
        signallingSocket = nil
        line.attemptDeadline = nil
        if line.suspendedSince == nil {
            line.suspendedSince = now
            room?.patientUntil = now + LineState.resumptionLimit
            line.attempts = 0
            diagnose(.notice, "signalling-suspended")
            // What the server repeats after each resumption may be what breaks the connection.
            let wasShort = line.resumedAt.map { now - $0 < LineState.stablePeriod } ?? false
            line.shortResumptions = wasShort ? line.shortResumptions + 1 : 0
            if line.shortResumptions > LineState.maximumShortResumptions {
                diagnose(.warning, "signalling-unstable", "resumed \(line.shortResumptions) times")
                return end(.lost(.serverUnreachable), at: now)
            }
        }
        scheduleResumption(at: now)
    }

    mutating func signallingResumed(at now: MonotonicInstant) {
        let lasted = line.suspendedSince.map { (now - $0).wholeMilliseconds } ?? 0
        diagnose(.notice, "signalling-resumed", "after \(lasted) ms, attempt \(line.attempts)")
        line.suspendedSince = nil
        line.resumedAt = now
        line.nextAttempt = nil
        line.attemptDeadline = nil
        line.doubtUntil = nil
        line.attempts = 0
        room?.patientUntil = now + LineState.patience
        considerRenewal(at: now)
        tellLine(at: now)
    }

    private mutating func scheduleResumption(at now: MonotonicInstant) {
        guard let since = line.suspendedSince, line.nextAttempt == nil, signallingSocket == nil else { return }
        guard now - since < LineState.resumptionLimit else { return end(.lost(.serverUnreachable), at: now) }
        // Not all boxes of a town at once.
        line.nextAttempt = now + line.pause + .milliseconds(Int.random(in: 0...200, using: &random))
    }

    /// The line is known to be well, or another: no more waiting.
    private mutating func hastenResumption(at now: MonotonicInstant) {
        if let socket = signallingSocket {
            outputs.append(.closeWebSocket(socket))
            signallingSocket = nil
            xmpp?.abandonConnection(at: now)
        }
        line.attempts = 0
        line.attemptDeadline = nil
        line.nextAttempt = now
    }

    private mutating func attemptResumption(at now: MonotonicInstant) {
        line.nextAttempt = nil
        guard case .webSocket(let url) = route, let id = xmpp?.resumptionID else {
            return end(.lost(.serverUnreachable), at: now)
        }
        line.attemptDeadline = now + line.attemptLimit
        line.attempts += 1
        socketsGiven += 1
        let token = SocketToken(role: .signalling, number: socketsGiven)
        signallingSocket = token
        let address = signallingAddress(url).revealed + "&previd=" + PercentEncoding.encodeComponent(id)
        outputs.append(
            .openWebSocket(token, url: Redacted(address), subprotocol: "xmpp", origin: configuration.roomURL.origin))
    }

    /// The socket that was to carry the stream on is gone, or was never opened.
    mutating func resumptionFailed(at now: MonotonicInstant) {
        line.attemptDeadline = nil
        xmpp?.transportClosed(at: now)
        drainXMPP(at: now)
        if stage == .open || stage == .leaving { scheduleResumption(at: now) }
    }

    // MARK: Addresses

    /// The addresses of the host at which UDP sockets are bound are now these: some may be new, others gone for good or for
    /// a while.
    package mutating func socketsChanged(_ addresses: [TransportAddress], at now: MonotonicInstant) {
        guard hasMediaSockets, stage != .ended else { return }
        let gone = bases.filter { !addresses.contains($0) }
        let new = addresses.filter { !bases.contains($0) }
        guard !gone.isEmpty || !new.isEmpty else { return }
        bases = addresses
        diagnose(.notice, "addresses-changed", "\(new.count) new, \(gone.count) gone")
        for base in new {
            mediaSession?.addHost(base, localPreference: UInt16(clamping: 65_000 - basesAdded))
            basesAdded += 1
        }
        if let local = mediaSession?.selectedPath?.local, !relay.addresses.contains(local) {
            line.isPathGone = !addresses.contains(local)
        }
        mediaSession?.suspect(isGone: line.isPathGone, at: now)
        drainMedia(at: now)
        line.lostAddresses = (line.lostAddresses + gone).filter { !addresses.contains($0) }.suffix(16)
        guard !addresses.isEmpty else { return }
        signallingDoubted(hasMoved: !line.lostAddresses.isEmpty, at: now)
        line.lostAddresses = []
    }

    private mutating func signallingDoubted(hasMoved: Bool, at now: MonotonicInstant) {
        if line.suspendedSince != nil {
            hastenResumption(at: now)
        } else if xmpp?.resumptionID != nil, hasMoved {
            // A new connection costs a few round trips, waiting for a dead one seconds.
            xmpp?.abandonConnection(at: now)
        } else {
            xmpp?.probe(at: now)
            if hasMoved { line.doubtUntil = now + LineState.doubtPatience }
        }
        drainXMPP(at: now)
    }

    private mutating func settleDoubt(at now: MonotonicInstant) {
        guard let until = line.doubtUntil, until <= now else { return }
        line.doubtUntil = nil
        guard case .webSocket = route, let heard = xmpp?.heardAt, heard < until - LineState.doubtPatience else {
            return
        }
        xmpp?.abandonConnection(at: now)
        drainXMPP(at: now)
    }

    // MARK: Time

    mutating func advanceLine(to now: MonotonicInstant) {
        if let probe = line.nextProbe, probe <= now {
            line.nextProbe = now + (line.isPathGone ? LineState.goneProbeInterval : LineState.probeInterval)
            xmpp?.probe(at: now)
            drainXMPP(at: now)
        }
        settleDoubt(at: now)
        considerRenewal(at: now)
        if let deadline = line.attemptDeadline, deadline <= now, line.suspendedSince != nil {
            if let socket = signallingSocket { outputs.append(.closeWebSocket(socket)) }
            signallingSocket = nil
            resumptionFailed(at: now)
        }
        if let attempt = line.nextAttempt, attempt <= now, stage == .open || stage == .leaving {
            attemptResumption(at: now)
        }
        if let until = line.renewingUntil, until <= now { renewalFailed(at: now) }
        tellLine(at: now)
    }

    var lineSoonest: Soonest {
        var soonest = Soonest()
        soonest.consider(line.nextProbe, "line-probe")
        soonest.consider(line.renewalDue, "line-renewal")
        soonest.consider(line.doubtUntil, "line-doubt")
        soonest.consider(line.attemptDeadline, "resumption-limit")
        soonest.consider(line.nextAttempt, "resumption")
        soonest.consider(line.renewingUntil, "media-renewal")
        if !line.isTold { soonest.consider(suspensionShown, "line-suspended") }
        return soonest
    }

    /// When a loss of the signalling alone is told: not at all while media flows.
    private var suspensionShown: MonotonicInstant? {
        guard let since = line.suspendedSince, !isMediaFlowing else { return nil }
        return since + LineState.suspensionPatience
    }

    /// Others are here, and nobody gives us their sound and pictures: the focus is gone, or has no bridge.
    private var lacksMediaServer: Bool {
        line.isInRoom && (line.lacksFocus || line.lacksBridge) && !isMediaFlowing && !participants.isEmpty
    }

    var isMediaFlowing: Bool {
        guard line.silentSince == nil else { return false }
        return switch mediaSession {
        case .some(let session): session.isSecured
        case nil: false
        }
    }

    /// Tells when the call is interrupted, and when it no longer is.
    mutating func tellLine(at now: MonotonicInstant) {
        guard stage == .open else { return }
        let isInterrupted =
            line.silentSince != nil || line.renewingUntil.map { now < $0 } ?? false
            || suspensionShown.map { $0 <= now } ?? false
            || lacksMediaServer
        guard isInterrupted != line.isTold else { return }
        line.isTold = isInterrupted
        outputs.append(emitted(isInterrupted ? .lineInterrupted : .lineRestored))
    }
}
