import Provisioning

/// The keys of a configuration that are about a real board.
enum SimulatedKeys {
    /// Those that `configuration` sets, and that a simulated board has no use for.
    static func ignored(in configuration: Configuration) -> [String] {
        let standard = Configuration()
        let (display, camera, audio) = (configuration.display, configuration.camera, configuration.audio)
        let keys: [(key: String, isSet: Bool)] = [
            ("board.name", configuration.board.name != nil),
            ("board.lamps", configuration.board.lamps != nil),
            ("display.connector", display.connector != nil),
            ("display.refresh_rate", display.refreshRate != nil),
            ("display.overscan_percent", display.overscan != standard.display.overscan),
            ("camera.devices", !camera.devices.isEmpty),
            ("camera.power_line_frequency", camera.powerLineFrequency != standard.camera.powerLineFrequency),
            ("camera.controls", !camera.controls.isEmpty),
            ("audio.microphones", !audio.microphones.isEmpty),
            ("audio.speakers", !audio.speakers.isEmpty),
            ("audio.echo", audio.echo != standard.audio.echo),
            ("cec.policy", configuration.cec != standard.cec),
        ]
        return keys.filter(\.isSet).map(\.key)
    }
}
