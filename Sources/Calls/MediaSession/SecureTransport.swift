package import Basis
package import DTLSSRTP
package import ICE
internal import SCTP

/// Why a media session ended for good; the conference decides what to do about it.
package enum MediaFailure: Error, Equatable, Sendable {
    /// No pair of addresses worked, or consent was lost (RFC 7675).
    case connectivity
    /// The peer's certificate is not the one that signalling announced (RFC 8122 section 5).
    case fingerprintMismatch
    case handshake(String)
    /// Our own engine refused to start.
    case engine(String)
}

package enum TransportEvent: Equatable, Sendable {
    /// A candidate of ours, to be told to the peer.
    case localCandidate(ICECandidate)
    case gatheringFinished
    /// A pair of addresses works.
    case selected(DatagramPath)
    /// Nothing comes from the peer any more; it is being asked. `restored` follows if it ever answers.
    case interrupted
    case restored
    /// DTLS is up and media may flow.
    case secured(SRTPProfile)
    case channelOpen
    case channelMessage(String)
    case channelClosed
    /// The peer ended DTLS (close_notify). Not a failure by itself: signalling says why, or consent expires.
    case closedByPeer
    case failed(MediaFailure)
}

/// ICE, DTLS, SRTP and the data channel of one BUNDLE transport, as one machine: datagrams in and out, no socket, no clock.
///
///     datagram ─ first byte ─┬─ 0…3    STUN  → ICEAgent
///        (RFC 7983)          ├─ 20…63  DTLS  → DTLSEndpoint ─ application data → SCTP association ─ text
///                            └─ 128…191 SRTP → SRTPContext  ─ plain RTP or RTCP → the caller
package struct SecureTransport: ~Copyable {
    package struct Configuration: Sendable {
        package var iceRole: ICEAgent.Role
        package var dtlsRole: DTLSRole
        package var localCredentials: ICECredentials
        package var certificate: DTLSCertificate
        package var remoteFingerprints: [DTLSFingerprint]
        /// The port of the SCTP association, or nil when the channel is elsewhere.
        package var sctpPort: UInt16?
        package var profiles: [SRTPProfile]
        /// Whether a silence of the peer is told as soon as it is noticed, and outlasted however long it takes; else the
        /// transport fails when consent expires (RFC 7675).
        package var watchesPath = false

        package init(
            iceRole: ICEAgent.Role, dtlsRole: DTLSRole, localCredentials: ICECredentials, certificate: DTLSCertificate,
            remoteFingerprints: [DTLSFingerprint], sctpPort: UInt16?,
            profiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80]
        ) {
            self.iceRole = iceRole
            self.dtlsRole = dtlsRole
            self.localCredentials = localCredentials
            self.certificate = certificate
            self.remoteFingerprints = remoteFingerprints
            self.sctpPort = sctpPort
            self.profiles = profiles
        }
    }

    /// What a datagram was; RTP and RTCP are left in place, decrypted.
    package enum Received: Equatable, Sendable {
        case rtp, rtcp, consumed
    }

    private let configuration: Configuration
    private var ice: ICEAgent
    private var dtls: DTLSEndpoint
    private var dtlsDeadline: MonotonicInstant?
    private var isHandshaking = false
    private var outbound: SRTPContext?
    private var inbound: SRTPContext?
    private var association: DataChannelAssociation?
    private var sctpDeadline: MonotonicInstant?
    private var sctpPacket: [UInt8] = []
    private var events: [TransportEvent] = []
    private var hasFailed = false

    package init(configuration: Configuration, random: RandomSource) throws(MediaFailure) {
        let dtls: DTLSEndpoint
        do throws(DTLSError) {
            dtls = try DTLSEndpoint(
                role: configuration.dtlsRole, certificate: configuration.certificate,
                expected: configuration.remoteFingerprints, profiles: configuration.profiles,
                // A bridge that is not ready when our first flight comes drops it; a twentieth of RFC 6347's first wait
                // costs little and is felt in every join.
                retransmission: .milliseconds(50))
        } catch {
            throw .engine("DTLS: \(error)")
        }
        self.init(configuration: configuration, dtls: dtls, random: random)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(configuration: Configuration, dtls: consuming DTLSEndpoint, random: RandomSource) {
        self.configuration = configuration
        ice = ICEAgent(role: configuration.iceRole, local: configuration.localCredentials, random: random)
        self.dtls = dtls
        if configuration.dtlsRole == .server { self.dtls.start() }
    }

    // MARK: Addresses

    /// A socket that is bound to `base`; `localPreference` as in RFC 8445 section 5.1.2.1.
    package mutating func addHost(_ base: TransportAddress, localPreference: UInt16) {
        ice.addHost(base, localPreference: localPreference)
        drainICE(at: nil)
    }

    /// An address that a TURN server relays for us; paths with it as their local end are the caller's to send through it.
    package mutating func addRelay(
        _ relayed: TransportAddress, server: TransportAddress, mapped: TransportAddress?, at now: MonotonicInstant
    ) {
        ice.addRelay(relayed, server: server, mapped: mapped, localPreference: 0, at: now)
        drainICE(at: now)
    }

    package mutating func gather(from stunServer: TransportAddress, at now: MonotonicInstant) {
        ice.gather(from: stunServer, at: now)
    }

    package mutating func setRemote(_ credentials: ICECredentials, at now: MonotonicInstant) {
        ice.setRemote(credentials, at: now)
    }

    package mutating func addRemote(_ candidate: ICECandidate, at now: MonotonicInstant) {
        ice.addRemote(candidate, at: now)
    }

    package var localCandidates: [ICECandidate] { ice.localCandidates }
    package var selectedPath: DatagramPath? { ice.selectedPath }
    package var roundTrip: Duration? { ice.roundTrip }
    /// Whether SRTP keys exist, so that media can be sent.
    package var isSecured: Bool { outbound != nil && !hasFailed }

    // MARK: Input

    package mutating func receive(
        _ datagram: inout [UInt8], on path: DatagramPath, at now: MonotonicInstant
    ) -> Received {
        guard let first = datagram.first, !hasFailed else { return .consumed }
        switch first {
        case 0...3:
            ice.receive(datagram.span, on: path, at: now)
            drainICE(at: now)
            return .consumed
        case 20...63:
            // A client that begins as soon as its checks succeed is welcome; before our own ClientHello only leftovers of
            // an earlier session on the same sockets can come.
            guard configuration.dtlsRole == .server || isHandshaking else { return .consumed }
            // A stranger's handshake would take the place of the peer's, or show a certificate that is not the peer's.
            guard ice.isAuthenticated(path) else { return .consumed }
            dtls.receive(datagram.span)
            drainDTLS(at: now)
            return .consumed
        case 128...191:
            guard inbound != nil, datagram.count >= 8 else { return .consumed }
            // RFC 5761 section 4: RTCP packet types 192 to 223 in the second byte.
            if (192...223).contains(datagram[1]) {
                guard inbound?.unprotectRTCP(&datagram) == true else { return .consumed }
                hear(on: path, at: now)
                return .rtcp
            }
            guard inbound?.unprotectRTP(&datagram) == true else { return .consumed }
            hear(on: path, at: now)
            return .rtp
        default:
            return .consumed
        }
    }

    /// Starts the libraries below, which takes a tenth of a second the first time. Blocks; on any thread.
    package static func prepare() {
        SRTPContext.prepare()
        DataChannelAssociation.prepare()
    }

    package mutating func advance(to now: MonotonicInstant) {
        guard !hasFailed else { return }
        ice.advance(to: now)
        drainICE(at: now)
        if let dtlsDeadline, dtlsDeadline <= now {
            dtls.advance()
            drainDTLS(at: now)
        }
        association?.advance(to: now)
        drainAssociation(at: now)
    }

    /// Encrypts a plain RTP packet in place; false when there are no keys or no path yet.
    package mutating func protectRTP(_ packet: inout [UInt8]) -> Bool {
        guard !hasFailed, outbound != nil, ice.selectedPath != nil else { return false }
        do {
            try outbound?.protectRTP(&packet)
            return true
        } catch {
            return false
        }
    }

    /// Encrypts a plain RTCP packet in place; false when there are no keys or no path yet.
    package mutating func protectRTCP(_ packet: inout [UInt8]) -> Bool {
        guard !hasFailed, outbound != nil, ice.selectedPath != nil else { return false }
        do {
            try outbound?.protectRTCP(&packet)
            return true
        } catch {
            return false
        }
    }

    /// Sends text on the data channel; false while it is not open.
    package mutating func send(text: String, at now: MonotonicInstant) -> Bool {
        guard !hasFailed, association?.send(text: text) == true else { return false }
        drainAssociation(at: now)
        return true
    }

    /// Gives up the data channel's association and makes a fresh one in its place, which the peer takes for a restart (RFC
    /// 9260 section 5.2); `channelOpen` or `channelClosed` follows. Nothing before keys exist, or without an SCTP port.
    package mutating func reopenChannel(at now: MonotonicInstant) {
        guard isSecured, configuration.sctpPort != nil else { return }
        association = nil
        openAssociation(at: now)
        drainAssociation(at: now)
    }

    package mutating func close(at now: MonotonicInstant) {
        guard !hasFailed else { return }
        association?.close()
        drainAssociation(at: now)
        dtls.close()
    }

    private mutating func hear(on path: DatagramPath, at now: MonotonicInstant) {
        guard configuration.watchesPath else { return }
        ice.hear(on: path, at: now)
        if ice.hasEvents { drainICE(at: now) }
    }

    /// The way to the peer may have changed, or is gone with its address: it is asked at once.
    package mutating func suspect(isGone: Bool, at now: MonotonicInstant) {
        ice.suspect(isGone: isGone, at: now)
        drainICE(at: now)
    }

    // MARK: Output

    /// The next STUN or DTLS datagram, written into `buffer`, with its way.
    package mutating func pollDatagram(into buffer: inout [UInt8]) -> DatagramPath? {
        if let path = ice.pollTransmit(into: &buffer) { return path }
        guard let path = ice.selectedPath, dtls.pollDatagram(into: &buffer) else { return nil }
        return path
    }

    package mutating func pollEvent() -> TransportEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    package var soonest: Soonest {
        guard !hasFailed else { return Soonest() }
        var soonest = ice.soonest
        soonest.consider(dtlsDeadline, "dtls")
        soonest.consider(sctpDeadline, "sctp")
        return soonest
    }

    // MARK: Inside

    private mutating func drainICE(at now: MonotonicInstant?) {
        while let event = ice.pollEvent() {
            switch event {
            case .localCandidate(let candidate): events.append(.localCandidate(candidate))
            case .gatheringFinished: events.append(.gatheringFinished)
            case .selected(let path):
                events.append(.selected(path))
                if let now, configuration.dtlsRole == .client, !isHandshaking {
                    isHandshaking = true
                    dtls.start()
                    drainDTLS(at: now)
                }
            case .interrupted: events.append(.interrupted)
            case .restored: events.append(.restored)
            case .consentLost, .failed: fail(.connectivity)
            }
        }
    }

    private mutating func drainDTLS(at now: MonotonicInstant) {
        while let event = dtls.pollEvent() {
            switch event {
            case .connected(let keys): secure(with: keys, at: now)
            case .applicationData(let packet):
                association?.advance(to: now)
                association?.receive(packet.span)
            case .failed(let error):
                if case .fingerprintMismatch = error {
                    fail(.fingerprintMismatch)
                } else {
                    fail(.handshake("\(error)"))
                }
            case .closed: events.append(.closedByPeer)
            }
        }
        dtlsDeadline = hasFailed ? nil : dtls.timeout.map { now + $0 }
        drainAssociation(at: now)
    }

    private mutating func secure(with keys: SRTPKeyingMaterial, at now: MonotonicInstant) {
        do {
            outbound = try SRTPContext(sending: keys, role: configuration.dtlsRole)
            inbound = try SRTPContext(receiving: keys, role: configuration.dtlsRole)
        } catch {
            fail(.engine("SRTP: \(error)"))
            return
        }
        events.append(.secured(keys.profile))
        if configuration.watchesPath { ice.beginWatch(at: now) }
        openAssociation(at: now)
    }

    private mutating func openAssociation(at now: MonotonicInstant) {
        guard let port = configuration.sctpPort else { return }
        do {
            var association = try DataChannelAssociation(
                role: configuration.dtlsRole == .client ? .client : .server, localPort: port, remotePort: port)
            association.advance(to: now)
            if configuration.dtlsRole == .client { association.connect() }
            self.association = consume association
        } catch {
            // Sound and picture still work without the channel on older bridges: not the end of the session.
            events.append(.channelClosed)
        }
    }

    private mutating func drainAssociation(at now: MonotonicInstant) {
        while let event = association?.pollEvent() {
            switch event {
            case .connected:
                if configuration.dtlsRole == .client {
                    association?.openChannel(
                        label: "JVB data channel", protocol: "http://jitsi.org/protocols/colibri")
                }
            case .channelOpen: events.append(.channelOpen)
            case .message(_, let text): events.append(.channelMessage(text))
            case .closed, .failed: events.append(.channelClosed)
            }
        }
        var packet: [UInt8] = []
        swap(&packet, &sctpPacket)
        while association?.pollPacket(into: &packet) == true {
            _ = dtls.send(packet.span)
        }
        swap(&packet, &sctpPacket)
        sctpDeadline = association?.deadline
    }

    private mutating func fail(_ failure: MediaFailure) {
        guard !hasFailed else { return }
        hasFailed = true
        dtlsDeadline = nil
        events.append(.failed(failure))
    }
}
