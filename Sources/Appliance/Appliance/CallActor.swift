internal import Basis
internal import DTLSSRTP
internal import Devices
internal import Logging
internal import MediaEngine
internal import MediaSession
internal import NIOCore
internal import NetworkIO
internal import Panel
internal import RTP
internal import RoomController
internal import Scene

/// Interprets what the room's controller decides, on one event loop: it hands in what happens, carries out what comes out, and
/// arms one timer. It knows nothing of the call's state.
actor CallActor {
    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    let settings: ApplianceSettings
    let network: NetworkContext
    let media: MediaThreads
    let screen: ScreenThread
    let board: StatusBoard
    let log: Logger
    let clock: EventLoopClock

    var controller: RoomController
    private var timer: DeadlineTimer?
    var webSockets = WebSockets<WebSocketHandle>()
    var sockets = MediaSockets<UDPSocket>()
    var relays = RelayConnections<RelayConnection>()
    /// The slots of the remote pictures, by SSRC.
    var slots: [UInt32: FrameSlot] = [:]
    var datagram: [UInt8] = []
    private var packet: [UInt8] = []

    /// Hands commands to lamps, speakerphones and the TV; nil on a board without them.
    private var sendControl: (@Sendable (ControlCommand) -> Void)?
    private var panel: PanelServer?
    /// Writes down what is to survive a restart: name, value.
    var remember: (@Sendable (String, String) -> Void)?
    /// Ends the appliance so that it is started anew.
    var onRestart: (@Sendable () -> Void)?

    init(
        eventLoop: any EventLoop, settings: ApplianceSettings, network: NetworkContext, media: MediaThreads,
        screen: ScreenThread, board: StatusBoard, log: Logger, certificate: DTLSCertificate
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.network = network
        self.media = media
        self.screen = screen
        self.board = board
        self.log = log
        clock = EventLoopClock(eventLoop)
        controller = RoomController(
            settings: settings.roomSettings, wall: .host, certificate: certificate, random: .system, at: clock.now)
        datagram.reserveCapacity(UDPSocket.maximumDatagram)
    }

    /// Runs `work` on the loop, later.
    nonisolated func onLoop(_ work: @escaping @Sendable (isolated CallActor) -> Void) {
        eventLoop.execute { self.assumeIsolated(work) }
    }

    // MARK: What happens

    /// Hands something to the controller and does what it makes of it.
    func tell(_ input: (inout RoomController, MonotonicInstant) -> Void) {
        input(&controller, clock.now)
        drain()
    }

    /// The same from a callback on the loop.
    nonisolated func answer(_ answer: NetworkAnswer, of number: Int) {
        assumeIsolated { actor in actor.tell { $0.answered(answer, of: number, at: $1) } }
    }

    func begin() {
        timer = DeadlineTimer(eventLoop: eventLoop) { [weak self] now in
            self?.assumeIsolated { actor in actor.tell { controller, _ in controller.advance(to: now) } }
        }
        tell { $0.begin(at: $1) }
    }

    func shutDown() { tell { $0.shutDown(at: $1) } }

    var hasConference: Bool { controller.hasConference }

    func publishTo(_ panel: PanelServer) { self.panel = panel }

    /// - Parameter send: hands a command to the thread that serves the devices; nil when that thread is to end.
    func connectControls(_ send: (@Sendable (ControlCommand) -> Void)?) {
        sendControl = send
        tell { $0.controlsConnected(at: $1) }
    }

    // MARK: Packets

    /// The datagram in `datagram` goes to the controller; what follows from it is `drain`'s.
    func receiveDatagram(from remote: TransportAddress, local: TransportAddress) {
        let now = clock.now
        var bytes: [UInt8] = []
        swap(&bytes, &datagram)
        let received = controller.receive(&bytes, on: DatagramPath(local: local, remote: remote), at: now)
        if let (payload, header) = IncomingAudio.of(received, at: now) {
            media.audio.incoming.push(bytes.span, range: payload, header: header)
        }
        swap(&bytes, &datagram)
    }

    private func sendDatagrams() {
        var bytes: [UInt8] = []
        swap(&bytes, &packet)
        var last: UDPSocket?
        while let path = controller.pollDatagram(into: &bytes) {
            if let socket = sockets[path.local] {
                if let last, last !== socket { last.flush() }
                last = socket
                socket.enqueue(bytes.span, to: path.remote)
            } else {
                relays[path.local]?.send(bytes, to: path.remote)
            }
        }
        last?.flush()
        swap(&bytes, &packet)
    }

    /// Hands over what the audio and camera threads have ready, and which key frames the decoders miss.
    func sendMedia() {
        let now = clock.now
        var bytes: [UInt8] = []
        swap(&bytes, &packet)
        while let header = media.audio.outgoing.pop(into: &bytes) {
            controller.sendAudio(
                bytes.span, timestamp: header.timestamp, level: header.level, marker: header.marker, at: now)
        }
        while let header = media.camera.outgoing.pop(into: &bytes) {
            controller.sendVideo(
                bytes.span, codec: header.codec, layer: header.layer, timestamp: header.timestamp,
                isKeyframe: header.isKeyframe, temporal: TemporalPlace(header), at: now)
        }
        swap(&bytes, &packet)
        for ssrc in media.decode.takeKeyframeRequests() { controller.requestKeyframe(ssrc: ssrc, at: now) }
        drain()
    }

    // MARK: What is wanted

    /// Does all that the controller wants, then arms the timer. An answer that comes at once, from within, is as good as a
    /// later one: nothing here depends on what was polled before.
    func drain() {
        while let output = controller.poll() { carryOut(output) }
        sendDatagrams()
        timer?.arm(controller.soonest.instant)
    }

    private func carryOut(_ output: ControllerOutput) {
        switch output {
        case .network(let request, let number): carryOut(request, of: number)
        case .media(let command): carryOut(command)
        case .control(let command): sendControl?(command)
        case .displayPower(let isOn): screen.setPower(isOn: isOn)
        case .displayHotplug: screen.noteHotplug()
        case .scene(let content):
            media.camera.isSelfViewLarge = content.scene.phase.showsOwnPicture
            screen.show(ScreenContent(content, selfView: media.camera.selfView, slots: slots))
        case .status(let status):
            board.publish(status)
            panel?.publish("status", board.status())
        case .lamps(let lamps):
            board.publish(lamps)
            panel?.publish("leds", board.leds())
        case .journal(let entry): log.write(entry)
        case .pressed(let role, let press):
            panel?.publish("button", ["name": .string(role.name), "press": .string(press.rawValue)])
        case .remember(let name, let value): remember?(name, value)
        case .restart: onRestart?()
        case .trace: break
        }
    }

    private func carryOut(_ command: MediaCommand) {
        switch command {
        case .addPicture(let ssrc): slots[ssrc] = media.decode.add(source: ssrc)
        case .removePicture(let ssrc):
            media.decode.remove(source: ssrc)
            slots[ssrc] = nil
        case .decode(let ssrc, let codec, let bytes, let isKeyframe, let instant):
            media.decode.decode(
                source: ssrc, frame: bytes.span, codec: codec, isKeyframe: isKeyframe, instant: instant)
            controller.reuse(bytes, of: ssrc)
        case .sample:
            controller.mediaSampled(media.snapshot(shownPictures: screen.shownPictures), at: clock.now)
        default: media.carryOut(command)
        }
    }
}
