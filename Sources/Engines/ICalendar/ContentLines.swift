/// The content lines of an iCalendar text, unfolded (RFC 5545 section 3.1). Line feeds alone are taken as well.
struct ContentLines {
    /// In bytes. Longer lines are pictures and the like; they are cut.
    static let maximumLength = 65_536

    private let bytes: [UInt8]
    private var index: Int
    private var line: [UInt8] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next line; `isWhole` is false for one that was cut at `maximumLength`.
    mutating func next() -> (line: [UInt8], isWhole: Bool)? {
        guard index < bytes.count else { return nil }
        line.removeAll(keepingCapacity: true)
        var isWhole = true
        while true {
            var end = index
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            var last = end
            if last > index, bytes[last - 1] == UInt8(ascii: "\r") { last -= 1 }
            let room = Self.maximumLength - line.count
            isWhole = isWhole && last - index <= room
            line.append(contentsOf: bytes[index..<min(last, index + room)])
            index = min(end + 1, bytes.count)
            guard index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") else {
                return (line, isWhole)
            }
            index += 1
        }
    }
}
