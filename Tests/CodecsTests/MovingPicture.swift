import Basis
import Devices
import Glibc

/// A coloured gradient with a square that wanders; `number` is the frame's.
func movingPicture(_ size: PictureSize, number: Int) -> VideoFrame {
    var frame = VideoFrame(size: size)
    frame.instant = .zero + .milliseconds(33 * number)
    let (stride, chroma, u, v) = (frame.lumaStride, frame.chromaStride, frame.uOffset, frame.vOffset)
    for y in 0..<size.height {
        for x in 0..<size.width {
            let inSquare = (number * 4..<number * 4 + 40).contains(x) && (20..<60).contains(y)
            frame.storage[y * stride + x] = inSquare ? 220 : UInt8(40 + (x + y) * 120 / (size.width + size.height))
        }
    }
    for y in 0..<frame.chromaHeight {
        for x in 0..<chroma {
            frame.storage[u + y * chroma + x] = UInt8(60 + x * 120 / chroma)
            frame.storage[v + y * chroma + x] = UInt8(60 + y * 120 / (size.height / 2 + 1))
        }
    }
    return frame
}

func signalToNoise(_ left: borrowing VideoFrame, _ right: borrowing VideoFrame) -> Double {
    guard left.storage.count == right.storage.count else { return 0 }
    let error = zip(left.storage, right.storage).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return 10 * log10(255 * 255 * Double(left.storage.count) / max(error, 1))
}
