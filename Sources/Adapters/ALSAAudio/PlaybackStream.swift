internal import Basis
internal import Devices
internal import VoiceProcessing

/// A loudspeaker: blocks of 48 kHz mono in, the device's frames out.
struct PlaybackStream<Calls: SoundCalls>: ~Copyable {
    /// Without a sample taken for so long, the device hangs.
    private static var patience: Duration { .milliseconds(500) }
    /// Blocks of silence ahead of the first sound; with the first block they fill the buffer.
    private static var prefill: Int { 3 }

    let stream: PCMStream<Calls>
    private var resampler: Resampler?
    private var scaled = [Int16](repeating: 0, count: AudioBlock.samples)
    /// Samples at the hardware's rate that the device did not take yet.
    private var queue: [Int16]
    private var queued = 0
    private var fresh: [Int16]
    private var bytes: [UInt8]
    private var gain: Float = 1
    private var wantedGain: Float = 1
    private var lastProgress: MonotonicInstant
    private(set) var underruns = 0
    private(set) var droppedBlocks = 0
    /// Samples at 48 kHz that were ahead of the block written last.
    private(set) var delaySamples = 0

    /// Opens `place`, fills it with silence and starts it.
    static func open(_ place: SoundPlace, calls: Calls) throws(DeviceError) -> PlaybackStream {
        let pcm = try PCMStream(place, .playback, calls: calls)
        var converter: Resampler?
        if pcm.setup.rate != AudioBlock.sampleRate { converter = try Self.resampler(to: pcm.setup.rate) }
        let now = calls.now()
        var playback = PlaybackStream(pcm, converter, at: now)
        try playback.fillAndStart(at: now)
        return playback
    }

    private init(
        _ stream: consuming PCMStream<Calls>, _ resampler: consuming Resampler?, at now: MonotonicInstant
    ) {
        let block = stream.blockFrames
        // A resampler's output is a sample longer or shorter at times.
        queue = [Int16](repeating: 0, count: 3 * block + 16)
        fresh = [Int16](repeating: 0, count: block + 16)
        bytes = [UInt8](repeating: 0, count: (3 * block + 16) * stream.setup.frameBytes)
        lastProgress = now
        self.resampler = resampler
        self.stream = stream
    }

    private static func resampler(to rate: Int) throws(DeviceError) -> Resampler {
        do throws(VoiceError) {
            return try Resampler(from: AudioBlock.sampleRate, to: rate)
        } catch {
            throw DeviceError("open", device: "resampler", detail: "out of memory", severity: .transient)
        }
    }

    /// The factor for samples, reached within the next block.
    mutating func setGain(_ gain: Float) {
        wantedGain = gain
    }

    mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        measureDelay()
        scale(block)
        if let count = resampler?.process(scaled, count: scaled.count, into: &fresh) {
            enqueue(fresh, count: count)
        } else {
            enqueue(scaled, count: scaled.count)
        }
        try push(at: now)
        guard now - lastProgress <= Self.patience else { throw stream.stalled() }
    }

    // MARK: -

    private mutating func fillAndStart(at now: MonotonicInstant) throws(DeviceError) {
        for index in bytes.indices { bytes[index] = 0 }
        var left = min(Self.prefill * stream.blockFrames, stream.setup.buffer)
        for _ in 0..<8 where left > 0 {
            let written = stream.calls.write(stream.handle, bytes, frames: left)
            if written > 0 {
                left -= min(written, left)
            } else if written < 0, try stream.recover(from: written) == .later {
                continue
            }
        }
        try stream.start()
        lastProgress = now
    }

    private mutating func push(at now: MonotonicInstant) throws(DeviceError) {
        for _ in 0..<4 where queued > 0 {
            let frames = SampleConversion.encode(
                queue, 0..<queued, format: stream.setup.format, channels: stream.setup.channels, into: &bytes)
            let written = min(stream.calls.write(stream.handle, bytes, frames: frames), frames)
            if written > 0 {
                for index in 0..<queued - written { queue[index] = queue[index + written] }
                queued -= written
                lastProgress = now
            } else if written == 0 || written == Errno.again {
                return
            } else if written != Errno.interrupted {
                guard try stream.recover(from: written) == .prepared else { return }
                underruns &+= 1
                try fillAndStart(at: now)
            }
        }
    }

    private mutating func enqueue(_ samples: [Int16], count: Int) {
        if queued + count > queue.count {
            // The device is behind: what waits is late already.
            queued = 0
            droppedBlocks &+= 1
        }
        for index in 0..<min(count, queue.count) { queue[queued + index] = samples[index] }
        queued += min(count, queue.count)
    }

    private mutating func scale(_ block: Span<Int16>) {
        let count = min(block.count, scaled.count)
        guard gain != 1 || wantedGain != 1 else {
            for index in 0..<count { scaled[index] = block[index] }
            return
        }
        let slope = (wantedGain - gain) / Float(scaled.count)
        for index in 0..<count {
            scaled[index] = Int16(clamping: Int((Float(block[index]) * (gain + slope * Float(index + 1))).rounded()))
        }
        gain = wantedGain
    }

    private mutating func measureDelay() {
        let frames = stream.calls.delay(stream.handle)
        guard frames >= 0 else { return }
        let samples = (min(frames, 1 << 22) + queued) * AudioBlock.sampleRate / stream.setup.rate
        delaySamples = samples
        if let latency = resampler?.latency { delaySamples += latency * AudioBlock.sampleRate / stream.setup.rate }
    }
}
