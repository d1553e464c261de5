internal import Basis
internal import Devices

/// Which camera is the room's first choice, and whether it is back while another one serves in its place.
struct CameraPreference {
    /// How often sysfs is looked at.
    private static let lookInterval = Duration.seconds(1)

    private let configured: [DeviceIdentity]
    /// Without a configured order, the camera that was used first: a passing loss does not make another one the room's.
    private var adopted: [DeviceIdentity] = []
    /// The rank of the open camera; nil when it is closed.
    private var openRank: Int?
    /// Nodes that were preferred and did not start; until they are unplugged.
    private var refused: Set<String> = []
    private var nextLook: MonotonicInstant?
    private var isPresent = false

    init(configured: [DeviceIdentity]) {
        self.configured = configured
    }

    /// The order in which cameras are tried, the best first; those that none of it means come after.
    var identities: [DeviceIdentity] { configured.isEmpty ? adopted : configured }

    /// The lower the better.
    private func rank(of facts: DeviceFacts) -> Int {
        identities.firstIndex { $0.matches(facts) } ?? identities.count
    }

    mutating func opened(_ facts: DeviceFacts) {
        if configured.isEmpty, adopted.isEmpty {
            // The same place first, then the same model elsewhere.
            if let vendor = facts.vendor, let product = facts.product {
                adopted = [.usb(vendor: vendor, product: product, serial: facts.serial)]
            }
            if let port = facts.port { adopted.insert(.port(port), at: 0) }
        }
        openRank = rank(of: facts)
        (nextLook, isPresent) = (nil, false)
    }

    /// A camera of this node was tried and did not start.
    mutating func failed(_ facts: DeviceFacts) {
        refused.insert(facts.node)
    }

    mutating func closed() {
        openRank = nil
    }

    /// Whether a better camera than the open one is there, looked for once a second.
    ///
    /// - Parameters:
    ///   - nodes: all video nodes of the machine.
    ///   - isUsable: whether a node is a camera that gives pictures; asked of better ones only.
    mutating func isBetterPresent(
        at now: MonotonicInstant, nodes: () -> [DeviceFacts], isUsable: (DeviceFacts) -> Bool
    ) -> Bool {
        guard let openRank, openRank > 0 else { return false }
        if let nextLook, now < nextLook { return isPresent }
        nextLook = now + Self.lookInterval
        let all = nodes()
        refused.formIntersection(all.map(\.node))
        isPresent = all.contains { rank(of: $0) < openRank && !refused.contains($0.node) && isUsable($0) }
        return isPresent
    }
}
