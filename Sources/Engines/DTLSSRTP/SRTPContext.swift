import Basis
import CSRTP

/// Why a packet could not be protected, or a context not be made.
package enum SRTPError: Error, Equatable, Sendable {
    /// libsrtp could not be started, or was built without this profile; its status code.
    case unavailable(UInt32)
    /// The packet is no RTP or RTCP packet, or its index has run out; libsrtp's status code, 0 when it was not asked.
    case refused(UInt32)
}

/// One direction of an SRTP session (RFC 3711, RFC 7714), for any number of SSRCs under one key.
package struct SRTPContext: ~Copyable {
    private let session: srtp_t
    private let tagLength: Int

    /// The octets that SRTCP adds besides the tag: E flag and index.
    private static let indexLength = 4
    private static let rtpHeaderLength = 12
    private static let rtcpHeaderLength = 8
    /// Packets whose order may differ; video at 4 Mbit/s with retransmission needs more than libsrtp's 128.
    private static let replayWindow: UInt = 1_024

    /// libsrtp's process-wide state, made once.
    private static let initialization = UInt32(srtp_init().rawValue)

    /// Starts libsrtp and the cryptography below it, which takes a tenth of a second the first time: better before a call
    /// than in one. Blocks; on any thread.
    package static func prepare() {
        // NSS is started by the first context, here one whose keys nobody has.
        let profile = SRTPProfile.aeadAES128GCM
        let octets = [UInt8](repeating: 0, count: SRTPKeyingMaterial.exportedLength(profile))
        guard let keys = SRTPKeyingMaterial(profile: profile, exported: octets) else { return }
        _ = try? SRTPContext(sending: keys, role: .client)
    }

    /// A context for what we send, `role` being ours.
    package init(sending keys: SRTPKeyingMaterial, role: DTLSRole) throws(SRTPError) {
        try self.init(keys, writer: role, direction: ssrc_any_outbound)
    }

    /// A context for what the peer sends, `role` being ours.
    package init(receiving keys: SRTPKeyingMaterial, role: DTLSRole) throws(SRTPError) {
        try self.init(keys, writer: role == .client ? .server : .client, direction: ssrc_any_inbound)
    }

    private init(_ keys: SRTPKeyingMaterial, writer: DTLSRole, direction: srtp_ssrc_type_t) throws(SRTPError) {
        guard Self.initialization == 0 else { throw .unavailable(Self.initialization) }
        var policy = srtp_policy_t()
        switch keys.profile {
        case .aeadAES128GCM:
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        case .aes128CMHMACSHA1_80:
            srtp_crypto_policy_set_rtp_default(&policy.rtp)
            srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        }
        policy.ssrc.type = direction
        policy.window_size = Self.replayWindow
        policy.allow_repeat_tx = 1
        var master =
            switch writer {
            case .client: keys.clientKey.revealed + keys.clientSalt.revealed
            case .server: keys.serverKey.revealed + keys.serverSalt.revealed
            }
        var created: srtp_t?
        let status = master.withUnsafeMutableBufferPointer { key in
            policy.key = key.baseAddress
            return srtp_create(&created, &policy)
        }
        for index in master.indices { master[index] = 0 }
        guard status == srtp_err_status_ok, let created else { throw .unavailable(UInt32(status.rawValue)) }
        session = created
        tagLength = keys.profile.tagLength
    }

    deinit {
        _ = srtp_dealloc(session)
    }

    /// Encrypts an RTP packet where it lies and appends the tag; on an error it is to be dropped.
    ///
    /// Allocates nothing when the array has 16 octets of spare capacity.
    package mutating func protectRTP(_ packet: inout [UInt8]) throws(SRTPError) {
        guard packet.count >= Self.rtpHeaderLength else { throw .refused(0) }
        let status = transform(&packet, room: tagLength) { session, bytes, length in
            srtp_protect(session, bytes, length)
        }
        guard status == srtp_err_status_ok else { throw .refused(UInt32(status.rawValue)) }
    }

    /// Encrypts a compound RTCP packet where it lies and appends index and tag; on an error it is to be dropped.
    ///
    /// Allocates nothing when the array has 20 octets of spare capacity.
    package mutating func protectRTCP(_ packet: inout [UInt8]) throws(SRTPError) {
        guard packet.count >= Self.rtcpHeaderLength else { throw .refused(0) }
        let status = transform(&packet, room: tagLength + Self.indexLength) { session, bytes, length in
            srtp_protect_rtcp(session, bytes, length)
        }
        guard status == srtp_err_status_ok else { throw .refused(UInt32(status.rawValue)) }
    }

    /// Checks and decrypts an SRTP packet where it lies; false when it is forged, repeated or malformed: drop it then.
    package mutating func unprotectRTP(_ packet: inout [UInt8]) -> Bool {
        guard packet.count >= Self.rtpHeaderLength + tagLength else { return false }
        let status = transform(&packet, room: 0) { session, bytes, length in
            srtp_unprotect(session, bytes, length)
        }
        return status == srtp_err_status_ok
    }

    /// Checks and decrypts an SRTCP packet where it lies; false when it is forged, repeated or malformed: drop it then.
    package mutating func unprotectRTCP(_ packet: inout [UInt8]) -> Bool {
        guard packet.count >= Self.rtcpHeaderLength + Self.indexLength + tagLength else { return false }
        let status = transform(&packet, room: 0) { session, bytes, length in
            srtp_unprotect_rtcp(session, bytes, length)
        }
        return status == srtp_err_status_ok
    }

    /// Runs a libsrtp function over the packet with `room` octets behind it and cuts the packet to the length it gives.
    private func transform(
        _ packet: inout [UInt8], room: Int,
        _ function: (srtp_t, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>) -> srtp_err_status_t
    ) -> srtp_err_status_t {
        let original = packet.count
        guard let count = Int32(exactly: original) else { return srtp_err_status_bad_param }
        var length = count
        packet.append(contentsOf: repeatElement(0, count: room))
        let status = packet.withUnsafeMutableBytes { function(session, $0.baseAddress, &length) }
        let final = status == srtp_err_status_ok ? Int(length) : original
        packet.removeLast(packet.count - min(final, packet.count))
        return status
    }
}
