package import Basis
import CUSRSCTP

/// What an association reports.
package enum SCTPEvent: Equatable, Sendable {
    /// The SCTP association is up; no channel yet.
    case connected
    /// A data channel is open: the peer acknowledged ours, or opened one.
    case channelOpen(stream: UInt16, label: String)
    /// A text message of the peer.
    case message(stream: UInt16, text: String)
    /// The association ended in an orderly way; nothing follows.
    case closed
    /// The association could not be made or was lost; nothing follows.
    case failed(SCTPError)
}

/// Why an association is not, or no longer, there.
package enum SCTPError: Error, Equatable, Sendable {
    /// usrsctp gave no socket.
    case unavailable
    /// The peer refused INIT.
    case unreachable
    /// The peer aborted the association, or began another one.
    case lost
}

/// One SCTP association with a data channel in it (RFC 8831), memory to memory: packets of DTLS go in and come out.
///
/// The bridge never begins: the client sends INIT and opens the channel, the server accepts both. Call `advance` when
/// `deadline` has come: usrsctp's timers see only the time that is told there.
///
/// usrsctp looks at the machine's clock all the same: for round trip times, the life of a cookie, and to tell which
/// chunks are old enough to be sent again when T3 fires. Where told time runs faster than the machine's (a simulated
/// world), T3 brings no lost chunk back; INIT, COOKIE and fast repetition work.
///
/// Silence alone ends no association: retransmissions are not counted. Whoever holds it knows by ICE whether the peer is
/// there, and makes a fresh one where this one gets nowhere.
package struct DataChannelAssociation: ~Copyable {
    /// Which end of the DTLS connection below this is (RFC 8832 section 6).
    package enum Role: Equatable, Sendable {
        /// Sends INIT; the DTLS client, whose streams have even numbers.
        case client
        /// Waits for INIT.
        case server
    }

    private enum State {
        case idle, connecting, connected, closing, ended
    }

    private struct Channel {
        let stream: UInt16
        let label: String
        /// For ours: acknowledged.
        var isOpen: Bool
    }

    /// Payload protocol identifiers (RFC 8831 section 8).
    private enum PayloadProtocol {
        static let establishment: UInt32 = 50
        static let string: UInt32 = 51
        static let emptyString: UInt32 = 56
    }

    /// The largest message that is sent or put together (what browsers announce).
    package static let maximumMessage = 262_144
    private static let activeGrid: Duration = .milliseconds(10)
    private static let idleGrid: Duration = .milliseconds(100)
    /// How long after an input delayed acknowledgements and the like may be under way.
    private static let activity: Duration = .milliseconds(500)
    private static let closingLimit: Duration = .seconds(2)
    private static let shortestPacket = 16
    private static let longestPacket = 16_384

    private let role: Role
    private let remotePort: UInt16
    private let address: UInt
    private var state = State.idle
    private var listener: SCTPSocket?
    private var socket: SCTPSocket?
    private var events: [SCTPEvent] = []
    private var packets: [[UInt8]] = []
    private var nextPacket = 0
    private var scratch = [UInt8](repeating: 0, count: 1 << 16)
    /// A message of which pieces have come; nil inside one that is too long.
    private var partial: [UInt8]? = []
    /// The DCEP OPEN that waits for the association.
    private var pendingOpen: (label: String, request: [UInt8])?
    private var channel: Channel?
    private var now: MonotonicInstant?
    private var clockOffset: Int64 = 0
    private var activeUntil: MonotonicInstant = .zero
    private var closingSince: MonotonicInstant?

    /// Starts usrsctp, better before a call than in one. Blocks; on any thread.
    package static func prepare() { SCTPStack.exclusively {} }

    /// A closed association; the ports are those of the SDP's or Jingle's `sctp-port` (RFC 8841), 5000 by custom.
    package init(role: Role, localPort: UInt16 = 5_000, remotePort: UInt16 = 5_000) throws(SCTPError) {
        let address = SCTPStack.openOutbox()
        var opened: SCTPSocket?
        SCTPStack.exclusively {
            usrsctp_register_address(UnsafeMutableRawPointer(bitPattern: address))
            guard let socket = SCTPSocket(address: address, port: localPort) else { return }
            if role == .client || socket.listen() {
                opened = socket
            } else {
                socket.close()
            }
        }
        guard let opened else {
            Self.release(address, [])
            throw .unavailable
        }
        self.init(role: role, remotePort: remotePort, address: address, opened: opened)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(role: Role, remotePort: UInt16, address: UInt, opened: SCTPSocket) {
        self.role = role
        self.remotePort = remotePort
        self.address = address
        switch role {
        case .client: socket = opened
        case .server:
            listener = opened
            state = .connecting
        }
    }

    deinit {
        Self.release(address, [socket, listener])
    }

    /// Closes the sockets, then takes the address away from usrsctp, then the outbox from under it.
    private static func release(_ address: UInt, _ sockets: [SCTPSocket?]) {
        SCTPStack.exclusively {
            for socket in sockets { socket?.close() }
            usrsctp_deregister_address(UnsafeMutableRawPointer(bitPattern: address))
        }
        SCTPStack.closeOutbox(address)
    }

    /// Sends INIT; for the client, once.
    package mutating func connect() {
        guard role == .client, state == .idle else { return }
        var isUnderWay = false
        SCTPStack.exclusively { isUnderWay = socket?.connect(port: remotePort) ?? false }
        if isUnderWay {
            state = .connecting
            stir()
        } else {
            end(.failed(.unreachable))
        }
    }

    /// Takes one SCTP packet of the peer.
    package mutating func receive(_ packet: Span<UInt8>) {
        guard state != .idle, state != .ended, packet.count >= Self.shortestPacket,
            packet.count <= Self.longestPacket
        else { return }
        let address = UnsafeMutableRawPointer(bitPattern: address)
        packet.withUnsafeBufferPointer { bytes in
            SCTPStack.exclusively { usrsctp_conninput(address, bytes.baseAddress, bytes.count, 0) }
        }
        stir()
        collect()
    }

    /// Opens the one channel by DATA_CHANNEL_OPEN on stream 0, at once or when the association is up; for the client.
    package mutating func openChannel(
        label: String = "JVB data channel", protocol subprotocol: String = "http://jitsi.org/protocols/colibri"
    ) {
        guard role == .client, channel == nil, pendingOpen == nil, state != .ended, state != .closing,
            let request = DataChannelEstablishment.open(label: label, protocol: subprotocol).bytes
        else { return }
        pendingOpen = (label, request)
        if state == .connected { sendPendingOpen() }
    }

    /// Sends a text message on the channel, in order behind the OPEN, of whose ACK it need not wait. False when there
    /// is no channel, when the message has more than 256 KiB, and when the send buffer is full.
    package mutating func send(text: String) -> Bool {
        guard state == .connected, let channel, text.utf8.count <= Self.maximumMessage else { return false }
        // SCTP carries no empty message; RFC 8831 section 6.6 puts a zero octet under a PPID of its own.
        return text.isEmpty
            ? transmit([0], stream: channel.stream, protocolIdentifier: PayloadProtocol.emptyString)
            : transmit(Array(text.utf8), stream: channel.stream, protocolIdentifier: PayloadProtocol.string)
    }

    /// Ends the association by SHUTDOWN; `.closed` follows when the peer agreed, or after two seconds without it.
    package mutating func close() {
        switch state {
        case .connected:
            var isUnderWay = false
            SCTPStack.exclusively { isUnderWay = socket?.shutdown() ?? false }
            if isUnderWay {
                state = .closing
                closingSince = now
                stir()
            } else {
                end(.closed)
            }
        case .idle, .connecting: end(.closed)
        case .closing, .ended: break
        }
    }

    /// When to call `advance` next: every 10 ms while something is under way, every 100 ms else, nil after the end.
    ///
    /// Before the first `advance` it lies in the past, for the association does not know the time yet.
    package var deadline: MonotonicInstant? {
        guard state != .ended, state != .idle else { return nil }
        guard let now else { return .zero }
        let isActive = state != .connected || now < activeUntil
        return now + (isActive ? Self.activeGrid : Self.idleGrid)
    }

    /// Lets usrsctp's timers run up to `now`.
    package mutating func advance(to now: MonotonicInstant) {
        guard state != .ended else { return }
        let milliseconds = now.nanoseconds / 1_000_000
        if let last = self.now {
            guard now > last else { return }
        } else {
            clockOffset = SCTPStack.offset(ofClockAt: milliseconds)
            activeUntil = now + Self.activity
        }
        self.now = now
        SCTPStack.advance(to: milliseconds &+ clockOffset)
        collect()
        watch(now)
    }

    /// Replaces `buffer` with the next packet for DTLS, at most 1,150 octets; false when there is none.
    package mutating func pollPacket(into buffer: inout [UInt8]) -> Bool {
        if nextPacket == packets.count {
            packets = SCTPStack.takePackets(from: address)
            nextPacket = 0
        }
        guard nextPacket < packets.count else { return false }
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: packets[nextPacket])
        nextPacket += 1
        return true
    }

    /// What happened since the last call, the oldest first; nil when there is nothing more.
    package mutating func pollEvent() -> SCTPEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// Something went in or out: timers may be running for a while.
    private mutating func stir() {
        if let now { activeUntil = now + Self.activity }
    }

    /// Looks for the ends that usrsctp does not report: a SHUTDOWN that nobody answers; and keeps awake for data on its
    /// way.
    private mutating func watch(_ now: MonotonicInstant) {
        switch state {
        case .closing:
            guard let since = closingSince else {
                closingSince = now
                return
            }
            if now - since >= Self.closingLimit { end(.closed) }
        case .connected:
            guard now >= activeUntil else { return }
            var isOutstanding = false
            SCTPStack.exclusively { isOutstanding = socket?.hasOutstandingData() ?? false }
            if isOutstanding { stir() }
        case .idle, .connecting, .ended: break
        }
    }

    private mutating func transmit(_ bytes: [UInt8], stream: UInt16, protocolIdentifier: UInt32) -> Bool {
        var isQueued = false
        SCTPStack.exclusively {
            isQueued = socket?.send(bytes, stream: stream, protocolIdentifier: protocolIdentifier) ?? false
        }
        stir()
        return isQueued
    }

    private mutating func sendPendingOpen() {
        guard let (label, request) = pendingOpen else { return }
        pendingOpen = nil
        guard transmit(request, stream: 0, protocolIdentifier: PayloadProtocol.establishment) else {
            end(.failed(.lost))
            return
        }
        channel = Channel(stream: 0, label: label, isOpen: false)
    }

    /// Reads all that usrsctp has for us.
    private mutating func collect() {
        if socket == nil, let listener {
            var accepted: SCTPSocket?
            SCTPStack.exclusively { accepted = listener.accept() }
            guard let accepted else { return }
            socket = accepted
            becomeConnected()
        }
        while let socket, state != .ended {
            var delivery: SCTPDelivery?
            SCTPStack.exclusively { delivery = socket.receive(&scratch) }
            guard let delivery else { return }
            handle(delivery)
        }
    }

    private mutating func handle(_ delivery: SCTPDelivery) {
        switch delivery {
        case .associationChange(let state): associationChanged(state)
        case .end: end(state == .connecting ? .failed(.unreachable) : .closed)
        case .data(let stream, let protocolIdentifier, let bytes, let isEnd):
            if let count = partial?.count, count + bytes.count <= Self.maximumMessage {
                partial?.append(contentsOf: bytes)
            } else {
                partial = nil
            }
            guard isEnd else { return }
            let message = partial
            partial = []
            if let message { handle(message, stream: stream, protocolIdentifier: protocolIdentifier) }
        }
    }

    private mutating func associationChanged(_ change: Int32) {
        switch change {
        case SCTP_COMM_UP: becomeConnected()
        case SCTP_SHUTDOWN_COMP: end(.closed)
        case SCTP_CANT_STR_ASSOC: end(.failed(.unreachable))
        case SCTP_COMM_LOST, SCTP_RESTART: end(state == .closing ? .closed : .failed(.lost))
        default: break
        }
    }

    private mutating func becomeConnected() {
        guard state == .connecting else { return }
        state = .connected
        events.append(.connected)
        sendPendingOpen()
    }

    /// Takes a whole message. What is no DCEP and no text in UTF-8 is dropped: the bridge's channel carries nothing
    /// else.
    private mutating func handle(_ message: [UInt8], stream: UInt16, protocolIdentifier: UInt32) {
        switch protocolIdentifier {
        case PayloadProtocol.establishment: establish(message, stream: stream)
        case PayloadProtocol.string:
            guard let text = String(validating: message, as: UTF8.self) else { return }
            events.append(.message(stream: stream, text: text))
        case PayloadProtocol.emptyString: events.append(.message(stream: stream, text: ""))
        default: break
        }
    }

    private mutating func establish(_ message: [UInt8], stream: UInt16) {
        switch DataChannelEstablishment(message) {
        case .acknowledgement:
            guard var channel, channel.stream == stream, !channel.isOpen else { return }
            channel.isOpen = true
            self.channel = channel
            events.append(.channelOpen(stream: stream, label: channel.label))
        case .open(let label, _):
            // One channel is what the two sides have; a second OPEN is ignored as the bridge does.
            guard role == .server, channel == nil, let answer = DataChannelEstablishment.acknowledgement.bytes,
                transmit(answer, stream: stream, protocolIdentifier: PayloadProtocol.establishment)
            else { return }
            channel = Channel(stream: stream, label: label, isOpen: true)
            events.append(.channelOpen(stream: stream, label: label))
        case nil: break
        }
    }

    /// The last event; the sockets go at once, and an association that is still up is aborted by that.
    private mutating func end(_ event: SCTPEvent) {
        state = .ended
        events.append(event)
        let sockets = [socket, listener]
        socket = nil
        listener = nil
        SCTPStack.exclusively {
            for socket in sockets { socket?.close() }
        }
    }
}
