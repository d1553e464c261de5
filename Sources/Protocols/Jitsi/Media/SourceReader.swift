import Basis

/// Reads source descriptions from a Jingle element, in XML (XEP-0339 with Jitsi's additions) and in Jitsi's compact JSON.
struct SourceReader {
    /// More than any real conference: 500 participants with four SSRCs each.
    static let maximumSources = 2000

    private struct RawSource {
        let ssrc: UInt32
        let name: String?
        let owner: String?
        let kind: MediaKind
        let isDesktop: Bool
    }

    private var raw: [RawSource] = []
    private var simulcastFollowers: Set<UInt32> = []
    private var rtxOfPrimary: [UInt32: UInt32] = [:]
    private var rtxSSRCs: Set<UInt32> = []

    struct Result {
        var sources: [RemoteSource] = []
        /// The SSRCs that the bridge itself sends RTCP with (owner `jvb`).
        var bridgeSSRCs: [UInt32] = []
        /// Every SSRC that was named, for removal.
        var ssrcs: Set<UInt32> = []
    }

    static func read(_ jingle: XMLElement) -> Result {
        var reader = SourceReader()
        for content in jingle.children("content") { reader.readContent(content) }
        for message in jingle.children("json-message", namespace: Namespace.jitmeet) {
            if let json = try? JSONReader.parse(message.text), let map = json["sources"]?.members {
                for member in map { reader.readJSON(owner: member.key, sets: member.value.array ?? []) }
            }
        }
        return reader.result()
    }

    private mutating func append(_ source: RawSource) {
        if raw.count < Self.maximumSources * 2 { raw.append(source) }
    }

    private mutating func addGroup(semantics: String, members: [UInt32]) {
        guard let first = members.first, members.count >= 2, members.count <= 20 else { return }
        switch semantics {
        case "FID", "f":
            guard rtxOfPrimary.count < Self.maximumSources * 2 else { return }
            rtxOfPrimary[first] = members[1]
            rtxSSRCs.insert(members[1])
        case "SIM", "s":
            guard simulcastFollowers.count < Self.maximumSources * 4 else { return }
            simulcastFollowers.formUnion(members.dropFirst())
        default: break
        }
    }

    // MARK: XML

    private mutating func readContent(_ content: XMLElement) {
        guard let description = content.child("description") else { return }
        let media = description["media"] ?? content["name"] ?? ""
        guard let kind = MediaKind(rawValue: media) ?? content["name"].flatMap(MediaKind.init(rawValue:)) else {
            return
        }
        for source in description.children("source") {
            guard let ssrc = source["ssrc"].flatMap({ UInt32($0) }), ssrc != 0 else { continue }
            append(
                RawSource(
                    ssrc: ssrc, name: source["name"],
                    owner: source.child("ssrc-info")?["owner"].map { JID.resource($0) ?? $0 },
                    kind: kind, isDesktop: source["videoType"]?.lowercased() == "desktop"))
        }
        for group in description.children("ssrc-group") {
            addGroup(
                semantics: group["semantics"] ?? "",
                members: group.children("source").prefix(32).compactMap { $0["ssrc"].flatMap { UInt32($0) } })
        }
    }

    // MARK: JSON

    /// `[video sources, video groups, audio sources, audio groups]`, trailing ones optional.
    private mutating func readJSON(owner: String, sets: [JSONValue]) {
        for (index, set) in sets.prefix(4).enumerated() {
            let kind = index < 2 ? MediaKind.video : .audio
            for item in set.array ?? [] {
                if index.isMultiple(of: 2) {
                    guard let ssrc = Self.ssrc(item["s"]) else { continue }
                    append(
                        RawSource(
                            ssrc: ssrc, name: item["n"]?.string, owner: owner, kind: kind,
                            isDesktop: item["v"]?.string == "d"))
                } else if let group = item.array, let semantics = group.first?.string {
                    addGroup(semantics: semantics, members: group.dropFirst().prefix(32).compactMap(Self.ssrc))
                }
            }
        }
    }

    private static func ssrc(_ value: JSONValue?) -> UInt32? {
        guard let number = value?.integer, let ssrc = UInt32(exactly: number), ssrc != 0 else { return nil }
        return ssrc
    }

    // MARK: Result

    private func result() -> Result {
        var result = Result()
        for source in raw where result.ssrcs.insert(source.ssrc).inserted {
            let owner = source.owner ?? source.name.flatMap(Self.owner(ofName:))
            guard owner != "jvb" else {
                result.bridgeSSRCs.append(source.ssrc)
                continue
            }
            guard !rtxSSRCs.contains(source.ssrc), !simulcastFollowers.contains(source.ssrc),
                result.sources.count < Self.maximumSources, let owner, Self.isIdentifier(owner)
            else { continue }
            let name = source.name ?? owner + (source.kind == .audio ? "-a0" : "-v0")
            guard Self.isIdentifier(name) else { continue }
            let videoType: VideoType? = source.kind == .video ? (source.isDesktop ? .desktop : .camera) : nil
            result.sources.append(
                RemoteSource(
                    name: name, owner: owner, kind: source.kind, ssrc: source.ssrc,
                    rtxSSRC: rtxOfPrimary[source.ssrc], videoType: videoType))
        }
        return result
    }

    private static func owner(ofName name: String) -> String? {
        guard let dash = name.lastIndex(of: "-") else { return nil }
        return String(name[..<dash])
    }

    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
