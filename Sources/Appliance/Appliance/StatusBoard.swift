package import Basis
package import Panel
internal import Synchronization

/// What programs and the panel see of the appliance; written by the call, read by anybody.
package final class StatusBoard: PanelSource {
    private struct State {
        var status: JSONValue = [:]
        var leds: JSONValue = [:]
        var isReady = false
        var press: (@Sendable (String, ButtonPress) -> Void)?
        var screen: ScreenThread?
    }

    private let state = Mutex(State())
    private let buttons: [String]

    /// - Parameter buttons: those that can be pressed, by their roles.
    package init(buttons: [String]) {
        self.buttons = buttons
    }

    package func connect(screen: ScreenThread, press: @escaping @Sendable (String, ButtonPress) -> Void) {
        state.withLock {
            $0.screen = screen
            $0.press = press
        }
    }

    package func publish(status: JSONValue, leds: JSONValue, isReady: Bool) {
        state.withLock {
            $0.status = status
            $0.leds = leds
            $0.isReady = isReady
        }
    }

    package func status() -> JSONValue { state.withLock { $0.status } }
    package func leds() -> JSONValue { state.withLock { $0.leds } }
    package var isReady: Bool { state.withLock { $0.isReady } }
    package func buttonNames() -> [String] { buttons }

    package func press(_ name: String, _ press: ButtonPress) -> PressOutcome {
        guard buttons.contains(name) else { return .unknownButton }
        state.withLock { $0.press }?(name, press)
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
