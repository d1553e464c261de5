import Basis
import Devices
import Testing

@testable import V4L2Camera

/// "1280x720" and rates in frames per second.
private func offer(_ code: FourCC, _ size: String, _ rates: UInt32...) -> CaptureOffer {
    CaptureOffer(
        format: code, size: PictureSize(size) ?? PictureSize(width: 0, height: 0),
        intervals: .discrete(rates.map { FrameInterval(numerator: 1, denominator: $0) }))
}

@Suite struct CaptureNegotiationTests {
    private static let wish = CaptureWish(size: PictureSize(width: 1280, height: 720), framesPerSecond: 30)
    private static let webcam = [
        offer(.yuyv, "640x480", 30, 15), offer(.yuyv, "1280x720", 10, 5), offer(.yuyv, "1920x1080", 5),
        offer(.motionJPEG, "640x480", 30), offer(.motionJPEG, "1280x720", 60, 30, 24),
        offer(.motionJPEG, "1920x1080", 30),
    ]

    private func best(_ offers: [CaptureOffer], size: String = "1280x720", rate: Int = 30) -> String {
        let wish = CaptureWish(size: PictureSize(size) ?? Self.wish.size, framesPerSecond: rate)
        guard let mode = CaptureNegotiation.ranked(offers, for: wish).first else { return "none" }
        return "\(mode.format) \(mode.size) \((mode.interval.milliHertz ?? 0) / 1_000)"
    }

    @Test func anOrdinaryWebcamSendsJPEGWhereItsRawPicturesAreTooSlow() {
        #expect(best(Self.webcam) == "MJPG 1280x720 30")
        #expect(best(Self.webcam, size: "640x480") == "YUYV 640x480 30")
        #expect(best(Self.webcam, size: "640x360") == "YUYV 640x480 30")
        #expect(best(Self.webcam, rate: 60) == "MJPG 1280x720 60")
        #expect(best(Self.webcam.filter { $0.format == .yuyv }) == "YUYV 640x480 30")
    }

    @Test(arguments: [
        // A full rate at the right size beats a cheaper format.
        ([offer(.nv12, "1280x720", 30), offer(.motionJPEG, "1280x720", 30)], "NV12 1280x720 30"),
        ([offer(.nv12, "1280x720", 25), offer(.motionJPEG, "1280x720", 30)], "MJPG 1280x720 30"),
        // 25 is enough for not giving the size up; 15 is not; 15 of a tiny picture is no gain.
        ([offer(.yuyv, "1280x720", 25), offer(.yuyv, "640x480", 30)], "YUYV 1280x720 25"),
        ([offer(.yuyv, "1280x720", 15), offer(.yuyv, "640x480", 30)], "YUYV 640x480 30"),
        ([offer(.yuyv, "1280x720", 15), offer(.yuyv, "320x240", 30)], "YUYV 1280x720 15"),
        ([offer(.yuyv, "1280x720", 5), offer(.yuyv, "320x240", 30)], "YUYV 320x240 30"),
        // The slowest rate that is fast enough, else the fastest.
        ([offer(.yuyv, "1280x720", 120, 60, 5)], "YUYV 1280x720 60"),
        ([offer(.yuyv, "1280x720", 5, 20, 10)], "YUYV 1280x720 20"),
        // The smallest that covers the wish, else the largest; nothing monstrous.
        ([offer(.yuyv, "1920x1080", 30), offer(.yuyv, "1280x960", 30)], "YUYV 1280x960 30"),
        ([offer(.yuyv, "640x480", 30), offer(.yuyv, "960x540", 30)], "YUYV 960x540 30"),
        ([offer(.motionJPEG, "3840x2160", 30), offer(.motionJPEG, "960x540", 30)], "MJPG 960x540 30"),
        ([offer(.motionJPEG, "3840x2160", 30)], "MJPG 3840x2160 30"),
        // Computed formats last.
        ([offer(FourCC("BA81"), "1280x720", 30), offer(.yuyv, "640x480", 30)], "YUYV 640x480 30"),
        ([offer(FourCC("BA81"), "1280x720", 30)], "BA81 1280x720 30"),
        // What cannot be read is no offer.
        ([offer(FourCC("H264"), "1280x720", 30), offer(.yuyv, "160x120", 10)], "YUYV 160x120 10"),
        ([offer(FourCC("H264"), "1280x720", 30)], "none"),
        ([offer(.yuyv, "1280x720")], "none"),
    ])
    func prefers(offers: [CaptureOffer], expected: String) {
        #expect(best(offers) == expected)
        #expect(best(offers.reversed()) == expected)
    }

    @Test func ratesOfARangeAndUnknownOnesAreTheWishedOne() {
        func rated(_ intervals: FrameIntervals, rate: Int) -> String {
            best(
                [CaptureOffer(format: .yuyv, size: Self.wish.size, intervals: intervals)], rate: rate)
        }
        let range = FrameIntervals.range(
            shortest: FrameInterval(numerator: 1, denominator: 60),
            longest: FrameInterval(numerator: 1, denominator: 10))
        #expect(rated(range, rate: 30) == "YUYV 1280x720 30")
        #expect(rated(range, rate: 90) == "YUYV 1280x720 60")
        #expect(rated(range, rate: 5) == "YUYV 1280x720 10")
        #expect(rated(.unknown, rate: 24) == "YUYV 1280x720 24")
        let broken = FrameIntervals.range(
            shortest: FrameInterval(numerator: 0, denominator: 0),
            longest: FrameInterval(numerator: 0, denominator: 1))
        #expect(rated(broken, rate: 30) == "none")
    }

    @Test func televisionRatesCountAsWhole() {
        let ntsc = CaptureOffer(
            format: .yuyv, size: Self.wish.size,
            intervals: .discrete([
                FrameInterval(numerator: 1, denominator: 60), FrameInterval(numerator: 1_001, denominator: 30_000),
            ]))
        #expect(
            CaptureNegotiation.ranked([ntsc], for: Self.wish).first?.interval
                == FrameInterval(numerator: 1_001, denominator: 30_000))
    }

    @Test func whateverACameraClaimsNothingTraps() {
        var chance = RandomSource(seed: 7)
        let codes: [FourCC] = [.yuyv, .nv12, .motionJPEG, FourCC("GREY"), FourCC("H264"), FourCC(rawValue: 0)]
        func number(_ chance: inout RandomSource) -> UInt32 {
            switch chance.next() % 4 {
            case 0: 0
            case 1: UInt32.max
            case 2: UInt32(truncatingIfNeeded: chance.next())
            default: UInt32(chance.next() % 100)
            }
        }
        for _ in 0..<3_000 {
            var offers: [CaptureOffer] = []
            for _ in 0..<chance.next() % 6 {
                let fractions = (0..<3).map { _ in
                    FrameInterval(numerator: number(&chance), denominator: number(&chance))
                }
                let size = PictureSize(width: Int(number(&chance) % 70_000), height: Int(number(&chance) % 70_000))
                let intervals: FrameIntervals =
                    switch chance.next() % 3 {
                    case 0: .unknown
                    case 1: .discrete(fractions)
                    default: .range(shortest: fractions[0], longest: fractions[1])
                    }
                offers.append(
                    CaptureOffer(
                        format: codes[Int(chance.next() % UInt64(codes.count))], size: size, intervals: intervals))
            }
            let wish = CaptureWish(
                size: PictureSize(width: Int(chance.next() % 5_000), height: Int(chance.next() % 5_000)),
                framesPerSecond: Int(chance.next() % 300))
            for mode in CaptureNegotiation.ranked(offers, for: wish) {
                #expect(offers.contains { $0.size == mode.size && $0.format == mode.format })
                #expect(mode.interval.milliHertz != nil)
            }
        }
    }

    @Test(arguments: [
        (
            SizeRange(minimum: PictureSize(width: 32, height: 32), maximum: PictureSize(width: 2_592, height: 1_944)),
            ["1280x720", "640x360", "320x180"]
        ),
        (
            SizeRange(
                minimum: PictureSize(width: 160, height: 120), maximum: PictureSize(width: 800, height: 600),
                step: PictureSize(width: 16, height: 16)),
            ["800x600", "640x360", "320x184"]
        ),
        (
            SizeRange(
                minimum: PictureSize(width: 1_920, height: 1_080), maximum: PictureSize(width: 1_920, height: 1_080)),
            ["1920x1080"]
        ),
    ])
    func picksSizesOfARange(range: SizeRange, expected: [String]) {
        #expect(range.candidates(for: Self.wish.size).map(\.description) == expected)
    }

    @Test func absurdRangesDoNotTrap() {
        for width in [0, 1, 65_536] {
            for step in [0, 1, 65_536] {
                let range = SizeRange(
                    minimum: PictureSize(width: width, height: 65_536), maximum: PictureSize(width: 3, height: 0),
                    step: PictureSize(width: step, height: step))
                #expect(!range.candidates(for: Self.wish.size).isEmpty)
            }
        }
    }

    @Test func codesReadAsTheirLetters() {
        #expect(FourCC.motionJPEG.rawValue == 0x4750_4A4D)
        #expect(FourCC("Y16 ").description == "Y16")
        #expect(FourCC(rawValue: 0x0041_4200).description == ".BA.")
    }
}
