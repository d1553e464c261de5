internal import CV4L2
package import Devices
internal import Glibc
internal import HostFiles

/// The real kernel.
package struct KernelVideoCalls: VideoDeviceCalls {
    package init() {}

    package func open(_ path: String) -> Int32 { vs_v4l2_open(path) }

    package func close(_ descriptor: Int32) -> Int32 { Glibc.close(descriptor) == 0 ? 0 : -errno }

    package func queryCapability(_ descriptor: Int32, into capability: inout VideoCapability) -> Int32 {
        var answer = v4l2_capability()
        let status = vs_v4l2_query_capability(descriptor, &answer)
        guard status == 0 else { return status }
        capability.card = withUnsafeBytes(of: answer.card) { Self.text($0) }
        capability.capabilities = VideoCapability.Flags(rawValue: answer.capabilities)
        capability.deviceCapabilities = VideoCapability.Flags(rawValue: answer.device_caps)
        return 0
    }

    package func enumerateFormat(_ descriptor: Int32, index: UInt32, into format: inout FourCC) -> Int32 {
        var answer = v4l2_fmtdesc()
        answer.index = index
        answer.type = Self.capture.rawValue
        let status = vs_v4l2_enumerate_format(descriptor, &answer)
        guard status == 0 else { return status }
        format = FourCC(rawValue: answer.pixelformat)
        return 0
    }

    package func enumerateFrameSize(
        _ descriptor: Int32, format: FourCC, index: UInt32, into answer: inout FrameSizeAnswer
    ) -> Int32 {
        var size = v4l2_frmsizeenum()
        size.index = index
        size.pixel_format = format.rawValue
        let status = vs_v4l2_enumerate_frame_size(descriptor, &size)
        guard status == 0 else { return status }
        if size.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue {
            answer = .discrete(Self.size(size.discrete.width, size.discrete.height))
        } else {
            let range = size.stepwise
            answer = .range(
                SizeRange(
                    minimum: Self.size(range.min_width, range.min_height),
                    maximum: Self.size(range.max_width, range.max_height),
                    step: Self.size(range.step_width, range.step_height)))
        }
        return 0
    }

    package func enumerateFrameInterval(
        _ descriptor: Int32, format: FourCC, size: PictureSize, index: UInt32, into answer: inout FrameIntervalAnswer
    ) -> Int32 {
        var interval = v4l2_frmivalenum()
        interval.index = index
        interval.pixel_format = format.rawValue
        interval.width = UInt32(clamping: size.width)
        interval.height = UInt32(clamping: size.height)
        let status = vs_v4l2_enumerate_frame_interval(descriptor, &interval)
        guard status == 0 else { return status }
        if interval.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue {
            answer = .discrete(Self.interval(interval.discrete))
        } else {
            answer = .range(
                shortest: Self.interval(interval.stepwise.min), longest: Self.interval(interval.stepwise.max))
        }
        return 0
    }

    package func setFormat(_ descriptor: Int32, _ format: inout VideoFormat) -> Int32 {
        var request = v4l2_format()
        request.type = Self.capture.rawValue
        request.fmt.pix.width = format.width
        request.fmt.pix.height = format.height
        request.fmt.pix.pixelformat = format.format.rawValue
        request.fmt.pix.field = V4L2_FIELD_NONE.rawValue
        let status = vs_v4l2_set_format(descriptor, &request)
        guard status == 0 else { return status }
        let picture = request.fmt.pix
        format = VideoFormat(
            format: FourCC(rawValue: picture.pixelformat), width: picture.width, height: picture.height,
            bytesPerLine: picture.bytesperline)
        return 0
    }

    package func setFrameInterval(_ descriptor: Int32, _ interval: inout FrameInterval) -> Int32 {
        var request = v4l2_streamparm()
        request.type = Self.capture.rawValue
        request.parm.capture.timeperframe = v4l2_fract(
            numerator: interval.numerator, denominator: interval.denominator)
        let status = vs_v4l2_set_parameters(descriptor, &request)
        guard status == 0 else { return status }
        interval = Self.interval(request.parm.capture.timeperframe)
        return 0
    }

    package func requestBuffers(_ descriptor: Int32, count: inout UInt32) -> Int32 {
        var request = v4l2_requestbuffers()
        request.count = count
        request.type = Self.capture.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        let status = vs_v4l2_request_buffers(descriptor, &request)
        if status == 0 { count = request.count }
        return status
    }

    package func queryBuffer(_ descriptor: Int32, index: UInt32, into buffer: inout VideoBuffer) -> Int32 {
        var request = Self.buffer(index: index)
        let status = vs_v4l2_query_buffer(descriptor, &request)
        if status == 0 { buffer = Self.buffer(request) }
        return status
    }

    package func map(
        _ descriptor: Int32, length: Int, offset: UInt32, into memory: inout UnsafeMutableRawPointer?
    ) -> Int32 {
        let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(offset))
        guard mapped != MAP_FAILED else { return -errno }
        memory = mapped
        return 0
    }

    package func unmap(_ memory: UnsafeMutableRawPointer, length: Int) -> Int32 {
        munmap(memory, length) == 0 ? 0 : -errno
    }

    package func queueBuffer(_ descriptor: Int32, index: UInt32) -> Int32 {
        var request = Self.buffer(index: index)
        return vs_v4l2_queue_buffer(descriptor, &request)
    }

    package func dequeueBuffer(_ descriptor: Int32, into buffer: inout VideoBuffer) -> Int32 {
        var request = Self.buffer(index: 0)
        let status = vs_v4l2_dequeue_buffer(descriptor, &request)
        if status == 0 { buffer = Self.buffer(request) }
        return status
    }

    package func streamOn(_ descriptor: Int32) -> Int32 {
        var type = Int32(Self.capture.rawValue)
        return vs_v4l2_stream_on(descriptor, &type)
    }

    package func streamOff(_ descriptor: Int32) -> Int32 {
        var type = Int32(Self.capture.rawValue)
        return vs_v4l2_stream_off(descriptor, &type)
    }

    package func poll(_ descriptor: Int32, milliseconds: Int32, into events: inout PollEvents) -> Int32 {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let status = Glibc.poll(&entry, 1, milliseconds)
        guard status >= 0 else { return -errno }
        events = PollEvents(rawValue: entry.revents)
        return status
    }

    package func queryNextControl(_ descriptor: Int32, _ control: inout VideoControl) -> Int32 {
        var request = v4l2_queryctrl()
        request.id = control.identifier | UInt32(V4L2_CTRL_FLAG_NEXT_CTRL)
        let status = vs_v4l2_query_control(descriptor, &request)
        guard status == 0 else { return status }
        control = VideoControl(
            identifier: request.id, name: withUnsafeBytes(of: request.name) { Self.text($0) },
            minimum: request.minimum, maximum: request.maximum)
        return 0
    }

    package func setControl(_ descriptor: Int32, identifier: UInt32, value: Int32) -> Int32 {
        var request = v4l2_control(id: identifier, value: value)
        return vs_v4l2_set_control(descriptor, &request)
    }

    package func names(inDirectory path: String) -> [String] { Folder.entries(path) }

    package func line(ofFile path: String) -> String? { ByteReader.line(path) }

    package func resolvedPath(_ path: String) -> String? { Folder.resolved(path) }

    // MARK: - The kernel's structures

    private static let capture = V4L2_BUF_TYPE_VIDEO_CAPTURE

    private static func buffer(index: UInt32) -> v4l2_buffer {
        var request = v4l2_buffer()
        request.index = index
        request.type = capture.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        return request
    }

    private static func buffer(_ answer: v4l2_buffer) -> VideoBuffer {
        VideoBuffer(
            index: answer.index, bytesUsed: answer.bytesused, flags: VideoBuffer.Flags(rawValue: answer.flags),
            sequence: answer.sequence,
            timestamp: Int64(answer.timestamp.tv_sec) &* 1_000_000_000 &+ Int64(answer.timestamp.tv_usec) &* 1_000,
            length: answer.length, offset: answer.m.offset)
    }

    private static func size(_ width: UInt32, _ height: UInt32) -> PictureSize {
        // Limited so that areas of lying drivers stay far from overflowing.
        PictureSize(width: Int(min(width, 65_536)), height: Int(min(height, 65_536)))
    }

    private static func interval(_ fraction: v4l2_fract) -> FrameInterval {
        FrameInterval(numerator: fraction.numerator, denominator: fraction.denominator)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
