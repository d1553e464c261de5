/// Jabber identifiers as text, `local@domain/resource` (RFC 7622), as far as a conference client compares them.
///
/// They are taken apart by scalars: as a `Character` a separator may have swallowed a combining mark behind it.
package enum JID {
    /// The part before the first `/`.
    package static func bare(_ jid: String) -> String {
        String(jid.unicodeScalars.prefix { $0 != "/" })
    }

    /// The part after the first `/`; nil without one.
    package static func resource(_ jid: String) -> String? {
        guard let slash = jid.unicodeScalars.firstIndex(of: "/") else { return nil }
        let resource = String(jid.unicodeScalars[slash...].dropFirst())
        return resource.isEmpty ? nil : resource
    }

    /// The part before `@`; nil without one.
    package static func local(_ jid: String) -> String? {
        let bare = bare(jid)
        guard let at = bare.unicodeScalars.firstIndex(of: "@") else { return nil }
        return String(bare.unicodeScalars[..<at])
    }

    /// The part between `@` and `/`, or all before `/`, in lower case.
    package static func domain(_ jid: String) -> String {
        let bare = bare(jid)
        guard let at = bare.unicodeScalars.firstIndex(of: "@") else { return bare.lowercased() }
        return String(bare.unicodeScalars[at...].dropFirst()).lowercased()
    }

    /// Whether the text can be a domain part: not empty, at most 255 bytes, without separators, spaces and controls.
    package static func isDomain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "/" && $0 != "@" && $0.value != 0x7F }
    }

    /// Whether the text is an address with a local part and without a resource.
    package static func isBare(_ text: String) -> Bool {
        guard let local = local(text), !local.isEmpty, !text.unicodeScalars.contains("/"), text.utf8.count <= 2048
        else { return false }
        return isDomain(domain(text))
    }
}
