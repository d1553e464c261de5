import DRMDisplay
import Devices
import Testing

@Suite struct ModeChoiceTests {
    private func best(_ modes: [DisplayMode], size: PictureSize? = nil, rate: Int? = nil) -> String {
        let mode = ModeChoice.candidates(modes, size: size, refreshRate: rate).first
        return mode.map { "\($0.size)@\($0.refreshRate)\($0.isPlain ? "" : "i")" } ?? ""
    }

    @Test func fullHDIsTakenOfATelevisionThatCouldDoMore() {
        #expect(best(Samples.televisionModes) == "1920x1080@60")
    }

    @Test func theSettingsDecide() {
        let modes = Samples.televisionModes
        #expect(best(modes, size: PictureSize(width: 3840, height: 2160)) == "3840x2160@60")
        #expect(best(modes, size: PictureSize(width: 3840, height: 2160), rate: 30) == "3840x2160@30")
        #expect(best(modes, size: PictureSize(width: 1280, height: 720)) == "1280x720@60")
        #expect(best(modes, rate: 50) == "1920x1080@50")
        #expect(best(modes, size: PictureSize(width: 800, height: 600)) == "1920x1080@60", "it does not have that")
        #expect(best(modes, rate: 24) == "1920x1080@60", "nor that")
    }

    @Test func exactlySixtyIsBetterThanAThousandthLess() {
        var slow = FakeKernel.mode(1920, 1080, 60)
        slow.clock = slow.clock * 1_000 / 1_001
        let exact = FakeKernel.mode(1920, 1080, 60)
        #expect(slow.refreshRate == 60 && slow.milliHertz < exact.milliHertz)
        #expect(ModeChoice.candidates([slow, exact], size: nil, refreshRate: nil).first == exact)
        #expect(best([slow]) == "1920x1080@60")
    }

    @Test func withoutFullHDTheTelevisionsOwnModeIsTaken() {
        #expect(
            best([FakeKernel.mode(1024, 768, 60), FakeKernel.mode(1366, 768, 60, preferred: true)]) == "1366x768@60")
        #expect(best([FakeKernel.mode(1280, 720, 75, preferred: true)]) == "1280x720@75")
        #expect(best([FakeKernel.mode(800, 600, 60), FakeKernel.mode(1280, 1024, 60)]) == "1280x1024@60")
    }

    @Test func theRestFollowsInCaseTheDriverRefuses() {
        let all = ModeChoice.candidates(Samples.televisionModes, size: nil, refreshRate: nil)
        #expect(
            all.map { "\($0.size)@\($0.refreshRate)" } == [
                "1920x1080@60", "3840x2160@60", "1920x1080@50", "1280x720@60", "3840x2160@30",
            ])
        let many = (0..<40).map { FakeKernel.mode(UInt16(640 + 16 * $0), 480, 60) }
        #expect(ModeChoice.candidates(many, size: nil, refreshRate: nil).count == ModeChoice.most)
    }

    @Test func aTelevisionThatSaysNothingGetsWhatAllKnow() {
        #expect(ModeChoice.candidates([], size: nil, refreshRate: nil) == [.fullHD, .hd])
        let useless = [DisplayMode(), FakeKernel.mode(160, 120, 60), FakeKernel.mode(1920, 1080, 60, flags: 1 << 4)]
        #expect(ModeChoice.candidates(useless, size: nil, refreshRate: nil) == [.fullHD, .hd])
        #expect(DisplayMode.fullHD.milliHertz == 60_000 && DisplayMode.hd.milliHertz == 60_000)
    }
}
