import Basis
import Testing

@testable import Jitsi

@Suite struct VideoCodecTests {
    private func told(_ codecs: [VideoCodec]) throws -> [String?] {
        var harness = try RoomHarness(videoCodecs: codecs)
        harness.start()
        try harness.answerConference()
        let join = try #require(harness.joins.last)
        return ["jitsi_participant_codecList", "jitsi_participant_codecType"].map { join.child($0)?.text }
    }

    @Test func presenceTellsWhatWeTake() throws {
        #expect(try told([.vp8]) == ["vp8", "vp8"])
        #expect(try told([.vp9, .vp8]) == ["vp9,vp8", "vp9"])
    }

    @Test(arguments: [
        ("<jitsi_participant_codecList>av1,vp9,vp8,h264</jitsi_participant_codecList>", [VideoCodec.vp9, .vp8]),
        ("<jitsi_participant_codecList>VP8, VP9</jitsi_participant_codecList>", [.vp8, .vp9]),
        ("<jitsi_participant_codecType>vp9</jitsi_participant_codecType>", [.vp9]),
        (
            "<jitsi_participant_codecList>vp8</jitsi_participant_codecList>"
                + "<jitsi_participant_codecType>vp9</jitsi_participant_codecType>", [.vp8]
        ),
        ("<jitsi_participant_codecList>h264</jitsi_participant_codecList>", []), ("", []),
    ])
    func readsWhatOthersTake(extensions: String, codecs: [VideoCodec]) throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        try harness.presence("5e6f7a8b", jid: "x@visio.example.org/x", children: extensions)
        try harness.enter()
        #expect(harness.room.participants.map(\.videoCodecs) == [codecs])
    }
}
