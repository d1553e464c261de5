package import Basis
package import Devices

/// A microphone that hears a WAV file for ever: 16-bit PCM, mono or stereo, 8 to 48 kHz.
package struct WAVMicrophone: Microphone, ~Copyable {
    private let path: String
    private var reader: WAVReader?
    private var pace = BlockPace()

    /// Checks the file at once, so that a wrong one is told before any call.
    package init(path: String) throws(DeviceError) {
        self.path = path
        _ = try WAVReader.checked(path: path)
    }

    package mutating func open() throws(DeviceError) {
        reader = try WAVReader.checked(path: path)
        pace = BlockPace()
    }

    package mutating func close() {
        reader = nil
    }

    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        guard reader != nil, pace.isDue(at: now) else { return false }
        try reader?.fill(&block)
        return true
    }
}

/// The sound of a WAV file as mono samples at 48 kHz, looped; between two samples of the file it goes in a straight line.
struct WAVReader: ~Copyable {
    private let header: WAVHeader
    private let file: ByteFile
    private var chunk = [UInt8](repeating: 0, count: 16_384)
    private var chunkLength = 0
    private var chunkPosition = 0
    private var position = 0
    private var previous: Int32 = 0
    private var current: Int32 = 0
    /// How far between `previous` and `current`, in 1/48,000 of the way.
    private var fraction: Int

    private init(file: consuming ByteFile, header: WAVHeader) {
        self.file = file
        self.header = header
        // The first step takes the first sample over.
        fraction = AudioBlock.sampleRate
    }

    /// Opens a file and reads its first sample, so that an unsuitable one is refused before the call.
    static func checked(path: String) throws(DeviceError) -> WAVReader {
        let file = try ByteFile.reading(path)
        var header: WAVHeader?
        var parser = WAVParser()
        var piece = [UInt8](repeating: 0, count: WAVParser.pieceLength)
        while header == nil {
            let count = try file.read(into: &piece, at: parser.position)
            do throws(WAVFault) {
                header = try parser.take(piece.span.extracting(first: count))
            } catch {
                throw unsuitable(path, error)
            }
        }
        guard let header else { throw unsuitable(path, .noData) }
        var reader = WAVReader(file: file, header: header)
        reader.current = try reader.nextSample()
        return reader
    }

    private static func unsuitable(_ path: String, _ fault: WAVFault) -> DeviceError {
        DeviceError("open", device: path, detail: fault.description, severity: .permanent)
    }

    mutating func fill(_ block: inout [Int16]) throws(DeviceError) {
        for index in block.indices {
            while fraction >= AudioBlock.sampleRate {
                previous = current
                current = try nextSample()
                fraction -= AudioBlock.sampleRate
            }
            let step = Int(current - previous) * fraction / AudioBlock.sampleRate
            block[index] = Int16(clamping: Int(previous) + step)
            fraction += header.sampleRate
        }
    }

    private mutating func nextSample() throws(DeviceError) -> Int32 {
        let width = 2 * header.channels
        if chunkPosition + width > chunkLength { try readChunk(width: width) }
        var sum: Int32 = 0
        for channel in 0..<header.channels {
            let offset = chunkPosition + 2 * channel
            sum += Int32(Int16(bitPattern: UInt16(chunk[offset]) | UInt16(chunk[offset + 1]) << 8))
        }
        chunkPosition += width
        return sum / Int32(header.channels)
    }

    private mutating func readChunk(width: Int) throws(DeviceError) {
        for _ in 0..<2 {
            // The header of a recording that was cut off may promise more than there is, or nothing.
            let left = header.dataLength.map { $0 - position } ?? chunk.count
            let count = left >= width ? min(left, try file.read(into: &chunk, at: header.dataOffset + position)) : 0
            chunkLength = count / width * width
            chunkPosition = 0
            position += chunkLength
            if chunkLength > 0 { return }
            position = 0
        }
        throw Self.unsuitable(file.path, .noData)
    }
}
