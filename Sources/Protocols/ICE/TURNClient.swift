package import Basis

/// What a `TURNClient` has to say.
package enum TURNEvent: Equatable, Sendable {
    /// The server relays `relayed` for us and sees us as `mapped`.
    case allocated(relayed: TransportAddress, mapped: TransportAddress?)
    /// Nothing can be relayed, now or any more; the client is over.
    case failed(TURNFailure)
}

/// Why there is no allocation, or not any more.
package enum TURNFailure: Error, Equatable, Sendable {
    /// The server refused the user name and password.
    case credentialsRefused
    /// The server's error, for instance 486 (allocation quota reached).
    case refused(Int)
    case noAnswer
    /// The allocation ran out or the server forgot it.
    case lost
}

/// A TURN client (RFC 8656) for one allocation that relays UDP: bytes of the connection to the server in and out.
///
/// The connection is the caller's: UDP datagrams, or a TCP or TLS stream whose bytes go through `TURNStream`. Peers are
/// reached through channels only (section 12), which also install the permission; what is sent before a channel stands is
/// held, the latest packet only, because connectivity checks come again. Deviation: no Send indications, no
/// DONT-FRAGMENT, no mobility, no second address family.
package struct TURNClient: Sendable {
    private enum Phase: Equatable {
        case idle, allocating, allocated, over
    }

    private enum Purpose: Equatable {
        case allocate
        case refresh(lifetime: UInt32)
        case bind(TransportAddress)
    }

    private struct Request {
        var purpose: Purpose
        var id: STUNMessage.TransactionID
        var bytes: [UInt8]
        var transmissions: Int
        var due: MonotonicInstant
        /// Repeated with another nonce or after the first 401.
        var attempts: Int
    }

    private struct Channel {
        let peer: TransportAddress
        let number: UInt16
        var isBound = false
        var rebindAt: MonotonicInstant?
        var held: [UInt8]?
    }

    /// RFC 8656 section 7: 10 minutes, as long as most servers give.
    static let wantedLifetime: UInt32 = 600
    /// Section 12: a binding lasts 10 minutes, its permission 5; binding again renews both.
    static let rebindInterval = Duration.seconds(240)
    static let mostChannels = 64
    private static let mostAttempts = 3
    private static let software = Array("visiosalle".utf8)

    private let username: String
    private let password: Redacted<String>
    /// Over TCP and TLS nothing is sent twice, and ChannelData is padded (section 12.5).
    private let isStream: Bool
    private var random: RandomSource
    private var phase = Phase.idle
    private var realm: String?
    private var nonce: [UInt8]?
    private var key: Redacted<[UInt8]>?
    private var requests: [Request] = []
    private var channels: [Channel] = []
    private var refreshAt: MonotonicInstant?
    private var expiry: MonotonicInstant?
    private var transmits: [[UInt8]] = []
    private var events: [TURNEvent] = []
    /// The relayed address; nil until allocated.
    package private(set) var relayed: TransportAddress?

    package init(username: String, password: Redacted<String>, isStream: Bool, random: RandomSource) {
        self.username = username
        self.password = password
        self.isStream = isStream
        self.random = random
    }

    // MARK: Input

    /// Asks for an allocation; once.
    package mutating func start(at now: MonotonicInstant) {
        guard phase == .idle else { return }
        phase = .allocating
        send(.allocate, attempts: 1, at: now)
    }

    /// Prepares a way to `peer`: the first packet to it then need not wait.
    package mutating func permit(_ peer: TransportAddress, at now: MonotonicInstant) {
        guard phase == .allocated else { return }
        _ = channelIndex(for: peer, at: now)
    }

    /// Sends `payload` to `peer` through the server.
    package mutating func send(_ payload: Span<UInt8>, to peer: TransportAddress, at now: MonotonicInstant) {
        guard phase == .allocated, payload.count <= 65_535, let index = channelIndex(for: peer, at: now) else { return }
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 8)
        frame.append(uint16: channels[index].number)
        frame.append(uint16: UInt16(truncatingIfNeeded: payload.count))
        frame.append(copying: payload)
        if isStream { while !frame.count.isMultiple(of: 4) { frame.append(0) } }
        if channels[index].isBound {
            transmits.append(frame)
        } else {
            channels[index].held = frame
        }
    }

    /// One datagram, or one frame of the stream, from the server. What it relays is written into `payload`, and its
    /// sender returned.
    package mutating func receive(
        _ frame: Span<UInt8>, payload: inout [UInt8], at now: MonotonicInstant
    ) -> TransportAddress? {
        guard phase == .allocating || phase == .allocated, let first = frame.uint8(at: 0) else { return nil }
        if (64...79).contains(first) {
            guard let number = frame.uint16(at: 0), let length = frame.uint16(at: 2),
                frame.holds(Int(length), at: 4), let channel = channels.first(where: { $0.number == number })
            else { return nil }
            payload.removeAll(keepingCapacity: true)
            payload.append(copying: frame.extracting(4..<4 + Int(length)))
            return channel.peer
        }
        guard let message = STUNMessage.parse(frame),
            message.messageClass == .success || message.messageClass == .error,
            let index = requests.firstIndex(where: { $0.id == message.transaction })
        else { return nil }
        if message.messageClass == .success {
            // Section 9.2.5 of RFC 8489: an answer that the password does not vouch for never came.
            guard let key, message.isAuthentic(key: key) else { return nil }
            let request = requests.remove(at: index)
            succeed(request, message, at: now)
        } else {
            let request = requests.remove(at: index)
            refuse(request, message, at: now)
        }
        return nil
    }

    /// Gives the allocation back (section 8: a refresh with lifetime 0).
    package mutating func close(at now: MonotonicInstant) {
        guard phase == .allocated else {
            phase = .over
            return
        }
        send(.refresh(lifetime: 0), attempts: 1, at: now)
        phase = .over
        requests = []
    }

    /// Sends again, refreshes and gives up what is due.
    package mutating func advance(to now: MonotonicInstant) {
        guard phase == .allocating || phase == .allocated else { return }
        if let expiry, expiry <= now { return end(.lost) }
        for index in requests.indices where requests[index].due <= now {
            // RFC 8489 section 6.2.1: RTO 500 ms doubled each time, seven times; 39.5 s over a stream.
            guard !isStream, requests[index].transmissions < 7 else {
                if requests[index].purpose == .allocate { return end(.noAnswer) }
                if case .bind = requests[index].purpose { continue }
                return end(.lost)
            }
            transmits.append(requests[index].bytes)
            requests[index].due = now + Self.retransmission * (1 << min(requests[index].transmissions, 5))
            requests[index].transmissions += 1
        }
        let given = requests.filter { $0.due <= now }
        requests.removeAll { $0.due <= now }
        for request in given {
            if case .bind(let peer) = request.purpose { channels.removeAll { $0.peer == peer } }
        }
        if let due = refreshAt, due <= now {
            refreshAt = nil
            send(.refresh(lifetime: Self.wantedLifetime), attempts: 1, at: now)
        }
        for index in channels.indices {
            guard let due = channels[index].rebindAt, due <= now else { continue }
            channels[index].rebindAt = nil
            send(.bind(channels[index].peer), attempts: 1, at: now)
        }
    }

    // MARK: Output

    /// The next bytes for the server, a whole message each.
    package mutating func pollTransmit() -> [UInt8]? {
        transmits.isEmpty ? nil : transmits.removeFirst()
    }

    /// What happened since the last call, the oldest first; nil when there is nothing more.
    package mutating func pollEvent() -> TURNEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// When `advance(to:)` is due, and why.
    package var soonest: Soonest {
        var soonest = Soonest()
        guard phase == .allocating || phase == .allocated else { return soonest }
        for request in requests { soonest.consider(request.due, "turn-request") }
        soonest.consider(refreshAt, "turn-refresh")
        soonest.consider(expiry, "turn-expiry")
        for channel in channels { soonest.consider(channel.rebindAt, "turn-channel") }
        return soonest
    }

    // MARK: Inside

    private static var retransmission: Duration { .milliseconds(500) }

    /// The channel to `peer`, which is asked for when there is none; nil when there are too many.
    private mutating func channelIndex(for peer: TransportAddress, at now: MonotonicInstant) -> Int? {
        if let index = channels.firstIndex(where: { $0.peer == peer }) { return index }
        guard channels.count < Self.mostChannels else { return nil }
        // A number is not used for another peer within an allocation's life (section 12).
        let number = channels.map(\.number).max().map { $0 + 1 } ?? 0x4000
        channels.append(Channel(peer: peer, number: number))
        send(.bind(peer), attempts: 1, at: now)
        return channels.count - 1
    }

    private mutating func send(_ purpose: Purpose, attempts: Int, at now: MonotonicInstant) {
        let method: STUNMessage.Method =
            switch purpose {
            case .allocate: .allocate
            case .refresh: .refresh
            case .bind: .channelBind
            }
        var message = STUNMessage(.request, method, transaction: .generate(using: &random))
        switch purpose {
        case .allocate:
            // Section 18.8: UDP is protocol 17.
            message.set(.requestedTransport, [17, 0, 0, 0])
            message.set(.lifetime, Self.bytes(Self.wantedLifetime))
        case .refresh(let lifetime): message.set(.lifetime, Self.bytes(lifetime))
        case .bind(let peer):
            guard let channel = channels.first(where: { $0.peer == peer }) else { return }
            var number: [UInt8] = []
            number.append(uint16: channel.number)
            number.append(uint16: 0)
            message.set(.channelNumber, number)
            message.setXORAddress(.xorPeerAddress, peer)
        }
        message.set(.software, Self.software)
        if let key, let realm, let nonce {
            message.username = username
            message.set(.realm, Array(realm.utf8))
            message.set(.nonce, nonce)
            finish(message.encoded(key: key, fingerprint: false), message, purpose, attempts, at: now)
        } else {
            finish(message.encoded(fingerprint: false), message, purpose, attempts, at: now)
        }
    }

    private mutating func finish(
        _ bytes: [UInt8], _ message: STUNMessage, _ purpose: Purpose, _ attempts: Int, at now: MonotonicInstant
    ) {
        let first = isStream ? Duration.milliseconds(39_500) : Self.retransmission
        requests.append(
            Request(
                purpose: purpose, id: message.transaction, bytes: bytes, transmissions: 1, due: now + first,
                attempts: attempts))
        transmits.append(bytes)
    }

    private mutating func succeed(_ request: Request, _ message: STUNMessage, at now: MonotonicInstant) {
        switch request.purpose {
        case .allocate:
            guard let address = message.xorAddress(.xorRelayedAddress) else { return end(.refused(0)) }
            phase = .allocated
            relayed = address
            extend(message, at: now)
            events.append(.allocated(relayed: address, mapped: message.xorMappedAddress))
        case .refresh: extend(message, at: now)
        case .bind(let peer):
            guard let index = channels.firstIndex(where: { $0.peer == peer }) else { return }
            channels[index].isBound = true
            channels[index].rebindAt = now + Self.rebindInterval
            if let held = channels[index].held.take() { transmits.append(held) }
        }
    }

    private mutating func extend(_ message: STUNMessage, at now: MonotonicInstant) {
        let value = message.value(of: .lifetime).flatMap { $0.span.uint32(at: 0) } ?? Self.wantedLifetime
        // A server may give less than was asked for; a minute is the least that makes sense.
        let seconds = Int(min(max(value, 60), 3_600))
        expiry = now + .seconds(seconds)
        refreshAt = now + .seconds(seconds / 2)
    }

    private mutating func refuse(_ request: Request, _ message: STUNMessage, at now: MonotonicInstant) {
        let code = message.errorCode?.number ?? 500
        let newNonce = message.value(of: .nonce)
        let isFirstChallenge = code == 401 && key == nil
        if isFirstChallenge || code == 438, request.attempts < Self.mostAttempts, let newNonce {
            // RFC 8489 section 9.2.5; 438 brings a fresh nonce for the same credentials.
            nonce = newNonce
            if let name = message.value(of: .realm).flatMap({ String(validating: $0, as: UTF8.self) }) { realm = name }
            guard let realm else { return end(.refused(code)) }
            key = Redacted(MD5.hash(Array("\(username):\(realm):\(password.revealed)".utf8)))
            send(request.purpose, attempts: request.attempts + 1, at: now)
            return
        }
        switch request.purpose {
        case .allocate: end(code == 401 || code == 441 ? .credentialsRefused : .refused(code))
        case .refresh: end(.lost)
        case .bind(let peer):
            // A peer that the server will not relay to (section 12.3, 403 or 400): that way is closed, others are not.
            channels.removeAll { $0.peer == peer }
        }
    }

    private mutating func end(_ failure: TURNFailure) {
        guard phase != .over else { return }
        phase = .over
        requests = []
        channels = []
        relayed = nil
        events.append(.failed(failure))
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint32: value)
        return bytes
    }
}
