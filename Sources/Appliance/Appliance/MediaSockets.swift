internal import Basis
internal import NetworkIO
internal import RoomController

/// A UDP socket that carries media.
protocol MediaSocket: AnyObject {
    var localAddress: TransportAddress { get }
}

extension UDPSocket: MediaSocket {}

/// Sockets that are to be bound, one for each address, and what is told when all are.
struct MediaSocketBinding: Equatable, Sendable {
    let addresses: [IPAddress]
    /// Tells the sockets of one opening from those of another.
    let generation: Int
    /// Whether these are the first ones.
    let isOpening: Bool

    func answer(_ present: [TransportAddress]) -> NetworkAnswer {
        isOpening ? .mediaSocketsOpened(present) : .mediaSocketsChanged(present)
    }
}

/// The UDP sockets of a call, one for each address of the host, as these come and go: which are to be bound, which stay, which
/// are told. Binds and closes nothing itself.
struct MediaSockets<Socket: MediaSocket> {
    enum Bound: Equatable {
        /// Others of the same binding are still missing.
        case waiting
        case complete([TransportAddress])
        /// The sockets were closed meanwhile: the new one is to be closed as well.
        case late
    }

    struct Change {
        var binding: MediaSocketBinding
        /// An address that was there is gone.
        var isAnyGone: Bool
        /// Sockets that are to be closed.
        var closed: [Socket]
    }

    /// More than this are not kept for addresses that are gone.
    static var maximumSockets: Int { 16 }

    /// The host's addresses as of the last look; empty without sockets.
    private(set) var addresses: [IPAddress] = []
    private var isOpen = false
    private var generation = 0
    /// Sockets that are being bound.
    private var missing = 0
    private var sockets: [Socket] = []
    private var byAddress: [TransportAddress: Socket] = [:]

    subscript(local: TransportAddress) -> Socket? { byAddress[local] }

    /// The bound addresses that the host has at present, in its own order.
    var present: [TransportAddress] {
        addresses.compactMap { address in sockets.first { $0.localAddress.address == address }?.localAddress }
    }

    /// The socket's whole address; nil for one of an earlier opening.
    func local(_ address: IPAddress, generation: Int) -> TransportAddress? {
        guard generation == self.generation else { return nil }
        return sockets.first { $0.localAddress.address == address }?.localAddress
    }

    /// A call begins; its sockets were closed before.
    mutating func open(_ host: [IPAddress]) -> MediaSocketBinding {
        generation += 1
        isOpen = true
        addresses = Array(host.prefix(Self.maximumSockets))
        missing = addresses.count
        return MediaSocketBinding(addresses: addresses, generation: generation, isOpening: true)
    }

    /// An address may have come or gone; nil where nothing is new. The socket of one that is gone is kept: a cable that is put
    /// in again often gets the same, and then the call goes on where it was.
    mutating func refresh(_ host: [IPAddress]) -> Change? {
        let now = Array(host.prefix(Self.maximumSockets))
        guard isOpen, now != addresses else { return nil }
        let former = addresses
        addresses = now
        var closed: [Socket] = []
        if sockets.count >= Self.maximumSockets {
            closed = sockets.filter { !now.contains($0.localAddress.address) }
            for socket in closed { byAddress[socket.localAddress] = nil }
            sockets.removeAll { socket in closed.contains { $0 === socket } }
        }
        let new = now.filter { address in !sockets.contains { $0.localAddress.address == address } }
        missing += new.count
        return Change(
            binding: MediaSocketBinding(addresses: new, generation: generation, isOpening: false),
            isAnyGone: former.contains { !now.contains($0) }, closed: closed)
    }

    /// A socket of `binding` was bound, or could not be.
    mutating func bound(_ socket: Socket?, _ binding: MediaSocketBinding) -> Bound {
        guard binding.generation == generation, isOpen else { return .late }
        if let socket {
            sockets.append(socket)
            byAddress[socket.localAddress] = socket
        }
        missing -= 1
        return missing == 0 ? .complete(present) : .waiting
    }

    /// The call is over.
    /// - Returns: the sockets to be closed.
    mutating func close() -> [Socket] {
        generation += 1
        isOpen = false
        addresses = []
        missing = 0
        byAddress = [:]
        defer { sockets = [] }
        return sockets
    }
}
