import Basis
import Devices
import Testing

@Suite struct SpeakerVolumeTests {
    @Test func goesByStepsBetweenFloorAndCeiling() {
        var volume = SpeakerVolume(percent: 68)
        #expect(volume.percent == 70)
        for (steps, moves, percent) in [
            (1, true, 75), (100, true, 100), (1, false, 100), (-100, true, 10), (.min, false, 10),
        ] {
            let moved = volume.move(steps: steps)
            #expect(moved == moves && volume.percent == percent)
        }
        volume.set(-5)
        #expect(volume.percent == 10)
        volume.set(.max)
        #expect(volume.percent == 100)
    }

    @Test func takesOddSettings() {
        #expect(SpeakerVolume(percent: 50, floor: 80, ceiling: 20).percent == 80)
        #expect(SpeakerVolume(percent: 3, floor: -10, ceiling: 1_000).percent == 5)
        #expect(SpeakerVolume(percent: 0, floor: 0).percent == 0)
    }

    @Test func gainFollowsDecibels() {
        #expect(SpeakerVolume.gain(of: 100) == 1)
        #expect(abs(SpeakerVolume.gain(of: 50) - 0.1) < 0.001)
        #expect(SpeakerVolume.gain(of: 0) == 0)
        #expect(SpeakerVolume.attenuation(of: 50) == 2_000)
        #expect(SpeakerVolume.attenuation(of: 1_000) == 0)
        for percent in 1...100 { #expect(SpeakerVolume.gain(of: percent) > SpeakerVolume.gain(of: percent - 1)) }
    }
}

@Suite struct SeparateAudioTests {
    private struct Steps: AudioPace, ~Copyable {
        var now = MonotonicInstant.zero

        mutating func wait() -> MonotonicInstant {
            now += .milliseconds(10)
            return now
        }
    }

    private struct Source: Microphone, ~Copyable {
        func open() throws(DeviceError) {}
        func close() {}
        func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
            for index in block.indices { block[index] = 7 }
            return true
        }
    }

    private final class Heard {
        var samples: [Int16] = []
        var isOpen = false
    }

    private struct Sink: Speaker, ~Copyable {
        let heard: Heard

        func open() throws(DeviceError) { heard.isOpen = true }
        func close() { heard.isOpen = false }
        func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
            for index in block.indices { heard.samples.append(block[index]) }
        }
    }

    @Test func isOneDeviceOfTwo() throws {
        let heard = Heard()
        var audio = SeparateAudio(microphone: Source(), speaker: Sink(heard: heard), pace: Steps())
        try audio.openSpeaker()
        try audio.openMicrophone()
        #expect(heard.isOpen)
        let now = audio.wait()
        #expect(now == .zero + .milliseconds(10))
        var block = [Int16](repeating: 0, count: 480)
        let isThere = try audio.read(into: &block, at: now)
        #expect(isThere && block.allSatisfy { $0 == 7 })
        let loud = [Int16](repeating: 1_000, count: 480)
        try audio.write(loud.span, at: now)
        #expect(heard.samples.suffix(480) == loud[...])
        audio.setSpeakerVolume(50)
        try audio.write(loud.span, at: now)
        #expect(heard.samples.suffix(480).allSatisfy { (99...100).contains($0) })
        let path = audio.echoPath
        #expect(path == EchoPath(isCancelledByDevice: false, delaySamples: 0))
        let health = audio.health
        #expect(health == DuplexHealth())
        audio.closeSpeaker()
        #expect(!heard.isOpen)
    }
}
