package import Basis

/// Why a SCRAM exchange stopped on our side.
package enum SCRAMError: Error, Equatable, Sendable {
    /// The server's message has not the form of RFC 5802 section 7, or an extension that is not understood.
    case malformed
    /// The server's nonce does not continue ours.
    case nonceMismatch
    /// More iterations than a client should be made to compute.
    case tooManyIterations
    /// The server could not show that it knows the password.
    case serverNotAuthenticated
    /// `e=` of the server's last message.
    case refused(String)
}

/// The client's side of SCRAM-SHA-1 without channel binding (RFC 5802).
///
/// SASLprep is not applied: ASCII and composed letters, which is what keyboards give, are unchanged by it.
package struct SCRAMClient: Sendable {
    /// Above what servers use (4096 to 10,000 commonly) and below what would stall a call for long.
    private static let mostIterations = 100_000

    private let password: Redacted<String>
    private let nonce: String
    /// The first message without its GS2 header, which the signatures cover.
    private let firstBare: String
    private var expectedSignature: Redacted<[UInt8]>?
    /// Whether the server has proven that it knows the password.
    package private(set) var isServerAuthenticated = false

    /// - Parameter nonce: printable ASCII without comma, new for every exchange.
    package init(user: String, password: Redacted<String>, nonce: String) {
        self.password = password
        self.nonce = nonce
        var escaped = ""
        for scalar in user.unicodeScalars {
            switch scalar {
            case "=": escaped += "=3D"
            case ",": escaped += "=2C"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        firstBare = "n=\(escaped),r=\(nonce)"
    }

    /// client-first-message.
    package var firstMessage: String { "n,," + firstBare }

    /// client-final-message, in answer to server-first-message.
    package mutating func respond(to serverFirst: String) throws(SCRAMError) -> String {
        guard expectedSignature == nil else { throw .malformed }
        let parts = Self.attributes(serverFirst)
        guard parts.count >= 3, parts[0].name == "r", parts[1].name == "s", parts[2].name == "i",
            let salt = Base64.decode(parts[1].value), !salt.isEmpty, let iterations = Int(parts[2].value),
            iterations > 0
        else { throw .malformed }
        let combined = parts[0].value
        guard combined.utf8.starts(with: nonce.utf8), combined.utf8.count > nonce.utf8.count else {
            throw .nonceMismatch
        }
        guard iterations <= Self.mostIterations else { throw .tooManyIterations }
        let salted = HMACSHA1.deriveKey(password: Array(password.revealed.utf8), salt: salt, iterations: iterations)
        let clientKey = HMACSHA1.authenticate(Array("Client Key".utf8), key: salted)
        // "biws" is base64 of the GS2 header "n,,".
        let finalBare = "c=biws,r=\(combined)"
        let covered = Array("\(firstBare),\(serverFirst),\(finalBare)".utf8)
        let clientSignature = HMACSHA1.authenticate(covered, key: SHA1.hash(clientKey))
        let serverKey = HMACSHA1.authenticate(Array("Server Key".utf8), key: salted)
        expectedSignature = Redacted(HMACSHA1.authenticate(covered, key: serverKey))
        let proof = zip(clientKey, clientSignature).map { $0 ^ $1 }
        return "\(finalBare),p=\(Base64.encode(proof))"
    }

    /// Checks server-final-message.
    package mutating func verify(_ serverFinal: String) throws(SCRAMError) {
        guard let first = Self.attributes(serverFinal).first else { throw .malformed }
        if first.name == "e" { throw .refused(first.value) }
        guard first.name == "v", let signature = Base64.decode(first.value), let expectedSignature else {
            throw .malformed
        }
        guard HMACSHA1.equal(signature, expectedSignature.revealed) else { throw .serverNotAuthenticated }
        isServerAuthenticated = true
    }

    private static func attributes(_ message: String) -> [(name: String, value: String)] {
        message.unicodeScalars.split(separator: ",", maxSplits: 8, omittingEmptySubsequences: false).map { part in
            guard let equals = part.firstIndex(of: "=") else { return ("", String(part)) }
            return (String(part[..<equals]), String(part[part.index(after: equals)...]))
        }
    }
}
