package import Basis

/// What is said, as the server writes it down: which lines are to be read now, and for how long.
package struct CaptionFeed: Equatable, Sendable {
    private struct Entry: Equatable, Sendable {
        var id: String
        var line: CaptionLine
        var isInterim: Bool
        var isTranslation: Bool
        var until: MonotonicInstant
    }

    /// Two short sentences, or one long one, are what can be read under a picture.
    package static let mostLines = 2
    /// Longer speech loses its beginning: what is being said now matters most.
    package static let longest = 150
    /// How long words stay that are still growing; then they are taken to be given up.
    package static let interimTime = Duration.seconds(6)
    /// The shortest time that a line stays.
    package static let shortest = Duration.seconds(3)
    /// The longest time that a line stays.
    package static let longestTime = Duration.seconds(8)

    /// How long the place of captions is kept free after the last: pictures that jump with every sentence cannot be
    /// looked at.
    package static let bandTime = Duration.seconds(20)

    private var entries: [Entry] = []
    private var openUntil: MonotonicInstant?

    package init() {}

    /// The lines to show, in the order in which they were begun.
    package var lines: [CaptionLine] { entries.map(\.line) }

    /// Whether lines are to be expected, so that their place is kept.
    package var isOpen: Bool { openUntil != nil }

    /// When the next line goes away, or the place of all.
    package var deadline: MonotonicInstant? { (entries.map(\.until) + [openUntil].compactMap { $0 }).min() }

    /// - Parameters:
    ///   - id: the same for all stages of an utterance; empty where they cannot be told apart.
    ///   - isInterim: whether a later one will take its place.
    ///   - isTranslation: whether it takes the place of what was said in another language.
    package mutating func receive(
        _ line: CaptionLine, id: String, isInterim: Bool, isTranslation: Bool, at now: MonotonicInstant
    ) {
        let text = Self.ending(of: line.text)
        let place = entries.lastIndex { entry in
            id.isEmpty ? entry.isInterim && entry.line.speaker == line.speaker : entry.id == id
        }
        if let place, entries[place].isTranslation, !isTranslation { return }
        guard !DisplayText.clean(text).isEmpty else {
            if let place { entries.remove(at: place) }
            return
        }
        openUntil = now + Self.bandTime
        let entry = Entry(
            id: id, line: CaptionLine(speaker: line.speaker, text: text), isInterim: isInterim,
            isTranslation: isTranslation, until: now + (isInterim ? Self.interimTime : Self.time(for: text)))
        if let place {
            entries[place] = entry
        } else {
            entries.append(entry)
            if entries.count > Self.mostLines { entries.removeFirst() }
        }
    }

    /// Takes away the lines whose time is over.
    package mutating func advance(to now: MonotonicInstant) {
        entries.removeAll { $0.until <= now }
        if let until = openUntil, until <= now { openUntil = nil }
    }

    /// Time to look down, and to read at fifteen characters a second.
    static func time(for text: String) -> Duration {
        min(longestTime, max(shortest, .seconds(2) + .milliseconds(1_000 * text.count / 15)))
    }

    /// The last words of a long text, from the beginning of one.
    static func ending(of text: String) -> String {
        guard text.count > longest else { return text }
        let end = text.suffix(longest)
        guard let space = end.firstIndex(of: " "), end.distance(from: end.startIndex, to: space) < longest / 3 else {
            return "… " + end
        }
        return "… " + end[end.index(after: space)...]
    }
}
