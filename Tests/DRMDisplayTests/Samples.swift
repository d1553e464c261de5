import Basis
import DRMDisplay
import Devices

/// The display under test; expectations cannot look into what is not copyable.
final class Subject {
    private let kernel: FakeKernel
    private var display: KMSDisplay<FakeKernel>

    init(_ kernel: FakeKernel, _ settings: DisplaySettings = DisplaySettings()) {
        self.kernel = kernel
        display = KMSDisplay(settings: settings, calls: kernel)
    }

    var state: DisplayState { display.state }
    var isReady: Bool { display.isReady }
    var lostFlips: Int { display.lostFlips }

    func open() throws(DeviceError) { try display.open() }
    func close() { display.close() }
    func setPower(isOn: Bool) throws(DeviceError) { try display.setPower(isOn: isOn) }

    @discardableResult
    func refresh() throws(DeviceError) -> Bool { try display.refresh(at: kernel.now, probing: false) }

    /// Asks again, as after a hot-plug event.
    @discardableResult
    func look() throws(DeviceError) -> Bool { try display.refresh(at: kernel.now, probing: true) }

    func wait(until deadline: MonotonicInstant? = nil) { display.wait(until: deadline, wakeDescriptor: 3) }

    func present(_ canvas: borrowing Canvas, damage: [PixelRectangle]) throws(DeviceError) {
        try display.present(canvas, damage: damage)
    }

    /// Presents a canvas of one colour and waits until it is seen.
    func show(_ colour: UInt32) throws(DeviceError) {
        try display.present(Samples.canvas(state.size, colour: colour), damage: Samples.whole(state.size))
        wait(until: kernel.now + .seconds(1))
    }

    func takesVideo(size: PictureSize, at target: PixelRectangle) -> Bool {
        display.takesVideo(size: size, at: target)
    }

    func present(
        _ canvas: borrowing Canvas, over video: borrowing VideoFrame, at target: PixelRectangle
    ) throws(DeviceError) {
        try display.present(canvas, damage: Samples.whole(state.size), over: video, at: target)
    }
}

enum Samples {
    /// A 4K TV as they are sold: its own mode first.
    static let televisionModes = [
        FakeKernel.mode(3840, 2160, 60, preferred: true), FakeKernel.mode(3840, 2160, 30),
        FakeKernel.mode(1920, 1080, 60, flags: 1 << 4), FakeKernel.mode(1920, 1080, 50),
        FakeKernel.mode(1920, 1080, 60), FakeKernel.mode(1280, 720, 60),
    ]

    /// A small TV, so that tests copy little.
    static let smallModes = [FakeKernel.mode(640, 360, 60, preferred: true)]

    static func read(_ bytes: [UInt8]) -> EDID? { EDID(bytes.span) }

    static func canvas(_ size: PictureSize, colour: UInt32) -> Canvas {
        var canvas = Canvas(size: size)
        canvas.bytes.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: UInt32.self).update(repeating: colour)
        }
        return canvas
    }

    static func fill(_ canvas: inout Canvas, _ area: PixelRectangle, colour: UInt32) {
        for y in area.y..<area.y + area.height {
            for x in area.x..<area.x + area.width {
                for byte in 0..<4 {
                    canvas.bytes[y * canvas.stride + x * 4 + byte] = UInt8(
                        truncatingIfNeeded: colour >> UInt32(8 * byte))
                }
            }
        }
    }

    static func whole(_ size: PictureSize) -> [PixelRectangle] {
        [PixelRectangle(x: 0, y: 0, width: size.width, height: size.height)]
    }

    /// An EDID base block with a right checksum.
    static func edid(
        maker: String = "SAM", name: String = "LE40", serial: String = "ABC123", width: Int = 886, height: Int = 498
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00]
        let letters = maker.utf8.map { UInt16($0 - 64) }
        let packed = letters.reduce(UInt16(0)) { $0 << 5 | $1 }
        bytes += [UInt8(packed >> 8), UInt8(packed & 0xFF), 0x34, 0x12, 1, 1, 1, 1, 20, 30, 1, 3, 0x80]
        bytes += [UInt8(width / 10), UInt8(height / 10)]
        bytes += [UInt8](repeating: 0, count: 54 - bytes.count)
        var timing = [UInt8](repeating: 0, count: 18)
        (timing[0], timing[1]) = (0x02, 0x3A)
        (timing[12], timing[13]) = (UInt8(width & 0xFF), UInt8(height & 0xFF))
        timing[14] = UInt8(width >> 8) << 4 | UInt8(height >> 8)
        bytes += timing
        bytes += descriptor(0xFC, name) + descriptor(0xFF, serial) + descriptor(0x10, "")
        bytes += [0]
        let sum = bytes.reduce(UInt8(0)) { $0 &+ $1 }
        return bytes + [0 &- sum]
    }

    static func descriptor(_ tag: UInt8, _ text: String) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, tag, 0] + Array(text.utf8.prefix(13))
        if bytes.count < 18 { bytes.append(0x0A) }
        return bytes + [UInt8](repeating: 0x20, count: 18 - bytes.count)
    }
}
