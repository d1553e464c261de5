import Basis
import RTP

/// One SSRC as signalled.
struct SignalledSource: Equatable, Sendable {
    var ssrc: UInt32
    var name: String
    var kind: RTP.MediaKind
    /// Stream and track id; nil where the sender left it out.
    var msid: String?
    var isDesktop = false
}

/// SSRCs that belong together (RFC 5576): FID is media and its RTX, SIM is simulcast from low to high.
struct SourceGroup: Equatable, Sendable {
    var semantics: String
    var ssrcs: [UInt32]
}

/// All sources of one participant.
struct SourceSet: Equatable, Sendable {
    /// More than any client has (Jicofo, max-ssrcs-per-user).
    static let maximum = 20

    var sources: [SignalledSource] = []
    var groups: [SourceGroup] = []

    var ssrcs: Set<UInt32> { Set(sources.map(\.ssrc)) }

    /// What is sent on its own: neither RTX nor the higher layers of a simulcast.
    var streams: [InboundSource] { primaries(without: ["FID", "SIM"]) }

    /// What the bridge receives: all but RTX.
    var encodings: [InboundSource] { primaries(without: ["FID"]) }

    /// The layers of a camera from low to high: itself where it has no others.
    func layers(of ssrc: UInt32) -> [UInt32] {
        groups.first { $0.semantics == "SIM" && $0.ssrcs.first == ssrc }?.ssrcs ?? [ssrc]
    }

    /// What Jicofo tells the others: of a simulcast the first layer and its RTX, for the bridge sends all on them.
    var stripped: SourceSet {
        var hidden = Set(groups.filter { $0.semantics == "SIM" }.flatMap { $0.ssrcs.dropFirst() })
        for group in groups where group.semantics == "FID" && group.ssrcs.first.map(hidden.contains) == true {
            hidden.formUnion(group.ssrcs)
        }
        var set = self
        set.sources.removeAll { hidden.contains($0.ssrc) }
        set.groups.removeAll { $0.semantics == "SIM" || !hidden.isDisjoint(with: $0.ssrcs) }
        return set
    }

    private func primaries(without semantics: Set<String>) -> [InboundSource] {
        var followers: Set<UInt32> = []
        var rtx: [UInt32: UInt32] = [:]
        for group in groups {
            guard let first = group.ssrcs.first else { continue }
            if semantics.contains(group.semantics) { followers.formUnion(group.ssrcs.dropFirst()) }
            if group.semantics == "FID" { rtx[first] = group.ssrcs.last }
        }
        return sources.filter { !followers.contains($0.ssrc) }.map {
            InboundSource(name: $0.name, kind: $0.kind, ssrc: $0.ssrc, rtxSSRC: rtx[$0.ssrc])
        }
    }

    mutating func add(_ other: SourceSet) {
        sources += other.sources
        groups += other.groups
    }

    /// By SSRC only; groups of those SSRCs vanish with them.
    mutating func remove(_ ssrcs: Set<UInt32>) {
        sources.removeAll { ssrcs.contains($0.ssrc) }
        groups.removeAll { !ssrcs.isDisjoint(with: $0.ssrcs) }
    }

    // MARK: Validation

    /// What Jicofo would refuse about sources that `owner` adds to `own`, with `others` in the conference (Jicofo,
    /// ValidatingConferenceSourceMap); nil where all is well.
    func fault(owner: String, own: SourceSet, others: [SourceSet]) -> String? {
        guard own.sources.count + sources.count <= Self.maximum else { return "too many SSRCs" }
        guard own.groups.count + groups.count <= Self.maximum else { return "too many groups" }
        var taken = others.reduce(into: own.ssrcs) { $0.formUnion($1.ssrcs) }
        let foreignMSIDs = Set(others.flatMap { $0.sources.compactMap(\.msid) })
        for source in sources {
            guard source.ssrc != 0 else { return "SSRC 0" }
            guard taken.insert(source.ssrc).inserted else { return "SSRC \(source.ssrc) is already in use" }
            guard Self.isName(source.name, of: owner, kind: source.kind) else { return "invalid source name" }
            if let msid = source.msid, foreignMSIDs.contains(msid) { return "msid of another participant" }
        }
        let all = own.sources + sources
        for group in groups {
            guard !group.ssrcs.isEmpty else { return "empty group" }
            guard group.semantics != "FID" || group.ssrcs.count == 2 else { return "FID group without two SSRCs" }
            let members = group.ssrcs.map { ssrc in all.first { $0.ssrc == ssrc } }
            guard !members.contains(nil) else { return "group with an SSRC that was not signalled" }
            let msids = Set(members.compactMap { $0?.msid })
            guard msids.count == 1, !members.contains(where: { $0?.msid == nil }) else {
                return "sources of a group need one msid"
            }
        }
        return nil
    }

    /// `owner-a0`, `owner-v1` (Jicofo, SourceInfo).
    private static func isName(_ name: String, of owner: String, kind: RTP.MediaKind) -> Bool {
        let prefix = owner + (kind == .audio ? "-a" : "-v")
        let digits = name.utf8.dropFirst(prefix.utf8.count)
        return name.hasPrefix(prefix) && !digits.isEmpty && digits.count <= 4
            && digits.allSatisfy { (0x30...0x39).contains($0) }
    }
}

// MARK: - XML

extension SourceSet {
    /// Sources and groups of a Jingle element in XML; nil where an SSRC is none.
    init?(jingle: XMLElement, owner: String) {
        for content in jingle.children("content") {
            guard let description = content.child("description") else { continue }
            let kind: RTP.MediaKind
            switch content["name"] ?? description["media"] {
            case "audio": kind = .audio
            case "video": kind = .video
            default: continue
            }
            for element in description.children("source").prefix(64) {
                guard let ssrc = element["ssrc"].flatMap({ UInt32($0) }) else { return nil }
                sources.append(
                    SignalledSource(
                        ssrc: ssrc, name: element["name"] ?? owner + (kind == .audio ? "-a0" : "-v0"), kind: kind,
                        msid: element.children("parameter").first { $0["name"] == "msid" }?["value"],
                        isDesktop: element["videoType"] == "desktop"))
            }
            for element in description.children("ssrc-group").prefix(64) {
                let members = element.children("source").prefix(64).map { $0["ssrc"].flatMap { UInt32($0) } }
                let ssrcs = members.compactMap { $0 }
                guard ssrcs.count == members.count else { return nil }
                groups.append(SourceGroup(semantics: element["semantics"] ?? "", ssrcs: ssrcs))
            }
        }
    }

    /// The elements of one medium for a description.
    func elements(kind: RTP.MediaKind, owner: String) -> [XMLElement] {
        let (sources, groups) = (stripped.sources, stripped.groups)
        let mine = sources.filter { $0.kind == kind }
        let ssrcs = Set(mine.map(\.ssrc))
        let described = mine.map { source in
            var element = XMLElement(
                "source", namespace: PracticeNamespace.sources,
                [("ssrc", String(source.ssrc)), ("name", source.name)],
                children: [XMLElement("ssrc-info", namespace: PracticeNamespace.jitmeet, [("owner", owner)])])
            if kind == .video { element["videoType"] = source.isDesktop ? "desktop" : "camera" }
            if let msid = source.msid {
                element.append(
                    XMLElement("parameter", namespace: PracticeNamespace.rtp, [("name", "msid"), ("value", msid)]))
            }
            return element
        }
        let grouped = groups.filter { !ssrcs.isDisjoint(with: $0.ssrcs) }.map { group in
            XMLElement(
                "ssrc-group", namespace: PracticeNamespace.sources, [("semantics", group.semantics)],
                children: group.ssrcs.map {
                    XMLElement("source", namespace: PracticeNamespace.sources, [("ssrc", String($0))])
                })
        }
        return described + grouped
    }
}

// MARK: - JSON

extension SourceSet {
    /// `[video sources, video groups, audio sources, audio groups]`.
    var json: JSONValue {
        let (sources, groups) = (stripped.sources, stripped.groups)
        func described(_ kind: RTP.MediaKind) -> JSONValue {
            .array(
                sources.filter { $0.kind == kind }.map { source in
                    var members = [JSONMember("s", JSONValue(source.ssrc)), JSONMember("n", .string(source.name))]
                    if let msid = source.msid { members.append(JSONMember("m", .string(msid))) }
                    if source.isDesktop { members.append(JSONMember("v", "d")) }
                    return .object(members)
                })
        }
        func grouped(_ kind: RTP.MediaKind) -> JSONValue {
            let ssrcs = Set(sources.filter { $0.kind == kind }.map(\.ssrc))
            return .array(
                groups.filter { !ssrcs.isDisjoint(with: $0.ssrcs) }.map { group in
                    .array([.string(group.semantics == "SIM" ? "s" : "f")] + group.ssrcs.map { JSONValue($0) })
                })
        }
        return .array([described(.video), grouped(.video), described(.audio), grouped(.audio)])
    }

    /// The element that carries several owners' sources.
    static func jsonMessage(_ sets: [(owner: String, set: SourceSet)]) -> XMLElement {
        let json: JSONValue = .object([
            JSONMember("sources", .object(sets.map { JSONMember($0.owner, $0.set.json) }))
        ])
        return XMLElement("json-message", namespace: PracticeNamespace.jitmeet, text: json.serialized())
    }
}
