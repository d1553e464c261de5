package import Basis
internal import CDRM
internal import Glibc
internal import HostFiles

/// The calls as the kernel answers them, by libdrm.
package struct KernelDRM: DRMCalls {
    package init() {}

    package var now: MonotonicInstant {
        var time = timespec()
        // Fails only for an unknown clock or a bad pointer.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    // MARK: The card

    package func cardPaths() -> [String] { Folder.nodes("card", in: "/dev/dri").map { "/dev/dri/card\($0)" } }

    package func open(_ path: String) throws(KernelError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure }
        return descriptor
    }

    package func close(_ card: Int32) {
        _ = Glibc.close(card)
    }

    package func setMaster(_ card: Int32) throws(KernelError) {
        guard drmSetMaster(card) == 0 else { throw Self.failure }
    }

    package func dropMaster(_ card: Int32) {
        _ = drmDropMaster(card)
    }

    package func enableAtomic(_ card: Int32) throws(KernelError) {
        guard drmSetClientCap(card, UInt64(DRM_CLIENT_CAP_ATOMIC), 1) == 0 else { throw Self.failure }
    }

    package func hasDumbBuffers(_ card: Int32) throws(KernelError) -> Bool {
        var value: UInt64 = 0
        guard drmGetCap(card, UInt64(DRM_CAP_DUMB_BUFFER), &value) == 0 else { throw Self.failure }
        return value != 0
    }

    package func driverName(_ card: Int32) throws(KernelError) -> String {
        guard let version = drmGetVersion(card) else { throw Self.failure }
        defer { drmFreeVersion(version) }
        return version.pointee.name.map { String(cString: $0) } ?? ""
    }

    // MARK: Objects

    package func resources(_ card: Int32) throws(KernelError) -> CardResources {
        guard let found = drmModeGetResources(card) else { throw Self.failure }
        defer { drmModeFreeResources(found) }
        return CardResources(
            crtcs: Self.array(found.pointee.crtcs, found.pointee.count_crtcs),
            connectors: Self.array(found.pointee.connectors, found.pointee.count_connectors))
    }

    package func connector(_ card: Int32, _ id: UInt32, probing: Bool) throws(KernelError) -> ConnectorFacts {
        guard let found = probing ? drmModeGetConnector(card, id) : drmModeGetConnectorCurrent(card, id) else {
            throw Self.failure
        }
        defer { drmModeFreeConnector(found) }
        return ConnectorFacts(
            type: found.pointee.connector_type, typeID: found.pointee.connector_type_id,
            isConnected: found.pointee.connection == DRM_MODE_CONNECTED, encoder: found.pointee.encoder_id,
            encoders: Self.array(found.pointee.encoders, found.pointee.count_encoders),
            modes: Self.array(found.pointee.modes, found.pointee.count_modes).map(DisplayMode.init))
    }

    package func encoder(_ card: Int32, _ id: UInt32) throws(KernelError) -> EncoderFacts {
        guard let found = drmModeGetEncoder(card, id) else { throw Self.failure }
        defer { drmModeFreeEncoder(found) }
        return EncoderFacts(crtc: found.pointee.crtc_id, possibleCRTCs: found.pointee.possible_crtcs)
    }

    package func planes(_ card: Int32) throws(KernelError) -> [UInt32] {
        guard let found = drmModeGetPlaneResources(card) else { throw Self.failure }
        defer { drmModeFreePlaneResources(found) }
        return Self.array(found.pointee.planes, Int32(clamping: found.pointee.count_planes))
    }

    package func plane(_ card: Int32, _ id: UInt32) throws(KernelError) -> PlaneFacts {
        guard let found = drmModeGetPlane(card, id) else { throw Self.failure }
        defer { drmModeFreePlane(found) }
        return PlaneFacts(
            possibleCRTCs: found.pointee.possible_crtcs,
            formats: Self.array(found.pointee.formats, Int32(clamping: found.pointee.count_formats)).map {
                PixelFormat(code: $0)
            })
    }

    package func properties(
        _ card: Int32, of object: UInt32, _ kind: ObjectKind
    ) throws(KernelError) -> [Property] {
        guard let found = drmModeObjectGetProperties(card, object, kind.rawValue) else { throw Self.failure }
        defer { drmModeFreeObjectProperties(found) }
        let ids = Self.array(found.pointee.props, Int32(clamping: found.pointee.count_props))
        let values = Self.array(found.pointee.prop_values, Int32(clamping: found.pointee.count_props))
        var properties: [Property] = []
        for (id, value) in zip(ids, values) {
            guard let property = drmModeGetProperty(card, id) else { throw Self.failure }
            defer { drmModeFreeProperty(property) }
            let name = withUnsafeBytes(of: property.pointee.name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let limits = Self.array(property.pointee.values, property.pointee.count_values)
            let isRange = property.pointee.flags & UInt32(DRM_MODE_PROP_RANGE) != 0
            properties.append(
                Property(
                    id: id, name: name, value: value,
                    isImmutable: property.pointee.flags & UInt32(DRM_MODE_PROP_IMMUTABLE) != 0,
                    range: isRange && limits.count == 2 && limits[0] <= limits[1] ? limits[0]...limits[1] : nil))
        }
        return properties
    }

    package func blob(_ card: Int32, _ id: UInt32) throws(KernelError) -> [UInt8] {
        guard let found = drmModeGetPropertyBlob(card, id) else { throw Self.failure }
        defer { drmModeFreePropertyBlob(found) }
        guard let data = found.pointee.data else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: data, count: Int(found.pointee.length)))
    }

    // MARK: What is made and let go of

    package func createModeBlob(_ card: Int32, _ mode: DisplayMode) throws(KernelError) -> UInt32 {
        var information = mode.information
        var id: UInt32 = 0
        let status = drmModeCreatePropertyBlob(card, &information, MemoryLayout<drm_mode_modeinfo>.size, &id)
        try Self.check(-status)
        return id
    }

    package func destroyBlob(_ card: Int32, _ id: UInt32) {
        _ = drmModeDestroyPropertyBlob(card, id)
    }

    package func createDumbBuffer(
        _ card: Int32, width: UInt32, height: UInt32, bitsPerPixel: UInt32
    ) throws(KernelError) -> DumbBufferFacts {
        var handle: UInt32 = 0
        var pitch: UInt32 = 0
        var size: UInt64 = 0
        try Self.check(vs_drm_create_dumb(card, width, height, bitsPerPixel, &handle, &pitch, &size))
        return DumbBufferFacts(handle: handle, pitch: Int(pitch), size: Int(clamping: size))
    }

    package func destroyDumbBuffer(_ card: Int32, handle: UInt32) {
        _ = vs_drm_destroy_dumb(card, handle)
    }

    package func mapDumbBuffer(
        _ card: Int32, handle: UInt32, size: Int
    ) throws(KernelError) -> UnsafeMutableRawPointer {
        var offset: UInt64 = 0
        try Self.check(vs_drm_map_dumb(card, handle, &offset))
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, card, off_t(truncatingIfNeeded: offset))
        guard let memory, memory != MAP_FAILED else { throw Self.failure }
        return memory
    }

    package func unmap(_ memory: UnsafeMutableRawPointer, size: Int) {
        munmap(memory, size)
    }

    package func addFramebuffer(_ card: Int32, _ layout: FramebufferLayout) throws(KernelError) -> UInt32 {
        var handles = [UInt32](repeating: 0, count: 4)
        var pitches = handles
        var offsets = handles
        for (index, part) in layout.parts.prefix(4).enumerated() {
            handles[index] = layout.handle
            pitches[index] = UInt32(clamping: part.pitch)
            offsets[index] = UInt32(clamping: part.offset)
        }
        var id: UInt32 = 0
        let status = drmModeAddFB2(
            card, UInt32(clamping: layout.width), UInt32(clamping: layout.height), layout.format.code, handles,
            pitches, offsets, &id, 0)
        try Self.check(-status)
        return id
    }

    package func removeFramebuffer(_ card: Int32, _ id: UInt32) {
        _ = drmModeRmFB(card, id)
    }

    // MARK: Pictures

    package func commit(
        _ card: Int32, _ request: borrowing AtomicRequest, _ flags: CommitFlags, userData: UInt64
    ) throws(KernelError) {
        let status = vs_drm_atomic(
            card, flags.rawValue, UInt32(clamping: request.objects.count), request.objects, request.counts,
            request.properties, request.values, userData)
        try Self.check(status)
    }

    package func read(_ card: Int32, into bytes: inout [UInt8]) throws(KernelError) -> Int {
        let count = Glibc.read(card, &bytes, bytes.count)
        guard count >= 0 else { throw Self.failure }
        return count
    }

    package func poll(card: Int32?, wake: Int32, timeout: Duration?) throws(KernelError) -> PollOutcome {
        var entries = (
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            // A negative descriptor is passed over.
            pollfd(fd: card ?? -1, events: Int16(POLLIN), revents: 0)
        )
        // Rounded up: waking before the end would make the caller spin.
        let milliseconds = timeout.map { Int32(clamping: (max(0, $0.wholeNanoseconds) + 999_999) / 1_000_000) } ?? -1
        let count = withUnsafeMutablePointer(to: &entries) { pointer in
            pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { Glibc.poll($0, 2, milliseconds) }
        }
        guard count >= 0 else { throw Self.failure }
        let answer = Int32(entries.1.revents)
        return PollOutcome(
            isCardReadable: answer & POLLIN != 0, isCardGone: answer & (POLLERR | POLLHUP | POLLNVAL) != 0,
            isWakeReadable: entries.0.revents != 0)
    }

    // MARK: Errors and arrays of C

    /// The number of the call that has just failed; libdrm out of memory leaves none.
    private static var failure: KernelError { KernelError(errno: errno == 0 ? ENOMEM : errno) }

    /// - Parameter status: 0 or an errno, whose negative libdrm's mode functions give.
    private static func check(_ status: Int32) throws(KernelError) {
        guard status == 0 else { throw KernelError(errno: status) }
    }

    private static func array<Element>(_ start: UnsafeMutablePointer<Element>?, _ count: Int32) -> [Element] {
        guard let start, count > 0 else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }
}

extension DisplayMode {
    fileprivate init(_ information: drmModeModeInfo) {
        self.init()
        clock = information.clock
        (hdisplay, hsyncStart, hsyncEnd) = (information.hdisplay, information.hsync_start, information.hsync_end)
        (htotal, hskew) = (information.htotal, information.hskew)
        (vdisplay, vsyncStart, vsyncEnd) = (information.vdisplay, information.vsync_start, information.vsync_end)
        (vtotal, vscan) = (information.vtotal, information.vscan)
        (flags, type) = (information.flags, information.type)
        name = withUnsafeBytes(of: information.name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    fileprivate var information: drm_mode_modeinfo {
        var information = drm_mode_modeinfo()
        information.clock = clock
        (information.hdisplay, information.hsync_start, information.hsync_end) = (hdisplay, hsyncStart, hsyncEnd)
        (information.htotal, information.hskew) = (htotal, hskew)
        (information.vdisplay, information.vsync_start, information.vsync_end) = (vdisplay, vsyncStart, vsyncEnd)
        (information.vtotal, information.vscan) = (vtotal, vscan)
        information.vrefresh = UInt32(clamping: refreshRate)
        (information.flags, information.type) = (flags, type)
        withUnsafeMutableBytes(of: &information.name) { bytes in
            // The last byte stays zero.
            for (index, byte) in name.utf8.prefix(max(0, bytes.count - 1)).enumerated() { bytes[index] = byte }
        }
        return information
    }
}
