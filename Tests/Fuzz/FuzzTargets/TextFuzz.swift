import Basis
import Jitsi

/// Any element that is read can be written and read again.
func fuzzXML(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let element = try? XMLReader.parse(bytes) else { return }
    try checkWritten(element)
}

/// What we send must be XML, or the server ends the stream.
func checkWritten(_ element: XMLElement) throws(BrokenProperty) {
    let text = element.serialized()
    let generous = XMLReader.Limits(size: 1 << 24, depth: 128, attributes: 256)
    let again = try? XMLReader.parse(text, limits: generous)
    try check(again == element, "XML: reads what it wrote: \(text)")
}

/// Any value that is read can be written and read again; then the text as a message of the bridge.
func fuzzJSON(_ bytes: [UInt8]) throws(BrokenProperty) {
    if let value = try? JSONReader.parse(bytes) {
        let text = value.serialized()
        try check(!value.isFinite || (try? JSONReader.parse(text)) == value, "JSON: reads what it wrote: \(text)")
    }
    for line in lines(bytes) {
        if let caption = (try? JSONReader.parse(Array(line))).flatMap({ Caption($0) }) { try checkBounded(caption) }
        guard let message = BridgeMessage.parse(String(decoding: line, as: UTF8.self)) else { continue }
        switch message {
        case .senderConstraints(_, let height): try check(height >= -1, "bridge: a height or no limit")
        case .endpointMessage(let from, _, let payload):
            if let caption = Caption(payload) { try checkBounded(caption) }
            guard let id = BridgeMessage.pingRequest(in: payload) else { continue }
            let answer = BridgeCommand.pingResponse(to: from, id: id).text
            try check((try? JSONReader.parse(answer)) != nil, "bridge: answers in JSON")
        case .endpointStats(_, let quality, let loss):
            try check((0...100).contains(quality ?? 0), "bridge: quality in percent")
            try check((0...1).contains(loss ?? 0), "bridge: loss as a share")
        case .serverHello, .dominantSpeaker, .forwardedSources, .lastNEndpoints, .connectivity, .connectionStats,
            .videoSources, .audioSources, .other:
            break
        }
    }
}

/// What is written down goes to the screen as it is.
func checkBounded(_ caption: Caption) throws(BrokenProperty) {
    try check(caption.text.count <= 2_000 && caption.name.count <= 80, "caption: bounded")
    try check(caption.id.utf8.count <= 128 && caption.speaker.utf8.count <= 128, "caption: bounded names")
    try check(!caption.text.unicodeScalars.contains { $0.value == 0x202E }, "caption: does not turn round")
}

extension JSONValue {
    /// Whether all numbers can be written: JSON has no infinity, which `1e999` reads as.
    fileprivate var isFinite: Bool {
        switch self {
        case .null, .bool, .string: true
        case .number(let number): number.isFinite
        case .array(let values): values.allSatisfy(\.isFinite)
        case .object(let members): members.allSatisfy(\.value.isFinite)
        }
    }
}

/// A config.js, and its first line as the address of a room.
func fuzzConfig(_ bytes: [UInt8]) throws(BrokenProperty) {
    let text = String(decoding: bytes, as: UTF8.self)
    let first = lines(bytes, maximum: 1).first.flatMap { try? RoomURL(String(decoding: $0, as: UTF8.self)) }
    for url in [first, try? RoomURL("https://visio.example.org/equipe/Conseil")] {
        guard let url else { continue }
        let configuration = ServerConfiguration(roomURL: url, configScript: text)
        try check(isAddressable(configuration.xmppDomain), "config: a domain: \(configuration.xmppDomain)")
        try check(isAddressable(configuration.mucDomain), "config: a domain: \(configuration.mucDomain)")
        let room = configuration.roomJID(url)
        try check(JID.local(room) == url.normalizedRoom, "config: the room that was asked for: \(room)")
        let schemes = url.isLoopback ? ["wss://", "ws://"] : ["wss://"]
        for socket in configuration.webSocketURLs {
            try check(schemes.contains { socket.hasPrefix($0) }, "config: an encrypted way: \(socket)")
        }
    }
}

/// Whether a text can stand for a domain in a JID. Its length is left to the server: a long tenant or room makes long ones.
private func isAddressable(_ domain: String) -> Bool {
    !domain.isEmpty && domain.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "/" && $0 != "@" }
}
