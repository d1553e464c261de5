import Basis
import CAllocations
import DTLSSRTP
import RTP

/// What one packet costs on its way: cut from a frame, numbered, kept for retransmission, encrypted; and at the other end
/// decrypted, sorted, put together, reported on. Beside it libsrtp alone with packets of the same lengths.
enum PacketPath {
    private static let rounds = 10
    private static let framesPerRound = 3_000

    static func keys(_ profile: SRTPProfile) throws -> SRTPKeyingMaterial {
        let material = SRTPKeyingMaterial(
            profile: profile, clientKey: [UInt8](repeating: 1, count: profile.keyLength),
            serverKey: [UInt8](repeating: 2, count: profile.keyLength),
            clientSalt: [UInt8](repeating: 3, count: profile.saltLength),
            serverSalt: [UInt8](repeating: 4, count: profile.saltLength))
        guard let material else { fail("keys of a wrong length") }
        return material
    }

    static func run() throws {
        for profile in [SRTPProfile.aeadAES128GCM, .aes128CMHMACSHA1_80] {
            var pair = try ProtectedPair(keys(profile))
            // Pools, queues and histories fill up.
            for _ in 0..<framesPerRound { pair.film() }
            let out = try SRTPContext(sending: keys(profile), role: .client)
            let back = try SRTPContext(receiving: keys(profile), role: .server)
            try compare(&pair, out, back, "\(profile)")
        }
    }

    private static func compare(
        _ pair: inout ProtectedPair, _ out: consuming SRTPContext, _ back: consuming SRTPContext, _ name: String
    ) throws {
        var line = BareLine()
        var (product, bare, ratios) = ([Double](), [Double](), [Double]())
        var (packets, allocations, ownAllocations) = (0, UInt64(0), UInt64(0))
        for _ in 0..<rounds {
            pair.lengths.removeAll(keepingCapacity: true)
            let (before, start) = (vs_allocations(), cpuTime())
            for _ in 0..<framesPerRound { pair.film() }
            let time = cpuTime() - start
            allocations += vs_allocations() - before
            packets += pair.lengths.count
            let mean = time / Double(pair.lengths.count) / 1e3
            product.append(mean)
            let (beforeAlone, again) = (vs_allocations(), cpuTime())
            for length in pair.lengths { try line.pass(length: length, &out, &back) }
            let alone = (cpuTime() - again) / Double(pair.lengths.count) / 1e3
            ownAllocations += vs_allocations() - beforeAlone
            bare.append(alone)
            ratios.append(mean / alone)
        }
        report("packet path \(name)", product.percentile(50), "µs/packet out and in")
        report("libsrtp alone \(name)", bare.percentile(50), "µs/packet out and in")
        report("packet path \(name) to libsrtp alone", ratios.percentile(50), "times")
        report("packet path \(name) packets", 1e6 / product.percentile(50), "packets/s on one core")
        report("packet path \(name) allocations", Double(allocations) / Double(max(1, packets)), "a packet")
        report(
            "libsrtp alone \(name) allocations", Double(ownAllocations) / Double(max(1, packets)), "a packet")
        if pair.missing > 0 { fail("\(pair.missing) frames did not come out") }
    }
}

/// A packet there and back through libsrtp.
struct BareLine {
    private var packet: [UInt8] = []
    private var sequence: UInt16 = 0

    mutating func pass(length: Int, _ out: inout SRTPContext, _ back: inout SRTPContext) throws {
        if packet.capacity < 1_600 { packet.reserveCapacity(1_600) }
        if packet.count != length { packet.removeAll(keepingCapacity: true) }
        while packet.count < length { packet.append(7) }
        packet[0] = 0x80
        packet[1] = 100
        packet[2] = UInt8(sequence >> 8)
        packet[3] = UInt8(truncatingIfNeeded: sequence)
        sequence &+= 1
        try out.protectRTP(&packet)
        guard back.unprotectRTP(&packet) else { fail("libsrtp refused its own packet") }
    }
}

/// Two sessions with a film between them, encrypted, on a line that loses nothing.
struct ProtectedPair: ~Copyable {
    private static let videoSSRC: UInt32 = 0xB0
    private var near: RTPSession
    private var far: RTPSession
    private var nearOut: SRTPContext
    private var farIn: SRTPContext
    private var farOut: SRTPContext
    private var nearIn: SRTPContext
    private var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    private var buffer: [UInt8] = []
    private var frame = [UInt8](repeating: 9, count: 6_250)
    private var number = 0
    /// Of the packets of the film, as they were before libsrtp.
    var lengths: [Int] = []
    /// Frames that have not come out.
    private(set) var missing = 0

    init(_ keys: SRTPKeyingMaterial) throws {
        let nearOut = try SRTPContext(sending: keys, role: .client)
        let farIn = try SRTPContext(receiving: keys, role: .server)
        let farOut = try SRTPContext(sending: keys, role: .server)
        let nearIn = try SRTPContext(receiving: keys, role: .client)
        self.init(nearOut, farIn, farOut, nearIn)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        _ nearOut: consuming SRTPContext, _ farIn: consuming SRTPContext, _ farOut: consuming SRTPContext,
        _ nearIn: consuming SRTPContext
    ) {
        (near, far) = VirtualLine.sessions(seed: 1, at: now)
        self.nearOut = nearOut
        self.farIn = farIn
        self.farOut = farOut
        self.nearIn = nearIn
        buffer.reserveCapacity(1_600)
        lengths.reserveCapacity(100_000)
    }

    /// One frame of 1.5 Mbit/s at 30 Hz, and a thirtieth of a second.
    mutating func film() {
        VirtualLine.mark(&frame, number: number, isKeyframe: number == 0)
        let picture = frame
        near.sendVideo(
            picture.span, timestamp: UInt32(truncatingIfNeeded: number * 3_000), isKeyframe: number == 0, at: now)
        number += 1
        var framesOut = 0
        for _ in 0..<33 {
            now = now + .milliseconds(1)
            near.advance(to: now)
            far.advance(to: now)
            while let kind = near.pollPacket(into: &buffer) { carry(kind, isToFar: true) }
            while let kind = far.pollPacket(into: &buffer) { carry(kind, isToFar: false) }
            while near.pollEvent() != nil {}
            while let event = far.pollEvent() {
                guard case .videoFrame(_, let ssrc, _, let bytes, _, _) = event else { continue }
                framesOut += 1
                far.reuse(bytes, of: ssrc)
            }
        }
        missing += 1 - framesOut
    }

    private mutating func carry(_ kind: PacketKind, isToFar: Bool) {
        switch (kind, isToFar) {
        case (.rtp, true):
            lengths.append(buffer.count)
            guard (try? nearOut.protectRTP(&buffer)) != nil, farIn.unprotectRTP(&buffer) else { return }
            let packet = buffer
            _ = far.receiveRTP(packet.span, at: now)
        case (.rtp, false):
            guard (try? farOut.protectRTP(&buffer)) != nil, nearIn.unprotectRTP(&buffer) else { return }
            let packet = buffer
            _ = near.receiveRTP(packet.span, at: now)
        case (.rtcp, true):
            guard (try? nearOut.protectRTCP(&buffer)) != nil, farIn.unprotectRTCP(&buffer) else { return }
            let packet = buffer
            far.receiveRTCP(packet.span, at: now)
        case (.rtcp, false):
            guard (try? farOut.protectRTCP(&buffer)) != nil, nearIn.unprotectRTCP(&buffer) else { return }
            let packet = buffer
            near.receiveRTCP(packet.span, at: now)
        }
    }
}
