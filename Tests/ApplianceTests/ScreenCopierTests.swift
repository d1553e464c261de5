import Devices
import Panel
import Testing

@testable import Appliance

@Suite struct ScreenCopierTests {
    /// Width and height of a JPEG file, from its frame header (ITU-T T.81 section B.2.2).
    private func size(of file: [UInt8]) -> PictureSize? {
        var index = 2
        while index + 9 < file.count, file[index] == 0xFF {
            if file[index + 1] == 0xC0 {
                return PictureSize(
                    width: Int(file[index + 7]) << 8 | Int(file[index + 8]),
                    height: Int(file[index + 5]) << 8 | Int(file[index + 6]))
            }
            index += 2 + (Int(file[index + 2]) << 8 | Int(file[index + 3]))
        }
        return nil
    }

    @Test func aCopyIsCompressedOnce() {
        var copier = ScreenCopier()
        let nothing = (copier.jpeg(), copier.png())
        #expect(nothing.0 == nil && nothing.1 == nil, "nothing was copied")
        var canvas = Canvas(size: PictureSize(width: 640, height: 360))
        copier.take(&canvas)
        let first = copier.jpeg()
        let same = copier.jpeg()
        #expect(first != nil && same == first)
        var next = Canvas(size: PictureSize(width: 640, height: 360))
        copier.take(&next)
        #expect(next.size == PictureSize(width: 640, height: 360), "the memory goes round")
        let second = copier.jpeg()
        #expect(second?.number != first?.number)
        copier.forget()
        let forgotten = (copier.jpeg(), copier.png())
        #expect(forgotten.0 == nil && forgotten.1 == nil)
        copier.take(&next)
        let third = copier.jpeg()?.number
        #expect(third != nil && third != first?.number && third != second?.number)
    }

    @Test(arguments: [
        ([640, 360], [640, 360]), ([1280, 720], [1280, 720]), ([1920, 1080], [1280, 720]),
        ([3840, 2160], [1280, 720]),
        ([1920, 1200], [1280, 800]), ([7000, 3], [1280, 2]),
    ])
    func largeScreensAreMadeSmaller(screen: [Int], picture: [Int]) throws {
        var copier = ScreenCopier()
        var canvas = Canvas(size: PictureSize(width: screen[0], height: screen[1]))
        copier.take(&canvas)
        let made = copier.jpeg()
        let file = try #require(made)
        #expect(size(of: file.bytes) == PictureSize(width: picture[0], height: picture[1]))
    }
}
