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

    init(_ stream: consuming PCMStream<Calls>) {
        let block = stream.blockFrames
        // A resampler's output is a sample longer or shorter at times.
        queue = [Int16](repeating: 0, count: 3 * block + 16)
        fresh = [Int16](repeating: 0, count: block + 16)
        bytes = [UInt8](repeating: 0, count: (3 * block + 16) * stream.setup.frameBytes)
        lastProgress = stream.calls.now()
        self.stream = stream
    }

    /// Fills the device with silence and starts it.
    mutating func start() throws(DeviceError) {
        if stream.setup.rate != AudioBlock.sampleRate { try makeResampler() }
        try fillAndStart(at: lastProgress)
    }

    private mutating func makeResampler() throws(DeviceError) {
        do throws(VoiceError) {
            resampler = try Resampler(from: AudioBlock.sampleRate, to: stream.setup.rate)
        } catch {
            throw DeviceError("open", device: stream.place.name, detail: "out of memory", severity: .transient)
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
        for _ in 0..<8 {
            guard left > 0 else { break }
            let written = stream.calls.write(stream.handle, bytes, frames: left)
            if written > 0 { left -= min(written, left) }
            if written < 0 { _ = try stream.recover(from: written) }
        }
        try stream.start()
        lastProgress = now
    }

    private mutating func push(at now: MonotonicInstant) throws(DeviceError) {
        for _ in 0..<4 {
            guard queued > 0, try pushOnce(at: now) else { return }
        }
    }

    /// Gives the device what waits; false when it takes no more now.
    private mutating func pushOnce(at now: MonotonicInstant) throws(DeviceError) -> Bool {
        let frames = SampleConversion.encode(
            queue, 0..<queued, format: stream.setup.format, channels: stream.setup.channels, into: &bytes)
        let written = min(stream.calls.write(stream.handle, bytes, frames: frames), frames)
        if written > 0 {
            for index in 0..<queued - written { queue[index] = queue[index + written] }
            queued -= written
            lastProgress = now
            return true
        }
        if written == 0 || written == Errno.again { return false }
        if written == Errno.interrupted { return true }
        guard try stream.recover(from: written) == .prepared else { return false }
        underruns &+= 1
        try fillAndStart(at: now)
        return true
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
        let held = queued + (resampler?.latency ?? 0)
        delaySamples = (min(frames, 1 << 22) + held) * AudioBlock.sampleRate / stream.setup.rate
    }
}
