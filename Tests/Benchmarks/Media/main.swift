// What media costs, and what a poor line does to it, without a network: each command prints lines of name, value, unit.
//
//     mediabench kernels [--encode WxH:BITRATE] [--decode WxH:BITRATE] [--draw WxH-WxH]…    the codecs and the pixels alone
//     mediabench packets                  a packet's way out and in again, beside libsrtp alone
//     mediabench bandwidth SEED           how fast the line's width is found, in virtual time
//     mediabench lines SEED               a room behind narrow and trembling lines, one after the other, in virtual time
//     mediabench video LOSS% RTTms SEED   a film through a lossy line, in virtual time
//     mediabench speech LOSS% JITTERms SEED   a voice through a lossy line, in virtual time
//     mediabench clip FILE WxH FRAMES     a film of a person with a camera's noise, for `--camera file:`

let command = CommandLine.arguments.dropFirst().first ?? ""
let arguments = Array(CommandLine.arguments.dropFirst(2))

@MainActor func number(_ index: Int, _ name: String) -> Int {
    guard arguments.count > index, let value = Int(arguments[index]), value >= 0 else { fail("\(name) is missing") }
    return value
}

do {
    switch command {
    case "kernels": try Kernels.run(arguments)
    case "packets": try PacketPath.run()
    case "bandwidth": BandwidthTrial.run(seed: UInt64(number(0, "SEED")))
    case "lines": LinesTrial.run(seed: UInt64(number(0, "SEED")))
    case "video":
        VideoTrial.run(loss: number(0, "LOSS"), roundTrip: number(1, "RTT"), seed: UInt64(number(2, "SEED")))
    case "speech":
        try SpeechTrial.run(loss: number(0, "LOSS"), jitter: number(1, "JITTER"), seed: UInt64(number(2, "SEED")))
    case "clip":
        guard arguments.count == 3, let size = Kernels.size(arguments[1]) else { fail("clip FILE WxH FRAMES") }
        try Clip.write(to: arguments[0], size: size, frames: number(2, "FRAMES"))
    default: fail("unknown command")
    }
} catch {
    fail("\(error)")
}
