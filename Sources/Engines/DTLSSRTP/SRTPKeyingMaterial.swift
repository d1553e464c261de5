package import Basis

/// The side that an endpoint takes in the handshake.
package enum DTLSRole: Equatable, Sendable {
    /// Sends the ClientHello (SDP `setup:active`).
    case client
    /// Waits for it (SDP `setup:passive`).
    case server
}

/// SRTP protection profiles (IANA, RFC 5764 section 4.1.2, RFC 7714 section 14.2).
package enum SRTPProfile: UInt16, CaseIterable, Sendable {
    case aeadAES128GCM = 7
    case aes128CMHMACSHA1_80 = 1

    /// Octets of the master key.
    package var keyLength: Int { 16 }

    /// Octets of the master salt.
    package var saltLength: Int {
        switch self {
        case .aeadAES128GCM: 12
        case .aes128CMHMACSHA1_80: 14
        }
    }

    /// Octets of the authentication tag behind each packet.
    package var tagLength: Int {
        switch self {
        case .aeadAES128GCM: 16
        case .aes128CMHMACSHA1_80: 10
        }
    }

    /// OpenSSL's name of the profile.
    var openSSLName: String {
        switch self {
        case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
        case .aes128CMHMACSHA1_80: "SRTP_AES128_CM_SHA1_80"
        }
    }
}

/// What the DTLS exporter gives to SRTP (RFC 5764 section 4.2); never described.
package struct SRTPKeyingMaterial: Equatable, Sendable {
    /// The protection that both ends agreed on by `use_srtp`.
    package let profile: SRTPProfile
    /// Protects what the DTLS client sends.
    package let clientKey: Redacted<[UInt8]>
    /// Protects what the DTLS server sends.
    package let serverKey: Redacted<[UInt8]>
    /// Belongs to `clientKey`.
    package let clientSalt: Redacted<[UInt8]>
    /// Belongs to `serverKey`.
    package let serverSalt: Redacted<[UInt8]>

    /// Nil where a key or a salt has another length than the profile wants.
    package init?(
        profile: SRTPProfile, clientKey: [UInt8], serverKey: [UInt8], clientSalt: [UInt8], serverSalt: [UInt8]
    ) {
        guard clientKey.count == profile.keyLength, serverKey.count == profile.keyLength,
            clientSalt.count == profile.saltLength, serverSalt.count == profile.saltLength
        else { return nil }
        self.profile = profile
        self.clientKey = Redacted(clientKey)
        self.serverKey = Redacted(serverKey)
        self.clientSalt = Redacted(clientSalt)
        self.serverSalt = Redacted(serverSalt)
    }

    /// Cuts the exporter's octets: client key, server key, client salt, server salt.
    init?(profile: SRTPProfile, exported: [UInt8]) {
        let key = profile.keyLength
        let salt = profile.saltLength
        guard exported.count == 2 * (key + salt) else { return nil }
        self.init(
            profile: profile, clientKey: Array(exported[0..<key]), serverKey: Array(exported[key..<2 * key]),
            clientSalt: Array(exported[2 * key..<2 * key + salt]), serverSalt: Array(exported[(2 * key + salt)...]))
    }

    /// How many octets the exporter has to give for `profile`.
    static func exportedLength(_ profile: SRTPProfile) -> Int {
        2 * (profile.keyLength + profile.saltLength)
    }
}
