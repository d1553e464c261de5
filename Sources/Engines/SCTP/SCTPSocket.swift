import Basis
import CUSRSCTP
import Glibc

/// What usrsctp's socket gives to its reader.
enum SCTPDelivery {
    /// A piece of a message; `isEnd` with its last one. The PPID is in host order.
    case data(stream: UInt16, protocolIdentifier: UInt32, bytes: [UInt8], isEnd: Bool)
    /// The association's state changed (RFC 6458 section 6.1.1): `SCTP_COMM_UP` and so on.
    case associationChange(state: Int32)
    /// The peer sends nothing any more.
    case end
}

/// A one-to-one usrsctp socket of family AF_CONN. Its owner closes it; every member is called within
/// `SCTPStack.exclusively`.
struct SCTPSocket {
    private let handle: OpaquePointer
    private let address: UInt

    /// Chunks with their headers, but without the common header of 12 octets; a packet leaves room for DTLS in a
    /// datagram of 1,200 octets.
    static let packetLimit: UInt32 = 1_136
    private static let bufferSize: Int32 = 512 * 1_024
    private static let streams: UInt16 = 1_024
    /// No limit in practice, as WebRTC sets it: whether the peer is there is for ICE to say, which outlasts a line that is
    /// cut.
    private static let retransmissions: UInt16 = 0xFFFF
    /// RTO.Initial and RTO.Min in milliseconds. A bridge loses an INIT that comes before its own side of DTLS is done; the
    /// second of RFC 9260 section 16 is felt in every join where that happens.
    private static let initialTimeout: UInt32 = 250
    private static let minimumTimeout: UInt32 = 200

    /// A new socket bound to `port` at the lower layer's number `address`; nil when usrsctp refuses.
    init?(address: UInt, port: UInt16) {
        guard let handle = usrsctp_socket(AF_CONN, vs_usrsctp_sock_stream, Int32(IPPROTO_SCTP), nil, nil, 0, nil) else {
            return nil
        }
        self.handle = handle
        self.address = address
        let isReady = configure() && vs_usrsctp_bind(handle, Self.socketAddress(address, port: port)) == 0
        guard isReady else {
            close()
            return nil
        }
    }

    private init?(accepted handle: OpaquePointer, address: UInt) {
        self.handle = handle
        self.address = address
        // The listener's options came with it, but for this one.
        guard usrsctp_set_non_blocking(handle, 1) == 0 else {
            close()
            return nil
        }
    }

    /// Aborts what is left and frees the socket: the last call.
    func close() {
        usrsctp_close(handle)
    }

    private static func socketAddress(_ address: UInt, port: UInt16) -> sockaddr_conn {
        var result = sockaddr_conn()
        result.sconn_family = UInt16(AF_CONN)
        result.sconn_port = port.bigEndian
        result.sconn_addr = UnsafeMutableRawPointer(bitPattern: address)
        return result
    }

    private func set<Value: BitwiseCopyable>(_ level: Int32, _ option: Int32, _ value: Value) -> Bool {
        withUnsafePointer(to: value) {
            usrsctp_setsockopt(handle, level, option, $0, socklen_t(MemoryLayout<Value>.size)) == 0
        }
    }

    private func configure() -> Bool {
        guard usrsctp_set_non_blocking(handle, 1) == 0 else { return false }
        // Closing aborts: what lingers would outlive the DTLS association that carries it.
        guard set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0)) else { return false }
        guard set(SOL_SOCKET, SO_SNDBUF, Self.bufferSize), set(SOL_SOCKET, SO_RCVBUF, Self.bufferSize) else {
            return false
        }
        let sctp = Int32(IPPROTO_SCTP)
        var timeouts = sctp_rtoinfo()
        timeouts.srto_initial = Self.initialTimeout
        timeouts.srto_min = Self.minimumTimeout
        timeouts.srto_max = 3_000
        var initiation = sctp_initmsg()
        initiation.sinit_num_ostreams = Self.streams
        initiation.sinit_max_instreams = Self.streams
        initiation.sinit_max_attempts = Self.retransmissions
        initiation.sinit_max_init_timeo = 3_000
        var path = sctp_paddrparams()
        path.spp_flags = UInt32(SPP_PMTUD_DISABLE)
        path.spp_pathmtu = Self.packetLimit
        path.spp_pathmaxrxt = Self.retransmissions
        var limits = sctp_assocparams()
        limits.sasoc_asocmaxrxt = Self.retransmissions
        var event = sctp_event()
        event.se_assoc_id = sctp_assoc_t(SCTP_FUTURE_ASSOC)
        event.se_type = UInt16(SCTP_ASSOC_CHANGE)
        event.se_on = 1
        return set(sctp, SCTP_NODELAY, Int32(1)) && set(sctp, SCTP_RECVRCVINFO, Int32(1))
            && set(sctp, SCTP_RTOINFO, timeouts) && set(sctp, SCTP_INITMSG, initiation)
            && set(sctp, SCTP_PEER_ADDR_PARAMS, path) && set(sctp, SCTP_ASSOCINFO, limits)
            && set(sctp, SCTP_EVENT, event)
    }

    /// Sends INIT.
    func connect(port: UInt16) -> Bool {
        vs_usrsctp_connect(handle, Self.socketAddress(address, port: port)) == 0 || errno == EINPROGRESS
    }

    func listen() -> Bool {
        usrsctp_listen(handle, 1) == 0
    }

    /// The association that the peer made, once it is made.
    func accept() -> SCTPSocket? {
        guard let accepted = usrsctp_accept(handle, nil, nil) else { return nil }
        return SCTPSocket(accepted: accepted, address: address)
    }

    /// Begins an orderly end (SHUTDOWN).
    func shutdown() -> Bool {
        usrsctp_shutdown(handle, vs_usrsctp_shut_wr) == 0
    }

    /// Queues one message, reliable and ordered; false when the send buffer has no room for the whole of it.
    func send(_ bytes: [UInt8], stream: UInt16, protocolIdentifier: UInt32) -> Bool {
        var info = sctp_sndinfo()
        info.snd_sid = stream
        info.snd_ppid = protocolIdentifier.bigEndian
        let sent = usrsctp_sendv(
            handle, bytes, bytes.count, nil, 0, &info, socklen_t(MemoryLayout<sctp_sndinfo>.size),
            UInt32(SCTP_SENDV_SNDINFO), 0)
        return sent == bytes.count
    }

    /// The next delivery, read through `scratch`; nil when nothing waits.
    func receive(_ scratch: inout [UInt8]) -> SCTPDelivery? {
        while true {
            var info = sctp_rcvinfo()
            var infoLength = socklen_t(MemoryLayout<sctp_rcvinfo>.size)
            var infoType: UInt32 = 0
            var flags: Int32 = 0
            let count = usrsctp_recvv(
                handle, &scratch, scratch.count, nil, nil, &info, &infoLength, &infoType, &flags)
            guard count >= 0 else { return nil }
            let bytes = Array(scratch.prefix(count))
            if flags & vs_usrsctp_msg_notification != 0 {
                if let state = Self.associationState(bytes) { return .associationChange(state: state) }
                continue
            }
            guard count > 0 else { return .end }
            return .data(
                stream: info.rcv_sid, protocolIdentifier: UInt32(bigEndian: info.rcv_ppid), bytes: bytes,
                isEnd: flags & vs_usrsctp_msg_eor != 0)
        }
    }

    /// Whether something that we sent has not been acknowledged, as far as is known.
    func hasOutstandingData() -> Bool {
        var status = sctp_status()
        var length = socklen_t(MemoryLayout<sctp_status>.size)
        guard usrsctp_getsockopt(handle, Int32(IPPROTO_SCTP), SCTP_STATUS, &status, &length) == 0 else { return false }
        return status.sstat_unackdata > 0 || status.sstat_penddata > 0
    }

    /// The state within `struct sctp_assoc_change`, nil when the notification is another one.
    private static func associationState(_ notification: [UInt8]) -> Int32? {
        guard notification.count >= MemoryLayout<sctp_assoc_change>.size else { return nil }
        let change = notification.withUnsafeBytes { $0.loadUnaligned(as: sctp_assoc_change.self) }
        guard Int32(change.sac_type) == SCTP_ASSOC_CHANGE else { return nil }
        return Int32(change.sac_state)
    }
}
