package import Basis
internal import Jitsi

/// Which codec the pictures of a call are in.
extension Conference {
    /// What we tell the others that we take, best first.
    var videoCodecs: [VideoCodec] { configuration.videoCodec == .vp9 ? [.vp9, .vp8] : [.vp8] }

    /// What the camera is to be compressed with at present: the codec that we prefer if everybody else in the room lists it,
    /// as browsers choose; else VP8, which every client takes.
    package var sendingCodec: VideoCodec {
        guard configuration.videoCodec == .vp9, way.offersVP9 else { return .vp8 }
        return participants.allSatisfy { $0.videoCodecs.contains(.vp9) } ? .vp9 : .vp8
    }

    /// Whether the camera goes out in three sizes at once: unless the room or its server wants one, or its codec is VP9,
    /// which goes out in one.
    package var sendsSimulcast: Bool { hasSimulcast && sendingCodec == .vp8 }

    /// Whether the camera is announced in three sizes.
    var hasSimulcast: Bool { configuration.sendsSimulcast && server?.disablesSimulcast != true }
}
