import Basis
import Testing

@testable import MediaEngine

@Suite struct CameraHeightTests {
    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    @Test func aPoorLineMakesThePictureSmallAtOnceAndLargeAgainStepByStep() {
        var height = CameraHeight()
        #expect(height.update(bitsPerSecond: 1_500_000, at: second(0)) == 720)
        #expect(height.update(bitsPerSecond: 120_000, at: second(1)) == 180)
        #expect(height.update(bitsPerSecond: 2_000_000, at: second(2)) == 180)
        #expect(height.update(bitsPerSecond: 2_000_000, at: second(4)) == 180)
        #expect(height.update(bitsPerSecond: 2_000_000, at: second(5)) == 360)
        #expect(height.update(bitsPerSecond: 2_000_000, at: second(6)) == 360)
        #expect(height.update(bitsPerSecond: 2_000_000, at: second(9)) == 720)
    }

    @Test func aLineAtTheBorderDoesNotSwing() {
        var height = CameraHeight()
        var changes = 0
        var last = height.update(bitsPerSecond: 490_000, at: second(0))
        for step in 1..<100 {
            let next = height.update(bitsPerSecond: step % 2 == 0 ? 490_000 : 600_000, at: second(step))
            if next != last { changes += 1 }
            last = next
        }
        #expect(last == 360)
        #expect(changes == 0)
    }
}
