import Basis

/// What the agent does with the peer's and the STUN servers' messages.
extension ICEAgent {
    // MARK: Requests

    /// RFC 8445 section 7.3. Needs the local password only: checks may overtake the signalling.
    mutating func receiveRequest(_ request: STUNMessage, on path: DatagramPath, at now: MonotonicInstant) {
        guard base(at: path.local) != nil else { return }
        guard request.hasUsername(beginningWith: usernamePrefix), request.isAuthentic(key: localKey) else {
            let isCheck = request.username != nil && request.hasIntegrity
            return refuse(request, isCheck ? .unauthenticated : .badRequest, key: nil, on: path)
        }
        let unknown = request.unknownRequired(besides: STUNMessage.AttributeType.knownInChecks)
        guard unknown.isEmpty else { return refuse(request, .unknownAttribute, unknown, key: localKey, on: path) }
        guard resolveConflict(with: request) else { return refuse(request, .roleConflict, key: localKey, on: path) }

        composed.begin(.success, .binding, transaction: request.transaction)
        composed.xorMappedAddress = path.remote
        transmitComposed(key: localKey, on: path)
        hear(on: path, at: now)
        // Checks must carry PRIORITY, but a peer may leave it out of its consent checks: the least then.
        let priority = request.priority ?? ICECandidate.priority(kind: .prflx, localPreference: 0)
        receiveCheck(on: path, priority: priority, useCandidate: request.useCandidate, at: now)
    }

    /// Errors go only to who speaks ICE: a request without FINGERPRINT is not a check (RFC 8445 section 7.1).
    private mutating func refuse(
        _ request: STUNMessage, _ code: STUNMessage.ErrorCode, _ unknown: [UInt16] = [], key: Redacted<[UInt8]>?,
        on path: DatagramPath
    ) {
        guard request.hasFingerprint else { return }
        composed.begin(.error, .binding, transaction: request.transaction)
        composed.errorCode = code
        if !unknown.isEmpty { composed.unknownAttributes = unknown }
        transmitComposed(key: key, on: path)
    }

    /// RFC 8445 section 7.3.1.1. False when it is the peer who has to change sides.
    private mutating func resolveConflict(with request: STUNMessage) -> Bool {
        switch role {
        case .controlling:
            guard let theirs = request.iceControlling else { return true }
            if tieBreaker >= theirs { return false }
        case .controlled:
            guard let theirs = request.iceControlled else { return true }
            if tieBreaker < theirs { return false }
        }
        switchRole()
        return true
    }

    /// RFC 8445 sections 7.3.1.3 to 7.3.1.5: discovery, triggered check, nomination.
    private mutating func receiveCheck(
        on path: DatagramPath, priority: UInt32, useCandidate: Bool, at now: MonotonicInstant
    ) {
        if !remoteCandidates.contains(where: { $0.address == path.remote }) {
            learn(
                ICECandidate(
                    foundation: "p\(remoteCandidates.count)", priority: priority, address: path.remote, kind: .prflx))
        }
        guard let index = pairIndex(path) else { return }
        pairs[index].isAuthenticated = true
        let isNomination = useCandidate && role == .controlled
        if isNomination { peerNomination = path }
        switch pairs[index].state {
        case .succeeded:
            if isNomination { select(index, isNominated: true, at: now) }
        case .waiting, .inProgress, .failed:
            trigger(index)
        }
    }

    // MARK: Responses

    /// RFC 8445 section 7.2.5. What does not come back on the path of its request is not an answer to it.
    mutating func receiveResponse(_ response: STUNMessage, on path: DatagramPath, at now: MonotonicInstant) {
        guard let index = transactions.firstIndex(where: { $0.id == response.transaction && $0.path == path })
        else { return }
        let transaction = transactions[index]
        if transaction.purpose == .gathering {
            transactions.remove(at: index)
            if response.messageClass == .success, let mapped = response.xorMappedAddress {
                addReflexive(mapped, base: path.local, server: path.remote.address)
            }
            if !isGathering { emit(.gatheringFinished) }
            return
        }
        // RFC 8489 section 9.1.4: an answer that the peer's password does not vouch for never came.
        guard let remoteKey, response.isAuthentic(key: remoteKey) else { return }
        if response.messageClass == .success {
            guard response.xorMappedAddress != nil else { return }
            transactions.remove(at: index)
            succeed(transaction, at: now)
            giveBack(transaction.request)
        } else if let code = response.errorCode {
            transactions.remove(at: index)
            receiveError(code, to: transaction, at: now)
        }
    }

    private mutating func addReflexive(_ mapped: TransportAddress, base: TransportAddress, server: IPAddress) {
        // RFC 8445 section 5.1.3: a candidate equal to another is redundant, as without a NAT.
        guard let origin = self.base(at: base), !localCandidates.contains(where: { $0.address == mapped }) else {
            return
        }
        addLocal(
            ICECandidate(
                foundation: ICECandidate.foundation(kind: .srflx, base: base.address, server: server),
                priority: ICECandidate.priority(kind: .srflx, localPreference: origin.localPreference),
                address: mapped, kind: .srflx, related: base))
    }

    private mutating func succeed(_ transaction: ICETransaction, at now: MonotonicInstant) {
        guard let index = pairIndex(transaction.path) else { return }
        // Karn's algorithm: who was asked more than once does not say which time the answer is for.
        let sample = transaction.transmissions == 1 ? now - transaction.startedAt : nil
        pairs[index].answered(after: sample, at: now)
        if selection?.path == transaction.path {
            selection?.consentExpiry = now + ICETiming.consentExpiry
            selection?.hasConsent = true
            answered(at: now)
        }
        switch transaction.purpose {
        case .gathering, .consent: break
        case .check: pairSucceeded(index, at: now)
        case .nomination: if role == .controlling { select(index, isNominated: true, at: now) }
        }
    }

    private mutating func receiveError(
        _ code: STUNMessage.ErrorCode, to transaction: ICETransaction, at now: MonotonicInstant
    ) {
        switch (code.number, transaction.purpose) {
        case (STUNMessage.ErrorCode.roleConflict.number, _):
            // RFC 8445 section 7.2.5.1; a second refusal of the role we have already left changes nothing.
            if role == transaction.role { switchRole() }
            if let index = pairIndex(transaction.path), pairs[index].state != .succeeded { trigger(index) }
        case (STUNMessage.ErrorCode.forbidden.number, .consent):
            // Revoked, or the peer has ended that pair: no patience changes it.
            end(with: .consentLost)
        case (STUNMessage.ErrorCode.forbidden.number, .check) where isInterrupted:
            // The peer is reached, and its agent, which is done, takes no other pair in place of the silent one.
            end(with: .consentLost)
        default:
            if !transaction.isCancelled { fail(transaction, isRefused: true, at: now) }
        }
    }
}
