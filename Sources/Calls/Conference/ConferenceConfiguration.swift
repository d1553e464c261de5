package import Basis
package import DTLSSRTP
package import Jitsi

/// What one call attempt needs to know.
package struct ConferenceConfiguration: Sendable {
    package struct Account: Sendable {
        package var user: String
        package var password: Redacted<String>

        package init(user: String, password: Redacted<String>) {
            self.user = user
            self.password = password
        }
    }

    package var roomURL: RoomURL
    package var overrides: ServerOverrides
    package var displayName: String
    /// "fr" or "en": the language in which the server's texts are wanted.
    package var language: String
    /// Stable per device (protocol of the conference request).
    package var machineUID: String
    package var roomPassword: Redacted<String>?
    package var account: Account?
    /// Made once per start of the process: generating it costs more than a join may.
    package var certificate: DTLSCertificate
    /// From 1900-01-01 UTC to the monotonic clock's origin.
    package var ntpOffset: Duration
    package var media: LocalMedia
    /// Whether the camera may be sent in three sizes at once, so that the bridge chooses one for each receiver.
    package var sendsSimulcast: Bool
    /// What pictures we prefer; VP8 is taken and sent in any case where another participant has nothing else.
    package var videoCodec: VideoCodec

    package init(
        roomURL: RoomURL, overrides: ServerOverrides, displayName: String, language: String, machineUID: String,
        roomPassword: Redacted<String>?, account: Account?, certificate: DTLSCertificate, ntpOffset: Duration,
        media: LocalMedia, sendsSimulcast: Bool = true, videoCodec: VideoCodec = .vp8
    ) {
        self.roomURL = roomURL
        self.overrides = overrides
        self.displayName = displayName
        self.language = language
        self.machineUID = machineUID
        self.roomPassword = roomPassword
        self.account = account
        self.certificate = certificate
        self.ntpOffset = ntpOffset
        self.media = media
        self.sendsSimulcast = sendsSimulcast
        self.videoCodec = videoCodec
    }
}
