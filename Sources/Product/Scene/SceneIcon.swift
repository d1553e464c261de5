/// The small drawings. All are our own shapes.
package enum SceneIcon: Hashable, CaseIterable, Sendable {
    case microphone
    case mutedMicrophone
    case camera
    case cameraOff
    case hand
    case people
    case phone
    case hangUp
    case tick
    case cross
    case warning
    /// Bars of sound: somebody speaks.
    case speaking
    case message
    case calendar
    case lock
    /// A shield: the call is encrypted.
    case shield
    /// A full disc in a ring: being recorded.
    case record
    /// Waves around a point: streamed live.
    case broadcast
    /// Lines of words: being transcribed.
    case captions
    /// A picture with others beside it: the layout.
    case layout
    case louder
    case softer
    /// A screen: somebody shares theirs.
    case screen
    /// A star: moderator.
    case star
    case arrowUp
    case arrowDown
    case arrowRight
    case update
    case information
    case plug
}
