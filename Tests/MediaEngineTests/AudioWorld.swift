import Basis
import Devices
import MediaEngine
import VoiceProcessing

/// A packet of the own sound on its way out.
struct SentAudio: Equatable {
    let header: OutgoingAudio
    let payload: [UInt8]
}

/// One audio loop with its doubles; a step is 10 ms.
final class AudioWorld {
    let waker = CountingWaker()
    let exchange: AudioExchange
    let microphone = DeviceScript()
    let speaker = DeviceScript()
    var loop: AudioLoop<SeparateAudio<SquareMicrophone, KeepingSpeaker, NoPace>>
    var now = MonotonicInstant.zero

    /// - Parameters:
    ///   - amplitude: of the square wave before the microphone.
    ///   - period: of that wave, in samples.
    init(amplitude: Int16 = 8_000, period: Int = 96, firstTimestamp: UInt32 = 1_000) throws {
        exchange = AudioExchange(outgoingWaker: waker)
        loop = try AudioLoop(
            exchange: exchange,
            duplex: SeparateAudio(
                microphone: SquareMicrophone(script: microphone, amplitude: amplitude, period: period),
                speaker: KeepingSpeaker(script: speaker), pace: NoPace()),
            voice: .untouched, firstTimestamp: firstTimestamp)
    }

    func step(_ count: Int = 1) {
        for _ in 0..<count {
            loop.step(at: now)
            now += .milliseconds(10)
        }
    }

    func takeSent() -> [SentAudio] {
        var result: [SentAudio] = []
        var payload: [UInt8] = []
        while let header = exchange.outgoing.pop(into: &payload) {
            result.append(SentAudio(header: header, payload: payload))
        }
        return result
    }

    func receive(_ packet: SentAudio, ssrc: UInt32, number: Int) {
        exchange.incoming.push(
            packet.payload.span, range: 0..<packet.payload.count,
            header: IncomingAudio(
                ssrc: ssrc, sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: packet.header.timestamp,
                arrival: now))
    }

    var played: [Int16] { Array(speaker.blocks.joined()) }
}
