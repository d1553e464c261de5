/// Whether the software of the box is being replaced.
package enum UpdateState: Equatable, Sendable {
    case none
    /// - Parameter percent: how much is done, 0…100; nil where nobody says.
    case running(percent: Int?)
}
