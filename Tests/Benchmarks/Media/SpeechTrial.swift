import Basis
import Codecs
import Devices
import MediaEngine
import RTP
import VoiceProcessing

/// A voice in packets through a line that loses and delays them, and what the room hears of it.
///
/// Each second the voice makes room for a click, by which the delay from mouth to ear is found: no device, no network of
/// its own, 20 ms of a packet and what the jitter buffer adds.
enum SpeechTrial {
    private static let seconds = 120

    static func run(loss: Int, jitter: Int, seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let ear = Ear()
        let exchange = AudioExchange(outgoingWaker: NoWaker())
        var loop = try AudioLoop(exchange: exchange, duplex: EarDuplex(ear: ear), voice: .untouched, firstTimestamp: 0)
        exchange.start()
        var encoder = try OpusEncoder(bitrate: 32_000, expectedLoss: loss)
        var voice = Voice()
        var pcm = [Int16](repeating: 0, count: OpusFormat.frameSamples)
        var packet: [UInt8] = []
        var flying: [(arrival: Int, number: Int, payload: [UInt8])] = []
        var (sent, lost) = (0, 0)
        for block in 0..<seconds * 100 {
            let now = MonotonicInstant(nanoseconds: Int64(block) * 10_000_000 + 1_000_000_000)
            // A packet is there when its last sample was spoken.
            if block % 2 == 0, block > 0 {
                let number = block / 2
                voice.fill(&pcm)
                Click.put(into: &pcm, at: (number - 1) * OpusFormat.frameSamples)
                try encoder.encode(pcm.span, into: &packet)
                sent += 1
                if Double.random(in: 0..<100, using: &random) < Double(loss) {
                    lost += 1
                } else {
                    let late = jitter == 0 ? 0 : Int.random(in: 0...jitter * 10, using: &random) / 100
                    flying.append((block + late, number, packet))
                }
            }
            for flight in flying where flight.arrival <= block {
                let header = IncomingAudio(
                    ssrc: 1, sequenceNumber: UInt16(truncatingIfNeeded: flight.number),
                    timestamp: UInt32(truncatingIfNeeded: flight.number * OpusFormat.frameSamples), arrival: now)
                exchange.incoming.push(flight.payload.span, range: 0..<flight.payload.count, header: header)
            }
            flying.removeAll { $0.arrival <= block }
            loop.step(at: now)
        }
        let delays = Click.delays(in: ear.samples, seconds: seconds)
        let statistics = exchange.statistics
        report("packets lost on the way", Double(lost) / Double(sent) * 100, "%")
        report("packets given up", Double(statistics.lostPackets) / Double(sent) * 100, "%")
        report("packets too late", Double(statistics.latePackets) / Double(sent) * 100, "%")
        report("clicks heard", Double(delays.count) / Double(seconds - 4) * 100, "%")
        report("mouth to ear, median", delays.percentile(50), "ms")
        report("mouth to ear, p95", delays.percentile(95), "ms")
    }
}

/// A short loud tone after a pause, once a second.
enum Click {
    private static let rate = 48_000
    /// From the beginning of each second.
    private static let place = 12_000
    private static let pause = 4_800
    private static let length = 480

    static func put(into pcm: inout [Int16], at start: Int) {
        for index in pcm.indices {
            let place = (start + index) % rate
            if (Self.place - pause..<Self.place + length + pause).contains(place) { pcm[index] = 0 }
            if (Self.place..<Self.place + length).contains(place) {
                pcm[index] = (place / 8) % 2 == 0 ? 16_000 : -16_000
            }
        }
    }

    /// Milliseconds from each click being spoken to being heard; those that were not heard are left out.
    static func delays(in samples: [Int16], seconds: Int) -> [Double] {
        var found: [Double] = []
        for second in 2..<seconds - 2 {
            let spoken = second * rate + place
            // The pause before it is silent, so the first loud sample is its beginning.
            let range = spoken..<min(samples.count, spoken + rate / 2)
            guard let heard = range.first(where: { abs(Int(samples[$0])) > 6_000 }), heard - spoken < rate * 4 / 10
            else { continue }
            found.append(Double(heard - spoken) / 48)
        }
        return found
    }
}

private final class NoWaker: Waker {
    func wake() {}
}

/// What was played.
private final class Ear {
    var samples: [Int16] = []
}

private struct EarDuplex: AudioDuplex, ~Copyable {
    let ear: Ear

    mutating func openMicrophone() throws(DeviceError) {}
    mutating func openSpeaker() throws(DeviceError) {}
    mutating func closeMicrophone() {}
    mutating func closeSpeaker() {}
    mutating func wait() -> MonotonicInstant { .zero }
    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool { false }
    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        for index in block.indices { ear.samples.append(block[index]) }
    }
    var echoPath: EchoPath { EchoPath(isCancelledByDevice: true, delaySamples: 0) }
    mutating func setSpeakerVolume(_ percent: Int) {}
    var health: DuplexHealth { DuplexHealth() }
}
