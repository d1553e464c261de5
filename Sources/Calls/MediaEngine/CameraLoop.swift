package import Basis
internal import Codecs
package import Devices
internal import Pixels

/// What the camera thread does for each picture: self-view, scaling, compression. Built and called on that thread.
///
/// While the camera is wanted and gives nothing, a still card takes its place in the same stream, so that the far side does
/// not look at a frozen person.
package struct CameraLoop<Source: Camera & ~Copyable>: ~Copyable {
    private static var selfViewBox: PictureSize { PictureSize(width: 320, height: 180) }
    private static var largeSelfViewBox: PictureSize { PictureSize(width: 960, height: 540) }
    private static var retryDelay: Duration { .milliseconds(500) }
    /// Failures of an open camera that are said to pass are believed so long.
    private static var transientPatience: Duration { .seconds(2) }
    private static var cardSpacing: Duration { .milliseconds(500) }
    private static var keyframeSpacing: Duration { .milliseconds(300) }

    private let exchange: CameraExchange
    private var camera: Source
    private let size: PictureSize
    private let framesPerSecond: Int
    private let stillCard: (PictureSize) -> VideoFrame?
    /// The camera's own pictures.
    private let pictures = FramePool(capacity: 3)
    private let scaledPictures = FramePool(capacity: 2)
    /// In the slot, on the screen, and being drawn.
    private let selfViews = FramePool(capacity: 4)
    private var isOpen = false
    private var retry: MonotonicInstant?
    private var failingSince: MonotonicInstant?
    /// When the next still card is due; nil unless the camera has failed and not given a picture since.
    private var nextCard: MonotonicInstant?
    private var lastSize: PictureSize?
    private var encoder: VP8Encoder?
    private var layer = LayerChoice()
    private var bytes: [UInt8] = []
    private var needsKeyframe = true
    private var lastKeyframe: MonotonicInstant?
    private var lastInstant: MonotonicInstant?
    private var statistics = CameraStatistics()
    private var nextReport = MonotonicInstant.zero

    /// - Parameters:
    ///   - size: the capture mode to wish for.
    ///   - stillCard: draws what is sent instead of the pictures of a camera that fails; without one, nothing is.
    package init(
        exchange: CameraExchange, camera: consuming Source, size: PictureSize = PictureSize(width: 1280, height: 720),
        framesPerSecond: Int = 30, stillCard: @escaping (PictureSize) -> VideoFrame? = StillCard.draw
    ) {
        self.exchange = exchange
        self.camera = camera
        self.size = size
        self.framesPerSecond = framesPerSecond
        self.stillCard = stillCard
    }

    /// Handles one picture if there is one; false when there was none, so that the caller may wait.
    package mutating func step(at now: MonotonicInstant) -> Bool {
        defer { report(at: now) }
        guard exchange.isOn else {
            turnOff()
            return false
        }
        if let preset = exchange.takePreset() { camera.choosePreset(preset) }
        guard let frame = takePicture(at: now) else {
            sendCard(at: now)
            return false
        }
        // Turned off while the picture was awaited: nothing leaves any more.
        guard exchange.isOn else { return false }
        noteReturn(at: now)
        statistics.capturedFrames += 1
        statistics.capturedSize = frame.size
        lastSize = frame.size
        show(frame)
        send(frame, at: now)
        return true
    }

    private mutating func takePicture(at now: MonotonicInstant) -> VideoFrame? {
        guard openCamera(at: now) else { return nil }
        do throws(DeviceError) {
            return try camera.nextFrame(at: now, pool: pictures)
        } catch {
            cameraFailed(error, at: now)
            return nil
        }
    }

    // MARK: - Device

    private mutating func openCamera(at now: MonotonicInstant) -> Bool {
        guard !isOpen else { return true }
        if let retry, now < retry { return false }
        do throws(DeviceError) {
            try camera.open(size: size, framesPerSecond: framesPerSecond)
        } catch {
            cameraFailed(error, at: now)
            return false
        }
        isOpen = true
        retry = nil
        needsKeyframe = true
        return true
    }

    private mutating func cameraFailed(_ error: DeviceError, at now: MonotonicInstant) {
        statistics.fault = error
        nextReport = now
        if isOpen, error.severity == .transient {
            // One bad picture is not worth reopening the device.
            let since = failingSince ?? now
            failingSince = since
            if now - since < Self.transientPatience { return }
        }
        failingSince = nil
        retry = now + Self.retryDelay
        if nextCard == nil { nextCard = now }
        closeCamera()
    }

    /// The camera gives pictures: whatever was wrong with it is over.
    private mutating func noteReturn(at now: MonotonicInstant) {
        if statistics.fault != nil { nextReport = now }
        statistics.fault = nil
        failingSince = nil
        guard nextCard != nil else { return }
        nextCard = nil
        needsKeyframe = true
        lastKeyframe = nil
    }

    /// The stream goes on: its encoder stays.
    private mutating func closeCamera() {
        if isOpen { camera.close() }
        isOpen = false
        statistics.capturedSize = nil
    }

    private mutating func turnOff() {
        guard isOpen || retry != nil || nextCard != nil else { return }
        closeCamera()
        (retry, nextCard, failingSince, lastSize) = (nil, nil, nil, nil)
        encoder = nil
        layer = LayerChoice()
        statistics.fault = nil
        statistics.encodedSize = nil
        _ = exchange.selfView.take()
        exchange.outgoing.removeAll()
    }

    // MARK: - Pictures

    private mutating func show(_ frame: borrowing VideoFrame) {
        let box = exchange.isSelfViewLarge ? Self.largeSelfViewBox : Self.selfViewBox
        guard var small = selfViews.frame(size: frame.size.fitted(in: box)) else { return }
        guard Pixels.scale(frame, into: &small) else { return }
        small.instant = frame.instant
        exchange.selfView.put(small)
    }

    private mutating func sendCard(at now: MonotonicInstant) {
        guard let due = nextCard, now >= due, exchange.isOn else { return }
        nextCard = now + Self.cardSpacing
        guard var card = stillCard(lastSize ?? size) else { return }
        card.instant = now
        statistics.stillCards += 1
        show(card)
        send(card, at: now)
    }

    private mutating func send(_ frame: borrowing VideoFrame, at now: MonotonicInstant) {
        let chosen = layer.update(wanted: SendingLayer(maxHeight: exchange.wantedHeight), at: now)
        guard chosen != .none else {
            encoder = nil
            statistics.encodedSize = nil
            return
        }
        if exchange.takeKeyframeRequest() { needsKeyframe = true }
        let size = chosen.size(for: frame.size)
        // Compressing for a queue that is full would break the chain of predictions for nothing.
        guard !exchange.outgoing.isFull else {
            statistics.droppedFrames += 1
            needsKeyframe = true
            return
        }
        do throws(CodecError) {
            try prepareEncoder(size: size)
            if size == frame.size {
                try encode(frame, at: now)
            } else if var scaled = scaledPictures.frame(size: size), Pixels.scale(frame, into: &scaled) {
                scaled.instant = frame.instant
                try encode(scaled, at: now)
            } else {
                statistics.droppedFrames += 1
            }
        } catch {
            // A context that refused once is not trusted again: the next frame gets a new one.
            encoder = nil
            statistics.droppedFrames += 1
        }
    }

    private mutating func prepareEncoder(size: PictureSize) throws(CodecError) {
        var bitrate = SendingLayer.bitrate(forHeight: min(size.height, size.width))
        let limit = exchange.bitrateLimit
        if limit > 0 { bitrate = max(50_000, min(bitrate, limit)) }
        if encoder == nil {
            encoder = try VP8Encoder(size: size, framesPerSecond: framesPerSecond, bitrate: bitrate)
            needsKeyframe = true
            lastKeyframe = nil
        } else if encoder?.size != size {
            try encoder?.resize(to: size)
            needsKeyframe = true
            lastKeyframe = nil
        }
        try encoder?.setBitrate(bitrate)
        statistics.encodedSize = size
    }

    private mutating func encode(_ frame: borrowing VideoFrame, at now: MonotonicInstant) throws(CodecError) {
        let mayForce = lastKeyframe.map { now - $0 >= Self.keyframeSpacing } ?? true
        let isKeyframe = try encoder?.encode(frame, forceKeyframe: needsKeyframe && mayForce, into: &bytes)
        guard let isKeyframe, !bytes.isEmpty else {
            statistics.droppedFrames += 1
            return
        }
        if isKeyframe {
            needsKeyframe = false
            lastKeyframe = now
            statistics.keyframes += 1
        }
        let count = bytes.count
        // A picture may be older than the card that was sent while it was on its way; the stream's time only grows.
        let instant = lastInstant.map { max(frame.instant, $0 + .milliseconds(1)) } ?? frame.instant
        let header = EncodedFrame(isKeyframe: isKeyframe, size: frame.size, instant: instant)
        guard exchange.outgoing.push(&bytes, header: header) else {
            needsKeyframe = true
            statistics.droppedFrames += 1
            return
        }
        lastInstant = instant
        statistics.encodedFrames += 1
        statistics.encodedBytes += count
    }

    private mutating func report(at now: MonotonicInstant) {
        guard now >= nextReport else { return }
        nextReport = now + .seconds(1)
        let counters = camera.counters
        statistics.corruptFrames = counters.corruptFrames
        statistics.lostFrames = counters.lostFrames
        exchange.publish(statistics)
    }
}
