package import Basis
package import Devices

/// What is made of one picture of the camera: up to three sizes, each with its bits.
package struct SendingPlan {
    /// One size and its share of the line.
    package struct Target: Equatable {
        /// Of the encoded picture, in pixels.
        package var size: PictureSize
        /// In bit/s.
        package var bitrate: Int
    }

    var codec = VideoCodec.vp8
    var isSimulcast = false
    /// The largest that is sent; a single stream is this one alone, whatever its size. Nil where it is not.
    package internal(set) var high: Target?
    /// The middle layer of a simulcast; nil where it is not sent.
    package internal(set) var standard: Target?
    /// The smallest layer of a simulcast; nil where it is not sent.
    package internal(set) var low: Target?

    var count: Int { (high == nil ? 0 : 1) + (standard == nil ? 0 : 1) + (low == nil ? 0 : 1) }
    var largest: PictureSize? { (high ?? standard ?? low)?.size }

    /// The RTP layers in the order of their sizes; a single stream has one.
    static let lowLayer = 0
    static let standardLayer = 1
    var highLayer: Int { isSimulcast ? 2 : 0 }
}

/// Decides from picture to picture what is sent, by what is wanted, what the line carries and what the machine bears.
package struct SendingPlanner {
    private var wanted = LayerChoice()
    private var allocator = LayerAllocator()
    private var carried = CameraHeight()
    /// Whether the line carries less than is wanted.
    private(set) var isHeldBackByLine = false

    /// Nothing is known, nothing was wanted.
    package init() {}

    mutating func reset() { self = SendingPlanner() }

    /// What is made of the next picture.
    /// - Parameters:
    ///   - camera: the picture's size.
    ///   - maxHeight: what the others want, as `CameraExchange.wantedHeight`.
    ///   - isSimulcast: whether it goes out in up to three sizes at once.
    ///   - skipsMiddle: whether the middle one is left out where the high one is sent.
    ///   - line: in bit/s; 0 for any.
    ///   - step: what the machine bears.
    package mutating func plan(
        for camera: PictureSize, maxHeight: Int, isSimulcast: Bool, skipsMiddle: Bool, line: Int,
        codec: VideoCodec = .vp8, step: SendingStep, at now: MonotonicInstant
    ) -> SendingPlan {
        var plan = SendingPlan()
        plan.codec = codec
        // VP9 goes out in one size, on the first layer.
        let isSimulcast = isSimulcast && codec == .vp8
        plan.isSimulcast = isSimulcast
        isHeldBackByLine = false
        let top = wanted.update(wanted: SendingLayer(maxHeight: maxHeight), at: now)
        guard top != .none else { return plan }
        if isSimulcast {
            planLayers(&plan, camera, min(top, step.top), skipsMiddle: skipsMiddle, line: line, step, at: now)
        } else {
            let height =
                line > 0 ? carried.update(bitsPerSecond: line, codec: codec, at: now) : SendingLayer.high.rawValue
            isHeldBackByLine = height < top.rawValue
            let size = camera.fitted(height: min(top.rawValue, height, step.height))
            var bitrate = SendingLayer.bitrate(forHeight: min(size.height, size.width), codec: codec)
            if line > 0 { bitrate = max(50_000, min(bitrate, line)) }
            plan.high = .init(size: size, bitrate: bitrate)
        }
        return plan
    }

    private mutating func planLayers(
        _ plan: inout SendingPlan, _ camera: PictureSize, _ top: SendingLayer, skipsMiddle: Bool, line: Int,
        _ step: SendingStep, at now: MonotonicInstant
    ) {
        let high = camera.fitted(height: min(SendingLayer.high.rawValue, step.height))
        let standard = SendingLayer.standard.size(for: camera)
        let low = SendingLayer.low.size(for: camera)
        // A small camera has no larger layers to give.
        let available: SendingLayer =
            high.height > standard.height ? .high : standard.height > low.height ? .standard : .low
        let share = min(1, Double(high.height * high.height) / Double(720 * 720))
        let budget = allocator.update(
            top: min(top, available), skipsMiddle: skipsMiddle, line: line,
            most: max(SendingLayer.standard.bitrate, Int(share * Double(SendingLayer.high.bitrate))), at: now)
        isHeldBackByLine = allocator.carried < min(top, available)
        plan.low = .init(size: low, bitrate: budget.low)
        if budget.standard > 0 { plan.standard = .init(size: standard, bitrate: budget.standard) }
        if budget.high > 0 { plan.high = .init(size: high, bitrate: budget.high) }
    }
}
