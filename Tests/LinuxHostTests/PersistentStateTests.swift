import Basis
import Devices
import Glibc
import LinuxHost
import TemporaryFiles
import Testing

@Suite struct StateLinesTests {
    @Test func whatIsWrittenIsRead() {
        let values = ["volume": "70", "tv.woken": "cec0", "name": "a=b\\n\nü", "empty": ""]
        #expect(StateLines.parse(StateLines.text(values)) == values)
        #expect(String(decoding: StateLines.text(["b": "2", "a": "1"]), as: UTF8.self) == "a=1\nb=2\n")
        #expect(StateLines.text(["Not a key": "1", "": "2"]).isEmpty)
    }

    @Test func linesThatAreNoneAreIgnored() {
        let text = "volume=3\nnonsense\n=4\nUPPER=5\n\nvolume=9\nx=\\"
        #expect(StateLines.parse(Array(text.utf8)) == ["volume": "9", "x": ""])
    }

    @Test func anyBytesAreRead() {
        var random = RandomSource(seed: 9)
        var lines = 0
        for _ in 0..<5_000 {
            var bytes = Array("volume=70\ntv.woken=cec0\nname=a\\nb\n".utf8)
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let values = StateLines.parse(bytes)
            lines += values.count
            #expect(StateLines.parse(StateLines.text(values)) == values)
            _ = StateLines.parse(random.bytes(100))
        }
        #expect(lines > 5_000)
    }
}

@Suite struct PersistentStateTests {
    @Test func survivesARestart() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/state"
        #expect(try PersistentState(path: path).load().isEmpty)
        try PersistentState(path: path).save(["volume": "70"])
        try PersistentState(path: path).save(["volume": "75", "tv.woken": "cec0"])
        #expect(try PersistentState(path: path).load() == ["volume": "75", "tv.woken": "cec0"])
        #expect(folder.names == ["state"])
        #expect(throws: DeviceError.self) { try PersistentState(path: folder.path + "/none/state").save([:]) }
        #expect(throws: DeviceError.self) {
            try PersistentState(path: path).save(["long": String(repeating: "x", count: 70_000)])
        }
        #expect(try PersistentState(path: path).load()["volume"] == "75")
    }

    @Test func aFileOfNonsenseIsReadAsFarAsItGoes() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/state"
        var bytes = Array("volume=3\n".utf8) + [0xFF, 0, 0xFE] + [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(write(file, &bytes, bytes.count) == bytes.count)
        close(file)
        #expect(try PersistentState(path: path).load() == ["volume": "3"])
    }

    enum Call: String, CaseIterable { case open, openDirectory, read, write, synchronize, rename, remove }

    /// Files in memory; a renaming is whole or not at all.
    private final class FakeDisk: StateFileCalls {
        var files: [String: [UInt8]] = [:]
        var handles: [Int32: (path: String, place: Int)] = [:]
        var fault: (call: Call, nth: Int, count: Int, errno: Int32)?
        var made: [Call: Int] = [:]
        /// The most a write takes at once.
        var portion = 3
        private var next: Int32 = 50

        private func run(_ call: Call, _ body: () -> Int32) -> Int32 {
            let count = (made[call] ?? 0) + 1
            made[call] = count
            if let fault, fault.call == call, count >= fault.nth, count - fault.nth < fault.count {
                return -fault.errno
            }
            return body()
        }

        func open(_ path: String, forWriting: Bool) -> Int32 {
            run(.open) {
                if forWriting { files[path] = [] } else if files[path] == nil { return -ENOENT }
                next += 1
                handles[next] = (path, 0)
                return next
            }
        }

        func openDirectory(_ path: String) -> Int32 {
            run(.openDirectory) {
                next += 1
                handles[next] = (path, 0)
                return next
            }
        }

        func close(_ descriptor: Int32) {
            #expect(handles.removeValue(forKey: descriptor) != nil)
        }

        func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int32 {
            run(.read) {
                guard let (path, place) = handles[descriptor], let content = files[path] else { return -EBADF }
                let part = content.dropFirst(place).prefix(bytes.count)
                bytes.replaceSubrange(0..<part.count, with: part)
                handles[descriptor] = (path, place + part.count)
                return Int32(part.count)
            }
        }

        func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int32 {
            run(.write) {
                guard let path = handles[descriptor]?.path else { return -EBADF }
                let part = bytes.prefix(portion)
                files[path, default: []] += part
                return Int32(part.count)
            }
        }

        func synchronize(_ descriptor: Int32) -> Int32 {
            run(.synchronize) { 0 }
        }

        func rename(_ old: String, to new: String) -> Int32 {
            run(.rename) {
                files[new] = files.removeValue(forKey: old)
                return 0
            }
        }

        func remove(_ path: String) -> Int32 {
            run(.remove) {
                files[path] = nil
                return 0
            }
        }
    }

    @Test(arguments: Call.allCases, [EINTR, EAGAIN, EIO, ENOSPC, EROFS, EACCES, ENOENT, EINVAL, ENODEV])
    func aFailureKeepsWhatWasSavedBefore(_ call: Call, _ number: Int32) throws {
        for nth in 1...5 {
            for count in [1, 1_000] {
                let disk = FakeDisk()
                let state = PersistentState(path: "/data/state", calls: disk)
                let before = ["volume": "70"]
                let after = ["volume": "75", "tv.woken": "cec0"]
                try state.save(before)
                disk.made = [:]
                disk.fault = (call, nth, count, number)
                var hasFailed = false
                do { try state.save(after) } catch { hasFailed = true }
                if count == 1, number == EINTR { #expect(!hasFailed) }
                let calls = disk.made.values.reduce(0, +)
                #expect(calls < 60 && disk.handles.isEmpty)
                disk.fault = nil
                let kept = try state.load()
                // All of the one or all of the other; and success means the new.
                #expect(kept == after || (hasFailed && kept == before), "\(call) \(nth)+\(count) errno \(number)")
                if call == .write, number == EIO, nth <= 5 { #expect(hasFailed && kept == before) }

                disk.made = [:]
                disk.fault = (call, nth, count, number)
                _ = try? state.load()
                #expect(disk.handles.isEmpty)
                disk.fault = nil
                try state.save(after)
                #expect(try state.load() == after && disk.files.count == 1)
            }
        }
    }

    @Test func aDiskThatTakesNothingIsFull() throws {
        let disk = FakeDisk()
        disk.portion = 0
        #expect(throws: DeviceError("write", device: "/state.new", errno: ENOSPC)) {
            try PersistentState(path: "/state", calls: disk).save(["volume": "1"])
        }
        #expect(disk.files.isEmpty && disk.handles.isEmpty)
    }
}
