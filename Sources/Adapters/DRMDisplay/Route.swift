/// The way from a CRTC to a connector, and what stands in it: other connectors, and the CRTC used so far.
struct Route {
    private let connector: UInt32
    private let crtcID: UInt32
    /// The margins that the driver leaves by itself; empty where it cannot.
    private let margins: [(property: UInt32, value: UInt64)]
    /// CRTC_ID of connectors that would show the same picture.
    private let displaced: [(connector: UInt32, property: UInt32)]
    /// The CRTC that served the connector, with its planes.
    private let former: (crtc: Crtc, planes: [Plane])?

    /// - Parameter wanted: margins in pixels: left, top, right, bottom.
    init<Calls: DRMCalls>(
        _ card: Card<Calls>, _ connector: Connector, to crtc: Crtc, _ planes: [Plane], margins wanted: [Int]
    ) throws(KernelError) {
        let properties = try PropertySet(card, of: connector.id, .connector)
        self.connector = connector.id
        crtcID = try properties.id("CRTC_ID")
        var margins: [(UInt32, UInt64)] = []
        for (name, pixels) in zip(["left margin", "top margin", "right margin", "bottom margin"], wanted) {
            guard let property = properties[name], property.range?.contains(UInt64(pixels)) ?? false else { break }
            margins.append((property.id, UInt64(pixels)))
        }
        self.margins = margins.count == 4 ? margins : []
        var displaced: [(UInt32, UInt32)] = []
        for id in card.resources.connectors where id != connector.id {
            do throws(KernelError) {
                if let property = try PropertySet(card, of: id, .connector)["CRTC_ID"], property.value == crtc.id {
                    displaced.append((id, property.id))
                }
            } catch {
                // A connector that exists no more stands in nobody's way.
                guard error.isUnknown else { throw error }
            }
        }
        self.displaced = displaced
        let present = properties["CRTC_ID"]?.value ?? 0
        if present != crtc.id, let index = card.resources.crtcs.firstIndex(where: { $0 == present }) {
            let crtc = try Crtc(card, index: index, id: card.resources.crtcs[index])
            former = (crtc, planes.filter { $0.present == crtc.id })
        } else {
            former = nil
        }
    }

    /// Whether the driver leaves the margins.
    var hasMargins: Bool { !margins.isEmpty }

    func connect(to crtc: Crtc, in request: inout AtomicRequest) {
        for (connector, property) in displaced { request.set(property, of: connector, to: 0) }
        if let former {
            for plane in former.planes where !plane.serves(crtc) { plane.hide(in: &request) }
            request.set(former.crtc.modeID, of: former.crtc.id, to: 0)
            request.set(former.crtc.active, of: former.crtc.id, to: 0)
        }
        request.set(crtcID, of: connector, to: UInt64(crtc.id))
        for (property, value) in margins { request.set(property, of: connector, to: value) }
    }

    func disconnect(in request: inout AtomicRequest) {
        request.set(crtcID, of: connector, to: 0)
    }
}
