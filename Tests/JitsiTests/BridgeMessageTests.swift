import Basis
import Testing

@testable import Jitsi

struct BridgeMessageTests {
    @Test(arguments: [
        (#"{"colibriClass":"ServerHello","version":"2.3"}"#, BridgeMessage.serverHello(version: "2.3")),
        (#"{"colibriClass":"ServerHello"}"#, .serverHello(version: nil)),
        (
            #"{"colibriClass":"DominantSpeakerEndpointChangeEvent","dominantSpeakerEndpoint":"a","previousSpeakers":["b",null]}"#,
            .dominantSpeaker(endpoint: "a", previous: ["b"], silence: false)
        ),
        (#"{"colibriClass":"ForwardedSources","forwardedSources":["a-v0"]}"#, .forwardedSources(["a-v0"])),
        (#"{"colibriClass":"LastNEndpointsChangeEvent","lastNEndpoints":["a"]}"#, .lastNEndpoints(["a"])),
        (
            #"{"colibriClass":"SenderSourceConstraints","sourceName":"a-v0","maxHeight":360}"#,
            .senderConstraints(sourceName: "a-v0", maximumHeight: 360)
        ),
        (
            #"{"colibriClass":"SenderVideoConstraints","videoConstraints":{"idealHeight":1e300}}"#,
            .senderConstraints(sourceName: nil, maximumHeight: 100_000)
        ),
        (
            #"{"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":"a","active":"false"}"#,
            .connectivity(endpoint: "a", isActive: false)
        ),
        (
            #"{"colibriClass":"ConnectionStats","estimatedDownlinkBandwidth":null}"#,
            .connectionStats(estimatedDownlinkBandwidth: nil)
        ),
        (
            #"{"colibriClass":"EndpointMessage","from":"a","to":"","msgPayload":{"type":"x"}}"#,
            .endpointMessage(from: "a", to: "", payload: ["type": "x"])
        ),
        (
            #"{"colibriClass":"VideoSourcesMap","mappedSources":[{"source":"a-v0","owner":"a","ssrc":1,"rtx":2,"videoType":"CAMERA"},{"ssrc":-1}]}"#,
            .videoSources([.init(source: "a-v0", owner: "a", ssrc: 1, rtxSSRC: 2, videoType: .camera)])
        ),
        (#"{"colibriClass":"AudioSourcesMap"}"#, .audioSources([])),
        (
            #"{"colibriClass":"SyntheticSourceSendingChangeEvent"}"#,
            .other(colibriClass: "SyntheticSourceSendingChangeEvent")
        ),
        (#"{"colibriClass":"ForwardedSources","forwardedSources":7}"#, .forwardedSources([])),
    ])
    func readsEveryClass(text: String, expected: BridgeMessage) {
        #expect(BridgeMessage.parse(text) == expected)
    }

    @Test func statsWithNullsAreRead() {
        let text = #"{"colibriClass":"EndpointStats","from":"a","connectionQuality":null,"bitrate":null}"#
        #expect(
            BridgeMessage.parse(text) == .endpointStats(from: "a", connectionQuality: nil, downloadLoss: nil))
    }

    @Test func statsTellTheLossOfTheWayDown() {
        let text =
            #"{"colibriClass":"EndpointStats","from":"a","packetLoss":{"total":9,"upload":0,"download":9},"connectionQuality":50}"#
        #expect(
            BridgeMessage.parse(text) == .endpointStats(from: "a", connectionQuality: 50, downloadLoss: 0.09))
        let absurd = #"{"colibriClass":"EndpointStats","from":"a","packetLoss":{"download":-3e9}}"#
        #expect(BridgeMessage.parse(absurd) == .endpointStats(from: "a", connectionQuality: nil, downloadLoss: 0))
    }

    @Test func aMessageWithoutClassIsNone() {
        #expect(BridgeMessage.parse("{}") == nil)
        #expect(BridgeMessage.parse("[") == nil)
    }

    @Test func pingIsSeenAndAnswered() {
        #expect(BridgeMessage.pingRequest(in: ["type": "e2e-ping-request", "id": 7]) == 7)
        #expect(BridgeMessage.pingRequest(in: ["type": "e2e-ping-request", "id": 0]) == nil)
        #expect(
            BridgeCommand.pingResponse(to: "a", id: 7).text
                == #"{"colibriClass":"EndpointMessage","to":"a","msgPayload":{"type":"e2e-ping-response","id":7}}"#)
    }

    @Test func commandsHaveExactlyTheKnownKeys() {
        #expect(BridgeCommand.clientHello.text == #"{"colibriClass":"ClientHello"}"#)
        #expect(
            BridgeCommand.receiverVideoConstraints(
                ReceiverVideoConstraints(
                    lastN: 5, onStageSources: ["b-v0"], defaultMaximumHeight: 180,
                    maximumHeights: ["b-v0": 720, "a-v1": 1080])
            ).text
                == #"{"colibriClass":"ReceiverVideoConstraints","lastN":5,"selectedSources":[],"onStageSources":["b-v0"],"defaultConstraints":{"maxHeight":180},"constraints":{"a-v1":{"maxHeight":1080},"b-v0":{"maxHeight":720}}}"#
        )
        #expect(
            BridgeCommand.sourceVideoType(sourceName: "a-v0", .none).text
                == #"{"colibriClass":"SourceVideoTypeMessage","sourceName":"a-v0","videoType":"none"}"#)
        let stats = BridgeCommand.endpointStats(
            EndpointStats(
                audioUpload: 32, audioDownload: 60, videoUpload: 780, videoDownload: 1370, uploadLoss: 0,
                downloadLoss: 1, connectionQuality: 100))
        #expect(
            stats.text
                == #"{"colibriClass":"EndpointStats","bitrate":{"upload":812,"download":1430,"audio":{"upload":32,"download":60},"video":{"upload":780,"download":1370}},"packetLoss":{"total":1,"upload":0,"download":1},"connectionQuality":100}"#
        )
    }

    @Test func damagedMessagesNeverTrap() {
        let text = Array(
            #"{"colibriClass":"VideoSourcesMap","mappedSources":[{"source":"a","ssrc":1e9,"rtx":-0.5}],"maxHeight":1e309}"#
                .utf8)
        var random = RandomSource(seed: 3)
        var read = 0
        for _ in 0..<4000 {
            var bytes = text
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            if BridgeMessage.parse(String(decoding: bytes, as: UTF8.self)) != nil { read += 1 }
        }
        #expect(read > 1000)
        #expect(BridgeMessage.parse(String(repeating: "[", count: 100_000)) == nil)
    }
}
