import Basis

/// A DTLS certificate fingerprint (XEP-0320).
package struct DTLSFingerprint: Equatable, Sendable {
    /// Lower case, `sha-256`.
    package let hash: String
    /// Pairs of hexadecimal digits with colons; compare without regard to case.
    package let value: String
    /// `actpass` in an offer; `active` or `passive` in an answer.
    package let setup: String

    /// A fingerprint as Jingle writes it.
    package init(hash: String, value: String, setup: String) {
        self.hash = hash
        self.value = value
        self.setup = setup
    }

    /// The digest itself, or nil when the text is not one.
    package var bytes: [UInt8]? {
        let pairs = value.split(separator: ":", omittingEmptySubsequences: false)
        guard !pairs.isEmpty, pairs.count <= 64, pairs.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
        return Hexadecimal.decode(pairs.joined())
    }
}
