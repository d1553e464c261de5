/// What Cairo or Pango refused.
package enum PainterError: Error, Equatable, Sendable {
    /// Pango could not be set up: memory is short.
    case textEngine
}
