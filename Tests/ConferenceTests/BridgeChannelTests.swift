import Basis
import DTLSSRTP
import Jitsi
import Room
import Testing

@testable import Conference

/// The bridge channel of a conference whose media is up.
@Suite struct BridgeChannelTests {
    private static let certificate = Result { try DTLSCertificate.generate() }

    private func conference(hasSCTP: Bool, sockets: [String] = []) throws -> Conference {
        var conference = Conference(
            configuration: ConferenceConfiguration(
                roomURL: try RoomURL("https://visio.example.org/salle"), overrides: ServerOverrides(),
                displayName: "Salle", language: "fr", machineUID: "0123456789abcdef0123456789abcdef",
                roomPassword: nil, account: nil, certificate: try Self.certificate.get(), ntpOffset: .zero,
                media: LocalMedia(audioMuted: false, videoMuted: false)),
            random: RandomSource(seed: 1))
        conference.stage = .open
        conference.hadMedia = true
        conference.channel.hasSCTP = hasSCTP
        conference.channel.socketURLs = sockets.map { Redacted($0) }
        return conference
    }

    private func instant(_ seconds: Int) -> MonotonicInstant { .zero + .seconds(seconds) }

    /// Runs the channel until `end` in steps of a second; the sockets that were asked for, and the facts.
    private func run(
        _ conference: inout Conference, from begin: Int = 0, to end: Int
    ) -> (sockets: [Int], facts: [ConferenceFact]) {
        var sockets: [Int] = []
        var facts: [ConferenceFact] = []
        for second in begin...end {
            conference.advanceChannel(to: instant(second))
            while let output = conference.poll() {
                switch output {
                case .openWebSocket: sockets.append(second)
                case .event(.fact(let fact)): facts.append(fact)
                default: break
                }
            }
        }
        return (sockets, facts)
    }

    @Test func aSilentAssociationIsMadeAnewAndThenTheSessionIsRenewed() throws {
        var conference = try conference(hasSCTP: true)
        conference.channel.state = .openingSCTP(until: instant(10))
        #expect(run(&conference, to: 9).facts.isEmpty)
        #expect(!conference.channel.isMissing(at: instant(9)))
        #expect(run(&conference, from: 10, to: 15).facts.isEmpty)
        #expect(conference.channel.state == .openingSCTP(until: instant(20)))
        #expect(conference.channel.isMissing(at: instant(15)))
        #expect(run(&conference, from: 16, to: 40).facts == [.lineInterrupted])
        #expect(conference.line.isSessionStale)
        #expect(conference.channel.renewals == 1)
    }

    @Test func soundIsNotDisturbedAgainAndAgainForAChannelThatNeverOpens() throws {
        var conference = try conference(hasSCTP: true)
        conference.channel.renewals = BridgeChannel.maximumRenewals
        conference.channel.state = .openingSCTP(until: instant(10))
        #expect(run(&conference, to: 1_000).facts.isEmpty)
        #expect(!conference.line.isSessionStale)
        #expect(conference.channel.state != .closed)
        #expect(conference.channel.isMissing(at: instant(1_000)))
    }

    @Test func aLostAssociationIsMadeAnewAtOnce() throws {
        var conference = try conference(hasSCTP: true)
        conference.sctpOpened(at: instant(1))
        #expect(run(&conference, from: 1, to: 30).facts.isEmpty)
        conference.sctpClosed(at: instant(31))
        #expect(conference.channel.state == .openingSCTP(until: instant(41)))
        #expect(!conference.channel.isMissing(at: instant(31)))
        conference.sctpOpened(at: instant(32))
        #expect(conference.channel.isOpen)
        #expect(!conference.channel.isMissing(at: instant(60)))
    }

    /// One that is lost as soon as it opens counts with those that never opened.
    @Test func anAssociationThatDoesNotLastRenewsTheSession() throws {
        var conference = try conference(hasSCTP: true)
        conference.channel.state = .openingSCTP(until: instant(10))
        var second = 0
        while !conference.line.isSessionStale, second < 60 {
            if case .openingSCTP = conference.channel.state {
                conference.sctpOpened(at: instant(second))
                conference.sctpClosed(at: instant(second + 1))
            }
            second += 1
            _ = run(&conference, from: second, to: second)
        }
        #expect(conference.line.isSessionStale)
    }

    @Test func aSocketIsTriedWhereSCTPIsSilentAndSCTPAgainAfterIt() throws {
        var conference = try conference(hasSCTP: true, sockets: ["wss://visio.example.org/colibri-ws/1"])
        conference.channel.state = .openingSCTP(until: instant(10))
        #expect(run(&conference, to: 12).sockets == [10])
        // The socket does not open either.
        #expect(run(&conference, from: 13, to: 24).sockets.isEmpty)
        guard case .openingSCTP = conference.channel.state else {
            Issue.record("\(conference.channel.state)")
            return
        }
        #expect(run(&conference, from: 25, to: 300).facts.isEmpty)
    }

    @Test func duringASilenceOfTheBridgeAnAssociationIsNotGivenUp() throws {
        var conference = try conference(hasSCTP: true)
        conference.channel.state = .openingSCTP(until: instant(10))
        conference.line.silentSince = instant(5)
        _ = run(&conference, to: 100)
        #expect(conference.channel.failures == 0)
    }

    @Test func aSocketThatWasReplacedIsNotOpenedAgain() throws {
        var conference = try conference(hasSCTP: false, sockets: ["wss://visio.example.org/colibri-ws/1"])
        conference.channel.state = .waiting(until: instant(1))
        #expect(run(&conference, to: 1).sockets == [1])
        conference.channelOpened(at: instant(2))
        conference.channelSocketClosed(code: 1_001, nil, at: instant(3))
        #expect(run(&conference, from: 3, to: 100).sockets.isEmpty)
    }

    @Test func theBridgeIsGreetedWhenTheChannelOpens() throws {
        var conference = try conference(hasSCTP: false, sockets: ["wss://visio.example.org/colibri-ws/1"])
        conference.channel.state = .waiting(until: instant(1))
        _ = run(&conference, to: 1)
        conference.channelOpened(at: instant(2))
        var sent: [String] = []
        while let output = conference.poll() {
            if case .sendText(_, let text) = output { sent.append(text.revealed) }
        }
        #expect(sent.first == #"{"colibriClass":"ClientHello"}"#)
        #expect(sent.contains { $0.contains("ReceiverVideoConstraints") })
    }

    @Test func picturesStayUntilTheRenewedSessionStandsOrDoesNotCome() throws {
        var conference = try conference(hasSCTP: true)
        conference.renewSession("no path", at: instant(0))
        while conference.poll() != nil {}
        var facts: [ConferenceFact] = []
        for second in 1...30 {
            conference.advanceLine(to: instant(second))
            while let output = conference.poll() {
                if case .event(.fact(let fact)) = output { facts.append(fact) }
            }
            if second < 20 { #expect(facts.isEmpty) }
        }
        #expect(Set(facts.map { "\($0)" }) == ["mediaEnded", "lineRestored"])
        #expect(!conference.line.isSessionStale)
    }

    /// Every message that may come in any order, with anything missing or repeated: none of them ends anything, and a source
    /// whose frames come stays shown.
    @Test(arguments: 0..<50) func anyOrderOfTheBridgesMessages(seed: UInt64) throws {
        var conference = try conference(hasSCTP: true)
        let alice = RemoteSource(name: "alice-v0", owner: "alice", kind: .video, ssrc: 1)
        conference.sources = [alice]
        conference.channel.state = .openSCTP
        var random = RandomSource(seed: seed)
        let messages = [
            #"{"colibriClass":"ForwardedSources","forwardedSources":[]}"#,
            #"{"colibriClass":"ForwardedSources","forwardedSources":["alice-v0"]}"#,
            #"{"colibriClass":"LastNEndpointsChangeEvent","lastNEndpoints":[]}"#,
            #"{"colibriClass":"DominantSpeakerEndpointChangeEvent","dominantSpeakerEndpoint":"alice"}"#,
            #"{"colibriClass":"ConnectionStats","estimatedDownlinkBandwidth":1}"#,
            #"{"colibriClass":"EndpointStats","from":"alice","connectionQuality":50}"#,
            #"{"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":"alice","active":"false"}"#,
            #"{"colibriClass":"SenderSourceConstraints","sourceName":"-v0","maxHeight":0}"#,
            #"{"colibriClass":"SenderVideoConstraints","videoConstraints":{"idealHeight":180}}"#,
            #"{"colibriClass":"VideoSourcesMap","mappedSources":[]}"#,
            #"{"colibriClass":"AudioSourcesMap","mappedSources":[]}"#,
            #"{"colibriClass":"ServerHello","version":"2.3"}"#, #"{"colibriClass":"Unknown"}"#, "{", "",
        ]
        for step in 0..<100 {
            let now = instant(0) + .milliseconds(step * 50)
            _ = conference.forwarding.frameArrived(of: alice, at: now)
            conference.channelReceived(messages[Int.random(in: 0..<messages.count, using: &random)], at: now)
            #expect(conference.forwarding.isForwarded(alice))
            while let output = conference.poll() {
                if case .event(.fact(let fact)) = output { Issue.record("\(fact)") }
            }
        }
    }
}
