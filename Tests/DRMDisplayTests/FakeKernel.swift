import Basis
import DRMDisplay
import Devices

/// A card and its kernel in memory: it answers, counts what is taken, refuses what a driver would, and fails on demand.
final class FakeKernel: DRMCalls {
    enum Call: CaseIterable, Sendable {
        case open, setMaster, enableAtomic, hasDumbBuffers, driverName, resources, connector, encoder, planes, plane
        case properties, blob, createModeBlob, createDumbBuffer, mapDumbBuffer, addFramebuffer, commit, read, poll
    }

    struct Buffer {
        var facts: DumbBufferFacts
        var memory: UnsafeMutableRawPointer?
    }

    struct Socket {
        var facts: ConnectorFacts
        var edid: [UInt8] = []
    }

    // What the machine has.
    var paths = ["/dev/dri/card0"]
    var driver = "fake"
    var isAtomic = true
    var hasDumb = true
    var crtcs: [UInt32] = [31, 32]
    var sockets: [UInt32: Socket] = [:]
    var encoders: [UInt32: EncoderFacts] = [:]
    var planeFacts: [UInt32: PlaneFacts] = [:]
    /// The values of each object's properties by name; those absent do not exist.
    var values: [UInt32: [String: UInt64]] = [:]
    var ranges: [String: ClosedRange<UInt64>] = [:]
    var immutable: Set<String> = ["type"]

    // What happens.
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    var isMasterElsewhere = false
    var flipsGetEvents = true
    /// The sizes of modes that the driver refuses.
    var refusedModes: Set<String> = []
    var isWakeSet = false
    var isCardGone = false
    var failing: (call: Call, number: Int, errno: Int32)?

    // What was taken and done.
    var descriptors: Set<Int32> = []
    var masters: Set<Int32> = []
    var buffers: [UInt32: Buffer] = [:]
    var framebuffers: [UInt32: FramebufferLayout] = [:]
    var blobs: [UInt32: DisplayMode] = [:]
    var counts: [Call: Int] = [:]
    var hasFailed = false
    var commits: [(flags: CommitFlags, request: AtomicRequest)] = []
    var pendingFlip: UInt64?
    var probes = 0
    /// Framebuffers that were freed while they were shown.
    var darkened = 0
    var events: [UInt8] = []
    private var last: UInt32 = 100
    var names: [String] = []

    init() {
        encoders[21] = EncoderFacts(crtc: 0, possibleCRTCs: 0b11)
        add(plane: 41, kind: 1, crtcs: 0b01, formats: [.xrgb8888])
        add(plane: 42, kind: 1, crtcs: 0b10, formats: [.xrgb8888])
        for crtc in crtcs { values[crtc] = ["ACTIVE": 0, "MODE_ID": 0] }
    }

    deinit {
        for buffer in buffers.values { buffer.memory?.deallocate() }
    }

    // MARK: Building a machine

    func add(plane: UInt32, kind: UInt64, crtcs: UInt32, formats: [PixelFormat], zpos: UInt64? = nil) {
        planeFacts[plane] = PlaneFacts(possibleCRTCs: crtcs, formats: formats)
        values[plane] = ["type": kind]
        for name in ["FB_ID", "CRTC_ID", "SRC_X", "SRC_Y", "SRC_W", "SRC_H", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H"] {
            values[plane]?[name] = 0
        }
        if let zpos { values[plane]?["zpos"] = zpos }
    }

    func plug(_ id: UInt32 = 11, type: UInt32 = 11, number: UInt32 = 1, modes: [DisplayMode], edid: [UInt8] = []) {
        sockets[id] = Socket(
            facts: ConnectorFacts(
                type: type, typeID: number, isConnected: true, encoder: 0, encoders: [21], modes: modes), edid: edid)
        if values[id] == nil { values[id] = ["CRTC_ID": 0, "link-status": 0] }
        if !edid.isEmpty { values[id]?["EDID"] = 900 + UInt64(id) }
    }

    func unplug(_ id: UInt32 = 11) {
        sockets[id]?.facts.isConnected = false
        sockets[id]?.facts.modes = []
    }

    /// Somebody else becomes master, as when the console is switched.
    func takeMasterAway() {
        isMasterElsewhere = true
        masters = []
    }

    static func mode(_ width: UInt16, _ height: UInt16, _ rate: UInt32, preferred: Bool = false, flags: UInt32 = 0)
        -> DisplayMode
    {
        var mode = DisplayMode()
        (mode.hdisplay, mode.vdisplay) = (width, height)
        (mode.htotal, mode.vtotal) = (width + 200, height + 50)
        mode.clock = (UInt32(mode.htotal) * UInt32(mode.vtotal) * rate + 500) / 1_000
        mode.flags = flags
        mode.type = preferred ? 1 << 3 : 0
        mode.name = "\(width)x\(height)"
        return mode
    }

    // MARK: Looking at it

    var nothingIsHeld: Bool {
        descriptors.isEmpty && buffers.isEmpty && framebuffers.isEmpty && blobs.isEmpty && masters.isEmpty
    }

    func count(_ call: Call) -> Int { counts[call] ?? 0 }

    /// The framebuffer that `plane` shows.
    func framebuffer(on plane: UInt32) -> FramebufferLayout? {
        guard let id = values[plane]?["FB_ID"], id != 0 else { return nil }
        return framebuffers[UInt32(id)]
    }

    /// Four bytes of the picture on `plane`, as a number; nil when it shows none.
    func pixel(_ x: Int, _ y: Int, on plane: UInt32 = 41) -> UInt32? {
        guard let layout = framebuffer(on: plane), let buffer = buffers[layout.handle], let memory = buffer.memory
        else {
            return nil
        }
        return memory.load(fromByteOffset: y * buffer.facts.pitch + x * 4, as: UInt32.self)
    }

    /// One byte of what `plane` shows, counted from the start of its buffer.
    func byte(_ offset: Int, on plane: UInt32) -> UInt8? {
        guard let layout = framebuffer(on: plane), let memory = buffers[layout.handle]?.memory else { return nil }
        return memory.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The next vertical blank: a flip under way happens, and its event can be read.
    func vblank() {
        guard let serial = pendingFlip else { return }
        pendingFlip = nil
        if flipsGetEvents { events += Self.event(type: 2, userData: serial) }
    }

    /// Time passes without anybody waiting.
    func pass(_ duration: Duration) {
        now += duration
        vblank()
    }

    static func event(type: UInt32, userData: UInt64, length: UInt32 = 32) -> [UInt8] {
        var bytes: [UInt8] = []
        withUnsafeBytes(of: type) { bytes += $0 }
        withUnsafeBytes(of: length) { bytes += $0 }
        withUnsafeBytes(of: userData) { bytes += $0 }
        return bytes + [UInt8](repeating: 0, count: 16)
    }

    // MARK: Properties

    func id(of name: String) -> UInt32 {
        if let index = names.firstIndex(of: name) { return UInt32(500 + index) }
        names.append(name)
        return UInt32(500 + names.count - 1)
    }

    func check(_ call: Call, _ card: Int32? = nil) throws(KernelError) {
        counts[call, default: 0] += 1
        if let failing, failing.call == call, failing.number == counts[call] {
            hasFailed = true
            throw KernelError(errno: failing.errno)
        }
        if let card, !descriptors.contains(card) { throw KernelError(errno: 9) }
        if isCardGone, call != .poll { throw KernelError(errno: 19) }
    }

    func next() -> UInt32 {
        last += 1
        return last
    }
}
