/// An RTP header extension (RFC 8285) with the id that the server's configuration gives it.
package struct HeaderExtension: Equatable, Sendable {
    package let id: UInt8
    package let uri: String

    package init(id: UInt8, uri: String) {
        self.id = id
        self.uri = uri
    }
}
