internal import Devices

/// Plays the room's sounds into the mix, one at a time: a new one takes the place of the one that sounds.
///
/// Everything is made at the start; playing allocates nothing.
struct EarconPlayer {
    /// Blocks of silence after a sound: what the loudspeaker's device still holds is heard before it is closed.
    private static let rest = 10

    private struct Voice {
        var sound: RoomSound
        var position = 0
    }

    private let waves: [[Int16]]
    private var gain: Float = 1
    private var playing: Voice?
    /// What was playing when another sound came: it fades within one block.
    private var fading: Voice?
    private var restingBlocks = 0

    init() {
        waves = RoomSound.allCases.map { Earcon.samples(of: $0) }
    }

    /// Whether something sounds, or is still on its way to be heard.
    var isBusy: Bool { playing != nil || restingBlocks > 0 }

    mutating func play(_ sound: RoomSound) {
        fading = playing
        playing = Voice(sound: sound)
        restingBlocks = Self.rest
    }

    mutating func stop() {
        playing = nil
        fading = nil
        restingBlocks = 0
    }

    /// - Parameter percent: 0 silent … 100, of what the speaker gives.
    mutating func setVolume(_ percent: Int) {
        gain = SpeakerVolume.gain(of: percent)
    }

    /// Adds the next 10 ms to `mix`.
    mutating func add(to mix: inout [Int32]) {
        if let voice = fading {
            fading = nil
            let wave = waves[Int(voice.sound.rawValue)]
            let count = min(mix.count, wave.count - voice.position)
            let slope = gain / Float(max(1, mix.count))
            for index in 0..<max(0, count) {
                mix[index] &+= Int32(Float(wave[voice.position + index]) * (gain - slope * Float(index)))
            }
        }
        guard let voice = playing else {
            restingBlocks = max(0, restingBlocks - 1)
            return
        }
        let wave = waves[Int(voice.sound.rawValue)]
        let count = min(mix.count, wave.count - voice.position)
        for index in 0..<max(0, count) { mix[index] &+= Int32(Float(wave[voice.position + index]) * gain) }
        let end = voice.position + max(0, count)
        playing = end < wave.count ? Voice(sound: voice.sound, position: end) : nil
    }
}
