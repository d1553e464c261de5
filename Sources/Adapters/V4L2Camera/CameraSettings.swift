package import Devices

/// Which camera is meant, and how it is set up each time it is opened.
package struct CameraSettings: Equatable, Sendable {
    /// The mains frequency that lamps flicker with (V4L2_CID_POWER_LINE_FREQUENCY).
    package enum PowerLine: Equatable, Sendable {
        case hertz50
        case hertz60
        case automatic
    }

    /// A control by its name as `v4l2-ctl --list-ctrls` shows it, for instance `brightness`.
    package struct Control: Equatable, Sendable {
        package var name: String
        package var value: Int

        package init(name: String, value: Int) {
            self.name = name
            self.value = value
        }
    }

    /// The first of these that is there and works is taken; without any, the first camera of the machine.
    package var identities: [DeviceIdentity]
    package var powerLine: PowerLine
    /// Keeps automatic exposure from slowing the pictures down in the dark (V4L2_CID_EXPOSURE_AUTO_PRIORITY off).
    package var isRateSteady: Bool
    /// Arc seconds to the right; nil leaves the camera where it looks.
    package var pan: Int?
    /// Arc seconds upwards.
    package var tilt: Int?
    /// In the camera's own unit.
    package var zoom: Int?
    /// Further controls, set in this order; one that the camera lacks is passed over.
    package var controls: [Control]
    /// Where the camera can be told to look: the controls of each preset, pan, tilt and zoom mostly.
    package var presets: [[Control]]

    package init(
        identities: [DeviceIdentity] = [], powerLine: PowerLine = .hertz50, isRateSteady: Bool = true, pan: Int? = nil,
        tilt: Int? = nil, zoom: Int? = nil, controls: [Control] = [], presets: [[Control]] = []
    ) {
        self.identities = identities
        self.powerLine = powerLine
        self.isRateSteady = isRateSteady
        self.pan = pan
        self.tilt = tilt
        self.zoom = zoom
        self.controls = controls
        self.presets = presets
    }
}
