internal import Devices
internal import Glibc

/// An open video node: what it is and what it offers.
struct VideoNode<Calls: VideoDeviceCalls>: ~Copyable {
    // Bounds for drivers that never say "no more".
    private static var mostFormats: UInt32 { 64 }
    private static var mostSizes: UInt32 { 128 }
    private static var mostIntervals: UInt32 { 64 }
    private static var mostOffers: Int { 512 }

    let calls: Calls
    let path: String
    let descriptor: Int32

    init(calls: Calls, path: String) throws(DeviceError) {
        let descriptor = calls.retrying { calls.open(path) }
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: -descriptor) }
        self.calls = calls
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        // close(2) is not made again after EINTR: on Linux the descriptor is gone by then.
        _ = calls.close(descriptor)
    }

    /// Throws the kernel's error unless `status` is a success.
    func check(_ operation: String, _ status: Int32) throws(DeviceError) {
        guard status < 0 else { return }
        throw DeviceError(operation, device: path, errno: -status)
    }

    func capability() throws(DeviceError) -> VideoCapability {
        var capability = VideoCapability()
        try check("query", calls.retrying { calls.queryCapability(descriptor, into: &capability) })
        return capability
    }

    /// Everything that this node can do; sizes of a range are those near `wish`.
    func offers(near wish: PictureSize) throws(DeviceError) -> [CaptureOffer] {
        var offers: [CaptureOffer] = []
        for index in 0..<Self.mostFormats {
            var format = FourCC(rawValue: 0)
            let status = calls.retrying { calls.enumerateFormat(descriptor, index: index, into: &format) }
            guard try !isEnd(status, "list formats") else { break }
            for size in try sizes(of: format, near: wish) {
                guard offers.count < Self.mostOffers else { return offers }
                offers.append(
                    CaptureOffer(format: format, size: size, intervals: try intervals(of: format, size: size)))
            }
        }
        return offers
    }

    private func sizes(of format: FourCC, near wish: PictureSize) throws(DeviceError) -> [PictureSize] {
        var sizes: [PictureSize] = []
        for index in 0..<Self.mostSizes {
            var answer = FrameSizeAnswer.discrete(wish)
            let status = calls.retrying {
                calls.enumerateFrameSize(descriptor, format: format, index: index, into: &answer)
            }
            guard try !isEnd(status, "list sizes") else { break }
            switch answer {
            case .discrete(let size): sizes.append(size)
            // The only answer then; the driver repeats it for every index.
            case .range(let range): return sizes + range.candidates(for: wish)
            }
        }
        // A driver that lists none takes what it can near the wish.
        return sizes.isEmpty ? [wish] : sizes
    }

    private func intervals(of format: FourCC, size: PictureSize) throws(DeviceError) -> FrameIntervals {
        var list: [FrameInterval] = []
        for index in 0..<Self.mostIntervals {
            var answer = FrameIntervalAnswer.discrete(FrameInterval(numerator: 0, denominator: 0))
            let status = calls.retrying {
                calls.enumerateFrameInterval(descriptor, format: format, size: size, index: index, into: &answer)
            }
            guard try !isEnd(status, "list rates") else { break }
            switch answer {
            case .discrete(let interval): list.append(interval)
            case .range(let shortest, let longest): return .range(shortest: shortest, longest: longest)
            }
        }
        return list.isEmpty ? .unknown : .discrete(list)
    }

    /// Whether a list ends here; ENOTTY is a driver that has no such list.
    private func isEnd(_ status: Int32, _ operation: String) throws(DeviceError) -> Bool {
        if status == -EINVAL || status == -ENOTTY || status == -ENODATA { return true }
        try check(operation, status)
        return false
    }
}
