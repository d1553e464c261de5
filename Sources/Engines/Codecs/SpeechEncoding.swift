/// How the own voice is encoded.
package struct SpeechEncoding: Equatable, Sendable {
    /// Bits per second.
    package var bitrate: Int
    /// Percent of packets that the path loses. Above 0 each packet may repeat the one before it at a low rate (in-band
    /// forward error correction, RFC 6716 section 2.1.7), the better the higher the number.
    package var expectedLoss: Int
    /// Whether silence is not sent, but for a sign of life each 400 ms (RFC 7587 section 3.1.3).
    package var isDiscontinuous: Bool

    package init(bitrate: Int = 32_000, expectedLoss: Int = 5, isDiscontinuous: Bool = false) {
        self.bitrate = bitrate
        self.expectedLoss = expectedLoss
        self.isDiscontinuous = isDiscontinuous
    }
}
