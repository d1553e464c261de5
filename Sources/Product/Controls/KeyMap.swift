package import Devices

/// Which key of a keypad, remote or media keyboard is which button. Codes are those of linux/input-event-codes.h.
package struct KeyMap: Equatable, Sendable {
    /// A key that the configuration can name.
    private struct Key {
        let name: String
        let code: UInt16
        /// The button it is unless the configuration says otherwise; nil: none.
        let role: ButtonRole?

        init(_ name: String, _ code: UInt16, _ role: ButtonRole? = nil) {
            self.name = name
            self.code = code
            self.role = role
        }
    }

    private var roles: [UInt16: ButtonRole]

    /// The standard map, changed by `overrides`: a code and its role, or nil for a key that shall do nothing.
    package init(overrides: [UInt16: ButtonRole?] = [:]) {
        roles = [:]
        for key in Self.keys {
            roles[key.code] = key.role
        }
        for (code, role) in overrides {
            roles[code] = role
        }
    }

    /// The role of the button that `code` is; nil for keys that mean nothing here.
    package func role(of code: UInt16) -> ButtonRole? { roles[code] }

    /// The codes that mean something, in ascending order.
    package var codes: [UInt16] { roles.keys.sorted() }

    /// The code of a key as a configuration writes it: `KEY_F5`, `f5`, or the number itself (decimal); nil when unknown.
    package static func code(named name: String) -> UInt16? {
        // 0x2FF is KEY_MAX.
        if let number = UInt16(name) { return (1...0x2FF).contains(number) ? number : nil }
        let upper = name.uppercased()
        let full = upper.hasPrefix("KEY_") ? upper : "KEY_" + upper
        return keys.first { $0.name == full }?.code
    }

    private static let keys: [Key] = named + digits + functionKeys

    private static let named: [Key] = [
        Key("KEY_MUTE", 113, .mute), Key("KEY_MICMUTE", 248, .mute),
        Key("KEY_VOLUMEUP", 115, .volumeUp), Key("KEY_VOLUMEDOWN", 114, .volumeDown),
        Key("KEY_KPPLUS", 78, .volumeUp), Key("KEY_KPMINUS", 74, .volumeDown),
        Key("KEY_ENTER", 28, .ok), Key("KEY_KPENTER", 96, .ok), Key("KEY_OK", 352, .ok),
        Key("KEY_SELECT", 353, .ok),
        Key("KEY_ESC", 1, .hangUp), Key("KEY_EXIT", 174, .hangUp), Key("KEY_BACK", 158, .hangUp),
        Key("KEY_CANCEL", 223, .hangUp), Key("KEY_HANGUP_PHONE", 446, .hangUp),
        Key("KEY_PHONE", 169, .ok), Key("KEY_PICKUP_PHONE", 445, .ok),
        Key("KEY_UP", 103, .up), Key("KEY_DOWN", 108, .down), Key("KEY_LEFT", 105, .left),
        Key("KEY_RIGHT", 106, .right),
        Key("KEY_CAMERA", 212, .camera),
        Key("KEY_RED", 398, .hangUp), Key("KEY_GREEN", 399, .join(room: 0)), Key("KEY_YELLOW", 400, .hand),
        Key("KEY_BLUE", 401, .layout),
        // Known by name for configurations; they do nothing by themselves.
        Key("KEY_SPACE", 57), Key("KEY_TAB", 15), Key("KEY_BACKSPACE", 14), Key("KEY_HOME", 102), Key("KEY_END", 107),
        Key("KEY_PAGEUP", 104), Key("KEY_PAGEDOWN", 109), Key("KEY_KPASTERISK", 55), Key("KEY_KPSLASH", 98),
        Key("KEY_KPDOT", 83), Key("KEY_PLAYPAUSE", 164), Key("KEY_NEXTSONG", 163), Key("KEY_PREVIOUSSONG", 165),
        Key("KEY_HOMEPAGE", 172), Key("KEY_MENU", 139), Key("KEY_INFO", 358), Key("KEY_B", 48), Key("KEY_C", 46),
        Key("KEY_H", 35), Key("KEY_M", 50), Key("KEY_R", 19),
    ]

    /// The digits of the typewriter row, of the keypad, and of telephones and remotes.
    private static let digits: [Key] = {
        let keypad: [UInt16] = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73]
        var keys = [Key("KEY_0", 11), Key("KEY_KP0", 82), Key("KEY_NUMERIC_0", 512)]
        for digit in 1...9 {
            let role = ButtonRole.join(room: digit - 1)
            keys.append(Key("KEY_\(digit)", UInt16(digit) + 1, role))
            keys.append(Key("KEY_KP\(digit)", keypad[digit], role))
            keys.append(Key("KEY_NUMERIC_\(digit)", 512 + UInt16(digit), role))
        }
        return keys
    }()

    /// F20 is what many a microphone key of a notebook sends.
    private static let functionKeys: [Key] = {
        let roles: [Int: ButtonRole] = [1: .mute, 2: .camera, 3: .hand, 4: .layout, 20: .mute]
        return (1...24).map { number in
            let code: UInt16 =
                switch number {
                case 1...10: 58 + UInt16(number)
                case 11, 12: 76 + UInt16(number)
                default: 170 + UInt16(number)
                }
            return Key("KEY_F\(number)", code, roles[number])
        }
    }()
}
