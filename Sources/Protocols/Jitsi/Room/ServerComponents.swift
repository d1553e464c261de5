import Basis

/// The components of the server (XEP-0030, identities of category `component`), which alone are believed what they tell
/// in JSON messages.
struct ServerComponents: Sendable {
    private static let maximumQueued = 64

    /// What each does, by its address.
    private var types: [String: String] = [:]
    private var queued: [XMLElement] = []
    /// Whether the server has said, or will not say.
    private(set) var areKnown = false
    /// Whether STUN and TURN services were named.
    var hasExternalServices = false

    func type(of address: String) -> String? { types[address] }

    mutating func read(_ info: XMLElement) {
        for identity in info.children("identity").prefix(64) where identity["category"] == "component" {
            if let name = identity["name"]?.lowercased(), let type = identity["type"], JID.isDomain(name) {
                types[name] = type
            }
        }
    }

    /// Keeps a message that came before we knew whom to believe.
    mutating func keep(_ message: XMLElement) {
        if queued.count < Self.maximumQueued { queued.append(message) }
    }

    /// No more is going to be learnt: the messages that were kept, in their order.
    mutating func settle() -> [XMLElement] {
        areKnown = true
        defer { queued = [] }
        return queued
    }
}
