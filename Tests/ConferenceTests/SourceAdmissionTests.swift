import Jitsi
import Testing

@testable import Conference

@Suite struct SourceAdmissionTests {
    private func sound(_ number: UInt32) -> RemoteSource {
        RemoteSource(name: "p\(number)-a0", owner: "p\(number)", kind: .audio, ssrc: number)
    }

    private func picture(_ number: UInt32) -> RemoteSource {
        RemoteSource(name: "p\(number)-v0", owner: "p\(number)", kind: .video, ssrc: 1_000 + number)
    }

    @Test func everybodyIsHeardBeforeAnybodyIsSeen() {
        var admission = SourceAdmission(limit: 4)
        let first = [picture(1), sound(1), picture(2), sound(2)]
        #expect(admission.update(first).count == 4)
        // The third participant's sound takes the place of the last picture.
        let changes = admission.update(first + [picture(3), sound(3)])
        #expect(changes == [.remove(ssrc: 1_002), .add(sound(3))])
    }

    @Test func whoWaitsTakesThePlaceOfWhoLeaves() {
        var admission = SourceAdmission(limit: 2)
        #expect(admission.update([sound(1), sound(2), sound(3)]) == [.add(sound(1)), .add(sound(2))])
        #expect(admission.update([sound(1), sound(3)]) == [.remove(ssrc: 2), .add(sound(3))])
        #expect(admission.update([sound(1), sound(3)]).isEmpty)
    }

    /// 64 people with sound and picture fill the session.
    @Test func the65thParticipantIsHeard() {
        var admission = SourceAdmission()
        var sources: [RemoteSource] = []
        for number in 1...UInt32(200) {
            sources += [picture(number), sound(number)]
            _ = admission.update(sources)
            #expect(admission.admitted.count <= 128)
            if number <= 128 { #expect(admission.admitted.contains(sound(number))) }
        }
        sources.removeAll { $0.owner == "p1" }
        #expect(admission.update(sources) == [.remove(ssrc: 1), .add(sound(129))])
    }

    @Test func aSourceThatChangesIsAddedAnew() {
        var admission = SourceAdmission()
        _ = admission.update([picture(1)])
        let changed = RemoteSource(name: "p1-v0", owner: "p1", kind: .video, ssrc: 1_001, rtxSSRC: 7)
        #expect(admission.update([changed]) == [.remove(ssrc: 1_001), .add(changed)])
    }
}
