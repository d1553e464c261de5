/// An engine could not be made.
package enum VoiceError: Error, Equatable, Sendable {
    /// The library gave nothing back: out of memory.
    case unavailable(String)
}
