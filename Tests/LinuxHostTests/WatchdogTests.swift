import Devices
import Glibc
import LinuxHost
import Testing

@Suite struct WatchdogTests {
    enum Call: String, CaseIterable { case open, write, keepAlive, setTimeout, timeout }

    private final class FakeBoard: WatchdogCalls {
        var fault: (call: Call, count: Int, errno: Int32)?
        var failing: [Call: Int32] = [:]
        var opened = 0
        var closed = 0
        var written: [UInt8] = []
        var fed = 0
        var longest: Int32 = 60
        var calls = 0

        private func run(_ call: Call, _ body: () -> Int32) -> Int32 {
            calls += 1
            if let number = failing[call] { return -number }
            if let fault, fault.call == call, fault.count > 0 {
                self.fault?.count -= 1
                return -fault.errno
            }
            return body()
        }

        func open(_ path: String) -> Int32 {
            run(.open) {
                opened += 1
                return 20
            }
        }

        func close(_ descriptor: Int32) { closed += 1 }

        func write(_ descriptor: Int32, _ byte: UInt8) -> Int32 {
            run(.write) {
                written.append(byte)
                return 1
            }
        }

        func keepAlive(_ descriptor: Int32) -> Int32 {
            run(.keepAlive) {
                fed += 1
                return 0
            }
        }

        func setTimeout(_ descriptor: Int32, _ seconds: inout Int32) -> Int32 {
            run(.setTimeout) {
                seconds = min(seconds, longest)
                return 0
            }
        }

        func timeout(_ descriptor: Int32, _ seconds: inout Int32) -> Int32 {
            run(.timeout) {
                seconds = longest
                return 0
            }
        }
    }

    @Test func itIsArmedFedAndDisarmed() throws {
        let board = FakeBoard()
        var watchdog = Watchdog(calls: board)
        #expect(try watchdog.open(timeout: .seconds(15)) == .seconds(15))
        #expect(try watchdog.open(timeout: .seconds(600)) == .seconds(60))
        try watchdog.feed()
        try watchdog.feed()
        #expect(board.opened == 1 && board.fed == 2 && board.written.isEmpty)
        try watchdog.close()
        try watchdog.close()
        let isOpen = watchdog.isOpen
        #expect(board.written == [UInt8(ascii: "V")] && board.closed == 1 && !isOpen)
        #expect(throws: DeviceError.self) { try watchdog.feed() }
    }

    @Test func droppedItStaysArmedAndLeaksNothing() throws {
        let board = FakeBoard()
        for _ in 0..<50 {
            var watchdog = Watchdog(calls: board)
            _ = try watchdog.open(timeout: .seconds(10))
        }
        #expect(board.opened == 50 && board.closed == 50 && board.written.isEmpty)
    }

    @Test func aFixedTimeoutIsTaken() throws {
        let board = FakeBoard()
        board.failing = [.setTimeout: EOPNOTSUPP]
        var watchdog = Watchdog(calls: board)
        #expect(try watchdog.open(timeout: .seconds(10)) == .seconds(60))
        board.failing = [.setTimeout: EINVAL, .timeout: EOPNOTSUPP]
        #expect(try watchdog.open(timeout: .seconds(10)) == nil)
        let isOpen = watchdog.isOpen
        #expect(isOpen)
        // A driver that is fed by bytes.
        board.failing = [.keepAlive: EOPNOTSUPP]
        try watchdog.feed()
        #expect(board.written == [0])
        try watchdog.close()
    }

    @Test(
        arguments: Call.allCases,
        [EINTR, EAGAIN, EIO, ENODEV, ENXIO, EBUSY, EINVAL, EACCES, ENOENT, ENOTTY, EOPNOTSUPP])
    func everyCallMayFail(_ call: Call, _ number: Int32) throws {
        for count in [1, 100] {
            let board = FakeBoard()
            board.fault = (call, count, number)
            var watchdog = Watchdog(calls: board)
            var failures: [DeviceError] = []
            do { _ = try watchdog.open(timeout: .seconds(10)) } catch { failures.append(error) }
            do { try watchdog.feed() } catch { failures.append(error) }
            do { try watchdog.close() } catch { failures.append(error) }
            let isOpen = watchdog.isOpen
            #expect(board.opened == board.closed && !isOpen)
            #expect(board.calls < 20)
            #expect(failures.allSatisfy { $0.device == "/dev/watchdog" })
            if count == 1, number == EINTR { #expect(failures.isEmpty) }
            if call == .keepAlive, ![EINTR, ENOTTY, EOPNOTSUPP].contains(number) {
                #expect(failures.first?.errno == number)
            }
            // And once the trouble is over:
            board.fault = nil
            #expect(try watchdog.open(timeout: .seconds(10)) == .seconds(10))
            try watchdog.feed()
            try watchdog.close()
            #expect(board.opened == board.closed && board.fed >= 1)
        }
    }

    @Test func aBoardWithoutOneSaysSo() {
        var watchdog = Watchdog(path: "/nonexistent/watchdog")
        #expect(throws: DeviceError("open", device: "/nonexistent/watchdog", errno: ENOENT)) {
            _ = try watchdog.open(timeout: .seconds(10))
        }
    }
}
