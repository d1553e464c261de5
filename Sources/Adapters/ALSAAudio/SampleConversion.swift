/// Which of the microphone's channels we send.
package enum CaptureMix: String, Sendable {
    /// The first alone: arrays and webcams repeat themselves or put an echo reference on the others.
    case first
    case average
}

/// Between the device's frames and mono 16-bit samples.
package enum SampleConversion {
    /// Writes the first `frames` frames of `bytes` as mono samples to the beginning of `samples`; how many fitted.
    package static func decode(
        _ bytes: [UInt8], frames: Int, format: SampleFormat, channels: Int, mix: CaptureMix, into samples: inout [Int16]
    ) -> Int {
        let width = format.bytes
        let stride = width * max(1, channels)
        let count = max(0, min(frames, bytes.count / stride, samples.count))
        // The two highest bytes of a little-endian sample are its 16 bits.
        let high = width - 2
        let used = mix == .average ? max(1, channels) : 1
        for frame in 0..<count {
            var sum: Int32 = 0
            for channel in 0..<used {
                let position = frame * stride + channel * width + high
                sum += Int32(Int16(bitPattern: UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8))
            }
            samples[frame] = Int16(truncatingIfNeeded: used == 1 ? sum : sum / Int32(used))
        }
        return count
    }

    /// Writes `samples[range]` on all channels to the beginning of `bytes`; the frames that fitted.
    package static func encode(
        _ samples: [Int16], _ range: Range<Int>, format: SampleFormat, channels: Int, into bytes: inout [UInt8]
    ) -> Int {
        let width = format.bytes
        let channels = max(1, channels)
        let range = range.clamped(to: samples.indices)
        let count = min(range.count, bytes.count / (width * channels))
        var position = 0
        for index in range.lowerBound..<range.lowerBound + count {
            let sample = UInt16(bitPattern: samples[index])
            for _ in 0..<channels {
                for low in 0..<width - 2 { bytes[position + low] = 0 }
                bytes[position + width - 2] = UInt8(truncatingIfNeeded: sample)
                bytes[position + width - 1] = UInt8(truncatingIfNeeded: sample >> 8)
                position += width
            }
        }
        return count
    }
}
