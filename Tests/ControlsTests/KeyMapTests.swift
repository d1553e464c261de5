import Basis
import Controls
import Devices
import Testing

@Suite struct KeyMapTests {
    /// Codes of linux/input-event-codes.h.
    @Test(
        arguments: [(UInt16, ButtonRole)]([
            (113, .mute), (248, .mute), (115, .volumeUp), (114, .volumeDown), (28, .ok), (352, .ok),
            (1, .hangUp), (174, .hangUp), (169, .ok), (445, .ok), (446, .hangUp), (103, .up), (108, .down),
            (105, .left), (106, .right), (2, .join(room: 0)), (10, .join(room: 8)), (79, .join(room: 0)),
            (76, .join(room: 4)), (73, .join(room: 8)),
            (513, .join(room: 0)), (521, .join(room: 8)), (212, .camera), (59, .mute), (60, .camera), (61, .hand),
            (62, .layout),
            (190, .mute),
        ]))
    func keysAreButtons(_ code: UInt16, _ role: ButtonRole) {
        #expect(KeyMap().role(of: code) == role)
    }

    @Test func otherKeysMeanNothing() {
        let map = KeyMap()
        // A, power, 0, F11, the mouse's button, the highest code.
        for code: UInt16 in [30, 116, 11, 87, 272, 767, 65_535] { #expect(map.role(of: code) == nil) }
        #expect(map.codes == map.codes.sorted() && map.codes.count > 40)
    }

    @Test func theConfigurationWins() {
        let map = KeyMap(overrides: [28: .join(room: 1), 1: nil, 30: .hand])
        #expect(map.role(of: 28) == .join(room: 1))
        #expect(map.role(of: 1) == nil)
        #expect(map.role(of: 30) == .hand)
        #expect(map.role(of: 113) == .mute)
        #expect(!map.codes.contains(1) && map.codes.contains(30))
    }

    @Test(arguments: [
        ("KEY_F5", 63), ("f5", 63), ("F10", 68), ("f11", 87), ("f12", 88), ("f13", 183), ("f24", 194),
        ("key_mute", 113),
        ("KP5", 76), ("numeric_7", 519), ("5", 5), ("113", 113), ("767", 767),
    ])
    func keysHaveNames(_ name: String, _ code: UInt16) {
        #expect(KeyMap.code(named: name) == code)
    }

    @Test func unknownNamesAreRefused() {
        for name in ["", "KEY_", "F25", "KEY_NONSENSE", "0", "768", "70000", "-1"] {
            #expect(KeyMap.code(named: name) == nil, "\(name)")
        }
    }
}

@Suite struct RetryPaceTests {
    @Test func pausesGrowToHalfAMinute() {
        var pace = RetryPace(due: .zero)
        var now = MonotonicInstant.zero
        var pauses: [Int64] = []
        for _ in 0..<9 {
            #expect(pace.isDue(at: now))
            pace.failed(at: now)
            #expect(!pace.isDue(at: now))
            guard let due = pace.due else { break }
            pauses.append((due - now).wholeMilliseconds)
            now = due
        }
        #expect(pauses == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
        pace.rest()
        #expect(pace.due == nil && !pace.isDue(at: now))
        pace.failed(at: now)
        #expect(pace.due == now + .seconds(30))
        pace.hurry(at: now)
        #expect(pace.isDue(at: now))
        pace.failed(at: now)
        #expect(pace.due == now + .milliseconds(500))
        pace.succeeded()
        #expect(pace.due == nil)
    }
}
