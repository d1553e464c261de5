package import Basis

/// What the videobridge sends on its channel, read leniently: fields may be missing, null or of another type.
package enum BridgeMessage: Equatable, Sendable {
    /// An entry of the maps that only servers with SSRC rewriting send.
    package struct MappedSource: Equatable, Sendable {
        package let source: String
        package let owner: String
        package let ssrc: UInt32
        package let rtxSSRC: UInt32?
        package let videoType: VideoType?
    }

    case serverHello(version: String?)
    /// `silence` is true when nobody speaks any more.
    case dominantSpeaker(endpoint: String, previous: [String], silence: Bool)
    /// The names of the video sources that the bridge forwards to us now.
    case forwardedSources([String])
    /// The endpoints whose video servers of 2022 and before forward.
    case lastNEndpoints([String])
    /// What the others want of a source of ours: 0 nobody wants it, negative no limit. Without name: of our only one.
    case senderConstraints(sourceName: String?, maximumHeight: Int)
    case connectivity(endpoint: String, isActive: Bool)
    /// The bridge's estimate of the way to us, in bit/s.
    case connectionStats(estimatedDownlinkBandwidth: Double?)
    /// From another participant; the bridge vouches for `from` alone.
    case endpointMessage(from: String, to: String, payload: JSONValue)
    /// How a participant is connected, where told: 0…100, and which share of what the bridge sends it gets lost, 0…1.
    case endpointStats(from: String, connectionQuality: Double?, downloadLoss: Double?)
    case videoSources([MappedSource])
    case audioSources([MappedSource])
    /// A class that this client has no use for.
    case other(colibriClass: String)

    /// The message, or nil when the text is no bridge message. The payload of a message is bounded to 256 KiB.
    package static func parse(_ text: String) -> BridgeMessage? {
        guard let json = try? JSONReader.parse(text, maximumSize: 1 << 18, maximumDepth: 16),
            let name = json["colibriClass"]?.string
        else { return nil }
        return read(name, json) ?? .other(colibriClass: String(name.prefix(64)))
    }

    private static func read(_ name: String, _ json: JSONValue) -> BridgeMessage? {
        switch name {
        case "ServerHello":
            return .serverHello(version: json["version"]?.string.map { RemoteText.clean($0, limit: 80) })
        case "DominantSpeakerEndpointChangeEvent":
            guard let endpoint = identifier(json["dominantSpeakerEndpoint"]) else { return nil }
            return .dominantSpeaker(
                endpoint: endpoint, previous: identifiers(json["previousSpeakers"]),
                silence: boolean(json["silence"]) ?? false)
        case "ForwardedSources": return .forwardedSources(identifiers(json["forwardedSources"]))
        case "LastNEndpointsChangeEvent": return .lastNEndpoints(identifiers(json["lastNEndpoints"]))
        case "SenderSourceConstraints":
            guard let source = identifier(json["sourceName"]), let height = height(json["maxHeight"]) else {
                return nil
            }
            return .senderConstraints(sourceName: source, maximumHeight: height)
        case "SenderVideoConstraints":
            return height(json["videoConstraints"]?["idealHeight"])
                .map { .senderConstraints(sourceName: nil, maximumHeight: $0) }
        case "EndpointConnectivityStatusChangeEvent":
            guard let endpoint = identifier(json["endpoint"]), let active = boolean(json["active"]) else {
                return nil
            }
            return .connectivity(endpoint: endpoint, isActive: active)
        case "ConnectionStats":
            return .connectionStats(estimatedDownlinkBandwidth: finite(json["estimatedDownlinkBandwidth"]))
        case "EndpointMessage":
            guard let from = identifier(json["from"]) else { return nil }
            return .endpointMessage(
                from: from, to: json["to"]?.string ?? "", payload: json["msgPayload"] ?? .null)
        case "EndpointStats":
            guard let from = identifier(json["from"]) else { return nil }
            return .endpointStats(
                from: from,
                connectionQuality: finite(json["connectionQuality"]).map { min(100, max(0, $0)) },
                downloadLoss: finite(json["packetLoss"]?["download"]).map { min(100, max(0, $0)) / 100 })
        case "VideoSourcesMap": return .videoSources(mapped(json["mappedSources"]))
        case "AudioSourcesMap": return .audioSources(mapped(json["mappedSources"]))
        default: return nil
        }
    }

    /// The id of an end-to-end ping among the payloads of endpoint messages; 0 is not one.
    package static func pingRequest(in payload: JSONValue) -> Int? {
        guard payload["type"]?.string == "e2e-ping-request", let id = payload["id"]?.integer, id != 0 else {
            return nil
        }
        return id
    }

    private static func identifier(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.isEmpty, text.utf8.count <= 128 else { return nil }
        return text
    }

    private static func identifiers(_ value: JSONValue?) -> [String] {
        (value?.array ?? []).prefix(2000).compactMap(identifier)
    }

    private static func boolean(_ value: JSONValue?) -> Bool? {
        switch value {
        case .bool(let flag): flag
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    private static func finite(_ value: JSONValue?) -> Double? {
        value?.number.flatMap { $0.isFinite ? $0 : nil }
    }

    private static func height(_ value: JSONValue?) -> Int? {
        finite(value).map { Int(max(-1, min(100_000, $0.rounded(.down)))) }
    }

    private static func mapped(_ value: JSONValue?) -> [MappedSource] {
        (value?.array ?? []).prefix(200).compactMap { item in
            guard let source = identifier(item["source"]), let ssrc = item["ssrc"]?.integer,
                let number = UInt32(exactly: ssrc)
            else { return nil }
            return MappedSource(
                source: source, owner: identifier(item["owner"]) ?? "", ssrc: number,
                rtxSSRC: item["rtx"]?.integer.flatMap { UInt32(exactly: $0) }.flatMap { $0 == 0 ? nil : $0 },
                videoType: item["videoType"]?.string.flatMap { VideoType(rawValue: $0.lowercased()) })
        }
    }
}
