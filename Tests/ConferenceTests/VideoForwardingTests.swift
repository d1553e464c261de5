import Basis
import Jitsi
import Testing

@testable import Conference

@Suite final class VideoForwardingTests {
    private let alice = RemoteSource(name: "alice-v0", owner: "alice", kind: .video, ssrc: 1)
    private let bob = RemoteSource(name: "bob-v0", owner: "bob", kind: .video, ssrc: 2)
    private var forwarding = VideoForwarding()

    private func arrives(_ source: RemoteSource, at now: MonotonicInstant) -> Bool {
        forwarding.frameArrived(of: source, at: now)
    }

    private func advance(to now: MonotonicInstant) -> Bool { forwarding.advance(to: now) }

    private func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }

    @Test func awaitsPicturesOfWhichNothingWasSaid() {
        #expect(forwarding.isForwarded(alice))
        #expect(forwarding.deadline == nil)
    }

    @Test func believesTheBridgeWhereNoPicturesCome() {
        forwarding.announce(sources: ["bob-v0"])
        #expect(!forwarding.isForwarded(alice))
        #expect(forwarding.isForwarded(bob))
        forwarding.announce(sources: ["alice-v0"])
        #expect(forwarding.isForwarded(alice))
    }

    /// As seen on a bridge that was just started: two of its threads send in the wrong order.
    @Test func showsASourceWhosePicturesComeAfterTheBridgeTookItBack() {
        forwarding.announce(sources: ["alice-v0"])
        forwarding.announce(sources: ["alice-v0"])
        forwarding.announce(sources: [])
        #expect(!forwarding.isForwarded(alice))
        #expect(arrives(alice, at: instant(0)))
        #expect(forwarding.isForwarded(alice))
        for step in 1...100 {
            #expect(!arrives(alice, at: instant(step * 33)))
            #expect(!advance(to: instant(step * 33)))
            #expect(forwarding.isForwarded(alice))
        }
    }

    @Test func keepsASourceThatIsTakenBackWhileItsPicturesCome() {
        #expect(!arrives(alice, at: instant(0)))
        forwarding.announce(sources: [])
        #expect(forwarding.isForwarded(alice))
        #expect(!forwarding.isForwarded(bob))
    }

    @Test func withholdsASourceSomeTimeAfterItsLastPicture() {
        forwarding.announce(sources: [])
        _ = arrives(alice, at: instant(0))
        _ = arrives(bob, at: instant(500))
        #expect(forwarding.deadline == instant(2_000))
        #expect(!advance(to: instant(1_999)))
        #expect(advance(to: instant(2_000)))
        #expect(!forwarding.isForwarded(alice))
        #expect(forwarding.isForwarded(bob))
        #expect(forwarding.deadline == instant(2_500))
        #expect(advance(to: instant(2_500)))
        #expect(forwarding.deadline == nil)
    }

    /// A shared screen on which nothing moves.
    @Test func keepsASourceOfOneFrameASecond() {
        forwarding.announce(sources: [])
        for second in 0..<10 {
            _ = arrives(alice, at: instant(second * 1_000))
            #expect(!advance(to: instant(second * 1_000 + 999)))
            #expect(forwarding.isForwarded(alice))
        }
    }

    @Test func keepsAnAnnouncedSourceThatStandsStill() {
        forwarding.announce(sources: ["alice-v0"])
        _ = arrives(alice, at: instant(0))
        _ = advance(to: instant(60_000))
        #expect(forwarding.isForwarded(alice))
    }

    @Test func hearsOldBridgesOnEndpointsAndNewOnesOnSourcesAlone() {
        forwarding.announce(endpoints: ["bob"])
        #expect(!forwarding.isForwarded(alice))
        #expect(forwarding.isForwarded(bob))
        forwarding.announce(sources: ["alice-v0"])
        forwarding.announce(endpoints: ["bob"])
        #expect(forwarding.isForwarded(alice))
        #expect(!forwarding.isForwarded(bob))
    }

    @Test func startsTheWindowAnewAfterASilenceOfTheBridge() {
        forwarding.announce(sources: [])
        _ = arrives(alice, at: instant(0))
        forwarding.resume(at: instant(8_000))
        #expect(!advance(to: instant(9_999)))
        #expect(forwarding.isForwarded(alice))
        #expect(advance(to: instant(10_000)))
        #expect(!forwarding.isForwarded(alice))
    }

    @Test func forgetsASourceThatWasRemoved() {
        forwarding.announce(sources: [])
        _ = arrives(alice, at: instant(0))
        forwarding.remove(ssrc: 1)
        #expect(!forwarding.isForwarded(alice))
        #expect(forwarding.deadline == nil)
    }

    /// Every order of what a bridge says, with anything missing or repeated: who sends pictures is shown.
    @Test(arguments: 0..<200) func anyOrderOfMessagesShowsWhoSends(seed: UInt64) {
        var random = RandomSource(seed: seed)
        for step in 0..<60 {
            let now = instant(step * 100)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: forwarding.announce(sources: [])
            case 1: forwarding.announce(sources: ["bob-v0"])
            case 2: forwarding.announce(endpoints: [])
            case 3: forwarding.announce(endpoints: ["alice", "bob"])
            default: break
            }
            _ = arrives(alice, at: now)
            _ = advance(to: now)
            #expect(forwarding.isForwarded(alice))
        }
    }
}
