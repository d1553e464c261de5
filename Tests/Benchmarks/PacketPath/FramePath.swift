import Basis
import Codecs
import Devices
import MediaEngine
import Painter
import Scene
import ScreenGallery

/// The way of pictures, step by step on one thread: what the camera's thread does with a picture of 1280x720 in three
/// layers, what the decoding thread does with the pictures of two people, and what the screen's thread does to show them.
struct FramePath: ~Copyable {
    private static let people = ["a", "b"]

    private let camera = CameraExchange(outgoingWaker: NoWaker())
    private var cameraLoop: CameraLoop<ClipCamera>
    private let decode = DecodeExchange(decodeWaker: NoWaker(), keyframeWaker: NoWaker())
    private var decodeLoop: DecodeLoop
    private let frames = FrameStore()
    private var compositor: Compositor
    private var canvas = Canvas(size: PictureSize(width: 1920, height: 1080))
    private let layout: SceneLayout
    private var encoded: [UInt8] = []
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)

    private(set) var sent = 0
    private(set) var shown = 0

    static func make() throws -> FramePath {
        FramePath(compositor: try Compositor(size: PictureSize(width: 1920, height: 1080)))
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(compositor: consuming Compositor) {
        self.compositor = compositor
        cameraLoop = CameraLoop(exchange: camera, camera: ClipCamera())
        decodeLoop = DecodeLoop(exchange: decode, pool: FramePool(capacity: 80))
        var scene = SceneState(
            deviceName: "Salle du conseil", roomName: "Conseil municipal", phase: .inCall,
            participants: Self.people.map {
                SceneParticipant(
                    id: $0, name: "Personne \($0)", audioMuted: false, hasVideo: true, dominant: $0 == "a", sourceID: $0
                )
            }, participantCount: 3, elapsedText: "12:34")
        scene.link = LinkQuality(sent: .good, received: .good)
        layout = scene.layout(width: 1920, height: 1080)
        camera.isOn = true
        camera.sendsSimulcast = true
        camera.wantedHeight = -1
        for (index, name) in Self.people.enumerated() {
            frames.attach(decode.add(source: UInt32(index)), for: .remote(name))
        }
        frames.attach(camera.selfView, for: .selfView)
    }

    /// Pictures at 30 a second: from the camera into the queue of frames to be sent; from there two sizes, as if they came
    /// from two people, through the decoders into the slots; from these to the canvas.
    mutating func run(pictures: Int) -> (camera: Count, decoding: Count, screen: Count) {
        var (captured, decoded, composed) = (Sum(), Sum(), Sum())
        for _ in 0..<pictures {
            now += .nanoseconds(33_333_333)
            captured.begin()
            _ = cameraLoop.step(at: now)
            captured.end()
            while let header = camera.outgoing.pop(into: &encoded) {
                sent += 1
                guard header.layer < Self.people.count else { continue }
                decoded.begin()
                decode.decode(
                    source: UInt32(header.layer), frame: encoded.span, codec: header.codec,
                    isKeyframe: header.isKeyframe, instant: now)
                while decodeLoop.step() {}
                decoded.end()
            }
            composed.begin()
            frames.refresh()
            if !compositor.compose(layout, frames: frames, into: &canvas).isEmpty { shown += 1 }
            composed.end()
        }
        return (captured.count, decoded.count, composed.count)
    }
}

/// The sum of many short counts.
struct Sum {
    private(set) var count = Count(steps: 0)
    private var running = Count()

    mutating func begin() {
        running = Count()
    }

    mutating func end() {
        running.end(of: 1)
        count.add(running)
    }
}

/// A person who sways, from a few pictures that were drawn before.
struct ClipCamera: Camera, ~Copyable {
    private let stills = (0..<8).map { number in
        let still = SamplePictures.person(0, size: PictureSize(width: 1280, height: 720))
        return (0..<still.storage.count).map { index in
            // Moved sideways by a pixel or two, with the noise of a sensor.
            let from = index < still.uOffset ? min(still.uOffset - 1, index + number % 4) : index
            return still.storage[from] &+ UInt8((index &* 7 &+ number &* 13) % 3)
        }
    }
    private var number = 0

    mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError) {}

    mutating func close() {}

    mutating func nextFrame(at now: MonotonicInstant, pool: FramePool) throws(DeviceError) -> VideoFrame? {
        guard var frame = pool.frame(size: PictureSize(width: 1280, height: 720)) else { return nil }
        frame.instant = now
        let still = stills[number % stills.count]
        frame.storage.withUnsafeMutableBufferPointer { target in
            still.withUnsafeBufferPointer { source in
                guard let to = target.baseAddress, let from = source.baseAddress else { return }
                to.update(from: from, count: min(target.count, source.count))
            }
        }
        number += 1
        return frame
    }
}

final class NoWaker: Waker {
    func wake() {}
}
