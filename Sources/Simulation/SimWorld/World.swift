package import Basis
package import Conference
package import DTLSSRTP
package import Jitsi
package import Practice
package import Room

/// What a world is made of.
package struct WorldOptions: Sendable {
    package var practice: PracticeOptions
    package var seed: UInt64
    package var roomPassword: String?
    package var displayName: String
    /// Sound and pictures of the box itself; nil for a box that sends none.
    package var soundPeriod: Duration?
    package var picturePeriod: Duration?
    /// Whether the box sends its camera in three sizes at once.
    package var sendsSimulcast: Bool
    /// What pictures the box prefers.
    package var videoCodec: VideoCodec

    package init(
        practice: PracticeOptions = PracticeOptions(channel: .webSocket, framesPerSecond: 5), seed: UInt64 = 1,
        roomPassword: String? = nil, displayName: String = "Salle du conseil",
        soundPeriod: Duration? = .milliseconds(20), picturePeriod: Duration? = .milliseconds(100),
        sendsSimulcast: Bool = true, videoCodec: VideoCodec = .vp8
    ) {
        self.practice = practice
        self.seed = seed
        self.roomPassword = roomPassword
        self.displayName = displayName
        self.soundPeriod = soundPeriod
        self.picturePeriod = picturePeriod
        self.sendsSimulcast = sendsSimulcast
        self.videoCodec = videoCodec
    }
}

/// A box, a network and a meeting in virtual time: the room's reducer and the conference as the appliance drives them, the
/// practice conference at the other end, and between them what is on its way.
///
/// A run is a function of its options and of what is done to it, save for keys and certificates, which OpenSSL draws.
package final class World {
    static let serverAddress = TransportAddress(.v4(0x7F00_0001), port: 8_000)
    static let bridgeAddress = TransportAddress(.v4(0xC000_0201), port: 10_000)
    /// The appliance's own limit for connections and requests.
    static let requestLimit = Duration.seconds(10)
    /// An alarm that rings so often without time passing rings for ever.
    private static let maximumRings = 1_000

    package let options: WorldOptions
    package internal(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    package var network = WorldNetwork() {
        didSet { if oldValue.isCut && !network.isCut { releaseWaitingTexts() } }
    }
    package internal(set) var room: RoomState
    var sounds = SoundChoice()
    package internal(set) var journal: [WorldRecord] = []
    package internal(set) var traffic = WorldTraffic()
    /// What the path takes by the box's own estimate, as last told, in bit/s.
    package internal(set) var bandwidth: Int?
    /// By SSRC.
    package internal(set) var pictures: [UInt32: WorldPictures] = [:]
    /// Opus packets that came, by SSRC.
    package internal(set) var heard: [UInt32: Int] = [:]
    /// What the box knows of the meeting.
    package internal(set) var meetingFacts = MeetingFacts()
    /// The most that was ever on its way at once.
    package internal(set) var mostInFlight = 0

    var conference: Conference?
    /// The attempt that `conference` serves.
    var attempt = 0
    /// Tells the answers to one conference from those to another.
    var conferenceNumber = 0
    /// Whether `conference` waits for somebody to press.
    package internal(set) var isStandingBy = false
    var practice: PracticeConference
    var random: RandomSource
    let certificate: DTLSCertificate

    var queue = EventQueue<Delivery>()
    var sockets: [Int: Socket] = [:]
    var socketsGiven = 0
    var waitingTexts: [Delivery] = []
    var hasMediaSockets = false
    /// Where the box is at present.
    var boxAddress = TransportAddress(.v4(0xC000_020A), port: 40_000)
    /// Tells the sockets of one attempt from those of another.
    var socketGeneration = 0
    var isDraining = false
    var datagram: [UInt8] = []

    var conferenceAlarm: MonotonicInstant?
    var practiceAlarm: MonotonicInstant?
    var devices = BoxDevices()
    /// How many pictures the line to the box bears.
    package internal(set) var ladder = ReceptionLadder()
    var packetLoss = PacketLoss()
    var frozenShare = FrozenShare()
    var speechRepetition = SpeechRepetition()
    /// When the next second of a call is over.
    var second: MonotonicInstant?
    private var rings = 0

    package init(_ options: WorldOptions = WorldOptions()) throws(DTLSError) {
        var random = RandomSource(seed: options.seed)
        self.options = options
        certificate = try DTLSCertificate.generate()
        practice = PracticeConference(
            options: options.practice, origin: Self.serverAddress, mediaAddress: Self.bridgeAddress,
            certificate: try DTLSCertificate.generate(), random: random.fork())
        room = RoomState(roomCount: 1, jitterSeed: options.seed)
        self.random = random
        handle(.started)
    }

    // MARK: What people do

    package func press(_ button: RoomButton, _ press: ButtonPress = .short) {
        handle(.button(button, press))
    }

    /// The box gets ready for a press.
    package func standBy() {
        guard conference == nil else { return }
        conferenceNumber += 1
        isStandingBy = true
        conference = makeConference()
        conference?.standBy(at: now)
        drainConference()
    }

    /// Whether the box is ready for a press.
    package var isReady: Bool { isStandingBy && conference?.isReady == true }

    /// Somebody types the password that the room asks for.
    package func provide(password: String) {
        conference?.provide(password: Redacted(password), at: now)
        drainConference()
    }

    /// Makes something happen in the meeting.
    package func inMeeting(_ act: (inout PracticeConference, MonotonicInstant) -> Void) {
        act(&practice, now)
        settlePractice()
    }

    // MARK: What is seen

    package var participants: [ParticipantInfo] { conference?.participants ?? [] }
    package var videoSources: [RemoteSource] { conference?.videoSources ?? [] }
    package var mediaWay: MediaWay? { conference?.mediaWay }
    package func connectionQuality(of endpoint: String) -> Double? { conference?.connectionQuality(of: endpoint) }
    package var listenersLoss: Double? { conference?.listenersLoss(at: now) }
    package var hasConference: Bool { conference != nil && !isStandingBy }
    package var partners: Int { practice.partnerIDs.count }
    /// Who waits in the lobby.
    package var knocking: [String] { practice.knocking }
    package var inFlight: Int { queue.count }
    /// Us, as the meeting sees us; nil while we are not in it.
    package var observation: PracticeObservation? { practice.observations().first }

    /// How often we are in the meeting: more than once where the server still holds what we were before.
    package var timesInMeeting: Int { practice.observations().count }

    /// Nil without a media session.
    package func statistics() -> WorldStatistics? {
        conference?.statistics().map { WorldStatistics($0) }
    }

    func record(_ entry: WorldEntry) {
        journal.append(WorldRecord(instant: now, entry: entry))
    }

    // MARK: Time

    package func run(_ duration: Duration) {
        let end = now + duration
        while step(before: end) {}
        now = end
    }

    /// Lets time pass until `condition` holds; false when it does not within `limit`.
    package func run(atMost limit: Duration, until condition: (World) -> Bool) -> Bool {
        let end = now + limit
        while !condition(self) {
            guard step(before: end) else {
                now = end
                return condition(self)
            }
        }
        return true
    }

    /// Goes to the next instant at which something happens and lets it happen; false when there is none before `end`.
    private func step(before end: MonotonicInstant) -> Bool {
        var soonest = Soonest()
        soonest.consider(queue.first, "network")
        soonest.consider(room.deadline, "room")
        soonest.consider(conferenceAlarm, "conference")
        soonest.consider(practiceAlarm, "practice")
        soonest.consider(devices.deadline, "devices")
        soonest.consider(second, "second")
        guard let next = soonest.instant, next < end else { return false }
        rings = next > now ? 0 : rings + 1
        guard rings < Self.maximumRings || soonest.reason == "network" else {
            preconditionFailure("the alarm of \(soonest.reason) rings for ever")
        }
        now = max(now, next)
        mostInFlight = max(mostInFlight, queue.count)
        switch soonest.reason {
        case "network":
            if let delivery = queue.pop() { deliver(delivery) }
        case "room": handle(.deadline)
        case "conference":
            conference?.advance(to: now)
            drainConference()
        case "practice":
            practice.advance(to: now)
            settlePractice()
        case "second": noteSecond()
        default: runDevices()
        }
        return true
    }
}
