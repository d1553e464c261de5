/// A short sound by which the box tells the room what happened.
///
/// Which event is told: `SoundChoice`; how it sounds: `Earcon`.
package enum RoomSound: UInt8, CaseIterable, Equatable, Sendable {
    /// We entered a meeting, or left it for good.
    case joined, left
    /// Another participant came or went.
    case somebodyJoined, somebodyLeft
    /// The microphone was cut or opened, by a button or by a moderator.
    case muted, unmuted
    /// The meeting broke off and is tried again; it is back.
    case connectionLost, connectionBack
}
