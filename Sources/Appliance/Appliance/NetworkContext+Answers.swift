internal import Basis
internal import Conference
internal import NIOCore
internal import NetworkIO
internal import Room
internal import RoomController

/// What the controller wants of the network, with what becomes of it in its own words.
extension NetworkContext {
    /// 4 MiB: what one BOSH answer may carry in a large room.
    private static var maximumBody: Int { 4 << 20 }
    /// The connection's own limit, a little less than that of the check.
    private static var greetingLimit: TimeAmount { .seconds(7) }

    func request(
        _ token: RequestToken, _ method: HTTPRequestMethod, url: String, headers: [HTTPField] = [], body: [UInt8] = [],
        answer: @escaping @Sendable (NetworkAnswer) -> Void
    ) {
        request(
            method: method, url: url, headers: headers, body: body, timeout: token.timeout,
            maximumBody: Self.maximumBody
        ) { result in
            switch result {
            case .success(let response): answer(.response(token, status: response.status, body: response.body))
            case .failure(let error): answer(.failure(token, NetworkTrouble(error)))
            }
        }
    }

    /// A name that nobody knows is answered by nothing.
    func resolve(_ host: String, port: UInt16, answer: @escaping @Sendable (NetworkAnswer) -> Void) {
        resolve(host: host) { result in
            guard case .success(let addresses) = result else { return }
            answer(.resolved(addresses.map { TransportAddress($0, port: port) }))
        }
    }

    func lookUp(
        _ look: Int, host: String, proxy: HTTPProxy?, answer: @escaping @Sendable (NetworkAnswer) -> Void
    ) {
        // The proxy looks names up, and tells only when asked for the way.
        if proxy?.serves(host) == true { return answer(.lookedUp(number: look, isFound: true)) }
        resolve(host: host) { result in answer(.lookedUp(number: look, isFound: (try? result.get()) != nil)) }
    }

    func greet(
        _ look: Int, _ server: ConnectionCheck.Server, answer: @escaping @Sendable (NetworkAnswer) -> Void
    ) {
        greet(host: server.host, port: server.port, isSecure: server.isSecure, timeout: Self.greetingLimit) { result in
            switch result {
            case .success: answer(.greeted(number: look, nil))
            case .failure(let error): answer(.greeted(number: look, NetworkTrouble(error)))
            }
        }
    }
}
