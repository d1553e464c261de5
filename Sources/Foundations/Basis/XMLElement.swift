/// One attribute of an element. `name` is as written, prefix included (`xml:lang`); attributes without prefix have no namespace.
package struct XMLAttribute: Equatable, Sendable {
    /// As written, prefix included.
    package var name: String
    /// Unescaped.
    package var value: String

    /// An element of `namespace` with `children`; attributes are pairs of name and value.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What an element contains, in document order.
package enum XMLNode: Equatable, Sendable {
    case element(XMLElement)
    case text(String)
}

/// An XML element as XMPP uses them: namespaces resolved, no declarations, comments or processing instructions.
package struct XMLElement: Equatable, Sendable {
    /// The local name.
    package var name: String
    /// The resolved namespace name; empty for none.
    package var namespace: String
    /// In document order, without the declarations of namespaces.
    package var attributes: [XMLAttribute]
    /// In document order.
    package var children: [XMLNode]

    package init(
        _ name: String, namespace: String, _ attributes: [(String, String)] = [], children: [XMLElement] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.attributes = attributes.map { XMLAttribute($0.0, $0.1) }
        self.children = children.map { .element($0) }
    }

    /// An element of `namespace` that holds `text` alone; nothing where `text` is empty.
    package init(_ name: String, namespace: String, _ attributes: [(String, String)] = [], text: String) {
        self.init(name, namespace: namespace, attributes)
        children = text.isEmpty ? [] : [.text(text)]
    }

    /// The value of the attribute without prefix called `attribute`; setting nil removes it.
    package subscript(attribute: String) -> String? {
        get { attributes.first { $0.name == attribute }?.value }
        set {
            if let index = attributes.firstIndex(where: { $0.name == attribute }) {
                if let newValue {
                    attributes[index].value = newValue
                } else {
                    attributes.remove(at: index)
                }
            } else if let newValue {
                attributes.append(XMLAttribute(attribute, newValue))
            }
        }
    }

    /// The child elements, text left out.
    package var elements: [XMLElement] {
        children.compactMap { if case .element(let element) = $0 { element } else { nil } }
    }

    /// The first child element with that local name, and that namespace when one is given.
    package func child(_ name: String, namespace: String? = nil) -> XMLElement? {
        for case .element(let element) in children
        where element.name == name && (namespace == nil || element.namespace == namespace) {
            return element
        }
        return nil
    }

    /// Every child element with that local name, and that namespace when one is given.
    package func children(_ name: String, namespace: String? = nil) -> [XMLElement] {
        elements.filter { $0.name == name && (namespace == nil || $0.namespace == namespace) }
    }

    /// The text directly inside, joined.
    package var text: String {
        children.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
    }

    /// Appends a child element.
    package mutating func append(_ element: XMLElement) {
        children.append(.element(element))
    }

    /// Appends character data; the writer escapes it.
    package mutating func append(text: String) {
        children.append(.text(text))
    }

    /// The element as text that stands alone (RFC 7395: one document a frame): every needed `xmlns` is declared.
    package func serialized() -> String {
        var output = ""
        write(into: &output, inherited: "")
        return output
    }

    /// The element as text inside a parent whose default namespace is `inherited`.
    package func write(into output: inout String, inherited: String) {
        output += "<"
        output += name
        if namespace != inherited {
            output += " xmlns='"
            XMLText.escape(namespace, into: &output)
            output += "'"
        }
        for attribute in attributes {
            output += " "
            output += attribute.name
            output += "='"
            XMLText.escape(attribute.value, into: &output)
            output += "'"
        }
        if children.isEmpty {
            output += "/>"
            return
        }
        output += ">"
        for child in children {
            switch child {
            case .element(let element): element.write(into: &output, inherited: namespace)
            case .text(let text): XMLText.escape(text, into: &output)
            }
        }
        output += "</"
        output += name
        output += ">"
    }
}

/// Text as XML 1.0 allows it.
package enum XMLText {
    /// Appends `text` with the five predefined entities used and characters that XML 1.0 section 2.2 forbids replaced by U+FFFD.
    package static func escape(_ text: String, into output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "'": output += "&apos;"
            case "\"": output += "&quot;"
            default: output.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
            }
        }
    }

    /// XML 1.0 section 2.2, Char.
    package static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
