package import Devices
package import Scene

/// The latest picture of each source, held for the thread that draws.
package final class FrameStore {
    private final class Held {
        let slot: FrameSlot?
        var frame: VideoFrame?
        /// Grows with every picture; 0 before the first.
        var generation: UInt64 = 0

        init(slot: FrameSlot?) {
            self.slot = slot
        }
    }

    private var held: [SceneSource: Held] = [:]
    private var lastGeneration: UInt64 = 0

    package init() {}

    /// From now on the pictures of `source` come out of `slot`. The same slot again changes nothing.
    package func attach(_ slot: FrameSlot, for source: SceneSource) {
        if let present = held[source], present.slot === slot { return }
        held[source] = Held(slot: slot)
    }

    /// Forgets a source and drops its picture.
    package func detach(_ source: SceneSource) {
        held[source] = nil
    }

    /// Those of whom a picture is held, in no order.
    package var sources: [SceneSource] { Array(held.keys) }

    /// The number of the newest picture of all, or of all but one source; 0 before the first.
    package func newest(besides left: SceneSource? = nil) -> UInt64 {
        var newest: UInt64 = 0
        for (source, entry) in held where source != left { newest = max(newest, entry.generation) }
        return newest
    }

    /// Takes what is new out of every slot: once per tick of the screen.
    package func refresh() {
        for entry in held.values {
            if let frame = entry.slot?.take() { keep(frame, in: entry) }
        }
    }

    /// Puts a picture in directly, for a source without a slot.
    package func put(_ frame: consuming VideoFrame, for source: SceneSource) {
        let entry = held[source] ?? Held(slot: nil)
        held[source] = entry
        keep(frame, in: entry)
    }

    private func keep(_ frame: consuming VideoFrame, in entry: Held) {
        entry.frame = consume frame
        // One count for all: a source that was detached and attached again never repeats a number.
        lastGeneration += 1
        entry.generation = lastGeneration
    }

    /// Which picture of `source` is held: another number, another picture; 0 for none.
    package func generation(of source: SceneSource) -> UInt64 {
        held[source]?.generation ?? 0
    }

    /// Lends the picture of `source`; false when there is none.
    @discardableResult
    package func withFrame(of source: SceneSource, _ body: (borrowing VideoFrame) -> Void) -> Bool {
        guard let entry = held[source] else { return false }
        switch entry.frame {
        case .some(let frame):
            body(frame)
            return true
        case .none:
            return false
        }
    }
}
