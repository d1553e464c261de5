package import Basis
internal import DTLSSRTP
package import Devices
internal import LinuxHost
internal import MediaEngine
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NetworkIO
package import Panel
internal import RoomController
internal import Scene
internal import Synchronization
package import VoiceProcessing

/// Why the appliance could not start.
package enum ApplianceError: Error, CustomStringConvertible {
    case device(DeviceError)
    case network(String)
    case engine(String)
    case panel(PanelError)

    package var description: String {
        switch self {
        case .device(let error): error.description
        case .network(let text), .engine(let text): text
        case .panel(let error): "\(error)"
        }
    }
}

/// The appliance: owns the event loop, the media threads and the screen, starts them in order and stops them in reverse.
package final class Appliance: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let panelGroup: MultiThreadedEventLoopGroup
    private let network: NetworkContext
    private let media: MediaThreads
    private let screen: ScreenThread
    private let call: CallActor
    private let controls = Mutex<ControlThread?>(nil)
    package let board: StatusBoard
    private let log: Logger

    /// Builds everything and starts what needs no device.
    package init(settings: ApplianceSettings, log: Logger) throws(ApplianceError) {
        self.log = log
        ProcessMemory.keepLargeBlocksApart()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        panelGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        do {
            network = try NetworkContext(
                eventLoop: eventLoop, caFiles: settings.caFiles, proxy: settings.proxy)
        } catch {
            throw .network("\(error)")
        }
        let certificate: DTLSCertificate
        do {
            certificate = try DTLSCertificate.generate()
        } catch {
            throw .engine("\(error)")
        }
        board = StatusBoard(buttons: settings.panelButtons)
        let waker = LoopWaker(eventLoop: eventLoop)
        let arrivals = PictureArrivals()
        var scene = SceneState(language: settings.room.language, deviceName: settings.room.deviceName)
        scene.theme = settings.room.theme
        do {
            media = try MediaThreads(callWaker: waker, cameraShowsScreen: settings.cameraShowsScreen)
            screen = try ScreenThread(
                content: ScreenContent(scene: scene, slots: [:], attempt: 0, isLive: false),
                onFirstPicture: { arrivals.report($0, $1) })
        } catch {
            throw .device(error)
        }
        let call = CallActor(
            eventLoop: eventLoop, settings: settings, network: network, media: media, screen: screen, board: board,
            log: log, certificate: certificate)
        self.call = call
        waker.onWake { call.assumeIsolated { $0.sendMedia() } }
        arrivals.onReport { attempt, instant in
            call.onLoop { $0.tell { controller, _ in controller.firstPictureShown(attempt: attempt, at: instant) } }
        }
        board.onWatchersChanged { count in call.onLoop { $0.tell { $0.panelWatchersChanged(count, at: $1) } } }
        board.connect(screen: screen) { role, press in
            call.onLoop { $0.tell { $0.press(role, press, at: $1) } }
        }
    }

    /// Starts the threads with their devices, then the room.
    /// - Parameter voice: what is done to the own voice; nothing for devices that are no real ones.
    package func start<Screen: Display & ~Copyable, Duplex: AudioDuplex & ~Copyable, Picture: Camera & ~Copyable>(
        voice: VoiceSettings,
        makeDisplay: @escaping @Sendable () throws(DeviceError) -> Screen,
        makeAudio: @escaping @Sendable () throws(DeviceError) -> Duplex,
        makeCamera: @escaping @Sendable () throws(DeviceError) -> Picture
    ) throws(ApplianceError) {
        let call = call
        let onFault: @Sendable (String) -> Void = { text in
            call.onLoop { $0.tell { $0.deviceFailed(text, at: $1) } }
        }
        do {
            try screen.start(makeDisplay: makeDisplay) { state, fault in
                call.onLoop { $0.tell { $0.displayChanged(state, fault: fault, at: $1) } }
            }
            try media.start(voice: voice, makeAudio: makeAudio, makeCamera: makeCamera, onFault: onFault)
        } catch {
            throw .device(error)
        }
        call.onLoop { $0.begin() }
    }

    /// Serves the panel on `listen`; the address that was bound.
    ///
    /// - Parameter token: what clients on other computers must show; nil lets them look and press nothing.
    package func servePanel(
        listen: String, token: Redacted<String>? = nil
    ) async throws(ApplianceError) -> TransportAddress {
        do {
            let server = try await PanelServer.start(
                listen: listen, source: board, access: PanelAccess(token: token), group: panelGroup
            ) { WallClock().millisecondsSince1970 }
            await call.publishTo(server)
            return server.address
        } catch {
            throw .panel(error)
        }
    }

    private static let controlsPatience = Duration.seconds(5)

    /// Serves the buttons, lamps, speakerphones and the TV's wire that `makeSources` makes on their own thread. Before
    /// `start`: what the screen calls ready has buttons that work.
    package func startControls(
        _ makeSources: @escaping @Sendable () -> [any ControlSource]
    ) throws(ApplianceError) {
        let call = call
        let thread: ControlThread
        do {
            thread = try ControlThread(sources: makeSources) { event in
                call.onLoop { $0.tell { $0.handle(event, at: $1) } }
            }
        } catch {
            throw .device(error)
        }
        controls.withLock { $0 = thread }
        call.onLoop { $0.connectControls { thread.send($0) } }
        // A device that takes longer is not worth a box that does not start.
        _ = thread.waitUntilReady(patience: Self.controlsPatience)
    }

    /// - Parameters:
    ///   - remember: writes down a fact that is to survive a restart, by its name.
    ///   - restart: ends the process so that it is started anew; called when somebody held a button for ten seconds.
    package func connect(
        remember: @escaping @Sendable (String, String) -> Void, restart: @escaping @Sendable () -> Void
    ) {
        let call = call
        call.onLoop {
            $0.remember = remember
            $0.onRestart = restart
        }
    }

    /// Whether the threads that must run have run; returns only when the call's loop answers.
    package func heartbeat() async -> Heartbeat {
        let isInCall = await call.hasConference
        let now = MonotonicClock.now
        let pulses = media.pulses + (controls.withLock { $0.map { [$0.pulse] } } ?? [])
        return Heartbeat(
            screenTurns: screen.turnCount, audioSteps: media.audio.statistics.steps, isInCall: isInCall,
            stalledThreads: pulses.filter { $0.isStalled(at: now) }.map(\.name))
    }

    package func press(_ button: ButtonRole) {
        _ = board.press(button.name, .short)
    }

    /// Leaves the call, if any, and stops everything; bounded, since the caller will not wait for ever.
    package func stop() async {
        await call.shutDown()
        for _ in 0..<60 where await call.hasConference {
            try? await Task.sleep(for: .milliseconds(50))
        }
        await call.connectControls(nil)
        controls.withLock { $0.take() }?.stop()
        media.stop()
        screen.stop()
        try? await panelGroup.shutdownGracefully()
        try? await group.shutdownGracefully()
    }
}
