import Basis
import NIOCore
import NIOHTTP1

/// Those who watch: the clients of the event stream and of the moving picture. Belongs to the server's loop.
final class PanelHub {
    static let maximumSubscribers = 16
    static let maximumViewers = 8
    static let boundary = "frame"
    private static let keepAliveInterval = TimeAmount.seconds(15)
    /// Fifteen pictures a second; fewer where making one takes long: a third of the time is left to others.
    static let frameInterval = TimeAmount.milliseconds(66)
    /// A picture that does not change is sent again after this: a client that is gone is found out.
    static let repeatInterval = TimeAmount.seconds(2)
    /// For how long there may be no picture, or one viewer may take none, before it is over.
    static let patience = TimeAmount.seconds(5)

    /// Who asks for single pictures counts as watching so long after each.
    static let stillInterval = TimeAmount.seconds(10)

    private struct Viewer {
        var channel: any Channel
        var isLocal: Bool
        /// The number of the picture sent last, and when.
        var shown: Int
        var shownAt: NIODeadline
    }

    private let eventLoop: any EventLoop
    private let source: any PanelSource
    private let milliseconds: () -> Int64
    private var journal: PanelJournal
    private var subscribers: [ObjectIdentifier: any Channel] = [:]
    private var viewers: [ObjectIdentifier: Viewer] = [:]
    private var keepAlive: Scheduled<Void>?
    private var isFrameDue = false
    /// Since when there is no picture.
    private var darkSince: NIODeadline?
    private var isStopped = false
    private var stillEnd: Scheduled<Void>?
    /// As the source was told last.
    private var watchers = 0

    /// - Parameter milliseconds: the time of day since 1970, for the journal.
    init(eventLoop: any EventLoop, source: any PanelSource, milliseconds: @escaping () -> Int64) {
        self.eventLoop = eventLoop
        self.source = source
        self.milliseconds = milliseconds
        journal = PanelJournal(startedAt: milliseconds())
    }

    // MARK: Events

    var hasRoomForSubscriber: Bool { subscribers.count < Self.maximumSubscribers && !isStopped }

    /// Adds a client whose response head is written; it gets the present state at once.
    func subscribe(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = channel
        let greeting =
            "retry: 2000\n\n" + Self.event("status", source.status()) + Self.event("leds", source.leds())
            + Self.event("journal", journal.json)
        write(ByteBuffer(string: greeting), to: channel)
        if keepAlive == nil { scheduleKeepAlive() }
    }

    func publish(_ name: String, _ value: JSONValue) {
        let (new, isRewritten) = journal.note(name, value, at: milliseconds())
        guard !subscribers.isEmpty else { return }
        var text = Self.event(name, value)
        if isRewritten {
            text += Self.event("journal", journal.json)
        } else {
            for entry in new { text += Self.event("entry", entry.json) }
        }
        broadcast(text)
    }

    /// One event of the text/event-stream format (WHATWG HTML section 9.2). JSON text holds no line break.
    static func event(_ name: String, _ value: JSONValue) -> String {
        let safeName = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return "event: \(safeName)\ndata: \(value.serialized())\n\n"
    }

    private func broadcast(_ text: String) {
        let buffer = ByteBuffer(string: text)
        for (key, channel) in subscribers {
            // What a client has not taken is more than the state is worth: it comes back and gets the present.
            if channel.isWritable {
                write(buffer, to: channel)
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

    /// Adds a client whose response head is written, beginning with a picture.
    /// - Parameter isLocal: whether the client is on this machine, and nobody to be announced.
    func view(_ channel: any Channel, isLocal: Bool, first picture: PanelPicture) {
        viewers[ObjectIdentifier(channel)] = Viewer(
            channel: channel, isLocal: isLocal, shown: picture.number, shownAt: eventLoop.now)
        countWatchers()
        write(ByteBuffer(string: "--\(Self.boundary)\r\n"), to: channel)
        write(Self.part(picture.bytes), to: channel)
        scheduleFrame()
    }

    /// The boundary ends a part instead of beginning it: a browser shows a frame when it has seen its end.
    static func part(_ frame: [UInt8]) -> ByteBuffer {
        var part = ByteBuffer()
        part.reserveCapacity(frame.count + 100)
        part.writeString("Content-Type: image/jpeg\r\nContent-Length: \(frame.count)\r\n\r\n")
        part.writeBytes(frame)
        part.writeString("\r\n--\(boundary)\r\n")
        return part
    }

    /// Asks for the next picture as long as anybody watches: without viewers none is made.
    private func scheduleFrame() {
        guard !isFrameDue, !viewers.isEmpty else { return }
        isFrameDue = true
        let started = eventLoop.now
        let next = NIOLoopBound(self, eventLoop: eventLoop)
        source.screenJPEG { [eventLoop] picture in
            // Even a picture that is there at once waits for the next turn: no recursion.
            eventLoop.execute { next.value.deliver(picture, startedAt: started) }
        }
    }

    private func deliver(_ picture: PanelPicture?, startedAt started: NIODeadline) {
        let now = eventLoop.now
        if let picture {
            darkSince = nil
            show(picture, at: now)
        } else {
            let since = darkSince ?? now
            darkSince = since
            if now - since >= Self.patience { dropViewers() }
        }
        let due = max(started + Self.frameInterval, now + .nanoseconds((now - started).nanoseconds / 2))
        eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.isFrameDue = false
            self?.scheduleFrame() ?? ()
        }
    }

    private func show(_ picture: PanelPicture, at now: NIODeadline) {
        // Made when the first one wants it.
        var part: ByteBuffer?
        for (key, var viewer) in viewers {
            let isNew = viewer.shown != picture.number
            guard isNew || now - viewer.shownAt >= Self.repeatInterval else { continue }
            if viewer.channel.isWritable {
                viewer.shown = picture.number
                viewer.shownAt = now
                viewers[key] = viewer
                let buffer = part ?? Self.part(picture.bytes)
                part = buffer
                write(buffer, to: viewer.channel)
            } else if now - viewer.shownAt >= Self.patience {
                viewers[key] = nil
                viewer.channel.close(promise: nil)
            }
        }
        countWatchers()
    }

    /// A client on another computer asked for a single picture.
    func noteStill() {
        stillEnd?.cancel()
        stillEnd = eventLoop.assumeIsolated().scheduleTask(in: Self.stillInterval) { [weak self] in
            self?.stillEnd = nil
            self?.countWatchers()
        }
        countWatchers()
    }

    private func countWatchers() {
        let count = viewers.values.count { !$0.isLocal } + (stillEnd == nil ? 0 : 1)
        guard count != watchers else { return }
        watchers = count
        source.watchersChanged(count)
    }

    private func dropViewers() {
        darkSince = nil
        let ending = viewers.values
        viewers = [:]
        for viewer in ending { viewer.channel.close(promise: nil) }
        countWatchers()
    }

    // MARK: Both

    /// Every client gets the same buffer: its bytes are not copied.
    private func write(_ buffer: ByteBuffer, to channel: any Channel) {
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer)), promise: nil)
    }

    func forget(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = nil
        viewers[ObjectIdentifier(channel)] = nil
        if viewers.isEmpty { darkSince = nil }
        countWatchers()
    }

    func stop() {
        isStopped = true
        keepAlive?.cancel()
        keepAlive = nil
        stillEnd?.cancel()
        stillEnd = nil
        let ending = Array(subscribers.values)
        subscribers = [:]
        for channel in ending { channel.close(promise: nil) }
        dropViewers()
    }
}
