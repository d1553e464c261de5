import Devices
import Room
import Scene
import Testing

@Suite struct SceneLayoutTests {
    static let screens = [(1920, 1080), (1280, 720), (3840, 2160), (1024, 768), (640, 480), (1080, 1920)]

    static func people(_ count: Int, video: Bool = true) -> [SceneParticipant] {
        (0..<count).map {
            SceneParticipant(
                id: "p\($0)", name: "Personne \($0)", audioMuted: $0 % 2 == 0, hasVideo: video, handRaised: $0 == 1,
                dominant: $0 == 0, sourceID: "s\($0)")
        }
    }

    static func state(_ phase: ScenePhase, people: [SceneParticipant] = []) -> SceneState {
        SceneState(
            deviceName: "Salle du conseil", roomLabel: "Conseil", roomName: "Conseil municipal", phase: phase,
            participants: people, participantCount: people.count + 1, microphoneMuted: true, handRaised: true,
            notices: ["Camille est arrivée"], clockText: "14:32", elapsedText: "12:04")
    }

    static let phases: [ScenePhase] = [
        .starting,
        .idle(buttons: SceneButtonRole.allCases.map { SceneButton(role: $0) }, rooms: ["Conseil", "Bureau"]),
        .joining(step: .room, canCancel: true), .passwordRequired(wrong: false), .passwordRequired(wrong: true),
        .waitingForHost, .lobby, .aloneInRoom(link: "https://meet.exemple.fr/conseil"), .inCall, .reconnecting,
        .leaving, .kicked, .roomClosed, .moved(room: "Urbanisme"), .updating(percent: nil), .updating(percent: 40),
        .disconnected(ladder: [.cable: .works, .address: .fails("DHCP")]), .disconnected(ladder: [:]),
        .fault(code: "R12", sentence: "Le réseau ne répond pas.", action: "Vérifiez le câble."),
        .fault(code: "R12", sentence: "Le réseau ne répond pas.", action: "Vérifiez.", link: "https://exemple.fr/12"),
    ]

    private func rectangles(_ layout: SceneLayout) -> [SceneRectangle] {
        layout.videos.map(\.rectangle) + layout.shapes.map(\.rectangle) + layout.texts.map(\.rectangle)
    }

    @Test func tilesNeverOverlapAndStayInside() {
        for (width, height) in Self.screens {
            for count in 1...40 {
                for selfView in [true, false] {
                    var state = Self.state(.inCall, people: Self.people(count))
                    state.selfViewVisible = selfView
                    state.view = .tiles
                    let layout = state.layout(width: width, height: height)
                    let screen = SceneRectangle(x: 0, y: 0, width: width, height: height)
                    let tiles = layout.videos.filter { $0.source != .selfView }.map(\.rectangle)
                    #expect(tiles.count == min(count, 25))
                    for (index, tile) in tiles.enumerated() {
                        #expect(screen.contains(tile))
                        #expect(tile.width >= 16 && tile.height >= 9)
                        for other in tiles.dropFirst(index + 1) { #expect(!tile.intersects(other)) }
                    }
                    let own = layout.videos.filter { $0.source == .selfView }
                    #expect(own.count == (selfView ? 1 : 0))
                    guard let own = own.first else { continue }
                    #expect(own.mirrored)
                    #expect(own.rectangle.maxX > width * 9 / 10 && own.rectangle.maxY > height * 9 / 10)
                    if count > 1 { #expect(!tiles.contains { $0.intersects(own.rectangle) }) }
                }
            }
        }
    }

    @Test func everyLayerIsInsideTheScreen() {
        for (width, height) in Self.screens {
            let screen = SceneRectangle(x: 0, y: 0, width: width, height: height)
            for phase in Self.phases {
                for count in [0, 1, 2, 7] {
                    for video in [true, false] {
                        let layout = Self.state(phase, people: Self.people(count, video: video))
                            .layout(width: width, height: height)
                        #expect(!layout.texts.isEmpty)
                        for rectangle in rectangles(layout) {
                            #expect(screen.contains(rectangle), "\(phase) \(count) \(rectangle) on \(width)x\(height)")
                            #expect(rectangle.width > 0 && rectangle.height > 0)
                        }
                    }
                }
            }
        }
    }

    @Test func nothingIsDrawnOverTheSelfView() throws {
        for count in [1, 2, 3, 4, 5, 9, 16, 25] {
            let layout = Self.state(.inCall, people: Self.people(count)).layout(width: 1920, height: 1080)
            let own = try #require(layout.videos.first { $0.source == .selfView }).rectangle
            #expect(layout.videos.last?.source == .selfView)
            for shape in layout.shapes { #expect(!shape.rectangle.intersects(own)) }
            for text in layout.texts { #expect(!text.rectangle.intersects(own), "\(text.text)") }
        }
    }

    @Test func theOrderOfTilesIsThatOfTheParticipants() {
        let layout = Self.state(.inCall, people: Self.people(9)).layout(width: 1920, height: 1080)
        let tiles = layout.videos.filter { $0.source != .selfView }
        #expect(tiles.map(\.source) == (0..<9).map { .remote("s\($0)") })
        for (first, second) in zip(tiles, tiles.dropFirst()) {
            let (one, two) = (first.rectangle, second.rectangle)
            #expect(one.y < two.y || (one.y == two.y && one.x < two.x))
        }
    }

    @Test func oneRemotePictureFillsTheScreen() {
        let layout = Self.state(.inCall, people: Self.people(1)).layout(width: 1920, height: 1080)
        #expect(layout.videos.first?.rectangle == SceneRectangle(x: 0, y: 0, width: 1920, height: 1080))
        #expect(layout.texts.contains { $0.text == "Personne 0" })
    }

    @Test func theTopLineTellsRoomAndCount() throws {
        let layout = Self.state(.inCall, people: Self.people(2)).layout(width: 1920, height: 1080)
        let room = try #require(layout.texts.first { $0.text == "Conseil municipal" })
        #expect(room.size >= 1.0 / 24 && room.alignment == .left && room.rectangle.maxY < 120)
        let count = try #require(layout.texts.first { $0.text == "3" && $0.plate?.icon == .people })
        #expect(count.alignment == .right && count.rectangle.maxY < 120)
        #expect(!count.rectangle.intersects(room.rectangle))
    }

    @Test func typeIsLargeEnoughForFourMetres() {
        for phase in Self.phases {
            let layout = Self.state(phase, people: Self.people(4)).layout(width: 1920, height: 1080)
            for text in layout.texts { #expect(text.size >= 0.03, "\(text.text)") }
        }
    }

    @Test func mutedMarksAreRed() {
        var state = Self.state(.inCall, people: Self.people(2))
        let muted = state.layout(width: 1920, height: 1080)
        #expect(muted.texts.contains { $0.text == "Micro coupé" && $0.plate?.colour == .danger })
        #expect(muted.shapes.filter { $0.kind == .icon(.mutedMicrophone) }.count == 1)
        #expect(muted.shapes.contains { $0.kind == .circle && $0.colour == .danger })
        state.microphoneMuted = false
        state.participants = state.participants.map {
            var one = $0
            one.audioMuted = false
            return one
        }
        let open = state.layout(width: 1920, height: 1080)
        #expect(!open.texts.contains { $0.text == "Micro coupé" })
        #expect(!open.shapes.contains { $0.colour == .danger })
    }

    @Test func aSharedScreenIsWholeAndLargest() throws {
        for others in [0, 1, 3, 12] {
            var people = Self.people(others)
            people.append(
                SceneParticipant(id: "x", name: "Ana", hasVideo: true, sourceID: "screen", isScreenShare: true))
            let layout = Self.state(.inCall, people: people).layout(width: 1920, height: 1080)
            let share = try #require(layout.videos.first { $0.source == .remote("screen") })
            #expect(share.fit == .whole && !share.mirrored)
            for other in layout.videos where other != share {
                #expect(!other.rectangle.intersects(share.rectangle))
                #expect(other.rectangle.width * 2 < share.rectangle.width)
            }
            #expect(layout.texts.contains { $0.text.contains("Écran partagé par \u{2068}Ana\u{2069}") })
        }
    }

    @Test func withoutAPictureThereAreInitials() {
        var people = Self.people(3, video: false)
        people[0].name = "Élodie Martin-Durand"
        people[1].name = ""
        let layout = Self.state(.inCall, people: people).layout(width: 1920, height: 1080)
        #expect(layout.videos.map(\.source) == [.selfView])
        #expect(layout.texts.contains { $0.text == "ÉD" })
        #expect(layout.texts.contains { $0.text == "Invité" })
    }

    @Test func theDominantSpeakerIsNeverWithoutATile() {
        var people = Self.people(30)
        people[0].dominant = false
        people[28].dominant = true
        var state = Self.state(.inCall, people: people)
        state.view = .tiles
        let layout = state.layout(width: 1920, height: 1080)
        #expect(layout.videos.contains { $0.source == .remote("s28") })
        #expect(layout.texts.contains { $0.text == "et 5 autres" })
    }

    @Test func joiningTicksWhatIsDone() {
        // Asking the focus and entering the room are one line.
        let done: [JoinStep: Int] = [.configuration: 0, .signalling: 1, .focus: 2, .room: 2, .media: 3]
        for step in JoinStep.allCases {
            let layout = Self.state(.joining(step: step, canCancel: true)).layout(width: 1920, height: 1080)
            #expect(layout.shapes.filter { $0.kind == .icon(.tick) }.count == done[step])
            #expect(layout.texts.contains { $0.text == "Raccrocher pour annuler" })
        }
        let fixed = Self.state(.joining(step: .configuration, canCancel: false)).layout(width: 1920, height: 1080)
        #expect(!fixed.texts.contains { $0.text == "Raccrocher pour annuler" })
    }

    @Test func theFaultCardHasCodeSentenceAndAction() {
        let layout = Self.state(.fault(code: "R12", sentence: "Phrase.", action: "Geste.")).layout(
            width: 1920, height: 1080)
        #expect(layout.texts.contains { $0.text == "Incident\u{A0}R12" })
        #expect(layout.texts.contains { $0.text == "Phrase." })
        #expect(layout.texts.contains { $0.text == "Geste." })
    }
}
