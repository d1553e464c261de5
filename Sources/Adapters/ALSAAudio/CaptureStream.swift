internal import Basis
internal import Devices
internal import VoiceProcessing

/// A microphone: the device's frames in, blocks of 48 kHz mono out, in step with whoever asks for them.
struct CaptureStream<Calls: SoundCalls>: ~Copyable {
    /// Whose clock asks for blocks.
    enum Pace: Equatable {
        /// The microphone's own.
        case own
        /// That of a speaker on the same card: in step, but not at the same moment.
        case sameCard
        /// That of another card: to be followed.
        case otherCard
    }

    /// Without a sample for so long, the device hangs.
    private static var patience: Duration { .seconds(1) }
    /// More than the target by so much, and the oldest samples go.
    private static var slack: Int { 4 * AudioBlock.samples }
    /// Periods between two changes of the resampler's ratio, which cost it a new filter table.
    private static var adjustEvery: Int { 50 }

    let stream: PCMStream<Calls>
    private let mix: CaptureMix
    private var resampler: Resampler?
    private var follower: DriftFollower?
    private var target = AudioBlock.samples
    private var isPrimed = false
    private var ring = SampleRing(capacity: 16 * AudioBlock.samples)
    private var bytes: [UInt8]
    private var mono: [Int16]
    private var converted: [Int16]
    private var periods = 0
    private var lastProgress: MonotonicInstant
    private(set) var overruns = 0
    private(set) var droppedBlocks = 0
    /// Samples at 48 kHz between the converter and the beginning of the block read last.
    private(set) var delaySamples = 0

    init(_ stream: consuming PCMStream<Calls>, mix: CaptureMix) {
        let block = stream.blockFrames
        bytes = [UInt8](repeating: 0, count: block * stream.setup.frameBytes)
        mono = [Int16](repeating: 0, count: block)
        converted = [Int16](repeating: 0, count: AudioBlock.samples + 64)
        lastProgress = stream.calls.now()
        self.mix = mix
        self.stream = stream
    }

    mutating func start() throws(DeviceError) {
        if stream.setup.rate != AudioBlock.sampleRate { try makeResampler() }
        try stream.start()
    }

    /// How much faster than who asks this device is.
    var driftPartsPerMillion: Int { follower?.partsPerMillion ?? 0 }

    mutating func setPace(_ pace: Pace) throws(DeviceError) {
        let block = AudioBlock.samples
        let period = min(stream.setup.period, 1 << 16) * AudioBlock.sampleRate / stream.setup.rate
        switch pace {
        case .own:
            target = block
            follower = nil
        case .sameCard:
            target = block + block / 2
            follower = nil
        case .otherCard:
            if resampler == nil { try makeResampler() }
            // A period may be missing, and the follower strays by up to 90 samples.
            target = min(block + max(block, period) + 96, ring.capacity - Self.slack - block)
            follower = DriftFollower(target: target)
        }
        if follower == nil { resampler?.setDrift(0) }
        isPrimed = false
    }

    /// Overwrites `block`; false when there is none yet.
    mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        try fetch(at: now)
        guard now - lastProgress <= Self.patience else { throw stream.stalled() }
        if ring.count > target + Self.slack { trim() }
        if !isPrimed {
            guard ring.count >= target else { return false }
            ring.drop(ring.count - target)
            isPrimed = true
        }
        follow(at: now)
        guard block.count == AudioBlock.samples, ring.copy(into: &block) else { return false }
        measureDelay()
        ring.drop(AudioBlock.samples)
        return true
    }

    // MARK: -

    private mutating func makeResampler() throws(DeviceError) {
        do throws(VoiceError) {
            resampler = try Resampler(from: stream.setup.rate, to: AudioBlock.sampleRate)
        } catch {
            throw DeviceError("open", device: stream.place.name, detail: "out of memory", severity: .transient)
        }
    }

    /// Takes what the device has.
    private mutating func fetch(at now: MonotonicInstant) throws(DeviceError) {
        for _ in 0..<12 {
            let frames = stream.calls.read(stream.handle, into: &bytes, frames: stream.blockFrames)
            if frames > 0 {
                lastProgress = now
                take(frames)
                // Less than asked for: that was all.
                if frames < stream.blockFrames { return }
            } else if frames == 0 || frames == Errno.again {
                return
            } else if frames != Errno.interrupted {
                guard try stream.recover(from: frames) == .prepared else { return }
                overruns &+= 1
                isPrimed = false
                follower?.resynchronise()
                try stream.start()
                return
            }
        }
    }

    private mutating func take(_ frames: Int) {
        let count = SampleConversion.decode(
            bytes, frames: frames, format: stream.setup.format, channels: stream.setup.channels, mix: mix, into: &mono)
        if let length = resampler?.process(mono, count: count, into: &converted) {
            ring.append(converted, count: length)
        } else {
            ring.append(mono, count: count)
        }
    }

    /// Whoever asks was away for long: the past is of no use.
    private mutating func trim() {
        let excess = ring.count - target
        ring.drop(excess)
        droppedBlocks &+= (excess + AudioBlock.samples - 1) / AudioBlock.samples
        follower?.resynchronise()
    }

    private mutating func follow(at now: MonotonicInstant) {
        guard let correction = follower?.follow(fill: ring.count, at: now) else { return }
        periods &+= 1
        if periods % Self.adjustEvery == 0 { resampler?.setDrift(correction) }
    }

    private mutating func measureDelay() {
        let frames = max(0, min(stream.calls.delay(stream.handle), 1 << 22))
        delaySamples = ring.count + frames * AudioBlock.sampleRate / stream.setup.rate + (resampler?.latency ?? 0)
    }
}
