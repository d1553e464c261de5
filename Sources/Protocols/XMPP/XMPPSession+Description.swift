extension XMPPSession: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Free of credentials and of stanzas, either of which can hold secrets.
    package var description: String {
        let name =
            switch phase {
            case .idle: "idle"
            case .negotiating: "negotiating"
            case .bound(let jid, _): "bound as \(jid)"
            case .suspended, .resuming: "suspended"
            case .closing: "closing"
            case .ended: "ended"
            }
        return "XMPPSession(\(configuration.domain), \(configuration.transport), \(name))"
    }

    /// The same.
    package var debugDescription: String { description }

    /// The same, so that no dump shows credentials.
    package var customMirror: Mirror { Mirror(self, children: ["session": description]) }
}
