package import Basis
internal import CALSA
internal import Glibc
internal import HostFiles

/// The real thing.
package struct KernelSound: SoundCalls {
    package init() {
        vs_alsa_silence_errors()
    }

    // MARK: Clock

    package func now() -> MonotonicInstant {
        var time = timespec()
        // Fails only for an unknown clock or a bad pointer.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package func sleep(until instant: MonotonicInstant) {
        let nanoseconds = max(0, instant.nanoseconds)
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        // TIMER_ABSTIME; a signal must not shorten the wait.
        while clock_nanosleep(CLOCK_MONOTONIC, 1, &time, nil) == EINTR {}
    }

    // MARK: Files

    package func entries(of directory: String) -> [String] { Folder.entries(directory) }

    package func text(of path: String) -> String? {
        // 64 KiB are far more than any of these files has.
        guard var bytes = try? ByteReader.read(path, limit: 65_536) else { return nil }
        while bytes.last == 0x0A { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    package func target(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = buffer.withUnsafeMutableBytes { bytes -> Int in
            guard let start = bytes.baseAddress else { return -1 }
            return readlink(path, start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return count > 0 ? String(decoding: buffer[0..<count], as: UTF8.self) : nil
    }

    // MARK: PCM

    private func pcm(_ handle: Int) -> OpaquePointer? { OpaquePointer(bitPattern: handle) }

    package func open(_ name: String, _ direction: SoundDirection) -> Int {
        var pointer: OpaquePointer?
        let code = vs_alsa_open(name, direction == .capture ? 1 : 0, &pointer)
        guard code >= 0, let pointer else { return code < 0 ? Int(code) : -Int(ENODEV) }
        return Int(bitPattern: pointer)
    }

    package func close(_ handle: Int) {
        guard let pcm = pcm(handle) else { return }
        snd_pcm_close(pcm)
    }

    package func abilities(_ handle: Int, into abilities: inout PCMAbilities) -> Int {
        let candidates = SoundRate.usable.map { UInt32($0) }
        var (formats, rates, fewest, most): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        let code = vs_alsa_abilities(
            pcm(handle), candidates, UInt32(candidates.count), &formats, &rates, &fewest, &most)
        guard code >= 0 else { return Int(code) }
        let least = Int(min(fewest, 64))
        abilities = PCMAbilities(
            formats: Set(SampleFormat.allCases.filter { formats & 1 << UInt32($0.rawValue) != 0 }),
            rates: Set(SoundRate.usable.indices.filter { rates & 1 << UInt32($0) != 0 }.map { SoundRate.usable[$0] }),
            // Plug-ins say "any number" by very large ones.
            channels: least...max(least, Int(min(most, 64))))
        return 0
    }

    package func setHardware(_ handle: Int, _ setup: inout PCMSetup) -> Int {
        var (period, buffer) = (UInt(max(1, setup.period)), UInt(max(1, setup.buffer)))
        let code = vs_alsa_set_hardware(
            pcm(handle), UInt32(setup.format.rawValue), UInt32(clamping: setup.channels), UInt32(clamping: setup.rate),
            &period, &buffer)
        guard code >= 0 else { return Int(code) }
        setup.period = Int(clamping: period)
        setup.buffer = Int(clamping: buffer)
        return 0
    }

    package func setSoftware(_ handle: Int, wake: Int, buffer: Int) -> Int {
        Int(vs_alsa_set_software(pcm(handle), UInt(max(1, wake)), UInt(max(1, buffer))))
    }

    package func prepare(_ handle: Int) -> Int { Int(snd_pcm_prepare(pcm(handle))) }

    package func start(_ handle: Int) -> Int { Int(snd_pcm_start(pcm(handle))) }

    package func resume(_ handle: Int) -> Int { Int(snd_pcm_resume(pcm(handle))) }

    package func wait(_ handle: Int, milliseconds: Int) -> Int {
        Int(snd_pcm_wait(pcm(handle), Int32(clamping: milliseconds)))
    }

    package func read(_ handle: Int, into bytes: inout [UInt8], frames: Int) -> Int {
        let pcm = pcm(handle)
        return bytes.withUnsafeMutableBytes { Int(snd_pcm_readi(pcm, $0.baseAddress, UInt(max(0, frames)))) }
    }

    package func write(_ handle: Int, _ bytes: [UInt8], frames: Int) -> Int {
        let pcm = pcm(handle)
        return bytes.withUnsafeBytes { Int(snd_pcm_writei(pcm, $0.baseAddress, UInt(max(0, frames)))) }
    }

    package func delay(_ handle: Int) -> Int {
        var frames = 0
        let code = snd_pcm_delay(pcm(handle), &frames)
        // Below zero while a stream runs dry: no error.
        return code < 0 ? Int(code) : max(0, frames)
    }

    // MARK: Mixer

    package func mixerElements(card: Int, _ direction: SoundDirection) -> [MixerElement] {
        var list = [vs_alsa_mixer_element](repeating: vs_alsa_mixer_element(), count: 32)
        let count = vs_alsa_mixer_list("hw:\(card)", direction == .capture ? 1 : 0, &list, Int32(list.count))
        return list.prefix(Int(max(0, count))).map { element in
            let name = withUnsafeBytes(of: element.name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            return MixerElement(
                name: name, index: Int(element.index), raw: element.raw_min...max(element.raw_min, element.raw_max),
                decibels: element.has_db != 0 ? element.db_min...max(element.db_min, element.db_max) : nil)
        }
    }

    package func setMixer(
        card: Int, _ element: MixerElement, _ direction: SoundDirection, _ value: MixerValue, isOn: Bool
    ) -> Int {
        let (isDecibels, number) =
            switch value {
            case .raw(let raw): (Int32(0), raw)
            case .decibels(let hundredths): (Int32(1), hundredths)
            }
        return Int(
            vs_alsa_mixer_set(
                "hw:\(card)", element.name, UInt32(clamping: element.index), direction == .capture ? 1 : 0, isDecibels,
                number, isOn ? 1 : 0))
    }
}
