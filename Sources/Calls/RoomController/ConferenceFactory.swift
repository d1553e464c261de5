internal import Basis
internal import Conference
internal import DTLSSRTP
internal import Jitsi
internal import Scene

/// Makes conferences and numbers them.
struct ConferenceFactory {
    /// Made once per start of the process: generating it costs more than a join may.
    private let certificate: DTLSCertificate
    private var random: RandomSource
    private var made = 0

    init(certificate: DTLSCertificate, random: RandomSource) {
        self.certificate = certificate
        self.random = random
    }

    /// Tells the answers to one conference from those to another; 1 and more.
    mutating func nextNumber() -> Int {
        made += 1
        return made
    }

    mutating func make(
        _ meeting: MeetingSettings, _ settings: RoomSettings, media: LocalMedia, ntpOffset: Duration
    ) -> Conference {
        Conference(
            configuration: ConferenceConfiguration(
                roomURL: meeting.url, overrides: meeting.overrides, displayName: settings.deviceName,
                language: settings.language.rawValue, machineUID: settings.machineUID, roomPassword: meeting.password,
                account: meeting.account.map { .init(user: $0.user, password: $0.password) }, certificate: certificate,
                ntpOffset: ntpOffset, media: media, sendsSimulcast: settings.video.simulcast,
                videoCodec: settings.video.codec), random: random.fork())
    }
}
