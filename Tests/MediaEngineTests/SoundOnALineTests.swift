import Basis
import Codecs
import Devices
import RTP
import Glibc
import Testing
import VoiceProcessing

@testable import MediaEngine

/// A voice over lines of all kinds, in virtual time: what is heard, and how late.
@Suite struct SoundOnALineTests {
    /// When each 20 ms packet comes, counted from its sending; nil for a lost one.
    typealias Line = (_ number: Int, _ random: inout RandomSource) -> Duration?

    private struct Heard {
        var samples: [Int16] = []
        /// The buffer's delay in milliseconds, each second.
        var delays: [Int] = []
        var statistics: RemoteAudioStatistics?

        var concealed: Double {
            statistics.map { Double($0.counters.concealedSamples) / Double(max(1, $0.counters.decodedSamples)) } ?? 1
        }
        func meanDelay(from second: Int = 1) -> Int {
            let part = delays.dropFirst(second)
            return part.reduce(0, +) / max(1, part.count)
        }
    }

    /// - Parameters:
    ///   - copies: earlier packets repeated in each one (RFC 2198).
    ///   - drift: how much faster the sender's clock is, in parts per million.
    private func hear(
        seconds: Int, encoding: SpeechEncoding = SpeechEncoding(), copies: Int = 0, drift: Double = 0,
        isSteady: Bool = false, line: Line
    ) throws -> Heard {
        let exchange = AudioExchange(outgoingWaker: CountingWaker())
        let speaker = DeviceScript()
        var loop = try AudioLoop(
            exchange: exchange,
            duplex: SeparateAudio(
                microphone: SquareMicrophone(script: DeviceScript(), amplitude: 0),
                speaker: KeepingSpeaker(script: speaker),
                pace: NoPace()), voice: .untouched, firstTimestamp: 0)
        exchange.start()
        var encoder = try OpusEncoder()
        encoder.apply(encoding)
        var speech = SpeechModel(isSteady: isSteady)
        var random = RandomSource(seed: 9)
        var onTheWay: [(arrival: MonotonicInstant, header: IncomingAudio, payload: [UInt8])] = []
        var recent: [[UInt8]] = []
        var heard = Heard()
        var sent = 0
        let start = MonotonicInstant.zero + .seconds(5)
        for tick in 0..<seconds * 100 {
            let now = start + .milliseconds(10 * tick + 3)
            while true {
                let sending = start + .nanoseconds(Int64(Double(sent) * 20_000_000 / (1 + drift / 1e6)))
                guard sending <= now else { break }
                var packet: [UInt8] = []
                try encoder.encode(speech.frame().span, into: &packet)
                recent = Array((recent + [packet]).suffix(copies + 1))
                if let delay = line(sent, &random) {
                    let arrival = sending + delay
                    let header = IncomingAudio(
                        ssrc: 1, sequenceNumber: UInt16(truncatingIfNeeded: sent),
                        timestamp: UInt32(truncatingIfNeeded: sent * 960), arrival: arrival, isRedundant: copies > 0)
                    onTheWay.append((arrival, header, copies > 0 ? Self.redundant(recent) : packet))
                }
                sent += 1
            }
            // In the order in which they come.
            onTheWay.sort { $0.arrival < $1.arrival }
            while let first = onTheWay.first, first.arrival <= now {
                exchange.incoming.push(first.payload.span, range: 0..<first.payload.count, header: first.header)
                onTheWay.removeFirst()
            }
            loop.step(at: now)
            if tick % 100 == 99 {
                heard.statistics = exchange.remoteStatistics.first
                heard.delays.append(heard.statistics?.delayMilliseconds ?? 0)
            }
        }
        heard.samples = Array(speaker.blocks.joined())
        return heard
    }

    /// RFC 2198: the last packet with those before it.
    private static func redundant(_ packets: [[UInt8]]) -> [UInt8] {
        var payload: [UInt8] = []
        for (index, packet) in packets.dropLast().enumerated() {
            let bits = UInt32(960 * (packets.count - 1 - index)) << 10 | UInt32(packet.count)
            payload += [0xEF, UInt8(bits >> 16), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
        }
        return payload + [111] + packets.flatMap { $0 }
    }

    /// Delays of a queue that is emptied in order: nobody overtakes.
    private func queue(_ delay: @escaping (inout RandomSource) -> Double) -> Line {
        var last = 0.0
        return { number, random in
            let sending = Double(number) * 20
            last = max(last, sending + delay(&random))
            return .microseconds(Int64((last - sending) * 1_000))
        }
    }

    private func exponential(_ mean: Double, _ random: inout RandomSource) -> Double {
        -mean * log(Double.random(in: 1e-9...1, using: &random))
    }

    /// The longest stretch of blocks of 10 ms below −60 dBov, in a voice that never pauses.
    private func longestGap(_ samples: some Collection<Int16>) -> Int {
        let samples = Array(samples)
        var (longest, present) = (0, 0)
        for start in stride(from: 0, to: samples.count - 479, by: 480) {
            let isSilent = AudioLevel.level(of: Array(samples[start..<start + 480]).span) > 60
            present = isSilent ? present + 1 : 0
            longest = max(longest, present)
        }
        return longest
    }

    private func steepest(_ samples: some Collection<Int16>) -> Int {
        zip(samples, samples.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
    }

    // MARK: -

    @Test func aCleanLineCostsThirtyMillisecondsAtMost() throws {
        let heard = try hear(seconds: 30) { _, _ in .milliseconds(15) }
        #expect(heard.meanDelay() <= 30)
        #expect(heard.statistics?.counters.concealedSamples == 0)
        #expect(
            (heard.statistics?.counters.acceleratedSamples ?? 0) + (heard.statistics?.counters.expandedSamples ?? 0)
                == 0)
        // 30 s less what is on its way.
        #expect((heard.statistics?.counters.decodedSamples ?? 0) > 29 * 48_000)
    }

    @Test func anUnevenLineIsHeardWithoutGaps() throws {
        // 95 of 100 packets within 50 ms.
        let heard = try hear(seconds: 60, line: queue { self.exponential(16.7, &$0) })
        #expect(heard.concealed < 0.01)
        #expect((50...140).contains(heard.meanDelay(from: 5)))
    }

    @Test func packetsThatOvertakeEachOtherAreHeardInOrder() throws {
        let heard = try hear(seconds: 60) { _, random in
            .microseconds(Int64(self.exponential(16.7, &random) * 1_000))
        }
        #expect(heard.concealed < 0.015)
        #expect(heard.statistics?.packets.lost ?? 0 < 60)
    }

    @Test func redundancyInOpusHidesMostOfTenPercentLoss() throws {
        let heard = try hear(seconds: 40, encoding: SpeechEncoding(expectedLoss: 15)) { _, random in
            Double.random(in: 0..<1, using: &random) < 0.1 ? nil : .milliseconds(20)
        }
        let bare = try hear(seconds: 40, encoding: SpeechEncoding(expectedLoss: 0)) { _, random in
            Double.random(in: 0..<1, using: &random) < 0.1 ? nil : .milliseconds(20)
        }
        #expect((0.08...0.13).contains(bare.concealed))
        // Opus repeats the frames that hold voice, 63 in 100 of these, and nobody restores two lost in a row.
        #expect(heard.concealed < bare.concealed / 2)
        #expect(heard.statistics?.packets.restored ?? 0 > 100)
        #expect(heard.meanDelay(from: 5) <= 60)
    }

    @Test(arguments: [(1, 0.02), (2, 0.01)])
    func copiesHideLossToo(copies: Int, most: Double) throws {
        let heard = try hear(seconds: 40, encoding: SpeechEncoding(expectedLoss: 0), copies: copies) { _, random in
            Double.random(in: 0..<1, using: &random) < 0.1 ? nil : .milliseconds(20)
        }
        #expect(heard.concealed < most)
        #expect(heard.statistics?.packets.copied ?? 0 > 130)
        #expect(heard.meanDelay(from: 5) <= 40 + 20 * copies)
    }

    @Test func afterASpikeTheDelayComesDownWithoutAGap() throws {
        // At second ten nothing comes for 200 ms, then all at once.
        let heard = try hear(seconds: 30, isSteady: true) { number, _ in
            (500..<510).contains(number) ? .milliseconds(15 + 200 - 20 * (number - 500)) : .milliseconds(15)
        }
        #expect(heard.delays[8] <= 30)
        #expect(heard.delays[10] >= 100)
        #expect(heard.delays[18] <= 40)
        #expect(heard.statistics?.counters.acceleratedSamples ?? 0 > 48 * 100)
        // What was not there cannot be heard; later nothing is missing, and nothing clicks.
        #expect((heard.statistics?.counters.concealedSamples ?? 0) <= AudioJitterBufferLimits.concealment)
        let undisturbed = heard.samples[(5 * 48_000)..<(9 * 48_000)]
        let recovering = heard.samples[(10 * 48_000 + 24_000)..<(29 * 48_000)]
        #expect(longestGap(recovering) == 0)
        #expect(steepest(recovering) < steepest(undisturbed) * 3 / 2)
    }

    @Test(arguments: [500.0, -500.0])
    func anotherClockIsFollowed(drift: Double) throws {
        let heard = try hear(seconds: 100, drift: drift) { _, _ in .milliseconds(15) }
        #expect(heard.statistics?.counters.concealedSamples == 0)
        #expect(heard.delays.dropFirst().allSatisfy { (5...45).contains($0) })
        // 100 s of 500 ppm are 50 ms.
        let stretched =
            (heard.statistics?.counters.acceleratedSamples ?? 0)
            - (heard.statistics?.counters.expandedSamples ?? 0)
        #expect(drift > 0 ? (1_200...4_000).contains(stretched) : (-4_000 ... -1_200).contains(stretched))
    }

    @Test func aCutOfTwoSecondsIsSilentAndThenAllIsWell() throws {
        let heard = try hear(seconds: 20, isSteady: true) { number, _ in
            (250..<350).contains(number) ? nil : .milliseconds(15)
        }
        #expect(heard.statistics?.counters.concealedSamples ?? 0 <= AudioJitterBufferLimits.concealment)
        #expect(heard.delays.last ?? 0 <= 40)
        #expect(longestGap(heard.samples[(8 * 48_000)..<(19 * 48_000)]) == 0)
    }
}

/// 120 ms, and what is left of the frame in which they end.
private enum AudioJitterBufferLimits {
    static let concealment = 5_760 + 960
}
