internal import CAudioProcessing

/// The library behind a `VoiceProcessor`.
package enum VoiceEngine: String, CaseIterable, Sendable {
    /// webrtc-audio-processing 1.x: what Chromium has; Debian has it from version 13 on.
    case webRTC = "webrtc-audio-processing"
    /// speexdsp: everywhere.
    case speex = "speexdsp"

    /// Those that this program was built with, the best first.
    package static var available: [VoiceEngine] {
        vs_audio_processing_available() ? [.webRTC, .speex] : [.speex]
    }

    /// The one to use where nothing else is asked for: webRTC's where it is built in.
    package static var best: VoiceEngine { available[0] }
}
