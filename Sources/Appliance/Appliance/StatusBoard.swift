package import Basis
package import Devices
package import Panel
package import RoomController
internal import Synchronization

/// What programs and the panel see of the appliance; written by the call, read by anybody.
package final class StatusBoard: PanelSource {
    private struct State {
        var status: JSONValue = [:]
        var leds: JSONValue = [:]
        var isReady = false
        var press: (@Sendable (ButtonRole, ButtonPress) -> Void)?
        var screen: ScreenThread?
        var watched: (@Sendable (Int) -> Void)?
    }

    private let state = Mutex(State())
    private let buttons: [ButtonRole]

    /// - Parameter buttons: those that can be pressed.
    package init(buttons: [ButtonRole]) {
        self.buttons = buttons
    }

    package func connect(screen: ScreenThread, press: @escaping @Sendable (ButtonRole, ButtonPress) -> Void) {
        state.withLock {
            $0.screen = screen
            $0.press = press
        }
    }

    /// - Parameter watched: told how many clients on other computers look at the screen, when that changes.
    package func onWatchersChanged(_ watched: @escaping @Sendable (Int) -> Void) {
        state.withLock { $0.watched = watched }
    }

    package func watchersChanged(_ count: Int) { state.withLock { $0.watched }?(count) }

    package func publish(_ status: ApplianceStatus) {
        let json = status.json
        state.withLock {
            $0.status = json
            $0.isReady = status.isReady
        }
    }

    package func publish(_ lamps: LampStates) {
        let json = lamps.json
        state.withLock { $0.leds = json }
    }

    package func status() -> JSONValue { state.withLock { $0.status } }
    package func leds() -> JSONValue { state.withLock { $0.leds } }
    package var isReady: Bool { state.withLock { $0.isReady } }
    package func buttonNames() -> [String] { buttons.map(\.name) }

    package func press(_ name: String, _ press: ButtonPress) -> PressOutcome {
        guard let role = ButtonRole(name: name), buttons.contains(role) else { return .unknownButton }
        state.withLock { $0.press }?(role, press)
        return .accepted
    }

    package func screenPNG(completion: @escaping @Sendable ([UInt8]?) -> Void) {
        guard let screen = state.withLock({ $0.screen }) else { return completion(nil) }
        screen.requestPNG(completion)
    }

    package func screenJPEG(completion: @escaping @Sendable (PanelPicture?) -> Void) {
        guard let screen = state.withLock({ $0.screen }) else { return completion(nil) }
        screen.requestJPEG(completion)
    }
}
