package import Basis
package import Devices

/// The camera of the simulated board, as its option names it.
package enum CameraChoice: Equatable, Sendable {
    case testCard
    case clip(String)
    case none

    /// `testcard`, `file:CLIP` or `none`.
    package init?(_ text: String) {
        switch text {
        case "testcard": self = .testCard
        case "none": self = .none
        default:
            guard text.hasPrefix("file:"), text.count > 5 else { return nil }
            self = .clip(String(text.dropFirst(5)))
        }
    }
}

package enum MicrophoneChoice: Equatable, Sendable {
    case silence
    case tone(Int)
    /// A click each second, whose age a `LatencyLog` elsewhere on this machine tells.
    case clicks
    case file(String)
    case none

    /// `silence`, `tone:HZ`, `clicks`, `file:WAV` or `none`.
    package init?(_ text: String) {
        if text == "silence" {
            self = .silence
        } else if text == "none" {
            self = .none
        } else if text == "clicks" {
            self = .clicks
        } else if text.hasPrefix("tone:"), let hertz = Int(text.dropFirst(5)), (20...20_000).contains(hertz) {
            self = .tone(hertz)
        } else if text.hasPrefix("file:"), text.count > 5 {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }
}

package enum SpeakerChoice: Equatable, Sendable {
    case none
    case file(String)

    /// `none` or `file:WAV`.
    package init?(_ text: String) {
        if text == "none" {
            self = .none
        } else if text.hasPrefix("file:"), text.count > 5 {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }
}

/// One of the cameras, chosen at start; no camera gives no picture.
package struct SimulatedCamera: Camera, ~Copyable {
    private var testCard: TestCardCamera?
    private var clip: ClipCamera?
    private let marksTime: Bool

    /// - Parameter marksTime: writes into each picture when it was taken (`TimeMark`).
    package init(_ choice: CameraChoice, marksTime: Bool = false) throws(DeviceError) {
        self.marksTime = marksTime
        switch choice {
        case .testCard: testCard = TestCardCamera()
        case .clip(let path): clip = try ClipCamera(path: path)
        case .none: break
        }
    }

    package mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError) {
        try testCard?.open(size: size, framesPerSecond: framesPerSecond)
        try clip?.open(size: size, framesPerSecond: framesPerSecond)
    }

    package mutating func close() {
        testCard?.close()
        clip?.close()
    }

    package mutating func nextFrame(at now: MonotonicInstant, pool: FramePool) throws(DeviceError) -> VideoFrame? {
        guard var frame = try picture(at: now, pool: pool) else { return nil }
        if marksTime { TimeMark.burn(TimeMark.value(at: now), into: &frame) }
        return frame
    }

    private mutating func picture(at now: MonotonicInstant, pool: FramePool) throws(DeviceError) -> VideoFrame? {
        if testCard != nil { return try testCard?.nextFrame(at: now, pool: pool) ?? nil }
        return try clip?.nextFrame(at: now, pool: pool) ?? nil
    }
}

/// One of the microphones, chosen at start; none gives nothing at all.
package struct SimulatedMicrophone: Microphone, ~Copyable {
    private var silence: SilenceMicrophone?
    private var tone: ToneMicrophone?
    private var clicks: ClickMicrophone?
    private var file: WAVMicrophone?

    package init(_ choice: MicrophoneChoice) throws(DeviceError) {
        switch choice {
        case .silence: silence = SilenceMicrophone()
        case .tone(let hertz): tone = ToneMicrophone(hertz: hertz)
        case .clicks: clicks = ClickMicrophone()
        case .file(let path): file = try WAVMicrophone(path: path)
        case .none: break
        }
    }

    package mutating func open() throws(DeviceError) {
        try silence?.open()
        try tone?.open()
        try clicks?.open()
        try file?.open()
    }

    package mutating func close() {
        silence?.close()
        tone?.close()
        clicks?.close()
        file?.close()
    }

    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        if silence != nil { return try silence?.read(into: &block, at: now) ?? false }
        if tone != nil { return try tone?.read(into: &block, at: now) ?? false }
        if clicks != nil { return try clicks?.read(into: &block, at: now) ?? false }
        return try file?.read(into: &block, at: now) ?? false
    }
}

/// One of the speakers, chosen at start.
package struct SimulatedSpeaker: Speaker, ~Copyable {
    private var file: WAVSpeaker?
    private let log: LatencyLog?
    private var listener = ClickListener()

    /// - Parameter log: told how old the clicks are that are played.
    package init(_ choice: SpeakerChoice, log: LatencyLog? = nil) throws(DeviceError) {
        self.log = log
        switch choice {
        case .file(let path): file = try WAVSpeaker(path: path)
        case .none: break
        }
    }

    package mutating func open() throws(DeviceError) { try file?.open() }

    package mutating func close() { file?.close() }

    package mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        if let log, let click = listener.hear(block, at: now) {
            log.note("sound", at: click, age: ClickListener.age(of: click))
        }
        try file?.write(block, at: now)
    }
}
