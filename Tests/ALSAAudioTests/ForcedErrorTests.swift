import ALSAAudio
import Basis
import Devices
import Testing

/// Every call fails with every number, at once and later, once and for good.
@Suite struct ForcedErrorTests {
    private static let numbers = [4, 5, 11, 12, 16, 19, 22, 32, 77, 86, 110]

    @Test(arguments: SoundCall.allCases, numbers)
    func anErrorIsSurvived(call: SoundCall, number: Int) throws {
        for skip in [0, 1, 2, 7] { survive(call, number, skip: skip) }
    }

    private func survive(_ call: SoundCall, _ number: Int, skip: Int) {
        let kernel = FakeSound()
        kernel.fail(call, number, skip: skip)
        var rig = Rig(kernel)
        let errors = rig.persist(150)
        #expect(errors.count <= 2)
        #expect(errors.allSatisfy { $0.errno == Int32(number) && !$0.device.isEmpty })
        #expect(rig.persist(150).isEmpty)
        #expect(kernel.openStreams == 2)
        #expect(rig.longestStep <= .milliseconds(30))
        rig.close()
        #expect(kernel.openStreams == 0)
    }

    @Test(arguments: SoundCall.allCases, numbers)
    func anErrorThatStaysNeitherSpinsNorLeaks(call: SoundCall, number: Int) throws {
        let kernel = FakeSound()
        var rig = Rig(kernel)
        #expect(rig.persist(20).isEmpty)
        kernel.fail(call, number, times: .max)
        let begin = kernel.now()
        let callsBefore = SoundCall.allCases.map { kernel.count($0) }.reduce(0, +)
        let errors = rig.persist(300)
        // Each period takes its time, and makes a bounded number of calls.
        #expect(kernel.now() - begin >= .seconds(2))
        #expect(SoundCall.allCases.map { kernel.count($0) }.reduce(0, +) - callsBefore < 300 * 150)
        #expect(rig.longestStep <= .milliseconds(30))
        if number == 19, call == .read || call == .write { #expect(errors.first?.severity == .absent) }
        #expect(kernel.openStreams <= 2)
        kernel.fail(call, number, times: 0)
        _ = rig.persist(5)
        #expect(rig.persist(100).isEmpty)
        #expect(kernel.openStreams == 2)
        rig.close()
        #expect(kernel.openStreams == 0)
    }
}
