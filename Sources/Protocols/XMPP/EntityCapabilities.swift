package import Basis

/// What this client says it can do: service discovery (XEP-0030) and its hash in presence (XEP-0115).
package struct EntityCapabilities: Equatable, Sendable {
    /// What the client is (XEP-0030 section 3.1; the registry gives category and type).
    package struct Identity: Equatable, Sendable {
        /// Such as `client`.
        package var category: String
        /// Such as `web`.
        package var type: String
        /// Of the name (BCP 47); empty for none.
        package var language: String
        /// For people; empty for none.
        package var name: String

        /// An identity.
        package init(category: String, type: String, language: String = "", name: String = "") {
            self.category = category
            self.type = type
            self.language = language
            self.name = name
        }
    }

    /// A URI that names the software; never another client's, whose features a server would then believe in.
    package let node: String
    /// Sorted as the hash wants them.
    package let identities: [Identity]
    /// Sorted, each once.
    package let features: [String]
    /// `ver`: base64 of the SHA-1 of everything above (XEP-0115 section 5.1).
    package let verification: String

    /// Capabilities, with their hash.
    package init(node: String, identities: [Identity], features: [String]) {
        self.node = node
        // Sorted by bytes ("i;octet"), as the hash wants them.
        self.identities = identities.sorted {
            Self.precedes(
                [$0.category, $0.type, $0.language, $0.name], [$1.category, $1.type, $1.language, $1.name])
        }
        self.features = Set(features).sorted { Self.precedes([$0], [$1]) }
        var text = ""
        for identity in self.identities {
            text += "\(identity.category)/\(identity.type)/\(identity.language)/\(identity.name)<"
        }
        for feature in self.features { text += feature + "<" }
        verification = Base64.encode(SHA1.hash(Array(text.utf8)))
    }

    /// `<c/>` for every presence (XEP-0115 section 4).
    package func presenceElement() -> XMLElement {
        XMLElement(
            "c", namespace: XMPPNamespace.caps, [("hash", "sha-1"), ("node", node), ("ver", verification)])
    }

    /// The answer to a disco#info request without node or with ours, echoing the node; nil for anything else.
    package func answer(to iq: XMLElement) -> XMLElement? {
        guard iq.isRequest, iq["type"] == "get", let query = iq.child("query", namespace: XMPPNamespace.discoInfo)
        else { return nil }
        let asked = query["node"]
        guard asked == nil || asked == node || asked == "\(node)#\(verification)" else { return nil }
        var info = XMLElement("query", namespace: XMPPNamespace.discoInfo)
        info["node"] = asked
        for identity in identities {
            var element = XMLElement(
                "identity", namespace: XMPPNamespace.discoInfo,
                [("category", identity.category), ("type", identity.type)])
            if !identity.language.isEmpty { element["xml:lang"] = identity.language }
            if !identity.name.isEmpty { element["name"] = identity.name }
            info.append(element)
        }
        for feature in features {
            info.append(XMLElement("feature", namespace: XMPPNamespace.discoInfo, [("var", feature)]))
        }
        return iq.result(info)
    }

    private static func precedes(_ left: [String], _ right: [String]) -> Bool {
        for (first, second) in zip(left, right) where first != second {
            return first.utf8.lexicographicallyPrecedes(second.utf8)
        }
        return false
    }
}
