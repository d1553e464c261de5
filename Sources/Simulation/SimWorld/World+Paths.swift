internal import Basis
internal import Practice
internal import RoomController

/// The paths besides WebSockets and plain datagrams: BOSH, and TURN relays.
extension World {
    func receiveBOSH(_ body: String, _ request: WorldBOSH.Held) {
        let socket = wires.nextSocket()
        guard let turn = wires.bosh.receive(body, request, newSocket: socket) else {
            return answerBOSH(request, status: 404, "")
        }
        if turn.isNew { _ = practice.socketOpened(socket, path: "/xmpp-websocket", at: now) }
        for (held, body) in turn.answers { answerBOSH(held, status: 200, body) }
        for text in turn.texts { practice.socketReceived(turn.socket, text: text, at: now) }
        // Something may have been said while no request waited for it.
        if let (held, body) = wires.bosh.takeAnswer(on: turn.socket) { answerBOSH(held, status: 200, body) }
        if wires.bosh.isHeld(request) { wires.push(.boshExpiry(request), at: now + WorldBOSH.hold) }
        settlePractice()
    }

    func answerBOSH(_ request: WorldBOSH.Held, status: Int, _ body: String) {
        wires.push(
            .answer(.response(request.token, status: status, body: Array(body.utf8)), of: request.number),
            at: now + network.latency)
    }

    /// A relay that stands is reached by TLS, which passes where datagrams do not.
    func openRelay(_ relay: Int, _ host: String, of number: Int) {
        record(.relayAsked(host: host))
        guard !network.isCut else { return }
        let relayed = TransportAddress(.v4(0xCB00_7101), port: UInt16(50_000 + relay))
        wires.relays.insert(relayed)
        wires.push(
            .answer(
                .relayOpened(
                    number: relay, relayed: relayed, server: TransportAddress(.v4(0xCB00_7101), port: 443),
                    mapped: nil), of: number), at: now + network.latency * 6)
    }
}
