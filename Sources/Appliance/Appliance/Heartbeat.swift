/// Signs of life of the threads that a room cannot do without.
package struct Heartbeat: Equatable, Sendable {
    /// Turns of the screen's thread; one a second at least.
    package var screenTurns: Int
    /// Periods of the audio thread, told once a second; they count in a call only.
    package var audioSteps: Int
    package var isInCall: Bool
    /// The threads of devices that have been at one thing for too long, in a driver mostly.
    package var stalledThreads: [String]

    package init(screenTurns: Int, audioSteps: Int, isInCall: Bool, stalledThreads: [String] = []) {
        self.screenTurns = screenTurns
        self.audioSteps = audioSteps
        self.isInCall = isInCall
        self.stalledThreads = stalledThreads
    }

    /// Whether everything has moved since `earlier`, at least three seconds ago. A call that has just begun is given time.
    package func isAlive(since earlier: Heartbeat) -> Bool {
        guard stalledThreads.isEmpty else { return false }
        guard screenTurns != earlier.screenTurns else { return false }
        return !isInCall || !earlier.isInCall || audioSteps != earlier.audioSteps
    }
}
