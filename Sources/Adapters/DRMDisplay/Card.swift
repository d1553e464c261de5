internal import Devices

/// An open card, let go of when dropped. Everything made on it keeps it alive.
final class Card<Calls: DRMCalls> {
    let calls: Calls
    let descriptor: Int32
    let path: String
    private(set) var resources: CardResources
    private(set) var isMaster = false

    private init(_ calls: Calls, descriptor: Int32, path: String, resources: CardResources) {
        self.calls = calls
        self.descriptor = descriptor
        self.path = path
        self.resources = resources
    }

    deinit {
        if isMaster { calls.dropMaster(descriptor) }
        calls.close(descriptor)
    }

    /// The card at `path`, else the first that can drive a TV.
    static func pick(_ calls: Calls, path: String?) throws(DeviceError) -> Card {
        if let path { return try open(calls, path: path) }
        // The clearest reason why none will do: a card that is there says more than one that is not.
        var reason: DeviceError?
        for path in calls.cardPaths() {
            do throws(DeviceError) {
                return try open(calls, path: path)
            } catch {
                if reason == nil || reason?.severity == .absent { reason = error }
            }
        }
        throw reason
            ?? DeviceError("open", device: "/dev/dri", detail: "this machine has no display card", severity: .absent)
    }

    private static func open(_ calls: Calls, path: String) throws(DeviceError) -> Card {
        let card: Card
        do throws(KernelError) {
            let descriptor = try calls.open(path)
            do throws(KernelError) {
                card = Card(calls, descriptor: descriptor, path: path, resources: try calls.resources(descriptor))
            } catch {
                calls.close(descriptor)
                throw error
            }
        } catch {
            throw DeviceError("open", device: path, errno: error.errno)
        }
        try card.check()
        return card
    }

    /// Whether this card can drive a TV, and its clear refusal if not.
    private func check() throws(DeviceError) {
        guard !resources.connectors.isEmpty, !resources.crtcs.isEmpty else {
            throw DeviceError("open", device: path, detail: "this card has no outputs", severity: .absent)
        }
        let driver: String
        let hasDumbBuffers: Bool
        do throws(KernelError) {
            driver = try calls.driverName(descriptor)
            hasDumbBuffers = try calls.hasDumbBuffers(descriptor)
        } catch {
            throw failure("open", error)
        }
        guard hasDumbBuffers else {
            throw DeviceError(
                "open", device: path, detail: "the driver \(driver) has no dumb buffers", severity: .permanent)
        }
        do throws(KernelError) {
            try calls.enableAtomic(descriptor)
        } catch {
            guard [22, 95].contains(error.errno) else { throw failure("open", error) }  // EINVAL, EOPNOTSUPP
            throw DeviceError(
                "open", device: path, errno: error.errno,
                detail: "the driver \(driver) has no atomic mode setting, only the legacy one, which is not served",
                severity: .permanent)
        }
    }

    /// Connectors may come and go; CRTCs stay.
    func rereadResources() throws(KernelError) {
        resources = try calls.resources(descriptor)
    }

    /// Becomes the one who may set modes; true when it was not before.
    func takeMaster() throws(DeviceError) -> Bool {
        if isMaster { return false }
        do throws(KernelError) {
            try calls.setMaster(descriptor)
        } catch {
            throw isRefusal(error) ? refusal(error) : failure("take", error)
        }
        isMaster = true
        return true
    }

    /// The error of a commit. Afterwards this card may have to be taken again.
    func commitFailure(_ error: KernelError) -> DeviceError {
        guard isRefusal(error) else { return failure("commit", error) }
        isMaster = false
        return refusal(error)
    }

    /// EPERM, EACCES, EBUSY; the last also tells of a flip that is not over.
    private func isRefusal(_ error: KernelError) -> Bool {
        [1, 13, 16].contains(error.errno)
    }

    func failure(_ operation: String, _ error: KernelError, detail: String = "") -> DeviceError {
        DeviceError(operation, device: path, errno: error.errno, detail: detail)
    }

    /// The error of one who is not master.
    private func refusal(_ error: KernelError) -> DeviceError {
        DeviceError(
            "take", device: path, errno: error.errno,
            detail: "another program or console has the display; it is taken back when free", severity: .transient)
    }
}
