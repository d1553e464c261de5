import Basis
import NIOCore
import NIOHTTP1

/// Those who watch: the clients of the event stream and of the moving picture. Belongs to the server's loop.
final class PanelHub {
    static let maximumSubscribers = 16
    static let maximumViewers = 8
    static let boundary = "frame"
    private static let keepAliveInterval = TimeAmount.seconds(15)
    private static let frameInterval = TimeAmount.milliseconds(80)
    /// How many frames in a row may be missing or, for one viewer, skipped, before it is over.
    private static let patience = 60

    private struct Viewer {
        var channel: any Channel
        var skipped = 0
    }

    private let eventLoop: any EventLoop
    private let source: any PanelSource
    private var subscribers: [ObjectIdentifier: any Channel] = [:]
    private var viewers: [ObjectIdentifier: Viewer] = [:]
    private var keepAlive: Scheduled<Void>?
    private var frameIsDue = false
    private var framesMissing = 0
    private var isStopped = false

    init(eventLoop: any EventLoop, source: any PanelSource) {
        self.eventLoop = eventLoop
        self.source = source
    }

    // MARK: Events

    var hasRoomForSubscriber: Bool { subscribers.count < Self.maximumSubscribers && !isStopped }

    /// Adds a client whose response head is written; it gets the present state at once.
    func subscribe(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = channel
        let greeting =
            "retry: 2000\n\n" + Self.event("status", source.status()) + Self.event("leds", source.leds())
        write(Array(greeting.utf8), to: channel)
        if keepAlive == nil { scheduleKeepAlive() }
    }

    func publish(_ name: String, _ value: JSONValue) {
        broadcast(Self.event(name, value))
    }

    /// One event of the text/event-stream format (WHATWG HTML section 9.2). JSON text holds no line break.
    static func event(_ name: String, _ value: JSONValue) -> String {
        let safeName = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return "event: \(safeName)\ndata: \(value.serialized())\n\n"
    }

    private func broadcast(_ text: String) {
        let bytes = Array(text.utf8)
        for (key, channel) in subscribers {
            // What a client has not taken is more than the state is worth: it comes back and gets the present.
            if channel.isWritable {
                write(bytes, to: channel)
            } else {
                subscribers[key] = nil
                channel.close(promise: nil)
            }
        }
    }

    private func scheduleKeepAlive() {
        keepAlive = eventLoop.assumeIsolated().scheduleTask(in: Self.keepAliveInterval) { [weak self] in
            guard let self else { return }
            keepAlive = nil
            broadcast(": keepalive\n\n")
            if !subscribers.isEmpty { scheduleKeepAlive() }
        }
    }

    // MARK: Moving picture

    var hasRoomForViewer: Bool { viewers.count < Self.maximumViewers && !isStopped }

    /// Adds a client whose response head is written, beginning with a frame.
    func view(_ channel: any Channel, first frame: [UInt8]) {
        viewers[ObjectIdentifier(channel)] = Viewer(channel: channel)
        write(Array("--\(Self.boundary)\r\n".utf8) + Self.part(frame), to: channel)
        scheduleFrame()
    }

    /// The boundary ends a part instead of beginning it: a browser shows a frame when it has seen its end.
    static func part(_ frame: [UInt8]) -> [UInt8] {
        Array("Content-Type: image/jpeg\r\nContent-Length: \(frame.count)\r\n\r\n".utf8) + frame
            + Array("\r\n--\(boundary)\r\n".utf8)
    }

    private func scheduleFrame() {
        guard !frameIsDue, !viewers.isEmpty else { return }
        frameIsDue = true
        let started = eventLoop.now
        let next = NIOLoopBound(self, eventLoop: eventLoop)
        source.screenJPEG { [eventLoop] frame in
            // Even a picture that is there at once waits for the next turn: no recursion.
            eventLoop.execute { next.value.deliver(frame, startedAt: started) }
        }
    }

    private func deliver(_ frame: [UInt8]?, startedAt started: NIODeadline) {
        if let frame {
            framesMissing = 0
            show(Self.part(frame))
        } else {
            framesMissing += 1
            if framesMissing >= Self.patience { dropViewers() }
        }
        eventLoop.assumeIsolated().scheduleTask(deadline: started + Self.frameInterval) { [weak self] in
            self?.frameIsDue = false
            self?.scheduleFrame() ?? ()
        }
    }

    private func show(_ part: [UInt8]) {
        for (key, var viewer) in viewers {
            if viewer.channel.isWritable {
                viewer.skipped = 0
                write(part, to: viewer.channel)
            } else {
                viewer.skipped += 1
            }
            viewers[key] = viewer
            if viewer.skipped >= Self.patience {
                viewers[key] = nil
                viewer.channel.close(promise: nil)
            }
        }
    }

    private func dropViewers() {
        framesMissing = 0
        let ending = viewers.values
        viewers = [:]
        for viewer in ending { viewer.channel.close(promise: nil) }
    }

    // MARK: Both

    private func write(_ bytes: [UInt8], to channel: any Channel) {
        let buffer = channel.allocator.buffer(bytes: bytes)
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer)), promise: nil)
    }

    func forget(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = nil
        viewers[ObjectIdentifier(channel)] = nil
    }

    func stop() {
        isStopped = true
        keepAlive?.cancel()
        keepAlive = nil
        let ending = Array(subscribers.values)
        subscribers = [:]
        for channel in ending { channel.close(promise: nil) }
        dropViewers()
    }
}
