package import Basis
package import Conference
package import DTLSSRTP
package import Devices
package import Jitsi
package import Practice
package import Room
internal import RoomController
internal import Scene

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
    /// Whether a connection stands by while nothing else goes on.
    package var standsBy: Bool
    /// Between two looks at the room's calendar; nil where there is none.
    package var calendarRefresh: Duration?
    /// Whether the server speaks BOSH and no WebSocket.
    package var speaksBOSH: Bool

    package init(
        practice: PracticeOptions = PracticeOptions(channel: .webSocket, framesPerSecond: 5), seed: UInt64 = 1,
        roomPassword: String? = nil, displayName: String = "Salle du conseil",
        soundPeriod: Duration? = .milliseconds(20), picturePeriod: Duration? = .milliseconds(100),
        sendsSimulcast: Bool = true, videoCodec: VideoCodec = .vp8, standsBy: Bool = false,
        calendarRefresh: Duration? = nil, speaksBOSH: Bool = false
    ) {
        self.practice = practice
        self.seed = seed
        self.roomPassword = roomPassword
        self.displayName = displayName
        self.soundPeriod = soundPeriod
        self.picturePeriod = picturePeriod
        self.sendsSimulcast = sendsSimulcast
        self.videoCodec = videoCodec
        self.standsBy = standsBy
        self.calendarRefresh = calendarRefresh
        self.speaksBOSH = speaksBOSH
    }
}

/// A box, a network and a meeting in virtual time: the appliance's own controller, the practice conference at the other end,
/// and between them what is on its way.
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
    package internal(set) var journal: [WorldRecord] = []
    package internal(set) var traffic = WorldTraffic()
    /// What the room sees, hears and does.
    package internal(set) var observed = WorldObservations()

    var controller: RoomController
    var practice: PracticeConference
    var random: RandomSource
    var wires: WorldWires
    var devices = BoxDevices()
    /// When the controller and the practice conference are to be woken.
    private var alarm = Soonest()
    var practiceAlarm: MonotonicInstant?
    var datagram: [UInt8] = []
    private var rings = 0

    package init(_ options: WorldOptions = WorldOptions()) throws(DTLSError) {
        var random = RandomSource(seed: options.seed)
        self.options = options
        let practice = PracticeConference(
            options: options.practice, origin: Self.serverAddress, mediaAddress: Self.bridgeAddress,
            certificate: try DTLSCertificate.generate(), random: random.fork())
        controller = RoomController(
            settings: Self.settings(options, address: practice.roomURL), wall: .virtual,
            certificate: try DTLSCertificate.generate(), random: random.fork(), at: now)
        self.practice = practice
        self.random = random
        wires = WorldWires(domain: options.practice.xmppDomain)
        tell { $0.begin(at: $1) }
    }

    private static func settings(_ options: WorldOptions, address: String) -> RoomSettings {
        let url: RoomURL
        do throws(RoomURLError) {
            url = try RoomURL(address)
        } catch {
            preconditionFailure("the practice room's address is one: \(error)")
        }
        var meeting = MeetingSettings(label: "Conseil", url: url)
        meeting.password = options.roomPassword.map { Redacted($0) }
        var settings = RoomSettings(
            deviceName: options.displayName, language: .french, meetings: [meeting],
            machineUID: "0123456789abcdef0123456789abcdef")
        settings.video.simulcast = options.sendsSimulcast
        settings.video.codec = options.videoCodec
        settings.standsBy = options.standsBy
        settings.calendarRefresh = options.calendarRefresh
        return settings
    }

    // MARK: What people do

    package func press(_ button: ButtonRole, _ press: ButtonPress = .short) {
        tell { $0.press(button, press, at: $1) }
    }

    /// What a device of the room says.
    package func happen(_ event: ControlEvent) {
        tell { $0.handle(event, at: $1) }
    }

    /// Somebody types the password that the room asks for.
    package func provide(password: String) {
        tell { $0.provide(password: Redacted(password), at: $1) }
    }

    /// Makes something happen in the meeting.
    package func inMeeting(_ act: (inout PracticeConference, MonotonicInstant) -> Void) {
        act(&practice, now)
        settlePractice()
    }

    // MARK: What is seen

    package var room: RoomState { controller.room }
    package var participants: [ParticipantInfo] { controller.participants }
    package var videoSources: [RemoteSource] { controller.inspectCall { $0.videoSources } ?? [] }
    package var mediaWay: MediaWay? { controller.inspectCall { $0.mediaWay } ?? nil }
    package func connectionQuality(of endpoint: String) -> Double? {
        controller.inspectCall { $0.connectionQuality(of: endpoint) } ?? nil
    }
    package var listenersLoss: Double? {
        let now = now
        return controller.inspectCall { $0.listenersLoss(at: now) } ?? nil
    }
    package var hasConference: Bool { controller.hasConference }
    /// Whether a conference waits for somebody to press, and whether it would go straight to the room.
    package var isStandingBy: Bool { controller.isStandingBy }
    package var isReady: Bool { controller.isStandbyReady }
    /// How many pictures the line to the box bears.
    package var receptionLevel: ReceptionLadder.Level { controller.receptionLevel }
    /// What the box knows of the meeting.
    package var meetingFacts: MeetingFacts { controller.meetingFacts }
    package var partners: Int { practice.partnerIDs.count }
    /// Who waits in the lobby.
    package var knocking: [String] { practice.knocking }
    /// What is on its way, save for what the check of the connection asks.
    package var inFlight: Int { wires.inFlight }
    /// Us, as the meeting sees us; nil while we are not in it.
    package var observation: PracticeObservation? { practice.observations().first }

    /// How often we are in the meeting: more than once where the server still holds what we were before.
    package var timesInMeeting: Int { practice.observations().count }

    /// Nil without a media session.
    package func statistics() -> WorldStatistics? {
        (controller.inspectCall { $0.statistics() } ?? nil).map { WorldStatistics($0) }
    }

    func record(_ entry: WorldEntry) {
        journal.append(WorldRecord(instant: now, entry: entry))
    }

    // MARK: The controller

    /// Hands something to the controller and does what it makes of it.
    func tell(_ input: (inout RoomController, MonotonicInstant) -> Void) {
        input(&controller, now)
        drain()
    }

    /// Does all that the controller wants, until it wants nothing more.
    func drain() {
        while let output = controller.poll() { carryOut(output) }
        while let path = controller.pollDatagram(into: &datagram) { sendFromBox(datagram, on: path) }
        alarm = controller.soonest
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
        soonest.consider(wires.queue.first, "network")
        soonest.consider(practiceAlarm, "practice")
        soonest.consider(devices.deadline, "devices")
        soonest.consider(alarm)
        guard let next = soonest.instant, next < end else { return false }
        rings = next > now ? 0 : rings + 1
        guard rings < Self.maximumRings || soonest.reason == "network" else {
            preconditionFailure("the alarm of \(soonest.reason) rings for ever")
        }
        now = max(now, next)
        wires.notePeak()
        switch soonest.reason {
        case "network":
            if let delivery = wires.queue.pop() { deliver(delivery) }
        case "practice":
            practice.advance(to: now)
            settlePractice()
        case "devices": runDevices()
        default:
            tell { $0.advance(to: $1) }
        }
        return true
    }
}
