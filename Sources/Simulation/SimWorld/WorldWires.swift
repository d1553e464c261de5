internal import Basis
internal import Conference
internal import RoomController

/// Something on its way.
enum Delivery {
    case answer(NetworkAnswer, of: Int)
    /// The upgrade request reaches the server.
    case upgrade(socket: Int, path: String)
    case upgraded(socket: Int)
    case refused(socket: Int, NetworkTrouble)
    case textToServer(socket: Int, String)
    case textToBox(socket: Int, String)
    case closeToServer(socket: Int)
    case closeToBox(socket: Int, code: Int)
    case mediaSocketsOpened(generation: Int, of: Int)
    case addressGained(TransportAddress, generation: Int)
    case datagramToBridge([UInt8], from: TransportAddress)
    case bosh(String, WorldBOSH.Held)
    case boshExpiry(WorldBOSH.Held)
    case datagramToBox([UInt8], to: TransportAddress, generation: Int)
}

extension Delivery {
    /// The WebSocket that it is on.
    var socket: Int? {
        switch self {
        case .textToServer(let socket, _), .textToBox(let socket, _), .closeToServer(let socket),
            .closeToBox(let socket, _):
            socket
        case .answer, .upgrade, .upgraded, .refused, .mediaSocketsOpened, .addressGained, .datagramToBridge, .bosh,
            .boshExpiry, .datagramToBox:
            nil
        }
    }

    /// Whether it belongs to the check of the connection, which goes on while nothing else does.
    fileprivate var isCheck: Bool {
        switch self {
        case .answer(.lookedUp, _), .answer(.greeted, _), .boshExpiry: true
        default: false
        }
    }
}

/// A WebSocket between the box and the server.
struct Socket {
    let conference: Int
    let token: SocketToken
    var isOpen = false
    /// Whether the box still listens to it.
    var isHeld = true
    /// Whether the address that it began at is gone: nothing gets through, and neither side is told.
    var isDead = false
}

/// What is between the box and the server.
struct WorldWires {
    var bosh: WorldBOSH
    var queue = EventQueue<Delivery>()
    var sockets: [Int: Socket] = [:]
    private var socketsGiven = 0
    var waitingTexts: [Delivery] = []
    var hasMediaSockets = false
    /// The conference whose media sockets they are.
    var mediaConference = 0
    /// Where the box is at present.
    var boxAddress = TransportAddress(.v4(0xC000_020A), port: 40_000)
    /// Tells the sockets of one attempt from those of another.
    var socketGeneration = 0
    /// Where the relays of the call are that stand.
    var relays: Set<TransportAddress> = []
    private var checks = 0
    /// The most that was ever on its way at once.
    private(set) var peak = 0

    init(domain: String) { bosh = WorldBOSH(domain: domain) }

    var inFlight: Int { queue.count - checks }

    mutating func notePeak() { peak = max(peak, inFlight) }

    mutating func push(_ delivery: Delivery, at instant: MonotonicInstant) {
        if delivery.isCheck { checks += 1 }
        queue.push(delivery, at: instant)
    }

    /// A delivery has left the queue.
    mutating func arrived(_ delivery: Delivery) {
        if delivery.isCheck { checks -= 1 }
    }

    mutating func add(_ socket: Socket) -> Int {
        let number = nextSocket()
        sockets[number] = socket
        return number
    }

    /// A number that no other socket has.
    mutating func nextSocket() -> Int {
        socketsGiven += 1
        return socketsGiven
    }

    func socket(of token: SocketToken, _ conference: Int) -> Int? {
        sockets.first { $0.value.token == token && $0.value.conference == conference && $0.value.isHeld }?.key
    }
}
