import Basis

/// A certificate's digest as signalling carries it (RFC 8122, XEP-0320).
package struct DTLSFingerprint: Equatable, Hashable, Sendable {
    /// The hash function's textual name (IANA), in lower case: `sha-1`, `sha-256`, `sha-384` or `sha-512`.
    package let hash: String
    /// The digest itself.
    package let bytes: [UInt8]

    /// Digest lengths by hash name, the weakest first.
    private static let lengths: [(hash: String, count: Int)] = [
        ("sha-1", 20), ("sha-256", 32), ("sha-384", 48), ("sha-512", 64),
    ]

    /// Nil where the hash is unknown or the value is not a digest of its length in hexadecimal, with or without colons.
    package init?(hash: String, value: String) {
        let digits = value.filter { $0 != ":" && $0 != " " && $0 != "\n" && $0 != "\t" && $0 != "\r" }
        guard let bytes = Hexadecimal.decode(digits) else { return nil }
        self.init(hash: hash, bytes: bytes)
    }

    /// Nil where the hash is unknown or the digest has another length.
    package init?(hash: String, bytes: [UInt8]) {
        let name = hash.lowercased()
        guard let known = Self.lengths.first(where: { $0.hash == name }), known.count == bytes.count else { return nil }
        self.hash = known.hash
        self.bytes = bytes
    }

    /// The digest as SDP and Jingle write it: `AA:BB:…`.
    package var value: String {
        Hexadecimal.encode(bytes, uppercase: true, separator: ":")
    }

    /// The hash's rank among those known; a stronger hash has a higher one.
    var strength: Int {
        bytes.count
    }
}
