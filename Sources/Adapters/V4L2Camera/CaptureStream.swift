internal import Basis
internal import Devices
internal import Glibc

/// What one look at the camera brought.
enum Reception: ~Copyable {
    case picture(VideoFrame)
    /// Something came that is no picture.
    case corrupt
    /// A picture came and the pool had no buffer for it.
    case noRoom
    case nothing
}

/// A node that streams through memory-mapped buffers. Dropping it stops the capture and frees everything.
struct CaptureStream<Calls: VideoDeviceCalls>: ~Copyable {
    private struct MappedBuffer {
        let memory: UnsafeMutableRawPointer
        let length: Int
    }

    private static var bufferCount: UInt32 { 4 }
    /// Drivers may raise the number of buffers.
    private static var mostBuffers: UInt32 { 32 }
    /// A picture of 4096x4096 in four bytes per pixel has a quarter of that.
    private static var mostBufferBytes: UInt32 { 1 << 28 }
    /// Modes to be tried while the bus has no room for them.
    private static var mostAttempts: Int { 8 }
    /// A time stamp further from the present than this is none.
    private static var oldestStamp: Duration { .seconds(1) }

    private let node: VideoNode<Calls>
    private var buffers: [MappedBuffer] = []
    private var hasBuffers = false
    private var isStreaming = false
    private var converter: PictureConverter?
    private var lastSequence: UInt32?
    /// How long a wait for the next picture lasts.
    private var patience: Int32 = 33

    init(node: consuming VideoNode<Calls>) {
        self.node = node
    }

    deinit {
        release()
    }

    var path: String { node.path }

    /// Sets controls while pictures come.
    borrowing func apply(_ controls: [CameraSettings.Control]) {
        CameraControls.apply(controls, to: node)
    }

    /// Starts the first of `modes` that the bus has room for.
    mutating func start(_ modes: [CaptureMode]) throws(DeviceError) {
        var refusal = DeviceError(
            "set format", device: path, detail: "none of its formats can be used", severity: .permanent)
        for mode in modes.prefix(Self.mostAttempts) {
            do throws(DeviceError) {
                return try start(mode)
            } catch {
                release()
                reset()
                // Other devices on the same USB bus have taken the bandwidth: a smaller mode may fit.
                guard error.errno == ENOSPC else { throw error }
                refusal = error
            }
        }
        throw refusal
    }

    private mutating func start(_ mode: CaptureMode) throws(DeviceError) {
        let (calls, descriptor) = (node.calls, node.descriptor)
        var format = VideoFormat(
            format: mode.format, width: UInt32(clamping: mode.size.width), height: UInt32(clamping: mode.size.height))
        try node.check("set format", calls.retrying { calls.setFormat(descriptor, &format) })
        converter = PictureConverter(format: format)
        guard converter != nil else {
            throw DeviceError(
                "set format", device: path,
                detail: "it answers \(mode.format) \(mode.size) with \(format.format) \(format.width)x\(format.height)",
                severity: .permanent)
        }
        // Always, although it may be the present rate: some drivers stream at a rate of their own before. Drivers with
        // one rate only refuse.
        var interval = mode.interval
        if calls.retrying({ calls.setFrameInterval(descriptor, &interval) }) != 0 { interval = mode.interval }
        let milliseconds = (interval.duration ?? .milliseconds(33)).wholeMilliseconds
        patience = Int32(min(max(5, milliseconds + 1), 100))
        try makeBuffers()
        try node.check("start", calls.retrying { calls.streamOn(descriptor) })
        isStreaming = true
    }

    private mutating func makeBuffers() throws(DeviceError) {
        let (calls, descriptor) = (node.calls, node.descriptor)
        var count = Self.bufferCount
        try node.check("get buffers", calls.retrying { calls.requestBuffers(descriptor, count: &count) })
        hasBuffers = true
        guard (2...Self.mostBuffers).contains(count) else {
            throw DeviceError("get buffers", device: path, errno: ENOMEM, detail: "it has \(count) buffers")
        }
        for index in 0..<count {
            var buffer = VideoBuffer()
            try node.check(
                "get buffers", calls.retrying { calls.queryBuffer(descriptor, index: index, into: &buffer) })
            guard (1...Self.mostBufferBytes).contains(buffer.length) else {
                throw DeviceError(
                    "get buffers", device: path, detail: "a buffer of \(buffer.length) bytes", severity: .permanent)
            }
            var memory: UnsafeMutableRawPointer?
            let length = Int(buffer.length)
            try node.check(
                "map",
                calls.retrying { calls.map(descriptor, length: length, offset: buffer.offset, into: &memory) })
            guard let memory else { throw DeviceError("map", device: path, errno: ENOMEM) }
            buffers.append(MappedBuffer(memory: memory, length: length))
        }
        for index in 0..<count { try queue(index) }
    }

    private borrowing func release() {
        let (calls, descriptor) = (node.calls, node.descriptor)
        // Errors mean that the device is gone, and its buffers with it.
        if isStreaming { _ = calls.retrying { calls.streamOff(descriptor) } }
        for buffer in buffers { _ = calls.unmap(buffer.memory, length: buffer.length) }
        guard hasBuffers else { return }
        var none: UInt32 = 0
        _ = calls.retrying { calls.requestBuffers(descriptor, count: &none) }
    }

    private mutating func reset() {
        buffers = []
        (hasBuffers, isStreaming) = (false, false)
        converter = nil
    }

    // MARK: - Pictures

    /// The newest picture, after a wait of about one frame interval at most.
    mutating func receive(
        at now: MonotonicInstant, pool: FramePool, counters: inout CaptureCounters
    ) throws(DeviceError) -> Reception {
        guard try isReady() else { return .nothing }
        var isCorrupt = false
        guard let newest = try dequeueNewest(counters: &counters, isCorrupt: &isCorrupt) else {
            return isCorrupt ? .corrupt : .nothing
        }
        let conversion = convert(newest, pool: pool)
        // At once: the camera needs all of its buffers to keep its rate.
        try queue(newest.index)
        switch consume conversion {
        case .picture(var frame):
            frame.instant = instant(of: newest, now: now)
            return .picture(frame)
        case .corrupt:
            counters.corruptFrames += 1
            return .corrupt
        case .noRoom:
            counters.lostFrames += 1
            return .noRoom
        }
    }

    private func isReady() throws(DeviceError) -> Bool {
        var events: PollEvents = []
        let status = node.calls.poll(node.descriptor, milliseconds: patience, into: &events)
        if status < 0 {
            if status == -EINTR || status == -EAGAIN || status == -ENOMEM { return false }
            throw lost(-status)
        }
        guard status > 0 else { return false }
        // What poll tells of a node whose device is gone.
        guard events.isDisjoint(with: [.error, .hangUp, .invalid]) else { throw lost(ENODEV) }
        return events.contains(.readable)
    }

    /// Takes all that is ready and gives everything but the last back.
    private mutating func dequeueNewest(
        counters: inout CaptureCounters, isCorrupt: inout Bool
    ) throws(DeviceError) -> VideoBuffer? {
        let (calls, descriptor) = (node.calls, node.descriptor)
        var newest: VideoBuffer?
        for _ in 0..<buffers.count {
            var buffer = VideoBuffer()
            let status = calls.retrying { calls.dequeueBuffer(descriptor, into: &buffer) }
            if status == -EAGAIN || status == -EINTR { break }
            // The picture is lost, the stream is not; if that goes on it is a stall.
            if status == -EIO {
                counters.corruptFrames += 1
                isCorrupt = true
                break
            }
            guard status >= 0 else { throw lost(-status) }
            guard Int(buffer.index) < buffers.count else { throw lost(EINVAL) }
            countGap(before: buffer.sequence, counters: &counters)
            if buffer.flags.contains(.error) || buffer.bytesUsed == 0 {
                counters.corruptFrames += 1
                isCorrupt = true
                try queue(buffer.index)
                continue
            }
            if let older = newest {
                counters.lostFrames += 1
                try queue(older.index)
            }
            newest = buffer
        }
        return newest
    }

    private mutating func convert(_ buffer: VideoBuffer, pool: FramePool) -> Conversion {
        let mapped = buffers[Int(buffer.index)]
        // What lies behind the mapping is not the camera's, whatever it says.
        let count = min(Int(buffer.bytesUsed), mapped.length)
        let bytes = UnsafeMutableBufferPointer(
            start: mapped.memory.assumingMemoryBound(to: UInt8.self), count: count)
        return converter?.convert(bytes, pool: pool) ?? .corrupt
    }

    private func queue(_ index: UInt32) throws(DeviceError) {
        let (calls, descriptor) = (node.calls, node.descriptor)
        let status = calls.retrying { calls.queueBuffer(descriptor, index: index) }
        if status < 0 { throw isStreaming ? lost(-status) : DeviceError("queue", device: path, errno: -status) }
    }

    /// Numbers that the driver skipped are pictures that it dropped. Drivers that do not number make no such steps.
    private mutating func countGap(before sequence: UInt32, counters: inout CaptureCounters) {
        if let lastSequence {
            let missing = sequence &- lastSequence &- 1
            if missing < 1_000 { counters.lostFrames += Int(missing) }
        }
        lastSequence = sequence
    }

    private func instant(of buffer: VideoBuffer, now: MonotonicInstant) -> MonotonicInstant {
        guard buffer.flags.intersection(.timestampMask) == .timestampMonotonic else { return now }
        let stamp = MonotonicInstant(nanoseconds: buffer.timestamp)
        return now - Self.oldestStamp <= stamp && stamp <= now + Self.oldestStamp ? stamp : now
    }

    /// Whatever stops a stream that ran, opening the device anew is the cure.
    private func lost(_ number: Int32) -> DeviceError {
        DeviceError("capture", device: path, errno: number, severity: .absent)
    }
}
