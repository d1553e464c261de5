package import Basis

/// What a session wants from whoever drives it.
///
/// Frames and bodies can hold a password on its way to the server, so descriptions give their size alone.
package enum XMPPOutput: Equatable, Sendable {
    /// Send this as one WebSocket text frame.
    case sendFrame(String)
    /// POST this to the BOSH URL, `Content-Type: text/xml; charset=utf-8`, and report the outcome under `requestID`.
    case post(requestID: UInt64, body: String)
    /// Close the socket, or abandon the requests that are still open: what follows goes over new connections.
    case closeTransport
    case event(XMPPEvent)
}

extension XMPPOutput: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Its kind and its size, without any content.
    package var description: String {
        switch self {
        case .sendFrame(let text): "sendFrame(\(text.utf8.count) bytes)"
        case .post(let requestID, let body): "post(\(requestID), \(body.utf8.count) bytes)"
        case .closeTransport: "closeTransport"
        case .event(let event): "event(\(event))"
        }
    }

    /// The same.
    package var debugDescription: String { description }

    /// The same, so that no dump shows a password.
    package var customMirror: Mirror { Mirror(self, children: ["output": description]) }
}

/// What happened in a session.
package enum XMPPEvent: Equatable, Sendable {
    /// The login is complete. `features` is the last `<stream:features/>`, from which optional extensions are read.
    case bound(JID, features: XMLElement)
    /// A message, a presence, or an iq `get` or `set` that the caller has to answer (or `reject`).
    case stanza(XMLElement)
    /// The outcome of a `query`; exactly one follows each, unless the session ends first.
    case answer(id: String, XMPPAnswer)
    /// The connection is gone, and the server would take the stream up again: open another WebSocket, with `resumptionID`
    /// as `previd` in its address, and `start` again. Comes anew after each connection on which that failed.
    case suspended
    /// The stream goes on; what was sent meanwhile is sent now.
    case resumed
    /// A frame that is larger or deeper than what is read was left out; the session goes on.
    case dropped(XMLError)
    /// Nothing follows.
    case ended(XMPPEnd)
}

/// The outcome of an iq.
package enum XMPPAnswer: Equatable, Sendable {
    /// The whole iq of type `result`.
    case result(XMLElement)
    case error(StanzaError)
    case timeout
}

/// Why a session is over.
package enum XMPPEnd: Equatable, Sendable {
    /// We closed it, or the server did without naming a reason.
    case closed
    /// The server wants us at that address, which is `wss:` or `https:` and bounded in length.
    case seeOtherURI(String)
    /// The SASL condition (or ours: `mechanism-unsupported`, `malformed-challenge`, `server-not-authenticated`) and the
    /// server's text.
    case authenticationFailed(condition: String, text: String?)
    /// The server offers accounts alone and we have no password.
    case passwordNeeded
    /// The configured domain is not served there: retrying is useless.
    case hostUnknown
    /// Another client took our resource: retrying makes a loop.
    case conflict
    /// Another stream error, or the condition of a terminated BOSH session.
    case streamError(condition: String, text: String?)
    /// The server does not know the stream any more that was to be taken up again.
    case resumptionRefused
    /// The server refused to bind a resource or to establish a session.
    case bindRefused(StanzaError)
    /// The server (or a proxy before it) answered a BOSH request with that status.
    case httpStatus(Int)
    /// The transport went away, or repeating a BOSH request did not help.
    case connectionLost
    /// The login took too long, or pings went unanswered.
    case timeout
    /// The server sent what is not XMPP; the reason is for a journal.
    case malformed(String)
    /// More was waiting to be sent than a session holds.
    case overflow
}
