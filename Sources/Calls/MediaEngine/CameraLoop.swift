package import Basis
package import Codecs
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
    /// For how long a better camera has to be there: at once where nobody looks, so long at most where somebody does, who
    /// sees the picture stand still for half a second.
    private static var unseenReturnDelay: Duration { .seconds(3) }
    private static var seenReturnDelay: Duration { .seconds(10) }

    private let exchange: CameraExchange
    private var camera: Source
    private let size: PictureSize
    private let framesPerSecond: Int
    private let clock: (() -> MonotonicInstant)?
    private let stillCard: (PictureSize) -> VideoFrame?
    /// The camera's own pictures.
    private let pictures = FramePool(capacity: 3)
    /// The camera's picture in the sizes that are sent, where they are not its own.
    private var large = VideoFrame(size: PictureSize(width: 0, height: 0))
    private var middle = VideoFrame(size: PictureSize(width: 0, height: 0))
    private var small = VideoFrame(size: PictureSize(width: 0, height: 0))
    /// In the slot, on the screen, and being drawn.
    private let selfViews = FramePool(capacity: 4)
    private var isOpen = false
    private var retry: MonotonicInstant?
    private var failingSince: MonotonicInstant?
    /// Since when a camera that is preferred to the open one is there.
    private var preferredSince: MonotonicInstant?
    /// When the next still card is due; nil unless the camera has failed and not given a picture since.
    private var nextCard: MonotonicInstant?
    private var lastSize: PictureSize?
    /// Low, standard, high; a single stream is the last.
    private let encoders: [LayerEncoder]
    private var planner = SendingPlanner()
    private var governor: SendingGovernor
    /// Pictures left out since the last that was sent.
    private var skipped = 0
    private var lastInstant: MonotonicInstant?
    private var statistics = CameraStatistics()
    private var nextReport = MonotonicInstant.zero

    /// - Parameters:
    ///   - size: the capture mode to wish for.
    ///   - encoding: how pictures are compressed.
    ///   - clock: tells how long compressing takes; without it the machine is taken to bear everything.
    ///   - stillCard: draws what is sent instead of the pictures of a camera that fails; without one, nothing is.
    package init(
        exchange: CameraExchange, camera: consuming Source, size: PictureSize = PictureSize(width: 1280, height: 720),
        framesPerSecond: Int = 30, encoding: EncodingOptions = EncodingOptions(temporalLayers: 3),
        clock: (() -> MonotonicInstant)? = nil, stillCard: @escaping (PictureSize) -> VideoFrame? = StillCard.draw
    ) {
        self.exchange = exchange
        self.camera = camera
        self.size = size
        self.framesPerSecond = framesPerSecond
        self.clock = clock
        encoders = (0..<3).map { _ in LayerEncoder(framesPerSecond: framesPerSecond, options: encoding) }
        governor = SendingGovernor(framesPerSecond: framesPerSecond)
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
        process(frame, at: now)
        returnToPreferred(at: now)
        return true
    }

    /// The room's first choice is taken back at a quiet moment. The stream goes on: encoders and numbers stay.
    private mutating func returnToPreferred(at now: MonotonicInstant) {
        guard camera.isPreferredPresent(at: now) else {
            preferredSince = nil
            return
        }
        let since = preferredSince ?? now
        preferredSince = since
        let isSeen = statistics.encodedSize != nil
        guard now - since >= (isSeen ? Self.seenReturnDelay : Self.unseenReturnDelay) else { return }
        preferredSince = nil
        closeCamera()
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
        for encoder in encoders { encoder.needsKeyframe = true }
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
        for encoder in encoders { encoder.restart() }
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
        planner.reset()
        stopLayers(besides: SendingPlan())
        statistics.fault = nil
        statistics.reason = nil
        _ = exchange.selfView.take()
        exchange.outgoing.removeAll()
        letGo()
    }

    /// Gives the memory of pictures back: the camera may stay off for hours.
    private mutating func letGo() {
        pictures.rest()
        selfViews.rest()
        let none = PictureSize(width: 0, height: 0)
        large = VideoFrame(size: none)
        middle = VideoFrame(size: none)
        small = VideoFrame(size: none)
    }

    // MARK: - Pictures

    /// Scales, shows and sends one picture: each size is made from the next larger one, the own picture from the smallest.
    private mutating func process(_ frame: borrowing VideoFrame, at now: MonotonicInstant) {
        let begin = clock?()
        let plan = nextPlan(for: frame.size, at: now)
        scaleDown(frame, plan)
        show(frame, plan)
        send(frame, plan, at: now)
        if let begin, let end = clock?(), plan.count > 0 { governor.note(cost: end - begin, at: now) }
        let reason = governor.reason ?? (planner.isHeldBackByLine ? .line : nil)
        if reason != statistics.reason { nextReport = now }
        statistics.reason = reason
    }

    private mutating func nextPlan(for size: PictureSize, at now: MonotonicInstant) -> SendingPlan {
        if exchange.temperature > 0 { governor.note(temperature: exchange.temperature, at: now) }
        let step = governor.step
        let plan = planner.plan(
            for: size, maxHeight: exchange.wantedHeight, isSimulcast: exchange.sendsSimulcast,
            skipsMiddle: exchange.hasOneReceiver, line: exchange.bitrateLimit, codec: exchange.codec,
            step: step, at: now)
        skipped = skipped + 1 < step.divisor ? skipped + 1 : 0
        guard step.divisor == 1 || skipped == 0 else {
            // Left out: the layers stay as they are.
            return SendingPlan()
        }
        stopLayers(besides: plan)
        return plan
    }

    private mutating func stopLayers(besides plan: SendingPlan) {
        if plan.low == nil { encoders[0].stop() }
        if plan.standard == nil { encoders[1].stop() }
        if plan.high == nil { encoders[2].stop() }
        statistics.encodedSize = plan.largest
        for layer in 0..<3 { statistics[layer: layer].size = nil }
        if let low = plan.low { note(low, layer: SendingPlan.lowLayer) }
        if let standard = plan.standard { note(standard, layer: SendingPlan.standardLayer) }
        if let high = plan.high { note(high, layer: plan.highLayer) }
    }

    private mutating func note(_ target: SendingPlan.Target, layer: Int) {
        statistics[layer: layer].size = target.size
        statistics[layer: layer].bitrate = target.bitrate
    }

    private mutating func scaleDown(_ frame: borrowing VideoFrame, _ plan: SendingPlan) {
        let isScaled = plan.high.map { $0.size != frame.size } ?? false
        if let high = plan.high, isScaled { Self.scale(frame, to: high.size, into: &large) }
        if let standard = plan.standard {
            if isScaled {
                Self.scale(large, to: standard.size, into: &middle)
            } else {
                Self.scale(frame, to: standard.size, into: &middle)
            }
        }
        guard let low = plan.low else { return }
        if plan.standard != nil {
            Self.scale(middle, to: low.size, into: &small)
        } else if isScaled {
            Self.scale(large, to: low.size, into: &small)
        } else {
            Self.scale(frame, to: low.size, into: &small)
        }
    }

    private static func scale(_ frame: borrowing VideoFrame, to size: PictureSize, into picture: inout VideoFrame) {
        if picture.size != size { picture = VideoFrame(size: size) }
        Pixels.scale(frame, into: &picture)
        picture.instant = frame.instant
    }

    private mutating func show(_ frame: borrowing VideoFrame, _ plan: SendingPlan) {
        let box = exchange.isSelfViewLarge ? Self.largeSelfViewBox : Self.selfViewBox
        guard var own = selfViews.frame(size: frame.size.fitted(in: box)) else { return }
        let isShown =
            if plan.low != nil, small.size.height >= own.size.height {
                Pixels.scale(small, into: &own)
            } else if plan.standard != nil, middle.size.height >= own.size.height {
                Pixels.scale(middle, into: &own)
            } else {
                Pixels.scale(frame, into: &own)
            }
        guard isShown else { return }
        own.instant = frame.instant
        exchange.selfView.put(own)
    }

    private mutating func sendCard(at now: MonotonicInstant) {
        guard let due = nextCard, now >= due, exchange.isOn else { return }
        nextCard = now + Self.cardSpacing
        guard var card = stillCard(lastSize ?? size) else { return }
        card.instant = now
        statistics.stillCards += 1
        process(card, at: now)
    }

    private mutating func send(_ frame: borrowing VideoFrame, _ plan: SendingPlan, at now: MonotonicInstant) {
        guard plan.count > 0 else { return }
        takeKeyframeRequests(plan)
        // Compressing for a queue that is full would break the chain of predictions for nothing.
        guard exchange.outgoing.hasRoom(forLayers: plan.count) else {
            statistics.droppedFrames += 1
            for encoder in encoders { encoder.needsKeyframe = true }
            return
        }
        // A picture may be older than the card that was sent while it was on its way; the stream's time only grows.
        let instant = lastInstant.map { max(frame.instant, $0 + .milliseconds(1)) } ?? frame.instant
        let before = statistics.encodedBytes
        if let low = plan.low {
            let outcome = encoders[0].encode(
                small, as: plan.codec, layer: SendingPlan.lowLayer, bitrate: low.bitrate, instant: instant,
                into: exchange.outgoing, at: now)
            count(outcome, layer: SendingPlan.lowLayer)
        }
        if let standard = plan.standard {
            let outcome = encoders[1].encode(
                middle, as: plan.codec, layer: SendingPlan.standardLayer, bitrate: standard.bitrate, instant: instant,
                into: exchange.outgoing, at: now)
            count(outcome, layer: SendingPlan.standardLayer)
        }
        if let high = plan.high {
            let outcome =
                if high.size == frame.size {
                    encoders[2].encode(
                        frame, as: plan.codec, layer: plan.highLayer, bitrate: high.bitrate, instant: instant,
                        into: exchange.outgoing, at: now)
                } else {
                    encoders[2].encode(
                        large, as: plan.codec, layer: plan.highLayer, bitrate: high.bitrate, instant: instant,
                        into: exchange.outgoing, at: now)
                }
            count(outcome, layer: plan.highLayer)
        }
        if statistics.encodedBytes > before {
            lastInstant = instant
            statistics.encodedFrames += 1
        } else {
            statistics.droppedFrames += 1
        }
    }

    private func takeKeyframeRequests(_ plan: SendingPlan) {
        let mask = exchange.takeKeyframeRequests()
        guard mask != 0 else { return }
        if mask & 1 << UInt8(SendingPlan.lowLayer) != 0 { encoders[0].needsKeyframe = true }
        if mask & 1 << UInt8(SendingPlan.standardLayer) != 0 { encoders[1].needsKeyframe = true }
        if mask & 1 << UInt8(plan.highLayer) != 0 { encoders[2].needsKeyframe = true }
    }

    private mutating func count(_ outcome: LayerEncoder.Outcome, layer: Int) {
        guard case .sent(let isKeyframe, let byteCount) = outcome else { return }
        statistics[layer: layer].frames += 1
        statistics.encodedBytes += byteCount
        guard isKeyframe else { return }
        statistics[layer: layer].keyframes += 1
        statistics.keyframes += 1
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
