import Basis
import Devices
import Glibc
import LinuxHost
import TemporaryFiles
import Testing

@Suite struct UpdateMonitorTests {
    private final class FakeFolder: UpdateCalls {
        var opening: Int32?
        var news: [Int32] = []
        var text: String?
        var open: Set<Int32> = []
        private var opened: Int32 = 0

        func open(folder: String) -> Int32 {
            #expect(folder == "/run/box")
            if let opening { return -opening }
            opened += 1
            open.insert(opened)
            return opened
        }

        func close(_ descriptor: Int32) { #expect(open.remove(descriptor) != nil) }

        func receive(_ descriptor: Int32) -> Int32 {
            guard open.contains(descriptor) else { return -EBADF }
            return news.isEmpty ? -EAGAIN : news.removeFirst()
        }

        func read(_ path: String) -> String? {
            #expect(path == "/run/box/updating")
            return text
        }
    }

    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    private func told(_ monitor: UpdateMonitor<FakeFolder>, at now: MonotonicInstant) -> [ControlEvent] {
        var events: [ControlEvent] = []
        monitor.process(at: now) { events.append($0) }
        return events
    }

    @Test func theFileTellsWhetherAndHowFar() {
        let calls = FakeFolder()
        let monitor = UpdateMonitor(path: "/run/box/updating", calls: calls)
        #expect(told(monitor, at: .zero).isEmpty && monitor.descriptors == [1] && monitor.deadline == nil)
        let texts: [(String, Int?)] = [
            ("0\n", 0), ("64", 64), ("7 %", 7), ("", nil), ("50", 50), ("101", nil), ("100", 100), ("half", nil),
        ]
        for (text, percent) in texts {
            calls.text = text
            calls.news = [16, -EINTR, 16]
            #expect(told(monitor, at: second(1)) == [.update(.running(percent: percent))], "\(text)")
        }
        calls.text = nil
        calls.news = [16]
        #expect(told(monitor, at: second(2)) == [.update(.none)])
        #expect(told(monitor, at: second(3)).isEmpty && calls.open.count == 1)
        monitor.close()
        #expect(calls.open.isEmpty && monitor.descriptors.isEmpty && told(monitor, at: second(4)).isEmpty)
    }

    @Test(arguments: [ENOENT, EMFILE, ENOSPC, EACCES]) func aFolderThatIsNotThereIsLookedForAgain(number: Int32) {
        let calls = FakeFolder()
        calls.opening = number
        let monitor = UpdateMonitor(path: "/run/box/updating", calls: calls)
        #expect(told(monitor, at: .zero).isEmpty && monitor.deadline == second(30))
        calls.opening = nil
        calls.text = "5"
        #expect(told(monitor, at: second(10)).isEmpty)
        #expect(told(monitor, at: second(30)) == [.update(.running(percent: 5))])
        // It goes with its folder.
        calls.opening = number
        calls.text = nil
        calls.news = [16]
        #expect(told(monitor, at: second(31)) == [.update(.none)])
        #expect(monitor.descriptors.isEmpty && calls.open.isEmpty)
    }

    @Test func theKernelTellsOfTheFile() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/updating"
        let monitor = UpdateMonitor(path: path)
        var events: [ControlEvent] = []
        monitor.process(at: .zero) { events.append($0) }
        let descriptor = try #require(monitor.descriptors.first)
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(write(file, "42", 2) == 2)
        close(file)
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&entry, 1, 10_000) == 1)
        monitor.process(at: second(1)) { events.append($0) }
        #expect(events == [.update(.running(percent: 42))])
        unlink(path)
        entry.fd = try #require(monitor.descriptors.first)
        #expect(poll(&entry, 1, 10_000) == 1)
        monitor.process(at: second(2)) { events.append($0) }
        #expect(events.last == .update(.none))
        monitor.close()
    }
}
