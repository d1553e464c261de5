package import Basis

/// The number with which the kernel refused a call.
package struct KernelError: Error, Equatable, Sendable {
    package let errno: Int32

    package init(errno: Int32) {
        self.errno = errno
    }

    /// EINVAL: also for what an adapter finds unusable.
    static let invalid = KernelError(errno: 22)

    /// EINVAL, ENOSPC, ERANGE, ENOMEM: the driver cannot do this, but perhaps something smaller. All else concerns the
    /// card.
    var isTooMuch: Bool { [22, 28, 34, 12].contains(errno) }

    /// ENOENT: no object of this id.
    var isUnknown: Bool { errno == 2 }

    /// ENXIO, ENODEV, EBADF: the card was taken out.
    var isGone: Bool { [6, 19, 9].contains(errno) }
}

/// Everything that this adapter asks of the kernel; tests answer in its place.
///
/// Descriptors, ids and names are the kernel's (drm.h, drm_mode.h). Calls that let go of something cannot fail.
package protocol DRMCalls: SendableMetatype {
    /// The present on CLOCK_MONOTONIC.
    var now: MonotonicInstant { get }

    /// The cards below `/dev/dri`, in order.
    func cardPaths() -> [String]
    func open(_ path: String) throws(KernelError) -> Int32
    func close(_ card: Int32)
    func setMaster(_ card: Int32) throws(KernelError)
    func dropMaster(_ card: Int32)
    /// Asks for atomic commits and all planes (DRM_CLIENT_CAP_ATOMIC).
    func enableAtomic(_ card: Int32) throws(KernelError)
    /// DRM_CAP_DUMB_BUFFER
    func hasDumbBuffers(_ card: Int32) throws(KernelError) -> Bool
    func driverName(_ card: Int32) throws(KernelError) -> String

    func resources(_ card: Int32) throws(KernelError) -> CardResources
    /// - Parameter probing: asks the TV again, which may take long; else what the kernel knows already.
    func connector(_ card: Int32, _ id: UInt32, probing: Bool) throws(KernelError) -> ConnectorFacts
    func encoder(_ card: Int32, _ id: UInt32) throws(KernelError) -> EncoderFacts
    func planes(_ card: Int32) throws(KernelError) -> [UInt32]
    func plane(_ card: Int32, _ id: UInt32) throws(KernelError) -> PlaneFacts
    func properties(_ card: Int32, of object: UInt32, _ kind: ObjectKind) throws(KernelError) -> [Property]
    func blob(_ card: Int32, _ id: UInt32) throws(KernelError) -> [UInt8]

    func createModeBlob(_ card: Int32, _ mode: DisplayMode) throws(KernelError) -> UInt32
    func destroyBlob(_ card: Int32, _ id: UInt32)
    func createDumbBuffer(
        _ card: Int32, width: UInt32, height: UInt32, bitsPerPixel: UInt32
    ) throws(KernelError) -> DumbBufferFacts
    func destroyDumbBuffer(_ card: Int32, handle: UInt32)
    func mapDumbBuffer(_ card: Int32, handle: UInt32, size: Int) throws(KernelError) -> UnsafeMutableRawPointer
    func unmap(_ memory: UnsafeMutableRawPointer, size: Int)
    func addFramebuffer(_ card: Int32, _ layout: FramebufferLayout) throws(KernelError) -> UInt32
    func removeFramebuffer(_ card: Int32, _ id: UInt32)

    /// - Parameter userData: comes back in the flip's event.
    func commit(
        _ card: Int32, _ request: borrowing AtomicRequest, _ flags: CommitFlags, userData: UInt64
    ) throws(KernelError)
    /// Overwrites `bytes` with waiting events; how many bytes there were.
    func read(_ card: Int32, into bytes: inout [UInt8]) throws(KernelError) -> Int
    /// Waits until one of the two is readable or `timeout` passed; nil waits for ever. Nil for `card` leaves it out.
    func poll(card: Int32?, wake: Int32, timeout: Duration?) throws(KernelError) -> PollOutcome
}

/// The ids of a card's objects.
package struct CardResources: Equatable, Sendable {
    /// In the order that `possibleCRTCs` counts in.
    package var crtcs: [UInt32]
    package var connectors: [UInt32]

    package init(crtcs: [UInt32], connectors: [UInt32]) {
        self.crtcs = crtcs
        self.connectors = connectors
    }
}

package struct ConnectorFacts: Equatable, Sendable {
    /// DRM_MODE_CONNECTOR_…
    package var type: UInt32
    /// Counts the connectors of a type, from 1.
    package var typeID: UInt32
    package var isConnected: Bool
    /// The encoder in use; 0 for none.
    package var encoder: UInt32
    package var encoders: [UInt32]
    package var modes: [DisplayMode]

    package init(
        type: UInt32, typeID: UInt32, isConnected: Bool, encoder: UInt32, encoders: [UInt32], modes: [DisplayMode]
    ) {
        self.type = type
        self.typeID = typeID
        self.isConnected = isConnected
        self.encoder = encoder
        self.encoders = encoders
        self.modes = modes
    }
}

package struct EncoderFacts: Equatable, Sendable {
    /// The CRTC in use; 0 for none.
    package var crtc: UInt32
    /// A bit for each of the card's CRTCs.
    package var possibleCRTCs: UInt32

    package init(crtc: UInt32, possibleCRTCs: UInt32) {
        self.crtc = crtc
        self.possibleCRTCs = possibleCRTCs
    }
}

package struct PlaneFacts: Equatable, Sendable {
    package var possibleCRTCs: UInt32
    package var formats: [PixelFormat]

    package init(possibleCRTCs: UInt32, formats: [PixelFormat]) {
        self.possibleCRTCs = possibleCRTCs
        self.formats = formats
    }
}

/// A property of an object with its value.
package struct Property: Equatable, Sendable {
    package var id: UInt32
    package var name: String
    package var value: UInt64
    package var isImmutable: Bool
    /// The least and the greatest value of a range; nil for other kinds.
    package var range: ClosedRange<UInt64>?

    package init(id: UInt32, name: String, value: UInt64, isImmutable: Bool = false, range: ClosedRange<UInt64>? = nil)
    {
        self.id = id
        self.name = name
        self.value = value
        self.isImmutable = isImmutable
        self.range = range
    }
}

/// DRM_MODE_OBJECT_…
package enum ObjectKind: UInt32, Sendable {
    case connector = 0xC0C0_C0C0
    case crtc = 0xCCCC_CCCC
    case plane = 0xEEEE_EEEE
}

/// A four-character code of drm_fourcc.h.
package struct PixelFormat: Hashable, Sendable {
    package var code: UInt32

    package init(code: UInt32) {
        self.code = code
    }

    /// DRM_FORMAT_XRGB8888
    package static let xrgb8888 = PixelFormat(code: 0x3432_5258)
    /// DRM_FORMAT_ARGB8888
    package static let argb8888 = PixelFormat(code: 0x3432_5241)
    /// DRM_FORMAT_NV12: a plane of Y, a plane of U and V in turn.
    package static let nv12 = PixelFormat(code: 0x3231_564E)
    /// DRM_FORMAT_YUV420: a plane each of Y, U, V.
    package static let yuv420 = PixelFormat(code: 0x3231_5559)
}

package struct DumbBufferFacts: Equatable, Sendable {
    package var handle: UInt32
    /// Bytes from one row to the next.
    package var pitch: Int
    package var size: Int

    package init(handle: UInt32, pitch: Int, size: Int) {
        self.handle = handle
        self.pitch = pitch
        self.size = size
    }
}

/// How a framebuffer lies in one dumb buffer.
package struct FramebufferLayout: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
        package var pitch: Int
        package var offset: Int
    }

    package var width: Int
    package var height: Int
    package var format: PixelFormat
    package var handle: UInt32
    /// One for each colour plane of the format, four at most.
    package var parts: [Part]
}

/// DRM_MODE_ATOMIC_… and DRM_MODE_PAGE_FLIP_EVENT
package struct CommitFlags: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let pageFlipEvent = CommitFlags(rawValue: 0x0001)
    package static let testOnly = CommitFlags(rawValue: 0x0100)
    package static let nonblock = CommitFlags(rawValue: 0x0200)
    package static let allowModeset = CommitFlags(rawValue: 0x0400)
}

package struct PollOutcome: Equatable, Sendable {
    package var isCardReadable = false
    /// The card's descriptor will never be readable again.
    package var isCardGone = false
    package var isWakeReadable = false

    package init(isCardReadable: Bool = false, isCardGone: Bool = false, isWakeReadable: Bool = false) {
        self.isCardReadable = isCardReadable
        self.isCardGone = isCardGone
        self.isWakeReadable = isWakeReadable
    }
}
