internal import Basis

/// Sends each packet of speech a second time, half a packet's time behind the first: on a line that loses single packets
/// nearly all of the speech arrives. Whoever decrypts drops what it has already (RFC 3711 section 3.3.2), so that nobody
/// else notices; and since the copy arrives before the next packet, no listener's jitter buffer grows for it.
struct SpeechRepeater: Sendable {
    private static let distance = Duration.milliseconds(10)

    var isOn = false {
        didSet { if !isOn { due = nil } }
    }
    /// When `kept` goes out again; nil when it has.
    private(set) var due: MonotonicInstant?
    private var kept: [UInt8] = []
    private var isDue = false

    init() {
        kept.reserveCapacity(1_600)
    }

    /// A packet of speech goes out for the first time: RTP with its keys applied.
    mutating func note(_ packet: [UInt8], at now: MonotonicInstant) {
        guard isOn else { return }
        kept.removeAll(keepingCapacity: true)
        kept.append(contentsOf: packet)
        due = now + Self.distance
        isDue = false
    }

    mutating func advance(to now: MonotonicInstant) {
        guard let due, now >= due else { return }
        self.due = nil
        isDue = true
    }

    /// The packet noted last, when its time has come.
    mutating func takeRepetition(into buffer: inout [UInt8]) -> Bool {
        guard isDue else { return false }
        isDue = false
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: kept)
        return true
    }
}
