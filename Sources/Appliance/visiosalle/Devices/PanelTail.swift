import Basis
import Glibc
import LinuxHost

/// Follows the events of a running appliance's panel (server-sent events) and prints them.
struct PanelTail {
    private let descriptor: Int32

    /// Nil when no appliance listens there.
    init?(listen: String) {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            return nil
        }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        // A panel that listens on every address listens on this one too.
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(socket)
            return nil
        }
        descriptor = socket
    }

    /// Prints the data of events called `name`, a line each; how many there were.
    func printEvents(named name: String, for duration: Duration) -> Int {
        defer { close(descriptor) }
        let request = Array("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".utf8)
        guard write(descriptor, request, request.count) == request.count else { return 0 }
        let end = MonotonicClock.now + duration
        var line: [UInt8] = []
        var isWanted = false
        var count = 0
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while MonotonicClock.now < end {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 200) > 0 else { continue }
            let received = read(descriptor, &chunk, chunk.count)
            guard received > 0 else { break }
            for byte in chunk[0..<received] {
                guard byte == 10 else {
                    if line.count < 65_536 { line.append(byte) }
                    continue
                }
                let text = String(decoding: line, as: UTF8.self).filter { $0 != "\r" }
                line.removeAll(keepingCapacity: true)
                if text.hasPrefix("event:") { isWanted = text.dropFirst(6).drop { $0 == " " } == name }
                if isWanted, text.hasPrefix("data:") {
                    print(text.dropFirst(5))
                    fflush(nil)
                    count += 1
                    isWanted = false
                }
            }
        }
        return count
    }
}
