import Basis
import Testing

@testable import XMPP

/// What others make us say, and what is too large to be read.
@Suite struct AnswerBudgetTests {
    @Test func aBurstThenFourASecond() {
        var budget = AnswerBudget()
        var now = MonotonicInstant.zero
        #expect((0..<30).count { _ in budget.take(at: now) } == AnswerBudget.capacity)
        now += .milliseconds(600)
        #expect((0..<10).count { _ in budget.take(at: now) } == 2)
        now += .milliseconds(150)
        #expect((0..<10).count { _ in budget.take(at: now) } == 1, "a rest is kept")
        now += .seconds(100_000)
        #expect((0..<100).count { _ in budget.take(at: now) } == AnswerBudget.capacity)
        #expect(budget.dropped == 10 + 8 + 9 + 80)
    }

    private static func ping(from: String) -> String {
        "<iq xmlns='jabber:client' type='get' id='p' from='\(from)'><ping xmlns='urn:xmpp:ping'/></iq>"
    }

    @Test func pingsAndRefusalsOfOthersShareIt() throws {
        var driver = try SessionDriver.bound()
        for _ in 0..<15 { driver.receive(Self.ping(from: "room@muc/evil")) }
        let unknown = try XMLReader.parse(
            "<iq xmlns='jabber:client' type='get' id='u' from='room@muc/evil'><odd xmlns='urn:odd'/></iq>")
        for _ in 0..<15 { driver.perform { $0.reject(unknown, at: $1) } }
        #expect(driver.takeFrames().count == AnswerBudget.capacity)
        // The server itself is always answered, or it ends the stream.
        driver.receive(Self.ping(from: "visio.example.org"))
        #expect(driver.takeFrames().count == 1)
        driver.pass(.seconds(2))
        _ = driver.takeFrames()
        driver.receive(Self.ping(from: "room@muc/evil"))
        #expect(driver.takeFrames().count == 1)
    }

    private func managed() throws -> SessionDriver {
        var driver = SessionDriver(isDurable: true)
        driver.start()
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures())
        driver.receive(Server.bindResult(try #require(try driver.takeFrame()["id"])))
        driver.receive("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='R1' max='60'/>")
        driver.frames = []
        driver.events = []
        return driver
    }

    @Test func aStanzaThatIsTooLargeCountsAsReceived() throws {
        var driver = try managed()
        let body = String(repeating: "x", count: 2 << 20)
        driver.receive("<message xmlns='jabber:client' from='room@muc/a'><body>\(body)</body></message>")
        #expect(driver.events == [.dropped(.tooLarge)])
        #expect(driver.session.skippedFrames == 1)
        // Or the server would send it again with each resumption.
        driver.receive("<r xmlns='urn:xmpp:sm:3'/>")
        #expect(driver.takeFrames() == ["<a xmlns='urn:xmpp:sm:3' h='1'/>"])
    }

    @Test func soDoesOneThatTheSocketLeftOut() throws {
        var driver = try managed()
        driver.perform { $0.frameSkipped(at: $1) }
        #expect(driver.session.skippedFrames == 1)
        driver.receive("<r xmlns='urn:xmpp:sm:3'/>")
        #expect(driver.takeFrames() == ["<a xmlns='urn:xmpp:sm:3' h='1'/>"])
        #expect(!driver.session.hasEnded)
    }
}
