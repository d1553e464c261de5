import Devices
import Scene
import Testing

@testable import Painter

@Suite struct DamageSettlerTests {
    private func rectangle(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> PixelRectangle {
        PixelRectangle(x: x, y: y, width: width, height: height)
    }

    @Test func growsByPicturesAndNeverOverlaps() {
        var settler = DamageSettler()
        settler.begin(size: PictureSize(width: 100, height: 100))
        settler.add(video: rectangle(0, 0, 50, 50))
        settler.add(video: rectangle(40, 40, 20, 20))
        var damage = [rectangle(10, 10, 1, 1), rectangle(80, 80, 40, 5), rectangle(0, 90, 5, 5)]
        settler.settle(&damage)
        // The first touches one picture, which touches the other; the second is cut at the edge of the screen.
        #expect(Set(damage.map(\.x)) == [0, 80])
        #expect(damage.contains(rectangle(0, 0, 60, 60)) && damage.contains(rectangle(80, 80, 20, 5)))
        #expect(damage.contains(rectangle(0, 90, 5, 5)) && damage.count == 3)
    }

    @Test func joinsWhatMeets() {
        var settler = DamageSettler()
        for _ in 0..<2 {
            settler.begin(size: PictureSize(width: 100, height: 100))
            var damage = [rectangle(0, 0, 10, 10), rectangle(30, 0, 10, 10), rectangle(5, 5, 30, 3)]
            settler.settle(&damage)
            #expect(damage == [rectangle(0, 0, 40, 10)])
            // Pictures of the time before are forgotten.
            settler.begin(size: PictureSize(width: 100, height: 100))
            settler.add(video: rectangle(0, 0, 100, 100))
            damage = [rectangle(3, 3, 1, 1)]
            settler.settle(&damage)
            #expect(damage == [rectangle(0, 0, 100, 100)])
            damage = [rectangle(200, 3, 1, 1)]
            settler.settle(&damage)
            #expect(damage.isEmpty)
        }
    }

    @Test func theNewestOfAllButOneIsFound() {
        let frames = FrameStore()
        #expect(frames.newest() == 0)
        frames.put(VideoFrame(size: PictureSize(width: 16, height: 16)), for: .remote("a"))
        frames.put(VideoFrame(size: PictureSize(width: 16, height: 16)), for: .selfView)
        #expect(frames.newest() == frames.generation(of: .selfView))
        #expect(frames.newest(besides: .selfView) == frames.generation(of: .remote("a")))
        frames.detach(.selfView)
        #expect(frames.newest() == frames.generation(of: .remote("a")))
    }
}
