import Basis
import Devices
import MediaEngine
import VoiceProcessing

/// The way of sound: what the audio thread does each 10 ms with a microphone, its echo, Opus, and three people's packets.
struct SoundPath: ~Copyable {
    private static let people = 3

    private let exchange: AudioExchange
    private var loop: AudioLoop<Room>
    private var packet: [UInt8] = []
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var sequence: UInt16 = 0

    private(set) var sent = 0

    static func make() throws -> SoundPath {
        let exchange = AudioExchange(outgoingWaker: NoWaker())
        let loop = try AudioLoop(exchange: exchange, duplex: Room(), voice: VoiceSettings(), firstTimestamp: 0)
        return SoundPath(exchange: exchange, loop: loop)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(exchange: AudioExchange, loop: consuming AudioLoop<Room>) {
        self.exchange = exchange
        self.loop = loop
        packet.reserveCapacity(1_500)
        exchange.start()
        exchange.setSending(true)
    }

    /// Steps of 10 ms; what is sent comes back as if three people had said it.
    mutating func run(steps: Int) -> Count {
        var count = Count()
        for _ in 0..<steps {
            now += .milliseconds(10)
            loop.step(at: now)
            while let header = exchange.outgoing.pop(into: &packet) {
                sent += 1
                sequence &+= 1
                for person in 1...Self.people {
                    let incoming = IncomingAudio(
                        ssrc: UInt32(person), sequenceNumber: sequence, timestamp: header.timestamp, arrival: now)
                    exchange.incoming.push(packet.span, range: 0..<packet.count, header: incoming)
                }
            }
        }
        count.end(of: steps)
        return count
    }
}

/// A voice before the microphone, and a little of what the speaker plays.
struct Room: AudioDuplex, ~Copyable {
    private var played = [Int16](repeating: 0, count: AudioBlock.samples)
    private var position = 0

    mutating func openMicrophone() throws(DeviceError) {}

    mutating func openSpeaker() throws(DeviceError) {}

    mutating func closeMicrophone() {}

    mutating func closeSpeaker() {}

    mutating func wait() -> MonotonicInstant { .zero }

    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        for index in block.indices {
            // A saw of 150 Hz that swells and fades twice a second.
            let loudness = 3_000 - abs(position % 24_000 - 12_000) / 4
            let voice = (position % 320 - 160) * max(0, loudness) / 160
            block[index] = Int16(clamping: voice + Int(played[index]) / 8)
            position += 1
        }
        return true
    }

    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        for index in block.indices where index < played.count { played[index] = block[index] }
    }

    var echoPath: EchoPath { EchoPath(isCancelledByDevice: false, delaySamples: AudioBlock.samples) }

    mutating func setSpeakerVolume(_ percent: Int) {}

    var health: DuplexHealth { DuplexHealth() }
}
