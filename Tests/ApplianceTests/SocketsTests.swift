import Basis
@testable import Conference
import RoomController
import Testing

@testable import Appliance

private final class FakeSocket: MediaSocket {
    let localAddress: TransportAddress

    init(_ address: IPAddress) { localAddress = TransportAddress(address, port: 40_000) }
}

@Suite struct MediaSocketsTests {
    private let wired = IPAddress.v4(0xC000_020A)
    private let wireless = IPAddress.v4(0xC633_6401)

    private func socket(_ address: IPAddress) -> FakeSocket { FakeSocket(address) }

    @Test func allAreToldWhenTheLastIsBound() {
        var sockets = MediaSockets<FakeSocket>()
        let binding = sockets.open([wired, wireless])
        #expect(binding.addresses == [wired, wireless] && binding.isOpening)
        let second = socket(wireless)
        #expect(sockets.bound(second, binding) == .waiting)
        // One that cannot be bound keeps nobody waiting.
        #expect(sockets.bound(nil, binding) == .complete([second.localAddress]))
        #expect(sockets[second.localAddress] === second)
        #expect(sockets.local(wireless, generation: binding.generation) == second.localAddress)
        #expect(sockets.local(wired, generation: binding.generation) == nil)
    }

    @Test func aSocketOfAnEarlierCallIsLate() {
        var sockets = MediaSockets<FakeSocket>()
        let binding = sockets.open([wired])
        #expect(sockets.close().isEmpty)
        let late = socket(wired)
        #expect(sockets.bound(late, binding) == .late)
        let next = sockets.open([wired])
        #expect(sockets.bound(late, binding) == .late)
        let own = socket(wired)
        #expect(sockets.bound(own, next) == .complete([own.localAddress]))
        #expect(sockets.local(wired, generation: binding.generation) == nil)
        #expect(sockets.close().count == 1)
        #expect(sockets.present.isEmpty)
    }

    @Test func whoseAddressComesBackGoesOnWithTheSameSocket() throws {
        var sockets = MediaSockets<FakeSocket>()
        #expect(sockets.refresh([wired]) == nil, "there is no call")
        let binding = sockets.open([wired])
        let first = socket(wired)
        _ = sockets.bound(first, binding)
        #expect(sockets.refresh([wired]) == nil)
        let without = sockets.refresh([])
        let gone = try #require(without)
        #expect(gone.isAnyGone && gone.binding.addresses.isEmpty && gone.closed.isEmpty)
        #expect(sockets.present.isEmpty)
        let again = sockets.refresh([wired, wireless])
        let back = try #require(again)
        #expect(!back.isAnyGone && back.binding.addresses == [wireless] && !back.binding.isOpening)
        #expect(sockets.present == [first.localAddress])
        let second = socket(wireless)
        #expect(sockets.bound(second, back.binding) == .complete([first.localAddress, second.localAddress]))
    }

    @Test func socketsOfAddressesThatAreGoneAreNotKeptForEver() throws {
        var sockets = MediaSockets<FakeSocket>()
        let many = (0..<16).map { IPAddress.v4(0x0A00_0001 + UInt32($0)) }
        let binding = sockets.open(many + [wired])
        #expect(binding.addresses == many)
        for address in many { _ = sockets.bound(socket(address), binding) }
        let refreshed = sockets.refresh([wired])
        let change = try #require(refreshed)
        #expect(change.closed.count == 16 && change.binding.addresses == [wired])
        #expect(change.closed.allSatisfy { sockets[$0.localAddress] == nil })
    }
}

@Suite struct RelayConnectionsTests {
    private final class FakeRelay {}

    @Test func aRelayIsFoundByItsAddressUntilItsCallEnds() {
        var relays = RelayConnections<FakeRelay>()
        let address = TransportAddress(.v4(0xCB00_7101), port: 50_000)
        let (first, generation) = (FakeRelay(), relays.generation)
        relays.add(first, number: 1)
        #expect(relays[address] == nil && relays.address(of: 1, generation: generation) == nil)
        relays.allocated(1, address, generation: generation)
        relays.allocated(2, TransportAddress(.v4(1), port: 1), generation: generation)
        #expect(relays[address] === first && relays.address(of: 1, generation: generation) == address)
        #expect(relays.removeAll().count == 1)
        #expect(relays[address] == nil)
        // What an earlier call is told is for nobody.
        let second = FakeRelay()
        relays.add(second, number: 1)
        relays.allocated(1, address, generation: generation)
        #expect(relays[address] == nil)
        #expect(relays.remove(1, generation: generation) == nil)
        #expect(relays.remove(1, generation: relays.generation) === second)
    }
}

@Suite struct WebSocketsTests {
    @Test func thoseOfOneConferenceAreNotThoseOfAnother() {
        var sockets = WebSockets<String>()
        let token = SocketToken(role: .signalling, number: 1)
        sockets[token, of: 1] = "standing by"
        sockets[token, of: 2] = "call"
        #expect(sockets.removeAll(of: 1) == ["standing by"])
        #expect(sockets[token, of: 2] == "call")
        #expect(sockets.remove(token, of: 2) == "call")
        #expect(sockets.removeAll(of: 2).isEmpty)
    }
}
