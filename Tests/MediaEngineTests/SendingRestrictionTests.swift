import Basis
import Testing

@testable import MediaEngine

@Suite final class SendingRestrictionTests {
    private var restriction = SendingRestriction()
    private var second = 0

    /// A second at a time; what was told at the end of each.
    private func pass(_ seconds: Int, _ reason: SendingReason?, bandwidth: (Int) -> Int?) -> [SendingReason?] {
        (0..<seconds).map { index in
            restriction.update(reason, bandwidth: bandwidth(index), at: .zero + .seconds(second))
            second += 1
            return restriction.reason
        }
    }

    @Test func tellsNothingWhileTheEstimateRises() {
        let told = pass(60, .line) { 200_000 + $0 * 50_000 }
        #expect(told.allSatisfy { $0 == nil })
    }

    @Test func tellsOfANarrowLineOnce() {
        #expect(pass(10, .line) { _ in 250_000 }.allSatisfy { $0 == nil })
        #expect(pass(5, .line) { _ in 250_000 }.allSatisfy { $0 == .line })
        // The estimate of a narrow line swings.
        #expect(pass(10, nil) { _ in 700_000 }.allSatisfy { $0 == .line })
        #expect(pass(10, .line) { _ in 250_000 }.allSatisfy { $0 == .line })
        #expect(pass(21, nil) { _ in 2_000_000 }.last == .some(nil))
    }

    @Test func tellsNothingOfADip() {
        for _ in 0..<5 {
            #expect(pass(6, .line) { _ in 300_000 }.allSatisfy { $0 == nil })
            #expect(pass(3, nil) { _ in 2_000_000 }.allSatisfy { $0 == nil })
        }
    }

    @Test func tellsOfALineThatGrowsNoFurther() {
        #expect(pass(12, .line) { 100_000 + $0 * 20_000 }.allSatisfy { $0 == nil })
        #expect(pass(12, .line) { _ in 325_000 }.last == .line)
    }

    @Test func tellsOfHeatAtOnceAndOfLoadThatLasts() {
        #expect(pass(1, .heat) { _ in nil } == [.heat])
        restriction = SendingRestriction()
        #expect(pass(5, .load) { _ in nil }.allSatisfy { $0 == nil })
        #expect(pass(1, .load) { _ in nil } == [.load])
    }
}
