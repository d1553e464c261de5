internal import Basis
internal import Codecs
package import Devices
internal import LinuxHost
package import MediaEngine
internal import MediaSession
internal import Synchronization
package import VoiceProcessing

/// The threads that own cameras, sound devices and codecs, and what they share with the call.
///
/// Each sleeps while there is nothing for it to do: an idle box wakes nobody.
package final class MediaThreads: Sendable {
    /// After the last remote picture: by then the call is over and all of it let go.
    private static let tidyingDelay = Duration.seconds(2)

    package let audio: AudioExchange
    package let camera: CameraExchange
    package let decode: DecodeExchange
    private let audioSignal: EventSignal
    private let cameraSignal: EventSignal
    private let decodeSignal: EventSignal
    private let encoding: EncodingOptions
    private let isStopping = Atomic<Bool>(false)
    private let isCalling = Atomic<Bool>(false)
    private let threads = Mutex<[NamedThread]>([])
    private let audioPulse = ThreadPulse(name: "vs-audio")
    private let cameraPulse = ThreadPulse(name: "vs-camera")
    private let decodePulse = ThreadPulse(name: "vs-decode")

    /// The threads' signs of life.
    var pulses: [ThreadPulse] { [audioPulse, cameraPulse, decodePulse] }

    /// - Parameters:
    ///   - callWaker: wakes the call's thread when packets, frames or key frame requests wait for it.
    ///   - cameraShowsScreen: whether the camera shows the screen of a computer.
    package init(callWaker: any Waker, cameraShowsScreen: Bool = false) throws(DeviceError) {
        encoding = EncodingOptions(
            content: cameraShowsScreen ? .screen : .camera, temporalLayers: 3, processors: Processor.count)
        audioSignal = try EventSignal()
        cameraSignal = try EventSignal()
        decodeSignal = try EventSignal()
        audio = AudioExchange(outgoingWaker: callWaker)
        camera = CameraExchange(outgoingWaker: callWaker)
        decode = DecodeExchange(decodeWaker: decodeSignal, keyframeWaker: callWaker)
    }

    /// Starts the threads with the devices that `makeAudio` and `makeCamera` build on the thread that will own them.
    package func start<Duplex: AudioDuplex & ~Copyable, Picture: Camera & ~Copyable>(
        voice: VoiceSettings,
        makeAudio: @escaping @Sendable () throws(DeviceError) -> Duplex,
        makeCamera: @escaping @Sendable () throws(DeviceError) -> Picture,
        onFault: @escaping @Sendable (String) -> Void
    ) throws(DeviceError) {
        let audioThread = try NamedThread(name: "vs-audio", priority: .realTime(50)) { [self] in
            ThreadSupervision(pulse: audioPulse, signal: audioSignal).run(isStopping: { isOver }, onFailure: onFault) {
                try runAudio(makeAudio(), voice: voice)
            }
        }
        let cameraThread = try NamedThread(name: "vs-camera", priority: .nice(-3)) { [self] in
            ThreadSupervision(pulse: cameraPulse, signal: cameraSignal).run(isStopping: { isOver }, onFailure: onFault)
            {
                try runCamera(makeCamera())
            }
        }
        let decodeThread = try NamedThread(name: "vs-decode") { [self] in runDecode() }
        threads.withLock { $0 = [audioThread, cameraThread, decodeThread] }
    }

    /// Opens the sound devices and lets the audio thread run at their pace until `stopAudio`.
    package func startAudio() {
        isCalling.store(true, ordering: .releasing)
        audio.start()
        audioSignal.wake()
    }

    /// Closes them, the speaker when a sound that it plays is over.
    package func stopAudio() {
        audio.setSending(false)
        audio.stop()
        audioSignal.wake()
        isCalling.store(false, ordering: .releasing)
        decodeSignal.wake()
    }

    /// Plays a sound to the room, in a call or outside of one.
    package func play(_ sound: RoomSound) {
        audio.play(sound)
        audioSignal.wake()
    }

    /// Opens or closes the camera.
    package func setCamera(on: Bool) {
        camera.isOn = on
        cameraSignal.wake()
    }

    package func stop() {
        isStopping.store(true, ordering: .releasing)
        for signal in [audioSignal, cameraSignal, decodeSignal] { signal.wake() }
        let running = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
    }

    private var isOver: Bool { isStopping.load(ordering: .acquiring) }

    private func runAudio<Duplex: AudioDuplex & ~Copyable>(
        _ duplex: consuming Duplex, voice: VoiceSettings
    ) throws {
        var chance = RandomSource.system
        var loop = try AudioLoop(
            exchange: audio, duplex: duplex, voice: voice,
            firstTimestamp: UInt32(truncatingIfNeeded: chance.next()))
        while !isStopping.load(ordering: .acquiring) {
            // The first step carries the command that opens a device, a later one that which closes the last.
            loop.step(at: MonotonicClock.now)
            while !loop.isIdle, !isOver {
                loop.step(at: loop.wait())
                audioPulse.tick()
            }
            audioPulse.rest { _ = audioSignal.wait() }
        }
        loop.finish()
    }

    private func runCamera<Picture: Camera & ~Copyable>(_ camera: consuming Picture) throws {
        var loop = CameraLoop(
            exchange: self.camera, camera: camera, encoding: encoding, clock: { MonotonicClock.now })
        let processor = Processor()
        var nextReading = MonotonicInstant.zero
        while !isStopping.load(ordering: .acquiring) {
            if self.camera.isOn, MonotonicClock.now >= nextReading {
                nextReading = MonotonicClock.now + .seconds(5)
                self.camera.temperature = processor.temperature ?? 0
            }
            cameraPulse.tick()
            if loop.step(at: MonotonicClock.now) { continue }
            let timeout: Duration? = self.camera.isOn ? .milliseconds(4) : nil
            cameraPulse.rest { _ = cameraSignal.wait(timeout: timeout) }
        }
    }

    private func runDecode() {
        // This thread has nothing else to do before the first call.
        SecureTransport.prepare()
        var loop = DecodeLoop(exchange: decode, pool: FramePool(capacity: 80))
        // Whether what the last call left free between used memory was given back.
        var isTidy = true
        decodePulse.tick()
        defer { decodePulse.end() }
        while !isStopping.load(ordering: .acquiring) {
            decodePulse.tick()
            while loop.step() { decodePulse.tick() }
            if !loop.isIdle { isTidy = false }
            if isTidy || !loop.isIdle || isCalling.load(ordering: .acquiring) {
                decodePulse.rest { _ = decodeSignal.wait() }
            } else if !decodePulse.rest({ decodeSignal.wait(timeout: Self.tidyingDelay) }) {
                ProcessMemory.giveBack()
                isTidy = true
            }
        }
    }
}
