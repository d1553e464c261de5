import Basis

/// An XMPP address (RFC 7622): `local@domain/resource`.
///
/// ASCII letters of the local part and the domain are lower-cased; no other preparation is done, since servers stamp
/// addresses that are prepared already.
package struct JID: Hashable, Sendable, CustomStringConvertible {
    /// Before `@`; nil without one.
    package let local: String?
    /// In lower case.
    package let domain: String
    /// After `/`; nil without one.
    package let resource: String?

    /// Three parts of 1023 bytes and two separators (RFC 7622 section 3.1).
    private static let longest = 3071
    private static let longestPart = 1023

    /// The address that `text` spells, or nil when it spells none.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        // The scalar view: a combining character after a separator must not hide the separator.
        var rest = Substring(text).unicodeScalars
        var resource: String?
        if let slash = rest.firstIndex(of: "/") {
            resource = String(rest[rest.index(after: slash)...])
            rest = rest[..<slash]
        }
        var local: String?
        if let at = rest.firstIndex(of: "@") {
            local = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        self.init(local: local, domain: String(rest), resource: resource)
    }

    /// The address of these parts, or nil when one of them is not allowed.
    package init?(local: String?, domain: String, resource: String? = nil) {
        var domain = Self.lowered(domain)
        if domain.utf8.last == UInt8(ascii: ".") { domain.removeLast() }
        guard Self.isAllowed(domain, excluding: "/@<>'\"& ") else { return nil }
        if let local {
            guard Self.isAllowed(local, excluding: "\"&'/:<>@ ") else { return nil }
        }
        if let resource {
            guard Self.isAllowed(resource, excluding: "") else { return nil }
        }
        self.local = local.map(Self.lowered)
        self.domain = domain
        self.resource = resource
    }

    private init(local: String?, domain: String) {
        self.local = local
        self.domain = domain
        resource = nil
    }

    /// The address without its resource.
    package var bare: JID { JID(local: local, domain: domain) }

    /// As written on the wire.
    package var description: String {
        (local.map { $0 + "@" } ?? "") + domain + (resource.map { "/" + $0 } ?? "")
    }

    private static func isAllowed(_ part: String, excluding forbidden: String) -> Bool {
        guard (1...longestPart).contains(part.utf8.count) else { return false }
        return part.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F && XMLText.isAllowed(scalar)
                && !forbidden.unicodeScalars.contains(scalar)
        }
    }

    private static func lowered(_ part: String) -> String {
        String(
            decoding: part.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self)
    }
}
