import Room
import Scene
import Testing

/// What is asked of the bridge follows what is drawn.
@Suite struct PicturesInCallTests {
    private func state(_ count: Int, shares: Int = 0, view: CallView = .automatic) -> SceneState {
        var people = SceneLayoutTests.people(count)
        for index in 0..<shares {
            people.append(
                SceneParticipant(
                    id: "share\(index)", name: "Personne 0", hasVideo: true, sourceID: "d\(index)", isScreenShare: true)
            )
        }
        var state = SceneLayoutTests.state(.inCall, people: people)
        state.view = view
        state.selfViewVisible = false
        return state
    }

    @Test func onePersonFillsTheScreen() {
        let pictures = state(1).picturesInCall(width: 1_920, height: 1_080)
        #expect(pictures == [PictureNeed(source: "s0", height: 1_080, isShare: false, isLarge: true)])
    }

    @Test func tilesAreAlikeAndTheirHeightIsThatOfTheTile() throws {
        for count in 2...9 {
            let state = state(count, view: .tiles)
            let pictures = state.picturesInCall(width: 1_920, height: 1_080)
            #expect(pictures.count == count)
            #expect(pictures.allSatisfy { !$0.isLarge && !$0.isShare })
            let tile = try #require(state.layout(width: 1_920, height: 1_080).videos.first?.rectangle)
            #expect(pictures.allSatisfy { $0.height >= tile.height && $0.height <= max(tile.height, tile.width) })
        }
        let few = state(2, view: .tiles).picturesInCall(width: 1_920, height: 1_080)[0].height
        let many = state(16, view: .tiles).picturesInCall(width: 1_920, height: 1_080)[0].height
        #expect(many < few)
    }

    @Test func theSpeakerIsLargeAndTheOthersAreNot() {
        let pictures = state(5, view: .speaker).picturesInCall(width: 1_920, height: 1_080)
        let large = pictures.filter(\.isLarge)
        #expect(large.map(\.source) == ["s0"])
        #expect(pictures.filter { !$0.isLarge }.allSatisfy { $0.height < 400 })
    }

    @Test func aSharedScreenIsLarge() {
        let pictures = state(3, shares: 1).picturesInCall(width: 1_920, height: 1_080)
        #expect(pictures.filter(\.isLarge).map(\.source) == ["d0"])
        #expect(pictures.filter(\.isShare).map(\.source) == ["d0"])
    }

    @Test func whoHasNoPictureIsNotAskedForOne() {
        var state = state(3)
        state.participants[1].hasVideo = false
        #expect(state.picturesInCall(width: 1_280, height: 720).map(\.source).sorted() == ["s0", "s2"])
        for index in state.participants.indices { state.participants[index].hasVideo = false }
        #expect(state.picturesInCall(width: 1_280, height: 720).isEmpty)
    }

    @Test func itIsTheCallThatCountsWhateverIsShown() {
        var state = state(1)
        state.phase = .joining(step: .media, canCancel: true)
        #expect(state.picturesInCall(width: 1_280, height: 720).count == 1)
    }
}
