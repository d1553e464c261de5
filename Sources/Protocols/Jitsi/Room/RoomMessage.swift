import Basis

/// A chat message of the room.
package struct RoomMessage: Equatable, Sendable {
    /// Whose words they are.
    package enum Sender: Equatable, Sendable {
        /// By endpoint id; our own included.
        case occupant(String)
        /// Somebody who looks on from outside the room (jitsi-meet, mod_visitors), by the name the server passes on.
        case visitor(name: String)
    }

    /// As the sender gave it; empty where there is none, and such a message cannot be retracted.
    package let id: String
    /// Whose words they are.
    package let sender: Sender
    /// Cleaned for display.
    package let text: String
    /// To us alone.
    package let isPrivate: Bool

    /// A message, for tests as well.
    package init(id: String = "", sender: Sender, text: String, isPrivate: Bool = false) {
        self.id = id
        self.sender = sender
        self.text = text
        self.isPrivate = isPrivate
    }

    /// Nil for what is no chat message, or has no text, or comes from nobody in the room.
    /// - Parameter isOccupant: whether an occupant of that name is there, us included.
    init?(_ message: XMLElement, from nick: String, isOccupant: Bool) {
        guard let body = message.child("body") else { return nil }
        let visitor = message.child("display-name", namespace: Namespace.displayName)
        if isOccupant {
            // Whoever is in the room has a name there; no other is believed.
            sender = .occupant(nick)
        } else if visitor?["source"] == "visitor" {
            sender = .visitor(name: RemoteText.name(visitor?.text ?? ""))
        } else {
            return nil
        }
        text = RemoteText.chat(body.text)
        guard !text.isEmpty else { return nil }
        id = String((message["id"] ?? "").prefix(128))
        isPrivate = message["type"] == "chat"
    }
}

/// The latest messages, as far as a retraction may still name them (XEP-0424).
struct RecentMessages: Sendable {
    private static let capacity = 64

    private var messages: [(nick: String, message: RoomMessage)] = []
    private var next = 0

    mutating func add(_ message: RoomMessage, from nick: String) {
        guard !message.id.isEmpty else { return }
        if messages.count < Self.capacity {
            messages.append((nick, message))
        } else {
            messages[next] = (nick, message)
            next = (next + 1) % Self.capacity
        }
    }

    /// The message `id` of that sender: nobody retracts what others said.
    mutating func retract(_ id: String, from nick: String) -> RoomMessage? {
        guard !id.isEmpty, let index = messages.lastIndex(where: { $0.message.id == id && $0.nick == nick }) else {
            return nil
        }
        let message = messages[index].message
        messages[index] = ("", RoomMessage(sender: .occupant(""), text: ""))
        return message
    }

    mutating func removeAll() {
        messages = []
        next = 0
    }
}
