package import Basis

/// Which chat messages lie over the pictures, for how long, and how many nobody has looked at.
package struct ChatNotices: Equatable, Sendable {
    private struct Shown: Equatable, Sendable {
        var message: ChatMessage
        var until: MonotonicInstant
    }

    /// The shortest time that a notice stays.
    package static let shortest = Duration.seconds(5)
    /// The longest time that a notice stays.
    package static let longest = Duration.seconds(15)
    /// More at once would hide the pictures.
    package static let mostShown = 2
    /// How many are kept for the page of messages.
    package static let mostKept = 50

    /// The last messages, the oldest first.
    package private(set) var messages: [ChatMessage] = []
    /// Messages that came since the page of messages was last open.
    package private(set) var unreadCount = 0
    private var notices: [Shown] = []

    package init() {}

    /// The messages to lie over the pictures, the oldest first.
    package var shown: [ChatMessage] { notices.map(\.message) }

    /// When the next notice goes away.
    package var deadline: MonotonicInstant? { notices.map(\.until).min() }

    /// A message came. While the page of messages is open it is read at once.
    package mutating func receive(_ message: ChatMessage, pageIsOpen: Bool, at now: MonotonicInstant) {
        messages.append(message)
        if messages.count > Self.mostKept { messages.removeFirst() }
        guard !pageIsOpen else { return }
        unreadCount += 1
        notices.append(Shown(message: message, until: now + Self.time(for: message.text)))
        if notices.count > Self.mostShown { notices.removeFirst() }
    }

    /// The page of messages was opened.
    package mutating func read() {
        unreadCount = 0
        notices.removeAll()
    }

    /// Takes away the notices whose time is over.
    package mutating func advance(to now: MonotonicInstant) {
        notices.removeAll { $0.until <= now }
    }

    /// Time to look up, and to read at fifteen characters a second.
    package static func time(for text: String) -> Duration {
        min(longest, max(shortest, .seconds(3) + .milliseconds(1000 * DisplayText.clean(text).count / 15)))
    }
}
