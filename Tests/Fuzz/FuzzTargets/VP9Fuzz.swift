import Basis
import RTP

/// One payload descriptor and what a decoder is given of it alone, then a series of payloads as with VP8.
func fuzzVP9(_ bytes: [UInt8]) throws(BrokenProperty) {
    if let (descriptor, length) = VP9PayloadDescriptor.parse(bytes.span) {
        try check(length >= 1 && length <= bytes.count, "VP9: descriptor in the payload")
        var written: [UInt8] = []
        descriptor.write(into: &written)
        let again = VP9PayloadDescriptor.parse(written.span)
        try check(again?.descriptor == descriptor && again?.length == written.count, "VP9: reads what it wrote")
    }
    if let header = VP9FrameHeader.parse(bytes.span) {
        try check((0...65_536).contains(header.width) && (0...65_536).contains(header.height), "VP9: sixteen bits")
        try check(!header.isKeyframe || header.width > 0, "VP9: key frames tell their size")
    }
    if let superframe = VP9Superframe(bytes.span) {
        var end = 0
        for index in 0..<superframe.count { end += superframe.length(of: index, in: bytes.span) }
        try check((1...VP9Superframe.maximumCount).contains(superframe.count), "VP9: up to eight frames")
        try check(end <= bytes.count, "VP9: frames in their superframe")
        _ = VP9Superframe.size(of: bytes.span)
    }
    try fuzzStream(bytes, payloadType: 101)
}
