package import Basis
package import Devices

/// An open device, with the path that messages name it by.
package struct InputNode: Hashable, Sendable {
    package var descriptor: Int32
    package var path: String

    package init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// What an evdev device reports.
package enum InputEvent: Equatable, Sendable {
    /// `value` is 1 for pressed, 0 for released, 2 for the keyboard's own repetition.
    case key(code: UInt16, value: Int32, instant: MonotonicInstant)
    /// The kernel had to drop events (SYN_DROPPED): what is held is unknown.
    case dropped
}

/// What keypads and speakerphones ask of the kernel; another implementation of it fails in tests as a kernel may.
///
/// Descriptors are never waited for.
package protocol InputCalls: SendableMetatype {
    /// Names in a directory; none when it cannot be read.
    func names(inDirectory path: String) -> [String]

    /// Where the symbolic links of `path` lead; nil when nowhere.
    func realPath(_ path: String) -> String?

    /// A small file of sysfs, at most 4096 bytes of it.
    func contents(ofFile path: String) throws(DeviceError) -> [UInt8]

    func open(_ path: String, isWritable: Bool) throws(DeviceError) -> InputNode
    func close(_ node: InputNode)

    /// EVIOCGRAB: nobody else gets the events, the console least of all.
    func grab(_ node: InputNode) throws(DeviceError)

    /// EVIOCSCLOCKID: events are stamped by the monotonic clock.
    func useMonotonicClock(_ node: InputNode) throws(DeviceError)

    /// EVIOCGBIT(EV_KEY): one bit for each key code that the device has.
    func keyBits(_ node: InputNode) throws(DeviceError) -> [UInt8]

    /// The next events of an evdev device, a few at most; none when there are none now.
    func readEvents(_ node: InputNode) throws(DeviceError) -> [InputEvent]

    /// HIDIOCGRDESC.
    func reportDescriptor(_ node: InputNode) throws(DeviceError) -> [UInt8]

    /// HIDIOCGRAWNAME.
    func hidName(_ node: InputNode) throws(DeviceError) -> String

    /// The next input report of a hidraw device; nil when there is none now.
    func readReport(_ node: InputNode) throws(DeviceError) -> [UInt8]?

    /// An output report, its number first.
    func writeReport(_ report: [UInt8], to node: InputNode) throws(DeviceError)
}

/// Numbers of asm-generic/errno-base.h that mean "later", not "broken".
enum PassingErrno {
    static let interrupted: Int32 = 4
    static let again: Int32 = 11
}
