internal import Glibc

/// A socket on which the kernel announces what changes (netlink(7)), as far as one reader is like another: a bounded part
/// is taken at a time, and the kernel may have to drop some.
struct AnnouncementSocket {
    enum News: Equatable {
        case announcement(length: Int)
        /// The kernel had to drop some: everything is to be looked at again.
        case lost
    }

    /// Announcements taken in one go.
    static let mostAtOnce = 64

    private var socket: Int32 = -1

    var isOpen: Bool { socket >= 0 }

    /// What is waited on.
    var descriptors: [Int32] { isOpen ? [socket] : [] }

    /// - Parameter call: opens the socket; a negative errno for a failure.
    /// - Returns: the errno of a failure; nil when it is open.
    mutating func open(_ call: () -> Int32) -> Int32? {
        let opened = call()
        guard opened >= 0 else { return -opened }
        socket = opened
        return nil
    }

    mutating func close(_ call: (Int32) -> Void) {
        if isOpen { call(socket) }
        socket = -1
    }

    /// Takes what waits.
    /// - Parameters:
    ///   - endsAtZero: whether nothing received means that the kernel's end is closed.
    ///   - receive: takes one announcement from the socket; its length, or a negative errno.
    /// - Returns: why the socket is of no use any more, an errno (0 when its end is closed); nil while it is.
    func drain(endsAtZero: Bool, receive: (Int32) -> Int32, news: (News) -> Void) -> Int32? {
        for _ in 0..<Self.mostAtOnce where isOpen {
            let length = receive(socket)
            switch -length {
            case 0 where endsAtZero: return 0
            case ...0: news(.announcement(length: Int(length)))
            case EINTR: break
            case EAGAIN: return nil
            case ENOBUFS: news(.lost)
            default: return -length
            }
        }
        return nil
    }
}
