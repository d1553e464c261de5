package import Basis

/// Another participant, as its presence describes it.
package struct ParticipantInfo: Equatable, Sendable {
    /// The endpoint id: occupant nick, owner of sources, subject of bridge messages.
    package let id: String
    /// Cleaned for display; empty when the participant gave none.
    package let name: String
    /// Whether the microphone is off; so for who says nothing of it.
    package let audioMuted: Bool
    /// Whether the camera is off; so for who says nothing of it.
    package let videoMuted: Bool
    /// Milliseconds since the epoch; 1 when an old client only tells that its hand is up.
    package let raisedHand: Int64?
    /// What the web client shows as moderator.
    package let isModerator: Bool
    /// Whether a source of the participant is an unmuted screen.
    package let sharingScreen: Bool
    /// What it says of the pictures that it takes, as far as we know the words; empty where it says nothing.
    package let videoCodecs: [VideoCodec]

    /// A participant, for tests as well.
    package init(
        id: String, name: String, audioMuted: Bool, videoMuted: Bool, raisedHand: Int64? = nil,
        isModerator: Bool = false, sharingScreen: Bool = false, videoCodecs: [VideoCodec] = []
    ) {
        self.id = id
        self.name = name
        self.audioMuted = audioMuted
        self.videoMuted = videoMuted
        self.raisedHand = raisedHand
        self.isModerator = isModerator
        self.sharingScreen = sharingScreen
        self.videoCodecs = videoCodecs
    }
}

extension ParticipantInfo {
    /// Reads an occupant's presence. What it does not say about its media counts as muted.
    init(id: String, presence: XMLElement) {
        let nick = presence.child("nick", namespace: Namespace.nick)?.text
        let served = presence.child("identity")?.child("user")?.child("name")?.text
        let info = presence.child("SourceInfo").flatMap { try? JSONReader.parse($0.text, maximumSize: 1 << 16) }
        func legacy(_ element: String) -> Bool { presence.child(element)?.text != "false" }
        func isMuted(_ source: JSONValue) -> Bool { source["muted"]?.bool ?? true }
        let item = presence.child("x", namespace: Namespace.mucUser)?.child("item")
        self.init(
            id: id, name: RemoteText.name(nick ?? served ?? ""),
            audioMuted: info.map { $0[id + "-a0"].map(isMuted) ?? true } ?? legacy("audiomuted"),
            videoMuted: info.map { $0[id + "-v0"].map(isMuted) ?? true } ?? legacy("videomuted"),
            raisedHand: Self.raisedHand(presence.child("jitsi_participant_raisedHand")?.text),
            isModerator: item?["role"] == "moderator" || item?["affiliation"] == "owner",
            sharingScreen: info?.members?.prefix(64).contains {
                $0.value["videoType"]?.string == "desktop" && !isMuted($0.value)
            } ?? false, videoCodecs: Self.videoCodecs(of: presence))
    }

    /// The list of today's clients, else the one codec of older ones.
    private static func videoCodecs(of presence: XMLElement) -> [VideoCodec] {
        let words =
            presence.child("jitsi_participant_codecList")?.text ?? presence.child("jitsi_participant_codecType")?.text
            ?? ""
        return words.split(separator: ",", maxSplits: 16).compactMap { word in
            VideoCodec(rawValue: word.filter { !$0.isWhitespace }.lowercased())
        }
    }

    private static func raisedHand(_ text: String?) -> Int64? {
        guard let text, !text.isEmpty, text != "false" else { return nil }
        if text == "true" { return 1 }
        return Int64(text).flatMap { $0 > 0 ? $0 : nil }
    }
}
