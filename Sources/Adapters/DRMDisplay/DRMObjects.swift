/// The properties of one object by their names.
struct PropertySet {
    private let properties: [Property]

    init<Calls: DRMCalls>(_ card: Card<Calls>, of object: UInt32, _ kind: ObjectKind) throws(KernelError) {
        properties = try card.calls.properties(card.descriptor, of: object, kind)
    }

    subscript(_ name: String) -> Property? { properties.first { $0.name == name } }

    /// The id of a property that every atomic driver has.
    func id(_ name: String) throws(KernelError) -> UInt32 {
        guard let property = self[name] else { throw KernelError(errno: 22) }  // EINVAL
        return property.id
    }
}

/// A socket that a TV can be plugged into.
struct Connector {
    let id: UInt32
    let facts: ConnectorFacts

    /// Nil for one that exists no more, as those of a DisplayPort hub that was unplugged.
    static func find<Calls: DRMCalls>(
        _ card: Card<Calls>, _ id: UInt32, probing: Bool
    ) throws(KernelError) -> Connector? {
        do throws(KernelError) {
            return Connector(id: id, facts: try card.calls.connector(card.descriptor, id, probing: probing))
        } catch {
            guard error.isUnknown else { throw error }
            return nil
        }
    }

    /// DRM_MODE_CONNECTOR_… in order; the names are those of the kernel's drm_connector_enum_list.
    private static let typeNames = [
        "Unknown", "VGA", "DVI-I", "DVI-D", "DVI-A", "Composite", "SVIDEO", "LVDS", "Component", "DIN", "DP",
        "HDMI-A", "HDMI-B", "TV", "eDP", "Virtual", "DSI", "DPI", "Writeback", "SPI", "USB",
    ]
    private static let writeback: UInt32 = 18

    /// For instance `HDMI-A-1`.
    var name: String {
        let index = Int(facts.type)
        return "\(index < Self.typeNames.count ? Self.typeNames[index] : "Unknown")-\(facts.typeID)"
    }

    var isTelevision: Bool { facts.isConnected && facts.type != Self.writeback }
}

/// What scans a picture out at the pace of a mode.
struct Crtc {
    let id: UInt32
    /// Its place among the card's CRTCs: the bit in `possibleCRTCs`.
    let index: Int
    let active: UInt32
    let modeID: UInt32

    init<Calls: DRMCalls>(_ card: Card<Calls>, index: Int, id: UInt32) throws(KernelError) {
        let properties = try PropertySet(card, of: id, .crtc)
        self.id = id
        self.index = index
        active = try properties.id("ACTIVE")
        modeID = try properties.id("MODE_ID")
    }

    /// The CRTCs that can serve `connector`, the one that does so already first.
    static func candidates<Calls: DRMCalls>(
        for connector: Connector, on card: Card<Calls>
    ) throws(KernelError) -> [Crtc] {
        var indices: [Int] = []
        for id in connector.facts.encoders {
            let encoder = try card.calls.encoder(card.descriptor, id)
            for (index, crtc) in card.resources.crtcs.enumerated().prefix(32)
            where encoder.possibleCRTCs & 1 << UInt32(index) != 0 && !indices.contains(index) {
                if id == connector.facts.encoder, encoder.crtc == crtc {
                    indices.insert(index, at: 0)
                } else {
                    indices.append(index)
                }
            }
        }
        var crtcs: [Crtc] = []
        for index in indices { crtcs.append(try Crtc(card, index: index, id: card.resources.crtcs[index])) }
        return crtcs
    }
}

/// A layer that a CRTC puts a framebuffer on.
struct Plane {
    enum Kind: UInt64 { case overlay = 0, primary, cursor }

    let id: UInt32
    let kind: Kind
    let facts: PlaneFacts
    /// The order above each other; nil where the driver does not tell.
    let zpos: Property?
    /// The CRTC that it was on when it was looked at; 0 for none.
    let present: UInt64
    private let framebuffer: UInt32
    private let crtc: UInt32
    /// SRC_X, SRC_Y, SRC_W, SRC_H
    private let source: [UInt32]
    /// CRTC_X, CRTC_Y, CRTC_W, CRTC_H
    private let target: [UInt32]

    init<Calls: DRMCalls>(_ card: Card<Calls>, _ id: UInt32) throws(KernelError) {
        let properties = try PropertySet(card, of: id, .plane)
        self.id = id
        facts = try card.calls.plane(card.descriptor, id)
        kind = properties["type"].flatMap { Kind(rawValue: $0.value) } ?? .overlay
        zpos = properties["zpos"]
        present = properties["CRTC_ID"]?.value ?? 0
        framebuffer = try properties.id("FB_ID")
        crtc = try properties.id("CRTC_ID")
        source = [
            try properties.id("SRC_X"), try properties.id("SRC_Y"), try properties.id("SRC_W"),
            try properties.id("SRC_H"),
        ]
        target = [
            try properties.id("CRTC_X"), try properties.id("CRTC_Y"), try properties.id("CRTC_W"),
            try properties.id("CRTC_H"),
        ]
    }

    func serves(_ crtc: Crtc) -> Bool {
        facts.possibleCRTCs & 1 << UInt32(crtc.index) != 0
    }

    /// Shows the whole of a framebuffer `width` by `height` at a rectangle of `crtc`'s picture.
    func show(
        _ framebuffer: UInt32, width: Int, height: Int, x: Int, y: Int, shownWidth: Int, shownHeight: Int,
        on crtc: UInt32, in request: inout AtomicRequest
    ) {
        request.set(self.framebuffer, of: id, to: UInt64(framebuffer))
        request.set(self.crtc, of: id, to: UInt64(crtc))
        // The source counts in 1/65536 of a pixel.
        request.set(source[0], of: id, to: 0)
        request.set(source[1], of: id, to: 0)
        request.set(source[2], of: id, to: UInt64(width) << 16)
        request.set(source[3], of: id, to: UInt64(height) << 16)
        request.set(target[0], of: id, to: UInt64(x))
        request.set(target[1], of: id, to: UInt64(y))
        request.set(target[2], of: id, to: UInt64(shownWidth))
        request.set(target[3], of: id, to: UInt64(shownHeight))
    }

    func hide(in request: inout AtomicRequest) {
        request.set(framebuffer, of: id, to: 0)
        request.set(crtc, of: id, to: 0)
    }
}
