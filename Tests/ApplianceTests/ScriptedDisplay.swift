import Basis
import Devices

/// What a display is to answer, and what was asked of it.
final class DisplayScript {
    var state = DisplayState(
        isConnected: true, size: PictureSize(width: 640, height: 360), refreshRate: 50, connector: "Scripted-1")
    var isReady = true
    var takesVideo = false
    var openError: DeviceError?
    var refreshError: DeviceError?
    var presentError: DeviceError?

    private(set) var log: [String] = []
    private(set) var damage: [[PixelRectangle]] = []
    /// The first byte of the video shown below the canvas.
    private(set) var videos: [UInt8] = []
    private(set) var deadlines: [MonotonicInstant?] = []

    func takeLog() -> [String] {
        defer { log = [] }
        return log
    }

    func takeDamage() -> [[PixelRectangle]] {
        defer { damage = [] }
        return damage
    }

    fileprivate func note(_ entry: String, failing error: DeviceError? = nil) throws(DeviceError) {
        log.append(entry)
        if let error { throw error }
    }

    fileprivate func present(
        _ canvas: borrowing Canvas, _ areas: [PixelRectangle], video: UInt8? = nil
    ) throws(DeviceError) {
        try note("present", failing: presentError)
        damage.append(areas)
        if let video { videos.append(video) }
    }

    fileprivate func wait(until deadline: MonotonicInstant?) { deadlines.append(deadline) }
}

struct ScriptedDisplay: Display, ~Copyable {
    let script: DisplayScript

    mutating func open() throws(DeviceError) { try script.note("open", failing: script.openError) }

    mutating func close() { try? script.note("close") }

    var state: DisplayState { script.state }

    mutating func refresh(at now: MonotonicInstant, probing: Bool) throws(DeviceError) -> Bool {
        try script.note(probing ? "probe" : "refresh", failing: script.refreshError)
        return false
    }

    var isReady: Bool { script.isReady }

    mutating func wait(until deadline: MonotonicInstant?, wakeDescriptor: Int32) { script.wait(until: deadline) }

    mutating func present(_ canvas: borrowing Canvas, damage: [PixelRectangle]) throws(DeviceError) {
        try script.present(canvas, damage)
    }

    mutating func takesVideo(size: PictureSize, at target: PixelRectangle) -> Bool { script.takesVideo }

    mutating func present(
        _ canvas: borrowing Canvas, damage: [PixelRectangle], over video: borrowing VideoFrame,
        at target: PixelRectangle
    ) throws(DeviceError) {
        try script.present(canvas, damage, video: video.storage[0])
    }

    mutating func setPower(isOn: Bool) throws(DeviceError) { try script.note(isOn ? "on" : "off") }
}
