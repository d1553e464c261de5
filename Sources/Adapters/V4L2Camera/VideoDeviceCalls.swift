package import Devices
internal import Glibc

/// The calls that capture makes into the kernel. All return 0 or a descriptor, or minus the error number; names are
/// those of the ioctl (linux/videodev2.h). What they fill in is the driver's word, to be checked by the caller.
package protocol VideoDeviceCalls: SendableMetatype {
    /// Opens a node for capture, without blocking.
    func open(_ path: String) -> Int32
    func close(_ descriptor: Int32) -> Int32
    /// VIDIOC_QUERYCAP.
    func queryCapability(_ descriptor: Int32, into capability: inout VideoCapability) -> Int32
    /// VIDIOC_ENUM_FMT, for capture.
    func enumerateFormat(_ descriptor: Int32, index: UInt32, into format: inout FourCC) -> Int32
    /// VIDIOC_ENUM_FRAMESIZES.
    func enumerateFrameSize(
        _ descriptor: Int32, format: FourCC, index: UInt32, into answer: inout FrameSizeAnswer
    ) -> Int32
    /// VIDIOC_ENUM_FRAMEINTERVALS.
    func enumerateFrameInterval(
        _ descriptor: Int32, format: FourCC, size: PictureSize, index: UInt32, into answer: inout FrameIntervalAnswer
    ) -> Int32
    /// VIDIOC_S_FMT; the driver answers in `format` what it made of it.
    func setFormat(_ descriptor: Int32, _ format: inout VideoFormat) -> Int32
    /// VIDIOC_S_PARM; the driver answers in `interval` what it made of it.
    func setFrameInterval(_ descriptor: Int32, _ interval: inout FrameInterval) -> Int32
    /// VIDIOC_REQBUFS of memory-mapped buffers; the driver answers how many there are. 0 frees them.
    func requestBuffers(_ descriptor: Int32, count: inout UInt32) -> Int32
    /// VIDIOC_QUERYBUF.
    func queryBuffer(_ descriptor: Int32, index: UInt32, into buffer: inout VideoBuffer) -> Int32
    /// mmap(2), for reading and writing, shared.
    func map(
        _ descriptor: Int32, length: Int, offset: UInt32, into memory: inout UnsafeMutableRawPointer?
    ) -> Int32
    /// munmap(2).
    func unmap(_ memory: UnsafeMutableRawPointer, length: Int) -> Int32
    /// VIDIOC_QBUF.
    func queueBuffer(_ descriptor: Int32, index: UInt32) -> Int32
    /// VIDIOC_DQBUF.
    func dequeueBuffer(_ descriptor: Int32, into buffer: inout VideoBuffer) -> Int32
    /// VIDIOC_STREAMON.
    func streamOn(_ descriptor: Int32) -> Int32
    /// VIDIOC_STREAMOFF.
    func streamOff(_ descriptor: Int32) -> Int32
    /// poll(2) for a picture: the number of ready descriptors; `events` are what poll reports.
    func poll(_ descriptor: Int32, milliseconds: Int32, into events: inout PollEvents) -> Int32
    /// VIDIOC_QUERYCTRL of the control after the one with `control.identifier` (V4L2_CTRL_FLAG_NEXT_CTRL).
    func queryNextControl(_ descriptor: Int32, _ control: inout VideoControl) -> Int32
    /// VIDIOC_S_CTRL.
    func setControl(_ descriptor: Int32, identifier: UInt32, value: Int32) -> Int32

    /// The names in a folder of sysfs; empty when it cannot be read.
    func names(inDirectory path: String) -> [String]
    /// The first line of a file of sysfs; nil when it cannot be read.
    func line(ofFile path: String) -> String?
    /// realpath(3); nil when there is no such file.
    func resolvedPath(_ path: String) -> String?
}

extension VideoDeviceCalls {
    /// Makes a call again that a signal interrupted, a bounded number of times.
    func retrying(_ call: () -> Int32) -> Int32 {
        var status = call()
        for _ in 0..<8 where status == -EINTR { status = call() }
        return status
    }
}

/// `struct v4l2_capability`.
package struct VideoCapability: Equatable, Sendable {
    /// Bits `V4L2_CAP_…`.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        package static let videoCapture = Flags(rawValue: 0x0000_0001)
        package static let memoryToMemoryPlanes = Flags(rawValue: 0x0000_4000)
        package static let memoryToMemory = Flags(rawValue: 0x0000_8000)
        package static let streaming = Flags(rawValue: 0x0400_0000)
        package static let deviceCapabilities = Flags(rawValue: 0x8000_0000)
    }

    /// The name on the box, as the driver tells it.
    package var card: String
    /// Of the whole device, all of its nodes.
    package var capabilities: Flags
    /// Of this node, where `capabilities` has `deviceCapabilities`.
    package var deviceCapabilities: Flags

    package init(card: String = "", capabilities: Flags = [], deviceCapabilities: Flags = []) {
        self.card = card
        self.capabilities = capabilities
        self.deviceCapabilities = deviceCapabilities
    }

    /// Whether this very node gives pictures of its own through buffers in one plane.
    package var isCamera: Bool {
        let flags = capabilities.contains(.deviceCapabilities) ? deviceCapabilities : capabilities
        return flags.isSuperset(of: [.videoCapture, .streaming])
            && flags.isDisjoint(with: [.memoryToMemory, .memoryToMemoryPlanes])
    }
}

/// `struct v4l2_frmsizeenum`.
package enum FrameSizeAnswer: Equatable, Sendable {
    case discrete(PictureSize)
    case range(SizeRange)
}

/// `struct v4l2_frmivalenum`.
package enum FrameIntervalAnswer: Equatable, Sendable {
    case discrete(FrameInterval)
    case range(shortest: FrameInterval, longest: FrameInterval)
}

/// `struct v4l2_pix_format`, the part that matters.
package struct VideoFormat: Equatable, Sendable {
    package var format: FourCC
    package var width: UInt32
    package var height: UInt32
    /// Bytes from one row to the next in the first plane; 0 for compressed formats.
    package var bytesPerLine: UInt32

    package init(format: FourCC, width: UInt32, height: UInt32, bytesPerLine: UInt32 = 0) {
        self.format = format
        self.width = width
        self.height = height
        self.bytesPerLine = bytesPerLine
    }
}

/// `struct v4l2_buffer`, the part that matters.
package struct VideoBuffer: Equatable, Sendable {
    /// Bits `V4L2_BUF_FLAG_…`.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        package static let error = Flags(rawValue: 0x0000_0040)
        package static let timestampMask = Flags(rawValue: 0x0000_E000)
        package static let timestampMonotonic = Flags(rawValue: 0x0000_2000)
    }

    package var index: UInt32
    package var bytesUsed: UInt32
    package var flags: Flags
    package var sequence: UInt32
    /// The moment of capture, in nanoseconds of the clock that `flags` tell.
    package var timestamp: Int64
    /// Of the whole buffer, in bytes.
    package var length: UInt32
    /// What mmap takes for it.
    package var offset: UInt32

    package init(
        index: UInt32 = 0, bytesUsed: UInt32 = 0, flags: Flags = [], sequence: UInt32 = 0, timestamp: Int64 = 0,
        length: UInt32 = 0, offset: UInt32 = 0
    ) {
        self.index = index
        self.bytesUsed = bytesUsed
        self.flags = flags
        self.sequence = sequence
        self.timestamp = timestamp
        self.length = length
        self.offset = offset
    }
}

/// Bits of `struct pollfd`.
package struct PollEvents: OptionSet, Sendable {
    package let rawValue: Int16

    package init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    package static let readable = PollEvents(rawValue: 0x01)
    package static let error = PollEvents(rawValue: 0x08)
    package static let hangUp = PollEvents(rawValue: 0x10)
    package static let invalid = PollEvents(rawValue: 0x20)
}

/// `struct v4l2_queryctrl`, the part that matters.
package struct VideoControl: Equatable, Sendable {
    package var identifier: UInt32
    package var name: String
    package var minimum: Int32
    package var maximum: Int32

    package init(identifier: UInt32, name: String = "", minimum: Int32 = 0, maximum: Int32 = 0) {
        self.identifier = identifier
        self.name = name
        self.minimum = minimum
        self.maximum = maximum
    }
}
