package import Devices

extension SceneButton {
    /// More keys would be too narrow for their words.
    package static let mostShown = 8

    /// What leaves first where there are too many: a remote control can do it as well.
    private static let dispensable: [SceneButtonRole] = [.louder, .softer, .layout, .camera, .hand]

    /// The keys of a box with buttons of these roles, in their order. Those for meetings that are not configured do nothing
    /// and are left out.
    ///
    /// - Parameter meetings: the labels of the configured meetings, in the order of their buttons.
    package static func keys(of roles: [ButtonRole], meetings: [String]) -> [SceneButton] {
        var keys: [SceneButton] = []
        for (index, role) in roles.enumerated() where roles.firstIndex(of: role) == index {
            if case .join(let room) = role {
                guard meetings.indices.contains(room) else { continue }
                keys.append(SceneButton(role: .join, label: meetings[room]))
            } else if let key = SceneButton(of: role, hasHand: roles.contains(.hand)) {
                keys.append(key)
            }
        }
        for role in dispensable where keys.count > mostShown { keys.removeAll { $0.role == role } }
        return keys
    }

    private init?(of role: ButtonRole, hasHand: Bool) {
        switch role {
        // Boxes without a button for the hand raise it so.
        case .mute: self.init(role: .microphone, held: hasHand ? nil : .hand)
        case .hangUp: self.init(role: .hangUp)
        case .camera: self.init(role: .camera)
        case .hand: self.init(role: .hand)
        case .layout: self.init(role: .layout, held: .people)
        case .volumeUp: self.init(role: .louder)
        case .volumeDown: self.init(role: .softer)
        case .join, .ok, .up, .down, .left, .right, .preset: return nil
        }
    }
}
