/// An RTP header extension (RFC 8285) with the id that the server's configuration gives it.
package struct HeaderExtension: Equatable, Sendable {
    /// 1…14 with one-byte headers, 1…255 with two-byte ones.
    package let id: UInt8
    /// What the extension is.
    package let uri: String

    /// An extension under that id.
    package init(id: UInt8, uri: String) {
        self.id = id
        self.uri = uri
    }
}
