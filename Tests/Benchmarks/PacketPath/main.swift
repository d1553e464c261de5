import Glibc
import MediaSession

/// What packets, pictures and sound cost between the sockets and the devices, and that they take no memory: what is asked
/// for after the first seconds is counted, and more than the limits of our own is a failure. What libraries ask for by
/// themselves is told beside (libsrtp as Debian builds it, over NSS, does so for each packet).
///
///     swift run -c release packetbench [packets|pictures|sound]

/// Asked for by our own code, in all that is measured of each.
let mostForPackets = 0
let mostForSoundPackets = 0
/// A frame that is larger than all before makes one buffer grow.
let mostForCamera = 3
let mostForDecoding = 0
let mostForScreen = 0
let mostForSound = 0

/// Two media sessions in one process exchange sound and pictures, with all that belongs to it: SRTP, feedback, pacing,
/// consent.
func measurePackets() throws -> Bool {
    var pair = try Pair.make()
    pair.advance(by: .seconds(2))
    guard pair.box.isSecured else {
        print("no session came about")
        return false
    }
    _ = pair.run(seconds: 20, pictures: true)
    let frames = pair.frames
    let both = pair.run(seconds: 60, pictures: true)
    let isWell = both.report("sound and pictures", "packets", most: mostForPackets)
    print("frames received: \(pair.frames - frames)")
    _ = pair.run(seconds: 10, pictures: false)
    let alone = pair.run(seconds: 60, pictures: false)
    return alone.report("sound alone", "packets", most: mostForSoundPackets) && isWell
}

func measurePictures() throws -> Bool {
    var path = try FramePath.make()
    _ = path.run(pictures: 300)
    let (sent, shown) = (path.sent, path.shown)
    let (camera, decoding, screen) = path.run(pictures: 300)
    print("frames sent: \(path.sent - sent), screens composed: \(path.shown - shown)")
    let isWell = [
        camera.report("camera", "pictures", most: mostForCamera),
        decoding.report("decoding", "pictures", most: mostForDecoding),
        screen.report("screen", "compositions", most: mostForScreen),
    ]
    return !isWell.contains(false)
}

func measureSound() throws -> Bool {
    var path = try SoundPath.make()
    _ = path.run(steps: 1_000)
    let sent = path.sent
    let count = path.run(steps: 6_000)
    print("packets of sound sent: \(path.sent - sent)")
    return count.report("audio thread", "steps of 10 ms", most: mostForSound)
}

let wanted = CommandLine.arguments.dropFirst()
var isWell = true
if wanted.isEmpty || wanted.contains("packets") { isWell = try measurePackets() && isWell }
if wanted.isEmpty || wanted.contains("pictures") { isWell = try measurePictures() && isWell }
if wanted.isEmpty || wanted.contains("sound") { isWell = try measureSound() && isWell }
exit(isWell ? 0 : 1)
