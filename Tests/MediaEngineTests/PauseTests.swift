import Basis
import Codecs
import Devices
import RTP
import Testing
import VoiceProcessing

@testable import MediaEngine

/// Silence that is not sent.
@Suite struct PauseTests {
    /// A voice for two seconds, then the noise of an empty room for four, again and again.
    private struct RoomMicrophone: Microphone, ~Copyable {
        private var speech = SpeechModel()
        private var random = RandomSource(seed: 3)
        private var blocks = 0

        mutating func open() throws(DeviceError) {}

        mutating func close() {}

        mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
            let isSpeaking = blocks % 600 < 200
            blocks += 1
            let voice = speech.frame(block.count)
            for index in block.indices {
                block[index] = (isSpeaking ? voice[index] : 0) &+ Int16.random(in: -8...8, using: &random)
            }
            return true
        }
    }

    private struct Sent {
        var header: OutgoingAudio
        var payload: [UInt8]
        var instant: MonotonicInstant
    }

    private func send(seconds: Int, isDiscontinuous: Bool) throws -> [Sent] {
        let exchange = AudioExchange(outgoingWaker: CountingWaker())
        var loop = try AudioLoop(
            exchange: exchange,
            duplex: SeparateAudio(
                microphone: RoomMicrophone(), speaker: KeepingSpeaker(script: DeviceScript()), pace: NoPace()),
            voice: .untouched, firstTimestamp: 0)
        exchange.setDiscontinuous(isDiscontinuous)
        exchange.start()
        exchange.setSending(true)
        var sent: [Sent] = []
        var payload: [UInt8] = []
        for tick in 0..<seconds * 100 {
            let now = MonotonicInstant.zero + .milliseconds(tick * 10)
            loop.step(at: now)
            while let header = exchange.outgoing.pop(into: &payload) {
                sent.append(Sent(header: header, payload: payload, instant: now))
            }
        }
        #expect(exchange.statistics.encoding.isDiscontinuous == isDiscontinuous)
        return sent
    }

    @Test func silenceIsSentByConfigurationAlone() throws {
        let all = try send(seconds: 18, isDiscontinuous: false)
        #expect(all.count == 900)
        let few = try send(seconds: 18, isDiscontinuous: true)
        #expect(few.count < all.count / 2)
        // While somebody speaks everything goes out.
        #expect(few.filter { $0.header.timestamp < 96_000 }.count >= 95)
        // A sign of life twice a second.
        let pauses = zip(few, few.dropFirst()).map { $1.instant - $0.instant }
        #expect(pauses.allSatisfy { $0 <= .milliseconds(500) })
        // What follows a pause says so; no pause is told twice in a row.
        for (before, after) in zip(few, few.dropFirst()) {
            #expect(after.header.marker == (after.header.timestamp &- before.header.timestamp > 960))
            #expect(before.payload.count > 2 || after.payload.count > 2)
        }
    }

    @Test func aPauseIsHeardAsTheRoomNotAsALoss() throws {
        let packets = try send(seconds: 18, isDiscontinuous: true)
        let exchange = AudioExchange(outgoingWaker: CountingWaker())
        let speaker = DeviceScript()
        var loop = try AudioLoop(
            exchange: exchange,
            duplex: SeparateAudio(
                microphone: SquareMicrophone(script: DeviceScript(), amplitude: 0),
                speaker: KeepingSpeaker(script: speaker), pace: NoPace()),
            voice: .untouched, firstTimestamp: 0)
        exchange.start()
        var next = 0
        for tick in 0..<1_800 {
            let now = MonotonicInstant.zero + .milliseconds(tick * 10)
            while next < packets.count, packets[next].instant <= now {
                let payload = packets[next].payload
                exchange.incoming.push(
                    payload.span, range: 0..<payload.count,
                    header: IncomingAudio(
                        ssrc: 1, sequenceNumber: UInt16(next), timestamp: packets[next].header.timestamp,
                        arrival: packets[next].instant))
                next += 1
            }
            loop.step(at: now)
        }
        let heard = try #require(exchange.remoteStatistics.first)
        #expect(heard.packets.lost == 0)
        #expect(heard.counters.concealedSamples == 0)
        // 18 seconds, of which nothing is silence but the first moment.
        #expect(heard.counters.decodedSamples > 17 * 48_000)
        #expect(heard.delayMilliseconds <= 40)
    }
}
