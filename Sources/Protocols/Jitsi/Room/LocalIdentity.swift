package import Basis

/// Who we are in the room; constant for a conference.
package struct LocalIdentity: Equatable, Sendable {
    /// What the others read.
    package let displayName: String
    /// Free text for the server's logs (`stats-id`).
    package let statsID: String
    /// Stable for the device, 32 hexadecimal digits (`machine-uid`).
    package let machineUID: String
    /// `<c xmlns='http://jabber.org/protocol/caps' …/>` over `JitsiFeatures.advertised`.
    package let capsElement: XMLElement
    /// What pictures we take, best first: by it the others choose what they send.
    package let videoCodecs: [VideoCodec]

    /// An identity.
    package init(
        displayName: String, statsID: String, machineUID: String, capsElement: XMLElement,
        videoCodecs: [VideoCodec] = [.vp8]
    ) {
        self.displayName = displayName
        self.statsID = statsID
        self.machineUID = machineUID
        self.capsElement = capsElement
        self.videoCodecs = videoCodecs
    }
}
