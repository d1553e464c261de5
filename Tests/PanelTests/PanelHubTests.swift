import Basis
import Devices
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import Panel

/// A screen that answers when it is told to, or at once.
private final class ScreenDouble: PanelSource {
    struct Script {
        var asked = 0
        var number = 1
        var isDark = false
        var answersLate = false
        var waiting: (@Sendable (PanelPicture?) -> Void)?
        var watchers: [Int] = []
    }

    let script = Mutex(Script())

    func status() -> JSONValue { [:] }
    func leds() -> JSONValue { [:] }
    func buttonNames() -> [String] { [] }
    func press(_ name: String, _ press: ButtonPress) -> PressOutcome { .unknownButton }
    func screenPNG(completion: @escaping @Sendable ([UInt8]?) -> Void) { completion(nil) }
    var isReady: Bool { true }
    func watchersChanged(_ count: Int) { script.withLock { $0.watchers.append(count) } }

    func screenJPEG(completion: @escaping @Sendable (PanelPicture?) -> Void) {
        let picture: PanelPicture?? = script.withLock { script in
            script.asked += 1
            if script.answersLate {
                script.waiting = completion
                return nil
            }
            return .some(script.isDark ? nil : Self.picture(script.number))
        }
        if let picture { completion(picture) }
    }

    func answer() {
        let (waiting, number) = script.withLock { script in
            defer { script.waiting = nil }
            return (script.waiting, script.number)
        }
        waiting?(Self.picture(number))
    }

    static func picture(_ number: Int) -> PanelPicture {
        PanelPicture(number: number, bytes: Array("picture \(number)".utf8))
    }

    var asked: Int { script.withLock { $0.asked } }
    func change() { script.withLock { $0.number += 1 } }
}

/// The moving picture in a time that only the test moves.
@Suite struct PanelHubTests {
    private let loop = EmbeddedEventLoop()
    private let screen = ScreenDouble()
    private let hub: PanelHub

    init() {
        hub = PanelHub(eventLoop: loop, source: screen, milliseconds: { 0 })
    }

    private func viewer(isLocal: Bool = true) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        hub.view(channel, isLocal: isLocal, first: ScreenDouble.picture(screen.script.withLock { $0.number }))
        return channel
    }

    /// What was written to a client since the last look.
    private func taken(_ channel: EmbeddedChannel) throws -> String {
        var text = ""
        while case .body(.byteBuffer(let buffer))? = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            text += String(buffer: buffer)
        }
        return text
    }

    private func pass(_ time: TimeAmount, changing: Bool) {
        let step = TimeAmount.milliseconds(1)
        for _ in 0..<time.nanoseconds / step.nanoseconds {
            if changing { screen.change() }
            loop.advanceTime(by: step)
        }
    }

    private static func part(_ text: String) -> String {
        "Content-Type: image/jpeg\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)\r\n--frame\r\n"
    }

    @Test func withoutViewersNoPictureIsMade() throws {
        pass(.seconds(2), changing: true)
        #expect(screen.asked == 0)
        let channel = try viewer()
        pass(.seconds(1), changing: true)
        #expect(screen.asked > 0)
        hub.forget(channel)
        let asked = screen.asked
        pass(.seconds(2), changing: true)
        #expect(screen.asked <= asked + 1, "the last viewer has gone")
    }

    /// The people in the room are to know of everybody who looks from elsewhere, and of nobody else.
    @Test func whoLooksFromElsewhereIsAnnounced() throws {
        func told() -> [Int] { screen.script.withLock { $0.watchers } }
        let local = try viewer()
        #expect(told().isEmpty)
        let first = try viewer(isLocal: false)
        let second = try viewer(isLocal: false)
        #expect(told() == [1, 2])
        hub.forget(first)
        hub.forget(local)
        #expect(told() == [1, 2, 1])
        // Single pictures, one after the other, count as one who looks until ten seconds after the last.
        hub.noteStill()
        pass(.seconds(6), changing: false)
        hub.noteStill()
        pass(.seconds(9), changing: false)
        #expect(told() == [1, 2, 1, 2])
        pass(.seconds(2), changing: false)
        #expect(told() == [1, 2, 1, 2, 1])
        hub.forget(second)
        #expect(told().last == 0)
    }

    @Test func partsEndWithTheBoundary() throws {
        let channel = try viewer()
        #expect(try taken(channel) == "--frame\r\n" + Self.part("picture 1"))
        screen.change()
        pass(.milliseconds(150), changing: false)
        #expect(try taken(channel) == Self.part("picture 2"))
    }

    @Test func aLivePictureComesFifteenTimesASecond() throws {
        let channel = try viewer()
        _ = try taken(channel)
        pass(.seconds(1), changing: true)
        #expect((14...16).contains(try taken(channel).ranges(of: "--frame").count))
    }

    @Test func whatDoesNotChangeIsSentSeldom() throws {
        let channel = try viewer()
        _ = try taken(channel)
        pass(.milliseconds(1900), changing: false)
        #expect(try taken(channel).isEmpty)
        pass(.milliseconds(300), changing: false)
        #expect(try taken(channel) == Self.part("picture 1"), "so that a client that is gone is found out")
    }

    @Test func aSlowScreenIsNotAskedWithoutPause() throws {
        screen.script.withLock { $0.answersLate = true }
        _ = try viewer()
        for _ in 0..<4 {
            let asked = screen.asked
            pass(.milliseconds(100), changing: true)
            #expect(screen.asked == asked, "one picture at a time")
            screen.answer()
            pass(.milliseconds(40), changing: true)
            #expect(screen.asked == asked, "half as long a pause as the picture took")
            pass(.milliseconds(15), changing: true)
            #expect(screen.asked == asked + 1)
        }
    }

    @Test func aSlowReaderSkipsPicturesAndIsDropped() throws {
        let (slow, quick) = (try viewer(), try viewer())
        _ = (try taken(slow), try taken(quick))
        slow.isWritable = false
        pass(.seconds(1), changing: true)
        #expect(try taken(slow).isEmpty, "nothing is kept for it")
        #expect(try taken(quick).ranges(of: "--frame").count > 10, "and nobody else waits")
        slow.isWritable = true
        pass(.milliseconds(200), changing: true)
        #expect((1...4).contains(try taken(slow).ranges(of: "--frame").count), "it goes on with the present")
        slow.isWritable = false
        pass(.milliseconds(4800), changing: true)
        #expect(slow.isActive)
        pass(.milliseconds(400), changing: true)
        #expect(!slow.isActive && quick.isActive)
    }

    @Test func aScreenThatStaysDarkEndsTheStream() throws {
        let channel = try viewer()
        screen.script.withLock { $0.isDark = true }
        pass(.milliseconds(4800), changing: false)
        #expect(channel.isActive)
        screen.script.withLock { $0.isDark = false }
        pass(.milliseconds(200), changing: true)
        screen.script.withLock { $0.isDark = true }
        pass(.milliseconds(4800), changing: false)
        #expect(channel.isActive, "counted anew")
        pass(.milliseconds(600), changing: false)
        #expect(!channel.isActive)
    }
}
