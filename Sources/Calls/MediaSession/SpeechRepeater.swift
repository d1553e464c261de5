internal import Basis

/// Sends each packet of speech a second time, right behind the next one: on a line that loses single packets nearly all of
/// the speech arrives. Whoever decrypts drops what it has already (RFC 3711 section 3.3.2), so that nobody else notices.
struct SpeechRepeater: Sendable {
    /// 60 ms at 48 kHz: an older packet is not worth sending again.
    private static let oldest: UInt32 = 2_880

    var isOn = false {
        didSet { if !isOn { forget() } }
    }
    private var kept: [UInt8] = []
    private var fresh: [UInt8] = []
    private var isDue = false

    init() {
        kept.reserveCapacity(1_600)
        fresh.reserveCapacity(1_600)
    }

    /// A packet of speech goes out for the first time: RTP with its keys applied.
    mutating func note(_ packet: [UInt8]) {
        guard isOn else { return }
        fresh.removeAll(keepingCapacity: true)
        fresh.append(contentsOf: packet)
        let isRecent = Self.timestamp(fresh) &- Self.timestamp(kept) <= Self.oldest
        if !kept.isEmpty, isRecent {
            isDue = true
        } else {
            swap(&kept, &fresh)
        }
    }

    /// The packet before the one noted last, when it has not gone out again yet.
    mutating func takeRepetition(into buffer: inout [UInt8]) -> Bool {
        guard isDue else { return false }
        isDue = false
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: kept)
        swap(&kept, &fresh)
        return true
    }

    private mutating func forget() {
        kept.removeAll(keepingCapacity: true)
        isDue = false
    }

    private static func timestamp(_ packet: [UInt8]) -> UInt32 {
        packet.span.uint32(at: 4) ?? 0
    }
}
