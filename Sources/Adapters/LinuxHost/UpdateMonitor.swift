package import Basis
package import Devices
internal import Glibc
internal import HostFiles

/// The system calls of `UpdateMonitor`; failures are negative errnos.
package protocol UpdateCalls {
    /// A non-blocking inotify(7) instance that watches the folder.
    func open(folder: String) -> Int32
    func close(_ descriptor: Int32)
    /// Takes what is there; what it says does not matter.
    func receive(_ descriptor: Int32) -> Int32
    /// The file's text; nil when there is no such file.
    func read(_ path: String) -> String?
}

/// The kernel.
package struct KernelUpdateCalls: UpdateCalls {
    package init() {}

    package func open(folder: String) -> Int32 {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { return -errno }
        let changes = UInt32(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF)
        guard inotify_add_watch(descriptor, folder, changes) >= 0 else {
            let error = errno
            _ = Glibc.close(descriptor)
            return -error
        }
        return descriptor
    }

    package func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    package func receive(_ descriptor: Int32) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? -errno : Int32(clamping: count)
    }

    package func read(_ path: String) -> String? {
        try? TextFile.read(path, limit: 64)
    }
}

/// Tells whether the box is being updated: while a certain file is there. Whoever replaces the software puts it there, with
/// the percentage done as its text if that is known, and takes it away.
package final class UpdateMonitor<Calls: UpdateCalls>: ControlSource {
    /// A folder that is not there, or went, is looked for again so often.
    private static var patience: Duration { .seconds(30) }
    private static var mostAtOnce: Int { 16 }

    private let calls: Calls
    private let path: String
    private let folder: String
    private var descriptor: Int32 = -1
    private var due: MonotonicInstant? = .zero
    private var told = UpdateState.none

    /// - Parameter path: the file.
    package init(path: String, calls: Calls) {
        self.path = path
        let parent = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        folder = parent.isEmpty ? "/" : String(parent)
        self.calls = calls
    }

    package var descriptors: [Int32] { descriptor >= 0 ? [descriptor] : [] }
    package var deadline: MonotonicInstant? { descriptor >= 0 ? nil : due }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard let due else { return }
        if descriptor >= 0 {
            guard takeNews() else { return }
            // Watched anew: the folder may be another one by now, and the old one would never say so.
            calls.close(descriptor)
            descriptor = -1
        } else if now < due {
            return
        }
        descriptor = calls.open(folder: folder)
        if descriptor < 0 { self.due = now + Self.patience }
        let state = calls.read(path).map { UpdateState.running(percent: Self.percent($0)) } ?? .none
        guard state != told else { return }
        told = state
        emit(.update(state))
    }

    private func takeNews() -> Bool {
        var isNews = false
        for _ in 0..<Self.mostAtOnce {
            let status = calls.receive(descriptor)
            if -status == EAGAIN { break }
            if -status != EINTR { isNews = true }
        }
        return isNews
    }

    private static func percent(_ text: String) -> Int? {
        Int(text.prefix { $0.isNumber }).flatMap { (0...100).contains($0) ? $0 : nil }
    }

    package func apply(_: ControlCommand, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func rescan(after _: HotplugEvent, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func close() {
        if descriptor >= 0 { calls.close(descriptor) }
        descriptor = -1
        due = nil
    }
}

extension UpdateMonitor<KernelUpdateCalls> {
    /// Over the kernel's own news.
    package convenience init(path: String) {
        self.init(path: path, calls: KernelUpdateCalls())
    }
}
