package import Devices

/// Reads the kernel's device events (lib/kobject_uevent.c): `ACTION@DEVPATH`, then `KEY=VALUE`, each ended by a zero byte.
package enum UeventParser {
    /// Nil for what is no event of the kernel, those of udev included, or names no subsystem.
    package static func parse(_ bytes: Span<UInt8>) -> HotplugEvent? {
        var event = HotplugEvent(action: .other, subsystem: "", node: "", path: "")
        var start = 0
        var isHead = true
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 0 { end += 1 }
            if isHead {
                guard (start..<end).contains(where: { bytes[$0] == UInt8(ascii: "@") }) else { return nil }
                isHead = false
            } else {
                take(text(bytes, start..<end), into: &event)
            }
            start = end + 1
        }
        return event.subsystem.isEmpty ? nil : event
    }

    private static func take(_ line: String, into event: inout HotplugEvent) {
        guard let separator = line.firstIndex(of: "=") else { return }
        let value = String(line[line.index(after: separator)...])
        switch line[..<separator] {
        case "ACTION": event.action = HotplugEvent.Action(rawValue: value) ?? .other
        case "SUBSYSTEM": event.subsystem = value
        case "DEVNAME": event.node = value.hasPrefix("/dev/") ? String(value.dropFirst(5)) : value
        case "DEVPATH": event.path = value
        default: break
        }
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }
}
