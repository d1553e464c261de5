package import MediaEngine

/// What the threads of sound, camera, decoders and screen have counted, as of one moment.
package struct MediaSnapshot: Sendable {
    /// The camera thread's counters.
    package var camera = CameraStatistics()
    /// The processor's temperature in degrees Celsius; 0 where it is not known.
    package var temperature = 0
    /// The audio thread's counters.
    package var audio = AudioStatistics()
    /// What became of the sound of each source.
    package var remoteAudio: [RemoteAudioStatistics] = []
    /// The own microphone's level, −dBov; 127 when muted or closed.
    package var microphoneLevel: UInt8 = 127
    /// Whether somebody speaks to the muted microphone.
    package var isTalkingWhileMuted = false
    /// Remote pictures by SSRC.
    package var decoded: [UInt32: VideoSourceStatistics] = [:]
    /// Pictures composed so far, by the name of their source.
    package var shownPictures: [String: Int] = [:]

    /// Nothing has been counted.
    package init() {}
}
