import ALSAAudio
import Basis
import DRMDisplay
import Devices
import Glibc
import LinuxHost
import MediaEngine
import Painter
import Pixels
import Scene
import V4L2Camera

/// The trials of `devices test`; each says what it finds, and whether that is good.
struct DeviceTrial {
    let devices: BoardDevices
    let isFrench: Bool

    private func say(_ french: String, _ english: String) {
        print(isFrench ? french : english)
        fflush(nil)
    }

    // MARK: Picture

    func camera(seconds: Int, save: String?) throws(DeviceError) -> Bool {
        var camera = V4L2Camera(settings: devices.camera)
        try camera.open(size: PictureSize(width: 1280, height: 720), framesPerSecond: 30)
        let pool = FramePool(capacity: 3)
        let begin = MonotonicClock.now
        var first: MonotonicInstant?
        var count = 0
        var size = PictureSize(width: 0, height: 0)
        var canvas: [UInt8]?
        var now = begin
        // The first picture of some cameras takes three seconds.
        while now - (first ?? begin) < .seconds(first == nil ? 5 : seconds) {
            if let frame = try camera.nextFrame(at: now, pool: pool) {
                size = frame.size
                count += 1
                if first == nil { first = MonotonicClock.now }
                if save != nil { canvas = Self.picture(frame) }
            }
            now = MonotonicClock.now
        }
        camera.close()
        guard let first, count > 1 else {
            say("aucune image en 5 s", "no picture in 5 s")
            return false
        }
        let rate = Double(count - 1) / (Double((now - first).wholeMilliseconds) / 1_000)
        let tenths = Int((rate * 10).rounded())
        say(
            "\(size), \(tenths / 10),\(tenths % 10) images par seconde, première image après \((first - begin).wholeMilliseconds) ms",
            "\(size), \(tenths / 10).\(tenths % 10) pictures a second, the first after \((first - begin).wholeMilliseconds) ms"
        )
        if let save, let canvas { try Self.write(canvas, to: save) }
        return true
    }

    private static func picture(_ frame: borrowing VideoFrame) -> [UInt8]? {
        var canvas = Canvas(size: frame.size)
        var scratch: [UInt8] = []
        Pixels.draw(
            frame, into: &canvas,
            at: PixelRectangle(x: 0, y: 0, width: frame.size.width, height: frame.size.height), fit: .whole,
            mirrored: false, scratch: &scratch)
        return PNGWriter.encode(canvas)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(DeviceError) {
        guard let file = fopen(path, "wb") else { throw DeviceError("open", device: path, errno: errno) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw DeviceError("write", device: path, errno: errno)
        }
    }

    func display(seconds: Int) throws(DeviceError) -> Bool {
        var display = KMSDisplay(settings: devices.display)
        try display.open()
        defer { display.close() }
        let state = display.state
        guard state.isConnected else {
            say("aucun téléviseur branché", "no TV is plugged in")
            return false
        }
        say(
            "\(state.connector) : \(state.size) à \(state.refreshRate) Hz, mire pendant \(seconds) s",
            "\(state.connector): \(state.size) at \(state.refreshRate) Hz, test card for \(seconds) s")
        var canvas = Canvas(size: state.size)
        // The eight bars of a test card, from white to black.
        let bars: [UInt32] = [
            0xFF_FFFF, 0xFF_FF00, 0x00_FFFF, 0x00_FF00, 0xFF_00FF, 0xFF_0000, 0x00_00FF, 0x00_0000,
        ]
        let whole = PixelRectangle(x: 0, y: 0, width: state.size.width, height: state.size.height)
        for (index, colour) in bars.enumerated() {
            let left = state.size.width * index / bars.count
            let right = state.size.width * (index + 1) / bars.count
            Pixels.fill(
                &canvas, in: PixelRectangle(x: left, y: 0, width: right - left, height: state.size.height),
                colour: colour)
        }
        let end = MonotonicClock.now + .seconds(seconds)
        let wake = try EventSignal()
        try display.present(canvas, damage: [whole])
        while MonotonicClock.now < end { display.wait(until: end, wakeDescriptor: wake.fileDescriptor) }
        return true
    }

    // MARK: Sound

    func microphone(seconds: Int) throws(DeviceError) -> Bool {
        var duplex = ALSADuplex(settings: devices.sound)
        try duplex.openMicrophone()
        defer { duplex.closeMicrophone() }
        var block = [Int16](repeating: 0, count: AudioBlock.samples)
        var loudest: UInt8 = 127
        var peak: UInt8 = 127
        let end = MonotonicClock.now + .seconds(seconds)
        var shown = MonotonicClock.now
        var now = shown
        while now < end {
            now = duplex.wait()
            if try duplex.read(into: &block, at: now) { peak = min(peak, AudioLevel.level(of: block.span)) }
            guard now - shown >= .milliseconds(200) else { continue }
            shown = now
            let bar = String(repeating: "#", count: max(0, (90 - Int(peak)) * 50 / 90))
            print("-\(peak) dBov \(bar)")
            fflush(nil)
            loudest = min(loudest, peak)
            peak = 127
        }
        let isHeard = loudest < 75
        if !isHeard { say("rien entendu : le micro est-il coupé ?", "nothing heard: is the microphone muted?") }
        return isHeard
    }

    func speaker(seconds: Int) throws(DeviceError) -> Bool {
        var duplex = ALSADuplex(settings: devices.sound)
        try duplex.openSpeaker()
        defer { duplex.closeSpeaker() }
        say("son de 440 Hz pendant \(seconds) s", "a tone of 440 Hz for \(seconds) s")
        var block = [Int16](repeating: 0, count: AudioBlock.samples)
        var phase = 0
        for _ in 0..<seconds * 100 {
            for index in block.indices {
                block[index] = Int16(6_000 * sin(2 * Double.pi * 440 * Double(phase + index) / 48_000))
            }
            phase = (phase + AudioBlock.samples) % 48_000
            let now = duplex.wait()
            try duplex.write(block.span, at: now)
        }
        return true
    }

    func echo() throws(DeviceError) -> Bool {
        say("un bruit pendant sept secondes…", "a noise for seven seconds…")
        var duplex = ALSADuplex(settings: devices.sound)
        guard let found = try EchoTrial.run(on: &duplex, voice: devices.voice, onProgress: { _ in true }) else {
            return false
        }
        guard let delay = found.result.delay else {
            say(
                "aucun écho trouvé : le haut-parleur est-il allumé, ou l'appareil annule-t-il tout ?",
                "no echo found: is the speaker on, or does the device cancel all of it?")
            return true
        }
        say(
            "écho après \(delay) ms ; avant annulation \(found.result.returnLoss) dB, après \(found.result.residualEcho) dB",
            "echo after \(delay) ms; before cancelling \(found.result.returnLoss) dB, after \(found.result.residualEcho) dB"
        )
        return found.result.residualEcho <= -35
    }

    // MARK: Buttons

    func buttons(seconds: Int, panel: String?) throws(DeviceError) -> Bool {
        say("appuyez sur les boutons (\(seconds) s)…", "press the buttons (\(seconds) s)…")
        if let panel, let tail = PanelTail(listen: panel) {
            return tail.printEvents(named: "button", for: .seconds(seconds)) > 0
        }
        let devices = devices
        let counter = PressCounter()
        let thread = try ControlThread(sources: { devices.makeControls(memory: nil) }) { event in
            switch event {
            case .press(let button, let press):
                counter.add()
                print("\(button)\t\(press.rawValue)")
            case .stuck(let button, let isStuck): print("\(button)\t\(isStuck ? "stuck" : "free")")
            case .muteRequested: print("mute\tspeakerphone")
            case .hookRequested(let isOffHook): print("hook\t\(isOffHook ? "off" : "on")")
            case .volumeRequested(let steps): print("volume\t\(steps)")
            case .deviceNote(let text): print("note\t\(text)")
            case .resetCountdown, .televisionPower, .hotplug, .network, .update: return
            }
            fflush(nil)
        }
        _ = sleep(UInt32(seconds))
        thread.stop()
        return counter.count > 0
    }
}
