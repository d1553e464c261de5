package import Basis

/// The user name fragment and password of one side of an ICE session (RFC 8445 section 5.3).
package struct ICECredentials: Equatable, Sendable {
    /// The username fragment, public.
    package let ufrag: String
    /// The key of the checks' MESSAGE-INTEGRITY.
    package let password: Redacted<String>

    package init(ufrag: String, password: Redacted<String>) {
        self.ufrag = ufrag
        self.password = password
    }

    /// Fresh credentials of 8 and 24 ice-chars: 48 and 144 random bits, where RFC 8445 asks for 24 and 128.
    package static func generate(using random: inout RandomSource) -> ICECredentials {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return ICECredentials(
            ufrag: random.string(8, from: alphabet), password: Redacted(random.string(24, from: alphabet)))
    }

    /// Whether both texts have a length that RFC 8839 section 5.4 lets them have at most, and are there at all. Minimum
    /// lengths bind who generates, and are not held against a peer.
    var isUsable: Bool {
        (1...256).contains(ufrag.utf8.count) && (1...256).contains(password.revealed.utf8.count)
    }

    /// The HMAC key of messages that this side's password protects. SASLprep leaves ice-chars as they are.
    var key: Redacted<[UInt8]> {
        Redacted(Array(password.revealed.utf8))
    }
}
