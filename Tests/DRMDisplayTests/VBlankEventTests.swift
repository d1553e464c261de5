import Basis
import DRMDisplay
import Testing

@Suite struct VBlankEventTests {
    private func flips(_ bytes: [UInt8], count: Int? = nil) -> [UInt64] {
        var found: [UInt64] = []
        VBlankEvent.forEachFlip(in: bytes, count: count ?? bytes.count) { found.append($0.userData) }
        return found
    }

    @Test func flipsAreFoundAmongOtherEvents() {
        let bytes =
            FakeKernel.event(type: 1, userData: 5) + FakeKernel.event(type: 2, userData: 6)
            + FakeKernel.event(type: 3, userData: 7) + FakeKernel.event(type: 2, userData: 8)
        #expect(flips(bytes) == [6, 8])
        #expect(flips(bytes, count: 64) == [6])
        #expect(flips(bytes, count: 1_000) == [6, 8])
        #expect(flips(bytes, count: -1).isEmpty)
    }

    @Test func damagedEventsEndTheReading() {
        let good = FakeKernel.event(type: 2, userData: 1)
        #expect(flips(good + FakeKernel.event(type: 2, userData: 2, length: 0) + good) == [1])
        #expect(flips(good + FakeKernel.event(type: 2, userData: 2, length: 4_000) + good) == [1])
        #expect(flips(Array(good.dropLast())).isEmpty)
        #expect(flips(FakeKernel.event(type: 2, userData: 2, length: 16)).isEmpty, "too short for a flip")
    }

    @Test func anyBytesAreHarmless() {
        var chance = RandomSource(seed: 11)
        for _ in 0..<5_000 {
            var bytes = (0..<4).flatMap { _ in FakeKernel.event(type: 2, userData: chance.next()) }
            for _ in 0..<6 {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
            }
            #expect(flips(bytes, count: Int.random(in: 0...200, using: &chance)).count <= 8)
        }
    }
}
