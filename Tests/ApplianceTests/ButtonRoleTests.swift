import Room
import Testing

@testable import Appliance

@Suite struct ButtonRoleTests {
    @Test func namesHaveTheirRoles() {
        #expect(ButtonRole("mute") == .room(.mute))
        #expect(ButtonRole("join-1") == .room(.join(room: 0)))
        #expect(ButtonRole("preset-4") == .preset(3))
        #expect(ButtonRole("volume-down") == .volume(steps: -1))
        #expect(ButtonRole("left") == .arrow(step: -1))
        #expect(ButtonRole("up") == .room(.select(step: -1)))
        #expect(ButtonRole("layout") == .layout)
    }

    @Test(arguments: [
        "", "Mute", "join", "join-", "join-0", "join--1", "join-99999999999999999999", "preset-0", "preset-x",
    ])
    func whatNoButtonIsCalledHasNone(name: String) {
        #expect(ButtonRole(name) == nil)
    }
}
