import Basis

/// The refusals of the panel, each an RFC 9457 problem document with a stable code.
enum PanelProblem: Error, Equatable, Sendable {
    case badRequest(String)
    case malformedJSON
    case invalidPress
    case unauthorized
    case readOnly
    case crossOrigin
    case unknownHost
    case notFound
    case unknownButton
    case methodNotAllowed(allow: String)
    case tooLarge(limit: Int)
    case unsupportedMediaType
    case headersTooLarge
    case notReady
    case noPicture
    case tooManyClients

    var status: Int {
        switch self {
        case .badRequest, .malformedJSON, .invalidPress: 400
        case .unauthorized: 401
        case .crossOrigin, .readOnly: 403
        case .notFound, .unknownButton: 404
        case .methodNotAllowed: 405
        case .tooLarge: 413
        case .unsupportedMediaType: 415
        case .unknownHost: 421
        case .headersTooLarge: 431
        case .notReady, .noPicture, .tooManyClients: 503
        }
    }

    var code: String {
        switch self {
        case .badRequest: "bad-request"
        case .malformedJSON: "malformed-json"
        case .invalidPress: "invalid-press"
        case .unauthorized: "unauthorized"
        case .readOnly: "read-only"
        case .crossOrigin: "cross-origin"
        case .unknownHost: "unknown-host"
        case .notFound: "not-found"
        case .unknownButton: "unknown-button"
        case .methodNotAllowed: "method-not-allowed"
        case .tooLarge: "too-large"
        case .unsupportedMediaType: "unsupported-media-type"
        case .headersTooLarge: "headers-too-large"
        case .notReady: "not-ready"
        case .noPicture: "no-picture"
        case .tooManyClients: "too-many-clients"
        }
    }

    private var title: String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 421: "Misdirected Request"
        case 431: "Request Header Fields Too Large"
        default: "Service Unavailable"
        }
    }

    private var detail: String {
        switch self {
        case .badRequest(let detail): detail
        case .malformedJSON: "The body is not JSON."
        case .invalidPress: "The body must be {\"press\":\"short\"} or {\"press\":\"long\"}."
        case .unauthorized: "The panel's token is needed: Authorization: Bearer TOKEN."
        case .readOnly: "Without a token in the configuration, other computers may look and press nothing."
        case .crossOrigin: "Another web site's page may not press buttons."
        case .unknownHost: "The panel answers to its addresses, localhost and its configured name only."
        case .notFound: "There is nothing at this path."
        case .unknownButton: "The board has no button of this name."
        case .methodNotAllowed(let allow): "This path takes \(allow)."
        case .tooLarge(let limit): "A body has at most \(limit) bytes."
        case .unsupportedMediaType: "The body must be application/json."
        case .headersTooLarge: "The head of the request is too long."
        case .notReady: "The appliance would not try to join now."
        case .noPicture: "The screen has no picture."
        case .tooManyClients: "Too many clients are watching already."
        }
    }

    var response: PanelResponse {
        let document: JSONValue = [
            "type": "about:blank", "title": .string(title), "status": JSONValue(status), "detail": .string(detail),
            "code": .string(code),
        ]
        var response = PanelResponse(
            status: status, contentType: "application/problem+json", body: Array(document.serialized().utf8))
        if case .methodNotAllowed(let allow) = self { response.allow = allow }
        if case .unauthorized = self { response.challenge = "Bearer realm=\"visiosalle\"" }
        if case .tooManyClients = self { response.retryAfter = 5 }
        return response
    }
}
