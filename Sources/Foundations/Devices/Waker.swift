/// Wakes the one thread that waits for the work just queued. Waking twice before it looks is waking once.
///
/// A class, so that holding `any Waker` boxes nothing.
package protocol Waker: AnyObject, Sendable {
    func wake()
}
