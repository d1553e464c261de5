package import Basis

/// What we send to the videobridge. The bridge drops a message with one unknown key, so each writes exactly the keys that every
/// server since 2022 knows.
package enum BridgeCommand: Equatable, Sendable {
    /// What a source of ours carries now.
    package enum SourceVideoType: String, Sendable {
        case camera, desktop
        /// Muted.
        case none
    }

    case clientHello
    case receiverVideoConstraints(ReceiverVideoConstraints)
    case sourceVideoType(sourceName: String, SourceVideoType)
    case endpointStats(EndpointStats)
    /// An empty `to` means everybody.
    case endpointMessage(to: String, payload: JSONValue)

    /// The answer to another participant's end-to-end ping.
    package static func pingResponse(to endpoint: String, id: Int) -> BridgeCommand {
        .endpointMessage(to: endpoint, payload: ["type": "e2e-ping-response", "id": JSONValue(id)])
    }

    /// The message as JSON text.
    package var text: String { json.serialized() }

    private var json: JSONValue {
        switch self {
        case .clientHello: return ["colibriClass": "ClientHello"]
        case .receiverVideoConstraints(let wanted):
            let heights = wanted.maximumHeights.sorted { $0.key < $1.key }
                .map { JSONMember($0.key, ["maxHeight": JSONValue($0.value)]) }
            return [
                "colibriClass": "ReceiverVideoConstraints", "lastN": JSONValue(wanted.lastN),
                "selectedSources": .array(wanted.selectedSources.map { .string($0) }),
                "onStageSources": .array(wanted.onStageSources.map { .string($0) }),
                "defaultConstraints": ["maxHeight": JSONValue(wanted.defaultMaximumHeight)],
                "constraints": .object(heights),
            ]
        case .sourceVideoType(let name, let type):
            return [
                "colibriClass": "SourceVideoTypeMessage", "sourceName": .string(name),
                "videoType": .string(type.rawValue),
            ]
        case .endpointStats(let stats): return Self.json(stats)
        case .endpointMessage(let to, let payload):
            return ["colibriClass": "EndpointMessage", "to": .string(to), "msgPayload": payload]
        }
    }

    private static func json(_ stats: EndpointStats) -> JSONValue {
        func pair(_ upload: Int, _ download: Int) -> [JSONMember] {
            [JSONMember("upload", JSONValue(upload)), JSONMember("download", JSONValue(download))]
        }
        let bitrate =
            pair(stats.audioUpload &+ stats.videoUpload, stats.audioDownload &+ stats.videoDownload) + [
                JSONMember("audio", .object(pair(stats.audioUpload, stats.audioDownload))),
                JSONMember("video", .object(pair(stats.videoUpload, stats.videoDownload))),
            ]
        let loss =
            [JSONMember("total", JSONValue(max(stats.uploadLoss, stats.downloadLoss)))]
            + pair(stats.uploadLoss, stats.downloadLoss)
        var members = [
            JSONMember("colibriClass", "EndpointStats"), JSONMember("bitrate", .object(bitrate)),
            JSONMember("packetLoss", .object(loss)),
            JSONMember("connectionQuality", JSONValue(stats.connectionQuality)),
        ]
        if let roundTrip = stats.bridgeRoundTrip { members.append(JSONMember("jvbRTT", JSONValue(roundTrip))) }
        if let resolution = stats.maximumResolution {
            members.append(JSONMember("maxEnabledResolution", JSONValue(resolution)))
        }
        return .object(members)
    }
}
