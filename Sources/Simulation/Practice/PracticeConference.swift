package import Basis
package import DTLSSRTP
internal import ICE

/// A whole Jitsi Meet installation with one room, as one machine: the web server's config.js, the XMPP server, the focus
/// (Jicofo), the videobridge, and practice partners who are seen and heard. No socket, no clock: requests, texts,
/// datagrams and time go in; texts and datagrams come out.
///
/// It serves those who train, without server or network, and tests, as the far side. It makes pictures and sound only
/// while somebody is connected.
package struct PracticeConference: ~Copyable {
    /// Streams at a time; the room is full beyond.
    package static let maximumClients = 8
    /// Longer frames are not read.
    static let maximumText = 1 << 18

    let options: PracticeOptions
    /// Where the HTTP server listens.
    let origin: TransportAddress
    /// Where the bridge's UDP socket is bound.
    let mediaAddress: TransportAddress
    let certificate: DTLSCertificate
    /// The conference's id on the bridge.
    let conferenceID: String
    var random: RandomSource
    var clients: [PracticeClient] = []
    var partners: [Partner] = []
    var outputs: [PracticeOutput] = []
    /// The next of them to give out.
    private var nextOutput = 0
    var film = Film()
    var meeting: PracticeMeeting
    /// The height in which the partners look at the clients' cameras; 0 when they look away.
    var partnersHeight = 720
    /// The bridge session of who is left alone ends then.
    var aloneDeadline: MonotonicInstant?

    package init(
        options: PracticeOptions, origin: TransportAddress, mediaAddress: TransportAddress,
        certificate: DTLSCertificate, random: RandomSource
    ) {
        var random = random
        self.options = options
        meeting = PracticeMeeting(options)
        self.origin = origin
        self.mediaAddress = mediaAddress
        self.certificate = certificate
        conferenceID = random.string(16, from: "0123456789abcdef")
        var taken: Set<UInt32> = []
        for settings in options.partners {
            let partner = Partner(settings, options: options, avoiding: taken, random: &random)
            taken.formUnion(partner.sources.ssrcs)
            partners.append(partner)
        }
        self.random = random
    }

    // MARK: HTTP

    /// The address to give to a client.
    package var roomURL: String {
        "http://\(origin)/\(PercentEncoding.encodeComponent(options.room))"
    }

    /// The body of `GET /config.js`, in the shape of packaged installations.
    package func configScript() -> String {
        """
        // A room for practice.
        var config = {
            hosts: {
                domain: '\(options.xmppDomain)',
                muc: '\(options.mucDomain)',
                focus: '\(options.focusAddress)'
            },
            websocket: 'ws://\(origin)/xmpp-websocket',
            bridgeChannel: { preferSctp: \(options.offersSCTP) },
            hiddenDomain: '\(options.hiddenDomain)',
            p2p: { enabled: false },
            channelLastN: -1,
            disableSimulcast: \(options.disablesSimulcast),
            resolution: 720
        };
        """
    }

    /// What a request for a WebSocket at that target (path and query) would get.
    package func admission(path target: String) -> PracticeAdmission {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? ""
        let query = parts.count > 1 ? String(parts[1]) : ""
        if path == "/xmpp-websocket" {
            return clients.count < Self.maximumClients ? .signalling : .refused(status: 503)
        }
        guard path.hasPrefix("/colibri-ws/") else { return .refused(status: 404) }
        return channelClient(path: path, query: query) == nil ? .refused(status: 403) : .bridgeChannel
    }

    /// The parameter `previd` of a target, which each login reads.
    private static func previousID(in target: String) -> String? {
        target.split(separator: "?").dropFirst().first?.split(separator: "&").first { $0.hasPrefix("previd=") }
            .map { String($0.dropFirst(7)) }
    }

    private func channelClient(path: String, query: String) -> PracticeClient? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard options.offersWebSocket, segments.count == 5, segments[2] == "default-id", segments[3] == conferenceID,
            let client = clients.first(where: { $0.nick == segments[4] }), let endpoint = client.endpoint,
            query == "pwd=" + endpoint.password
        else { return nil }
        return client
    }

    // MARK: WebSockets

    /// A WebSocket was opened; `id` is the caller's and new.
    package mutating func socketOpened(
        _ id: Int, path target: String, at now: MonotonicInstant
    ) -> PracticeAdmission {
        let admission = admission(path: target)
        switch admission {
        case .signalling: clients.append(PracticeClient(socket: id, previousID: Self.previousID(in: target)))
        case .bridgeChannel:
            let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
            guard parts.count == 2, let client = channelClient(path: parts[0], query: parts[1]) else { break }
            if case .socket(let former) = client.endpoint?.channel {
                outputs.append(.closeSocket(socket: former, code: 1000))
            }
            client.endpoint?.channel = .socket(id)
            sendToChannel(client, ["colibriClass": "ServerHello", "version": "practice"], at: now)
            channelOpened(client, at: now)
        case .refused: break
        }
        return admission
    }

    package mutating func socketReceived(_ id: Int, text: String, at now: MonotonicInstant) {
        if let client = clients.first(where: { $0.socket == id && !$0.isHibernating }) {
            guard text.utf8.count <= Self.maximumText, let element = try? XMLReader.parse(text) else {
                return endStream(client, condition: "not-well-formed", at: now)
            }
            receive(element, from: client, at: now)
        } else if let client = clients.first(where: { $0.endpoint?.channel == .socket(id) }) {
            channelReceived(text, from: client, at: now)
        }
    }

    package mutating func socketClosed(_ id: Int, at now: MonotonicInstant) {
        if let client = clients.first(where: { $0.socket == id && !$0.isHibernating }) {
            streamClosed(client, at: now)
        } else if let client = clients.first(where: { $0.endpoint?.channel == .socket(id) }) {
            client.endpoint?.channel = .none
        }
    }

    /// The stream is over: whoever it was has left.
    mutating func remove(_ client: PracticeClient, at now: MonotonicInstant) {
        leave(client, at: now)
        clients.removeAll { $0 === client }
    }

    // MARK: Time

    package mutating func advance(to now: MonotonicInstant) {
        for client in clients.filter({ $0.hibernatesUntil.map { $0 <= now } ?? false }) { remove(client, at: now) }
        for client in clients {
            if let deadline = client.discoDeadline, deadline <= now {
                client.discoDeadline = nil
                invite(client, at: now)
            }
            client.endpoint?.advance(to: now)
            drain(client, at: now)
        }
        if let deadline = aloneDeadline, deadline <= now {
            aloneDeadline = nil
            for client in clients {
                endSession(client, reason: "expired", text: "no more participants", at: now)
            }
        }
        if let instant = meeting.focusReturnsAt, instant <= now { meeting.focusReturnsAt = nil }
        advanceScript(to: now)
        advanceFilm(to: now)
    }

    package var soonest: Soonest {
        var soonest = Soonest()
        for client in clients {
            soonest.consider(client.discoDeadline, "features of a client")
            soonest.consider(client.hibernatesUntil, "a client without a connection")
            if let endpoint = client.endpoint?.soonest { soonest.consider(endpoint.instant, endpoint.reason) }
        }
        soonest.consider(aloneDeadline, "somebody is alone")
        soonest.consider(meeting.deadline, "script")
        soonest.consider(film.deadline, "sound and picture")
        return soonest
    }

    // MARK: Output

    package mutating func poll() -> PracticeOutput? {
        guard nextOutput < outputs.count else {
            outputs.removeAll(keepingCapacity: outputs.count < 64)
            nextOutput = 0
            return nil
        }
        defer { nextOutput += 1 }
        return outputs[nextOutput]
    }

    /// The next datagram, written into `buffer`, and where it goes; nil when there is none now.
    package mutating func pollDatagram(into buffer: inout [UInt8]) -> TransportAddress? {
        for client in clients {
            if let remote = client.endpoint?.pollDatagram(into: &buffer) { return remote }
        }
        return nil
    }

    // MARK: Observation

    /// The clients in the room, in the order of their streams.
    package func observations() -> [PracticeObservation] {
        clients.compactMap { $0.observation() }
    }

    /// The endpoint ids of the partners, in their order.
    package var partnerIDs: [String] { partners.map(\.id) }

    func client(_ endpoint: String) -> PracticeClient? {
        clients.first { $0.nick == endpoint }
    }
}
