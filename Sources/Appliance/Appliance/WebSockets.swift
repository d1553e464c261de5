internal import Conference

/// The WebSockets that are open or opening, of the call and of the connection that stands by.
struct WebSockets<Handle> {
    private struct Key: Hashable {
        let token: SocketToken
        /// The conference's.
        let number: Int
    }

    private var handles: [Key: Handle] = [:]

    subscript(token: SocketToken, of number: Int) -> Handle? {
        get { handles[Key(token: token, number: number)] }
        set { handles[Key(token: token, number: number)] = newValue }
    }

    mutating func remove(_ token: SocketToken, of number: Int) -> Handle? {
        handles.removeValue(forKey: Key(token: token, number: number))
    }

    /// Those of one conference, which are to be closed.
    mutating func removeAll(of number: Int) -> [Handle] {
        let ended = handles.filter { $0.key.number == number }
        for key in ended.keys { handles[key] = nil }
        return Array(ended.values)
    }
}
