internal import Devices

/// Sets a camera up as the settings say. Nothing here is an error: cameras differ in what can be set.
enum CameraControls {
    /// More than any camera has; a bound for drivers that never say "no more".
    private static let mostControls = 512

    // V4L2_CID_… of linux/v4l2-controls.h.
    private static let powerLineFrequency: UInt32 = 0x0098_0918
    private static let exposureAutoPriority: UInt32 = 0x009A_0903
    private static let panAbsolute: UInt32 = 0x009A_0908
    private static let tiltAbsolute: UInt32 = 0x009A_0909
    private static let zoomAbsolute: UInt32 = 0x009A_090D

    static func apply<Calls: VideoDeviceCalls>(_ settings: CameraSettings, to node: borrowing VideoNode<Calls>) {
        let controls = list(node)
        let powerLine: Int =
            switch settings.powerLine {
            case .hertz50: 1
            case .hertz60: 2
            case .automatic: 3
            }
        // A menu, not a scale: another entry than the wished one would be wrong.
        if let control = controls.first(where: { $0.identifier == powerLineFrequency }), control.maximum >= powerLine {
            set(control, powerLine, node)
        }
        let values = [
            (exposureAutoPriority, settings.isRateSteady ? 0 : nil), (panAbsolute, settings.pan),
            (tiltAbsolute, settings.tilt), (zoomAbsolute, settings.zoom),
        ]
        for (identifier, value) in values {
            guard let value, let control = controls.first(where: { $0.identifier == identifier }) else { continue }
            set(control, value, node)
        }
        set(settings.controls, of: controls, node)
    }

    static func apply<Calls: VideoDeviceCalls>(
        _ wanted: [CameraSettings.Control], to node: borrowing VideoNode<Calls>
    ) {
        set(wanted, of: list(node), node)
    }

    private static func set<Calls: VideoDeviceCalls>(
        _ wanted: [CameraSettings.Control], of controls: [VideoControl], _ node: borrowing VideoNode<Calls>
    ) {
        for wanted in wanted {
            let name = commandLineName(wanted.name)
            guard let control = controls.first(where: { commandLineName($0.name) == name }) else { continue }
            set(control, wanted.value, node)
        }
    }

    private static func list<Calls: VideoDeviceCalls>(_ node: borrowing VideoNode<Calls>) -> [VideoControl] {
        var controls: [VideoControl] = []
        var control = VideoControl(identifier: 0)
        let (calls, descriptor) = (node.calls, node.descriptor)
        for _ in 0..<mostControls {
            let previous = control.identifier
            let status = calls.retrying { calls.queryNextControl(descriptor, &control) }
            // Identifiers grow; a driver that goes round in circles has told everything.
            guard status == 0, control.identifier > previous else { break }
            controls.append(control)
        }
        return controls
    }

    private static func set<Calls: VideoDeviceCalls>(
        _ control: VideoControl, _ value: Int, _ node: borrowing VideoNode<Calls>
    ) {
        guard control.minimum <= control.maximum else { return }
        let value = min(max(Int32(clamping: value), control.minimum), control.maximum)
        let (calls, descriptor) = (node.calls, node.descriptor)
        _ = calls.retrying { calls.setControl(descriptor, identifier: control.identifier, value: value) }
    }

    /// `Zoom, Absolute` and `zoom_absolute` are one: letters and digits in lower case, underscores between.
    static func commandLineName(_ name: String) -> String {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.joined(separator: "_")
    }
}
