import Devices
import Glibc
import V4L2Camera

/// The calls that `FakeKernel` counts and can make fail.
enum KernelCall: CaseIterable {
    case open, close, queryCapability, enumerateFormat, enumerateFrameSize, enumerateFrameInterval, setFormat
    case setFrameInterval, requestBuffers, queryBuffer, map, unmap, queueBuffer, dequeueBuffer, streamOn, streamOff
    case poll, queryNextControl, setControl
}

/// One picture as a driver puts it into a buffer.
struct FakePicture {
    var bytes: [UInt8]
    /// What the driver claims; the truth unless given.
    var claimedBytes: UInt32?
    var flags: VideoBuffer.Flags = .timestampMonotonic
    var sequence: UInt32?
    var timestamp: Int64 = 0
}

/// A video node of the fake kernel.
struct FakeNode {
    struct Format {
        var code: FourCC
        var sizes: [FrameSizeAnswer]
        var intervals: [FrameIntervalAnswer]
    }

    var capability = VideoCapability(
        card: "Fake", capabilities: [.videoCapture, .streaming, .deviceCapabilities],
        deviceCapabilities: [.videoCapture, .streaming])
    var formats: [Format] = []
    var controls: [VideoControl] = []
    /// What VIDIOC_S_FMT makes of a request.
    var answer: (VideoFormat) -> VideoFormat = { $0 }
    /// What VIDIOC_REQBUFS makes of a request.
    var bufferCount: (UInt32) -> UInt32 = { $0 }
    var bufferLength: Int = 1280 * 720 * 2

    /// A webcam with one format, size and rate.
    init(_ code: FourCC = .yuyv, _ width: Int = 64, _ height: Int = 32, framesPerSecond: UInt32 = 30) {
        formats = [
            Format(
                code: code, sizes: [.discrete(PictureSize(width: width, height: height))],
                intervals: [.discrete(FrameInterval(numerator: 1, denominator: framesPerSecond))])
        ]
        bufferLength = max(64, width * height * 4)
    }

    init(formats: [Format]) {
        self.formats = formats
    }
}

/// A kernel with video nodes and sysfs that does what a test says. For one thread.
final class FakeKernel: VideoDeviceCalls {
    private struct Session {
        let path: String
        var format = VideoFormat(format: .yuyv, width: 0, height: 0)
        var interval = FrameInterval(numerator: 1, denominator: 5)
        var buffers: [(offset: UInt32, memory: UnsafeMutableRawPointer?)] = []
        var queued: [UInt32] = []
        var done: [VideoBuffer] = []
        var isStreaming = false
        var pictures = 0
    }

    var nodes: [String: FakeNode] = [:]
    /// Files of sysfs and the targets of links.
    var files: [String: String] = [:]
    var links: [String: String] = [:]
    /// The number-th picture of a stream; nil when the camera stalls.
    var picture: (Int, VideoFormat) -> FakePicture? = { _, _ in nil }
    /// Pictures that become ready in one wait.
    var picturesPerWait = 1
    var pollEvents: PollEvents = .readable
    /// Which calls fail: the call's kind, how many of its kind succeed before, the error number, and how often.
    var failure: (call: KernelCall, after: Int, number: Int32, times: Int)?
    private(set) var counts: [KernelCall: Int] = [:]
    private(set) var interval: FrameInterval?
    private(set) var format: VideoFormat?
    private(set) var opened: [String] = []
    private(set) var set: [UInt32: Int32] = [:]
    private(set) var mostReady = 0
    private var sessions: [Int32: Session] = [:]
    private var mappings: [UnsafeMutableRawPointer: (base: UnsafeMutableRawPointer, pages: Int)] = [:]
    private var lastDescriptor: Int32 = 1_000

    var openDescriptors: Int { sessions.count }
    var mappedBuffers: Int { mappings.count }
    var isStreaming: Bool { sessions.values.contains { $0.isStreaming } }
    var totalCalls: Int { counts.values.reduce(0, +) }
    /// Buffers that the driver holds for pictures to come.
    var queuedBuffers: Int { sessions.values.reduce(0) { $0 + $1.queued.count } }
    /// Buffers of any state.
    var allocatedBuffers: Int { sessions.values.reduce(0) { $0 + $1.buffers.count } }

    /// Adds a node with its entry in sysfs; `usb` is the folder of its USB device.
    func add(
        _ node: FakeNode, number: Int, name: String = "Fake",
        usb: (path: String, vendor: String, product: String, serial: String?)? = nil
    ) {
        nodes["/dev/video\(number)"] = node
        let entry = "/sys/class/video4linux/video\(number)"
        files["\(entry)/name"] = name
        guard let usb else {
            links["\(entry)/device"] = "/sys/devices/platform/fake.\(number)"
            return
        }
        let folder = "/sys/devices/pci0000:00/usb1/\(usb.path)"
        links["\(entry)/device"] = "\(folder)/\(usb.path):1.0"
        files["\(folder)/idVendor"] = usb.vendor
        files["\(folder)/idProduct"] = usb.product
        files["\(folder)/serial"] = usb.serial
    }

    /// Pulls the plug: the node goes, and what is open fails as the real kernel's does.
    func remove(number: Int) {
        nodes["/dev/video\(number)"] = nil
        files = files.filter { !$0.key.hasPrefix("/sys/class/video4linux/video\(number)/") }
        links = links.filter { !$0.key.hasPrefix("/sys/class/video4linux/video\(number)/") }
    }

    // MARK: - Calls

    private func enter(_ call: KernelCall) -> Int32 {
        let count = counts[call, default: 0]
        counts[call] = count + 1
        guard let failure, failure.call == call, count >= failure.after, count < failure.after + failure.times else {
            return 0
        }
        return -failure.number
    }

    private func node(_ descriptor: Int32, _ call: KernelCall) -> (node: FakeNode?, status: Int32) {
        let status = enter(call)
        guard status == 0 else { return (nil, status) }
        guard let session = sessions[descriptor] else { return (nil, -EBADF) }
        guard let node = nodes[session.path] else { return (nil, -ENODEV) }
        return (node, 0)
    }

    func open(_ path: String) -> Int32 {
        let status = enter(.open)
        guard status == 0 else { return status }
        guard nodes[path] != nil else { return -ENOENT }
        opened.append(path)
        lastDescriptor += 1
        sessions[lastDescriptor] = Session(path: path)
        return lastDescriptor
    }

    func close(_ descriptor: Int32) -> Int32 {
        let status = enter(.close)
        // The descriptor is gone whatever close(2) answers.
        return sessions.removeValue(forKey: descriptor) == nil ? -EBADF : status
    }

    func queryCapability(_ descriptor: Int32, into capability: inout VideoCapability) -> Int32 {
        let (node, status) = node(descriptor, .queryCapability)
        if let node { capability = node.capability }
        return status
    }

    func enumerateFormat(_ descriptor: Int32, index: UInt32, into format: inout FourCC) -> Int32 {
        let (node, status) = node(descriptor, .enumerateFormat)
        guard let node else { return status }
        guard index < node.formats.count else { return -EINVAL }
        format = node.formats[Int(index)].code
        return 0
    }

    func enumerateFrameSize(
        _ descriptor: Int32, format: FourCC, index: UInt32, into answer: inout FrameSizeAnswer
    ) -> Int32 {
        let (node, status) = node(descriptor, .enumerateFrameSize)
        guard let node else { return status }
        guard let known = node.formats.first(where: { $0.code == format }), index < known.sizes.count else {
            return -EINVAL
        }
        answer = known.sizes[Int(index)]
        return 0
    }

    func enumerateFrameInterval(
        _ descriptor: Int32, format: FourCC, size: PictureSize, index: UInt32, into answer: inout FrameIntervalAnswer
    ) -> Int32 {
        let (node, status) = node(descriptor, .enumerateFrameInterval)
        guard let node else { return status }
        guard let known = node.formats.first(where: { $0.code == format }), index < known.intervals.count else {
            return -EINVAL
        }
        answer = known.intervals[Int(index)]
        return 0
    }

    func setFormat(_ descriptor: Int32, _ format: inout VideoFormat) -> Int32 {
        let (node, status) = node(descriptor, .setFormat)
        guard let node else { return status }
        guard sessions[descriptor]?.buffers.isEmpty == true else { return -EBUSY }
        format = node.answer(format)
        sessions[descriptor]?.format = format
        self.format = format
        return 0
    }

    func setFrameInterval(_ descriptor: Int32, _ interval: inout FrameInterval) -> Int32 {
        let (node, status) = node(descriptor, .setFrameInterval)
        guard node != nil else { return status }
        sessions[descriptor]?.interval = interval
        self.interval = interval
        return 0
    }

    func requestBuffers(_ descriptor: Int32, count: inout UInt32) -> Int32 {
        if count == 0, sessions[descriptor] != nil {
            // The kernel frees them even for a device that is gone.
            sessions[descriptor]?.buffers = []
            sessions[descriptor]?.queued = []
            return enter(.requestBuffers)
        }
        let (node, status) = node(descriptor, .requestBuffers)
        guard let node else { return status }
        count = node.bufferCount(count)
        sessions[descriptor]?.buffers = (0..<min(count, 64)).map { ($0 << 12, nil) }
        return 0
    }

    func queryBuffer(_ descriptor: Int32, index: UInt32, into buffer: inout VideoBuffer) -> Int32 {
        let (node, status) = node(descriptor, .queryBuffer)
        guard let node else { return status }
        buffer = VideoBuffer(index: index, length: UInt32(clamping: node.bufferLength), offset: index << 12)
        return 0
    }

    /// The memory ends where a page begins that nobody may touch.
    func map(_ descriptor: Int32, length: Int, offset: UInt32, into memory: inout UnsafeMutableRawPointer?) -> Int32 {
        let (node, status) = node(descriptor, .map)
        guard node != nil else { return status }
        let pages = (length + 4_095) / 4_096 + 1
        guard
            let base = mmap(nil, pages * 4_096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            base != MAP_FAILED
        else { return -ENOMEM }
        mprotect(base + (pages - 1) * 4_096, 4_096, PROT_NONE)
        let start = base + (pages - 1) * 4_096 - length
        mappings[start] = (base, pages)
        if let index = sessions[descriptor]?.buffers.firstIndex(where: { $0.offset == offset }) {
            sessions[descriptor]?.buffers[index].memory = start
        }
        memory = start
        return 0
    }

    func unmap(_ memory: UnsafeMutableRawPointer, length: Int) -> Int32 {
        let status = enter(.unmap)
        guard let mapping = mappings.removeValue(forKey: memory) else { return -EINVAL }
        munmap(mapping.base, mapping.pages * 4_096)
        return status
    }

    func queueBuffer(_ descriptor: Int32, index: UInt32) -> Int32 {
        let (node, status) = node(descriptor, .queueBuffer)
        guard node != nil else { return status }
        guard let session = sessions[descriptor], index < session.buffers.count, !session.queued.contains(index) else {
            return -EINVAL
        }
        sessions[descriptor]?.queued.append(index)
        return 0
    }

    func dequeueBuffer(_ descriptor: Int32, into buffer: inout VideoBuffer) -> Int32 {
        let (node, status) = node(descriptor, .dequeueBuffer)
        guard node != nil else { return status }
        guard sessions[descriptor]?.isStreaming == true else { return -EINVAL }
        guard let done = sessions[descriptor]?.done, !done.isEmpty else { return -EAGAIN }
        buffer = done[0]
        sessions[descriptor]?.done.removeFirst()
        return 0
    }

    func streamOn(_ descriptor: Int32) -> Int32 {
        let (node, status) = node(descriptor, .streamOn)
        guard node != nil else { return status }
        sessions[descriptor]?.isStreaming = true
        return 0
    }

    func streamOff(_ descriptor: Int32) -> Int32 {
        sessions[descriptor]?.isStreaming = false
        return node(descriptor, .streamOff).status
    }

    func poll(_ descriptor: Int32, milliseconds: Int32, into events: inout PollEvents) -> Int32 {
        let status = enter(.poll)
        guard status == 0 else { return status }
        guard let session = sessions[descriptor], nodes[session.path] != nil else {
            events = [.error, .hangUp]
            return 1
        }
        for _ in 0..<picturesPerWait { takePicture(descriptor) }
        mostReady = max(mostReady, sessions[descriptor]?.done.count ?? 0)
        guard sessions[descriptor]?.done.isEmpty == false || pollEvents != .readable else { return 0 }
        events = pollEvents
        return 1
    }

    private func takePicture(_ descriptor: Int32) {
        guard var session = sessions[descriptor], session.isStreaming, !session.queued.isEmpty else { return }
        let number = session.pictures
        guard let picture = picture(number, session.format) else { return }
        let index = session.queued.removeFirst()
        session.pictures += 1
        if let memory = session.buffers[Int(index)].memory {
            let room = nodes[session.path]?.bufferLength ?? 0
            picture.bytes.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { memory.copyMemory(from: base, byteCount: min(room, bytes.count)) }
            }
        }
        session.done.append(
            VideoBuffer(
                index: index, bytesUsed: picture.claimedBytes ?? UInt32(picture.bytes.count), flags: picture.flags,
                sequence: picture.sequence ?? UInt32(number), timestamp: picture.timestamp))
        sessions[descriptor] = session
    }

    func queryNextControl(_ descriptor: Int32, _ control: inout VideoControl) -> Int32 {
        let (node, status) = node(descriptor, .queryNextControl)
        guard let node else { return status }
        guard let next = node.controls.first(where: { $0.identifier > control.identifier }) else { return -EINVAL }
        control = next
        return 0
    }

    func setControl(_ descriptor: Int32, identifier: UInt32, value: Int32) -> Int32 {
        let (node, status) = node(descriptor, .setControl)
        guard node != nil else { return status }
        set[identifier] = value
        return 0
    }

    func names(inDirectory path: String) -> [String] {
        let parts = files.keys.filter { $0.hasPrefix(path + "/") }.compactMap {
            $0.dropFirst(path.count + 1).split(separator: "/").first.map(String.init)
        }
        // As a real folder: in no order.
        return Set(parts).sorted(by: >)
    }

    func line(ofFile path: String) -> String? { files[path] }

    func resolvedPath(_ path: String) -> String? { links[path] ?? (nodes[path] != nil ? path : nil) }
}
