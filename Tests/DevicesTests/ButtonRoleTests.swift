import Devices
import Testing

@Suite struct ButtonRoleTests {
    @Test func namesHaveTheirRoles() {
        #expect(ButtonRole(name: "mute") == .mute)
        #expect(ButtonRole(name: "join-1") == .join(room: 0))
        #expect(ButtonRole(name: "preset-4") == .preset(index: 3))
        #expect(ButtonRole(name: "volume-down") == .volumeDown)
        #expect(ButtonRole(name: "left") == .left)
        #expect(ButtonRole(name: "layout") == .layout)
    }

    @Test func everyRoleHasItsOwnName() {
        let all = ButtonRole.plain + (0..<12).flatMap { [ButtonRole.join(room: $0), .preset(index: $0)] }
        for role in all { #expect(ButtonRole(name: role.name) == role && role.description == role.name) }
        #expect(Set(all.map(\.name)).count == all.count)
    }

    @Test(arguments: [
        "", "Mute", "join", "join-", "join-0", "join--1", "join-01", "join-+1", "join-99999999999999999999", "preset-0",
        "preset-x", "room",
    ])
    func whatNoButtonIsCalledHasNone(name: String) {
        #expect(ButtonRole(name: name) == nil)
    }

    @Test func lampsSitOnTheBoxOrBesideAButton() {
        #expect(LampRole(name: "room") == .room && LampRole.room.name == "room")
        #expect(LampRole(name: "join-2") == .button(.join(room: 1)))
        #expect(LampRole(name: "lamp") == nil)
    }
}
