package import Basis

/// What others make us say, and what they send that is too large to be read.
extension XMPPSession {
    /// Refuses an iq that came as `.stanza`.
    package mutating func reject(
        _ iq: XMLElement, with error: StanzaError = .serviceUnavailable, at now: MonotonicInstant
    ) {
        guard iq.isRequest else { return }
        answer(iq.failure(error), at: now)
    }

    /// Sends an answer that somebody else provoked. All of them share one budget (`AnswerBudget`), save those to the
    /// server itself: beyond it, or where requests cannot keep up, they are left out rather than the session ended.
    package mutating func answer(_ iq: XMLElement, at now: MonotonicInstant) {
        guard let jid = boundJID, (bosh?.queued ?? 0) < Self.maximumQueuedForAnswers else { return }
        guard isOwnServer(iq["to"], jid) || answers.take(at: now) else { return }
        transmit(iq)
        flush(at: now)
    }

    /// A frame was larger than the socket takes, and was left out there: it counts as received, or the server would send it
    /// again with each resumption (XEP-0198 section 5).
    package mutating func frameSkipped(at now: MonotonicInstant) {
        guard isOpen else { return }
        heard(at: now)
        skip(.tooLarge, isStanza: true)
    }

    // MARK: Inside

    /// Whether `address` is our server, or our own account there.
    private func isOwnServer(_ address: String?, _ own: JID) -> Bool {
        guard let address else { return true }
        return address == own.domain || address == own.bare.description
    }

    /// Leaves out what is too large or too deep to be read.
    mutating func skip(_ error: XMLError, isStanza: Bool) {
        skippedFrames += 1
        if isStanza, case .bound = phase { management?.receivedStanza() }
        emit(.event(.dropped(error)))
    }

    /// Whether a frame that cannot be read is a stanza; what else a server sends is small.
    static func beginsStanza(_ bytes: [UInt8]) -> Bool {
        ["<iq", "<message", "<presence"].contains { bytes.starts(with: $0.utf8) }
    }
}
