import Basis
import CUSRSCTP
import Synchronization

/// usrsctp's process-wide state: one start, one lock around every call, one run of time, and the packets it gives out.
///
/// usrsctp knows an association's lower layer by an address of family AF_CONN, which it never dereferences. Here that
/// address is a number that is used once in the life of the process; a packet that a timer sends for an association
/// which is gone finds no outbox and is dropped. So nothing can dangle.
///
/// Its timers are process-wide too. Associations that began at the same instant of the same clock share one run of
/// time; those of another clock (a simulated world beside another) are laid beside it by their own offset, and may see
/// time pass faster than their clock says, which costs retransmissions, never data.
enum SCTPStack {
    /// Milliseconds that usrsctp's timers have seen pass. The lock is held during every call into usrsctp but for the
    /// callback, which takes the outboxes' lock only.
    private static let time: Mutex<Int64> = {
        vs_usrsctp_start { address, bytes, length, _, _ in
            SCTPStack.accept(packetFor: address, bytes, length)
            return 0
        }
        // Strangers' packets get no ABORT: what comes outside an association is noise.
        _ = usrsctp_sysctl_set_sctp_blackhole(2)
        // Data channels (RFC 8831 section 5) use none of these; code that is off cannot be attacked.
        _ = usrsctp_sysctl_set_sctp_ecn_enable(0)
        _ = usrsctp_sysctl_set_sctp_asconf_enable(0)
        _ = usrsctp_sysctl_set_sctp_auth_enable(0)
        _ = usrsctp_sysctl_set_sctp_nrsack_enable(0)
        _ = usrsctp_sysctl_set_sctp_pktdrop_enable(0)
        // Room for the chunks of several messages of the largest size.
        _ = usrsctp_sysctl_set_sctp_max_chunks_on_queue(4_096)
        return Mutex(0)
    }()

    private struct Outboxes {
        var next: UInt = 1
        var packets: [UInt: [[UInt8]]] = [:]
    }

    private static let outboxes = Mutex(Outboxes())
    /// More waiting packets than the largest message makes; the rest are lost as on a network.
    private static let outboxLimit = 1_024

    /// Makes an outbox; its number is the association's AF_CONN address.
    static func openOutbox() -> UInt {
        outboxes.withLock { outboxes in
            // Steps of 16 keep the numbers apart in usrsctp's hash, which expects pointers.
            let number = outboxes.next &* 16
            outboxes.next &+= 1
            outboxes.packets[number] = []
            return number
        }
    }

    static func closeOutbox(_ number: UInt) {
        outboxes.withLock { _ = $0.packets.removeValue(forKey: number) }
    }

    /// Takes all packets that wait in an outbox.
    static func takePackets(from number: UInt) -> [[UInt8]] {
        outboxes.withLock { outboxes in
            guard let packets = outboxes.packets[number], !packets.isEmpty else { return [] }
            outboxes.packets[number] = []
            return packets
        }
    }

    private static func accept(
        packetFor address: UnsafeMutableRawPointer?, _ bytes: UnsafeMutableRawPointer?, _ length: Int
    ) {
        guard let bytes, length > 0 else { return }
        let packet = Array(UnsafeRawBufferPointer(start: bytes, count: length))
        let number = UInt(bitPattern: address)
        outboxes.withLock { outboxes in
            guard let count = outboxes.packets[number]?.count, count < outboxLimit else { return }
            outboxes.packets[number]?.append(packet)
        }
    }

    /// Runs `body` alone in usrsctp.
    static func exclusively(_ body: () -> Void) {
        time.withLock { _ in body() }
    }

    /// What to add to a clock's milliseconds to get the stack's, for a clock that stands at `now`.
    static func offset(ofClockAt now: Int64) -> Int64 {
        time.withLock { $0 &- now }
    }

    /// Lets time pass until the stack's `instant`, in milliseconds, unless another association has done so.
    static func advance(to instant: Int64) {
        time.withLock { time in
            let elapsed = instant &- time
            guard elapsed > 0 else { return }
            time = instant
            usrsctp_handle_timers(UInt32(clamping: elapsed))
        }
    }
}
