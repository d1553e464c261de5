package import Basis
package import Devices

/// A speaker that nobody hears.
package struct NullSpeaker: Speaker, ~Copyable {
    package init() {}

    package mutating func open() throws(DeviceError) {}

    package mutating func close() {}

    package mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {}
}

/// A speaker that records to a 48 kHz mono WAV file, which is valid at any moment, up to 1 GiB.
///
/// Later calls of the same run are appended.
package struct WAVSpeaker: Speaker, ~Copyable {
    private static let headerLength = 44
    private static let blocksPerHeader = 100

    private let file: ByteFile
    private let largestData: Int
    private var dataLength = 0
    private var blocksSinceHeader = 0
    private var isOpen = false
    private var bytes: [UInt8] = []

    /// Makes the file at once, so that a wrong place is told before any call.
    /// - Parameter largestData: bytes of sound after which nothing more is written.
    package init(path: String, largestData: Int = 1 << 30) throws(DeviceError) {
        let file = try ByteFile.writing(path)
        try file.write(Self.header(dataLength: 0).span, at: 0)
        self.init(file: file, largestData: min(max(0, largestData), 1 << 30))
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(file: consuming ByteFile, largestData: Int) {
        self.file = file
        self.largestData = largestData
    }

    package mutating func open() throws(DeviceError) {
        isOpen = true
    }

    package mutating func close() {
        guard isOpen else { return }
        isOpen = false
        // The sound is there already: a header a second too old is no reason to fail.
        try? writeHeader()
    }

    package mutating func write(_ block: Span<Int16>, at now: MonotonicInstant) throws(DeviceError) {
        guard isOpen, dataLength + block.count * 2 <= largestData else { return }
        bytes.removeAll(keepingCapacity: true)
        for index in block.indices { Self.append(UInt16(bitPattern: block[index]), to: &bytes) }
        try file.write(bytes.span, at: Self.headerLength + dataLength)
        dataLength += bytes.count
        blocksSinceHeader += 1
        if blocksSinceHeader >= Self.blocksPerHeader || dataLength + block.count * 2 > largestData {
            try writeHeader()
        }
    }

    private mutating func writeHeader() throws(DeviceError) {
        blocksSinceHeader = 0
        try file.write(Self.header(dataLength: dataLength).span, at: 0)
    }

    private static func header(dataLength: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: "RIFF".utf8)
        append(UInt32(dataLength + headerLength - 8), to: &bytes)
        bytes.append(contentsOf: "WAVEfmt ".utf8)
        append(UInt32(16), to: &bytes)
        append(UInt16(1), to: &bytes)
        append(UInt16(1), to: &bytes)
        append(UInt32(AudioBlock.sampleRate), to: &bytes)
        append(UInt32(AudioBlock.sampleRate * 2), to: &bytes)
        append(UInt16(2), to: &bytes)
        append(UInt16(16), to: &bytes)
        bytes.append(contentsOf: "data".utf8)
        append(UInt32(dataLength), to: &bytes)
        return bytes
    }

    /// RIFF is little-endian.
    private static func append<Value: FixedWidthInteger>(_ value: Value, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }
}
