package import Basis

/// Why a stanza was refused (RFC 6120 section 8.3).
package struct StanzaError: Error, Equatable, Sendable {
    /// What the sender may do about it (RFC 6120 section 8.3.2).
    package enum Kind: String, Sendable {
        case auth, cancel, `continue`, modify, wait
    }

    /// What the sender may do about it.
    package var type: Kind
    /// The defined condition, for instance `service-unavailable`.
    package var condition: String
    /// The server's words, if any.
    package var text: String?
    /// The children of `<error/>` in namespaces of applications.
    package var applicationElements: [XMLElement]

    /// An error to answer with.
    package init(type: Kind, condition: String, text: String? = nil, applicationElements: [XMLElement] = []) {
        self.type = type
        self.condition = condition
        self.text = text
        self.applicationElements = applicationElements
    }

    /// The recipient does not offer what was asked (RFC 6120 section 8.3.3.19).
    package static let serviceUnavailable = StanzaError(type: .cancel, condition: "service-unavailable")

    /// The error that `stanza` carries; nil unless its type is `error`. What it leaves out becomes
    /// `undefined-condition`.
    package init?(_ stanza: XMLElement) {
        guard stanza["type"] == "error" else { return nil }
        self.init(type: .cancel, condition: "undefined-condition")
        guard let error = stanza.child("error") else { return }
        type = error["type"].flatMap(Kind.init(rawValue:)) ?? .cancel
        for child in error.elements {
            if child.namespace != XMPPNamespace.stanzaErrors {
                applicationElements.append(child)
            } else if child.name == "text" {
                text = child.text
            } else {
                condition = child.name
            }
        }
    }

    /// The `<error/>` that goes into a stanza.
    package var element: XMLElement {
        var element = XMLElement(
            "error", namespace: XMPPNamespace.client, [("type", type.rawValue)],
            children: [XMLElement(condition, namespace: XMPPNamespace.stanzaErrors)])
        if let text { element.append(XMLElement("text", namespace: XMPPNamespace.stanzaErrors, text: text)) }
        for child in applicationElements { element.append(child) }
        return element
    }
}

extension XMLElement {
    /// Whether this is an iq that its receiver has to answer.
    package var isRequest: Bool {
        name == "iq" && namespace == XMPPNamespace.client && (self["type"] == "get" || self["type"] == "set")
    }

    /// The `result` that answers this iq, with `child` as its payload.
    package func result(_ child: XMLElement? = nil) -> XMLElement {
        answer(type: "result", child)
    }

    /// The `error` that answers this iq.
    package func failure(_ error: StanzaError) -> XMLElement {
        answer(type: "error", error.element)
    }

    private func answer(type: String, _ child: XMLElement?) -> XMLElement {
        var answer = XMLElement("iq", namespace: XMPPNamespace.client, [("type", type)])
        answer["id"] = self["id"]
        answer["to"] = self["from"]
        if let child { answer.append(child) }
        return answer
    }
}
