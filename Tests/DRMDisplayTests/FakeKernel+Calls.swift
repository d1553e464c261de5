import Basis
import DRMDisplay
import Devices

// MARK: The calls

extension FakeKernel {
    func cardPaths() -> [String] { isCardGone ? [] : paths }

    func open(_ path: String) throws(KernelError) -> Int32 {
        try check(.open)
        guard paths.contains(path) else { throw KernelError(errno: 2) }
        let descriptor = Int32(next())
        descriptors.insert(descriptor)
        return descriptor
    }

    func close(_ card: Int32) {
        descriptors.remove(card)
        masters.remove(card)
    }

    func setMaster(_ card: Int32) throws(KernelError) {
        try check(.setMaster, card)
        if isMasterElsewhere { throw KernelError(errno: 16) }
        masters.insert(card)
    }

    func dropMaster(_ card: Int32) { masters.remove(card) }

    func enableAtomic(_ card: Int32) throws(KernelError) {
        try check(.enableAtomic, card)
        if !isAtomic { throw KernelError(errno: 95) }
    }

    func hasDumbBuffers(_ card: Int32) throws(KernelError) -> Bool {
        try check(.hasDumbBuffers, card)
        return hasDumb
    }

    func driverName(_ card: Int32) throws(KernelError) -> String {
        try check(.driverName, card)
        return driver
    }

    func resources(_ card: Int32) throws(KernelError) -> CardResources {
        try check(.resources, card)
        return CardResources(crtcs: crtcs, connectors: sockets.keys.sorted())
    }

    func connector(_ card: Int32, _ id: UInt32, probing: Bool) throws(KernelError) -> ConnectorFacts {
        try check(.connector, card)
        if probing { probes += 1 }
        guard let socket = sockets[id] else { throw KernelError(errno: 2) }
        return socket.facts
    }

    func encoder(_ card: Int32, _ id: UInt32) throws(KernelError) -> EncoderFacts {
        try check(.encoder, card)
        guard let encoder = encoders[id] else { throw KernelError(errno: 2) }
        return encoder
    }

    func planes(_ card: Int32) throws(KernelError) -> [UInt32] {
        try check(.planes, card)
        return planeFacts.keys.sorted()
    }

    func plane(_ card: Int32, _ id: UInt32) throws(KernelError) -> PlaneFacts {
        try check(.plane, card)
        guard let facts = planeFacts[id] else { throw KernelError(errno: 2) }
        return facts
    }

    func properties(_ card: Int32, of object: UInt32, _ kind: ObjectKind) throws(KernelError) -> [Property] {
        try check(.properties, card)
        guard let known = values[object] else { throw KernelError(errno: 2) }
        return known.sorted { $0.key < $1.key }.map { name, value in
            Property(
                id: id(of: name), name: name, value: value, isImmutable: immutable.contains(name), range: ranges[name])
        }
    }

    func blob(_ card: Int32, _ id: UInt32) throws(KernelError) -> [UInt8] {
        try check(.blob, card)
        guard let socket = sockets[id &- 900] else { throw KernelError(errno: 2) }
        return socket.edid
    }

    func createModeBlob(_ card: Int32, _ mode: DisplayMode) throws(KernelError) -> UInt32 {
        try check(.createModeBlob, card)
        let id = next()
        blobs[id] = mode
        return id
    }

    func destroyBlob(_ card: Int32, _ id: UInt32) { blobs[id] = nil }

    func createDumbBuffer(
        _ card: Int32, width: UInt32, height: UInt32, bitsPerPixel: UInt32
    ) throws(KernelError) -> DumbBufferFacts {
        try check(.createDumbBuffer, card)
        // Rows are longer than needed, as with most drivers.
        let pitch = (Int(width * bitsPerPixel / 8) + 127) & ~63
        let facts = DumbBufferFacts(handle: next(), pitch: pitch, size: pitch * Int(height))
        buffers[facts.handle] = Buffer(facts: facts)
        return facts
    }

    func destroyDumbBuffer(_ card: Int32, handle: UInt32) {
        buffers[handle]?.memory?.deallocate()
        buffers[handle] = nil
    }

    func mapDumbBuffer(_ card: Int32, handle: UInt32, size: Int) throws(KernelError) -> UnsafeMutableRawPointer {
        try check(.mapDumbBuffer, card)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        buffers[handle]?.memory = memory
        return memory
    }

    func unmap(_ memory: UnsafeMutableRawPointer, size: Int) {
        for (handle, buffer) in buffers where buffer.memory == memory {
            buffers[handle]?.memory = nil
            memory.deallocate()
        }
    }

    func addFramebuffer(_ card: Int32, _ layout: FramebufferLayout) throws(KernelError) -> UInt32 {
        try check(.addFramebuffer, card)
        guard buffers[layout.handle] != nil else { throw KernelError(errno: 22) }
        let id = next()
        framebuffers[id] = layout
        return id
    }

    /// As the kernel does: what shows it goes dark, with its CRTC when that was the primary plane.
    func removeFramebuffer(_ card: Int32, _ id: UInt32) {
        framebuffers[id] = nil
        for plane in planeFacts.keys where values[plane]?["FB_ID"] == UInt64(id) {
            darkened += 1
            let crtc = UInt32(values[plane]?["CRTC_ID"] ?? 0)
            values[plane]?["FB_ID"] = 0
            values[plane]?["CRTC_ID"] = 0
            guard values[plane]?["type"] == 1 else { continue }
            values[crtc]?["ACTIVE"] = 0
            values[crtc]?["MODE_ID"] = 0
            for socket in sockets.keys where values[socket]?["CRTC_ID"] == UInt64(crtc) {
                values[socket]?["CRTC_ID"] = 0
            }
        }
    }

    func commit(
        _ card: Int32, _ request: borrowing AtomicRequest, _ flags: CommitFlags, userData: UInt64
    ) throws(KernelError) {
        try check(.commit, card)
        guard masters.contains(card) else { throw KernelError(errno: 13) }
        let copy = copy request
        let wanted = try applied(copy)
        try judge(wanted, mayModeset: flags.contains(.allowModeset))
        commits.append((flags, copy))
        if flags.contains(.testOnly) { return }
        if pendingFlip != nil, flags.contains(.nonblock) { throw KernelError(errno: 16) }
        values = wanted
        if flags.contains(.pageFlipEvent) {
            pendingFlip = userData
        } else {
            vblank()
        }
    }

    private func applied(_ request: AtomicRequest) throws(KernelError) -> [UInt32: [String: UInt64]] {
        var wanted = values
        var index = 0
        for (object, count) in zip(request.objects, request.counts) {
            for _ in 0..<count {
                let (property, value) = (Int(request.properties[index]) - 500, request.values[index])
                guard names.indices.contains(property), wanted[object]?[names[property]] != nil,
                    !immutable.contains(names[property])
                else { throw KernelError(errno: 22) }
                wanted[object]?[names[property]] = value
                index += 1
            }
        }
        return wanted
    }

    /// What the atomic helpers and a simple driver check.
    private func judge(_ wanted: [UInt32: [String: UInt64]], mayModeset: Bool) throws(KernelError) {
        let invalid = KernelError(errno: 22)
        for crtc in crtcs {
            guard let state = wanted[crtc] else { continue }
            let users = sockets.keys.filter { wanted[$0]?["CRTC_ID"] == UInt64(crtc) }
            let mode = blobs[UInt32(state["MODE_ID"] ?? 0)]
            guard users.isEmpty == (mode == nil), users.count < 2 else { throw invalid }
            if state["ACTIVE"] == 1 && mode == nil { throw invalid }
            if let mode, refusedModes.contains(mode.name) { throw invalid }
            if state != values[crtc], !mayModeset { throw invalid }
        }
        for (plane, facts) in planeFacts {
            guard let state = wanted[plane], let framebuffer = state["FB_ID"], let crtc = state["CRTC_ID"] else {
                continue
            }
            guard (framebuffer == 0) == (crtc == 0) else { throw invalid }
            guard framebuffer != 0 else { continue }
            guard let layout = framebuffers[UInt32(framebuffer)], facts.formats.contains(layout.format),
                let index = crtcs.firstIndex(of: UInt32(crtc)), facts.possibleCRTCs & 1 << UInt32(index) != 0,
                let mode = blobs[UInt32(wanted[UInt32(crtc)]?["MODE_ID"] ?? 0)],
                state["SRC_W"] == UInt64(layout.width) << 16, state["SRC_H"] == UInt64(layout.height) << 16,
                (state["CRTC_X"] ?? 0) + (state["CRTC_W"] ?? 0) <= UInt64(mode.hdisplay),
                (state["CRTC_Y"] ?? 0) + (state["CRTC_H"] ?? 0) <= UInt64(mode.vdisplay)
            else { throw invalid }
        }
    }

    func read(_ card: Int32, into bytes: inout [UInt8]) throws(KernelError) -> Int {
        try check(.read, card)
        guard !events.isEmpty else { throw KernelError(errno: 11) }
        let count = min(bytes.count, events.count)
        bytes.replaceSubrange(0..<count, with: events[..<count])
        events.removeFirst(count)
        return count
    }

    func poll(card: Int32?, wake: Int32, timeout: Duration?) throws(KernelError) -> PollOutcome {
        try check(.poll)
        let isGone = card != nil && isCardGone
        if !isWakeSet, !isGone, card == nil || events.isEmpty {
            // Time passes: a flip under way happens within it, else it runs out.
            if card != nil, pendingFlip != nil, flipsGetEvents, timeout ?? .seconds(1) >= .milliseconds(16) {
                now += .milliseconds(16)
                vblank()
            } else {
                now += timeout ?? .seconds(3_600)
            }
        }
        return PollOutcome(
            isCardReadable: card != nil && !events.isEmpty, isCardGone: isGone, isWakeReadable: isWakeSet)
    }
}
