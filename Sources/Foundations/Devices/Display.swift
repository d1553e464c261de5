package import Basis

/// What a display does at the moment.
package struct DisplayState: Equatable, Sendable {
    /// Whether a TV or monitor is plugged in.
    package var isConnected: Bool
    /// The size of the picture being sent, or that would be sent.
    package var size: PictureSize
    /// Pictures a second of the mode; 0 when unknown.
    package var refreshRate: Int
    /// The connector as the kernel calls it, for instance `HDMI-A-1`; empty without a TV.
    package var connector: String
    /// Maker and name as the TV tells them, for instance `SAM LE40`; empty when it does not.
    package var name: String

    package init(
        isConnected: Bool, size: PictureSize, refreshRate: Int = 0, connector: String = "", name: String = ""
    ) {
        self.isConnected = isConnected
        self.size = size
        self.refreshRate = refreshRate
        self.connector = connector
        self.name = name
    }
}

/// The TV. Owned and called by one thread.
package protocol Display: ~Copyable, SendableMetatype {
    /// Takes the display. Without a TV it succeeds, and `state` says so.
    mutating func open() throws(DeviceError)

    /// Blanks the output and lets go of it. Closing a closed display does nothing.
    mutating func close()

    /// What is connected now.
    var state: DisplayState { get }

    /// Looks again at what is plugged in; true when `state` changed. Called after a hot-plug event and now and then.
    /// - Parameter probing: asks the TV itself, which takes long: after a hot-plug event.
    mutating func refresh(at now: MonotonicInstant, probing: Bool) throws(DeviceError) -> Bool

    /// Whether a picture presented now would be taken: the last one is on the screen.
    var isReady: Bool { get }

    /// Waits until the display becomes ready, `wakeDescriptor` is readable, or `deadline`; nil waits for ever.
    mutating func wait(until deadline: MonotonicInstant?, wakeDescriptor: Int32)

    /// Shows `canvas`, of which `damage` changed since the last one presented. Only when `isReady`; it never waits.
    mutating func present(_ canvas: borrowing Canvas, damage: [PixelRectangle]) throws(DeviceError)

    /// Whether `video` can be scanned out of a plane of its own below a canvas with alpha.
    mutating func takesVideo(size: PictureSize, at target: PixelRectangle) -> Bool

    /// Shows `video` at `target`, below `canvas`, whose bytes are premultiplied ARGB. Only after `takesVideo`.
    mutating func present(
        _ canvas: borrowing Canvas, damage: [PixelRectangle], over video: borrowing VideoFrame,
        at target: PixelRectangle
    ) throws(DeviceError)

    /// Turns the signal on or off (DPMS): a TV without a signal goes to sleep.
    mutating func setPower(isOn: Bool) throws(DeviceError)
}
