/// One header line.
package struct HTTPField: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

package enum HTTPRequestMethod: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
}

/// A complete answer, whatever its status.
package struct HTTPResponse: Equatable, Sendable {
    package let status: Int
    package let headers: [HTTPField]
    package let body: [UInt8]
    /// Where the answer came from, after redirects.
    package let url: WebURL

    /// The first header with that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body when it is UTF-8.
    package var text: String? { String(validating: body, as: UTF8.self) }

    /// 200 to 299.
    package var isSuccess: Bool { (200...299).contains(status) }

    /// What to throw for a status that the caller cannot use.
    package var statusError: NetworkError { .httpStatus(status, excerpt: NetworkError.excerpt(body)) }
}

extension NetworkError {
    /// How much of the body of an unwanted answer is kept.
    static let excerptLength = 256

    static func excerpt(_ body: [UInt8]) -> String {
        String(decoding: body.prefix(excerptLength), as: UTF8.self)
    }
}
