import Devices
import Room
import Scene
import Testing

/// What the room sees when there is no way to its meeting.
@Suite struct LadderScreenTests {
    private func layout(_ phase: ScenePhase, light: IdleLight = .full) -> SceneLayout {
        var state = SceneLayoutTests.state(phase)
        state.notices = []
        state.idleLight = light
        return state.layout(width: 1920, height: 1080)
    }

    private func codes(_ layout: SceneLayout) -> [String] {
        layout.shapes.compactMap { if case .qr(let text) = $0.kind { text } else { nil } }
    }

    @Test func aFailedJoinHasNumberSentenceActionAndPage() {
        let ladder: [ConnectionRung: LadderResult] = [
            .cable: .works, .address: .works, .names: .fails("x est introuvable"),
        ]
        let card = FaultCard(
            code: "20", sentence: "Le serveur est introuvable.", action: "Vérifiez le câble.",
            link: "https://mairie.exemple.fr/aide#20")
        let layout = layout(.disconnected(ladder: ladder, fault: card))
        let action = "Prévenez le service informatique\u{A0}: le nom du serveur est introuvable (DNS)"
        for words in ["Incident\u{A0}20", card.sentence, action, "Raccrocher pour revenir à l’accueil"] {
            #expect(layout.texts.contains { $0.text == words }, "\(words)")
        }
        #expect(codes(layout) == [card.link])
        #expect(layout.shapes.filter { $0.kind == .icon(.cross) }.count == 1)
        #expect(!layout.texts.contains { $0.text == "Serveur de réunion injoignable" })
    }

    @Test func withoutACableThatIsWhatIsSaid() {
        let card = FaultCard(code: "21", sentence: "Le serveur ne répond pas.", action: "Réessayez.")
        let layout = layout(.disconnected(ladder: [.cable: .fails("Aucun câble branché")], fault: card))
        #expect(layout.texts.contains { $0.text == "Pas de réseau" })
        #expect(layout.texts.contains { $0.text.hasPrefix("Vérifiez le câble réseau") })
        #expect(!layout.texts.contains { $0.text == card.sentence || $0.text == card.action })
    }

    /// What is to be done belongs to the first rung that is crossed out: nobody is sent to a cable that is ticked.
    @Test(arguments: [
        (ConnectionRung.cable, "Vérifiez le câble réseau"), (.address, "(DHCP)"), (.names, "(DNS)"), (.time, "(NTP)"),
        (.tls, "serveur de réunion est injoignable"), (.signalling, "serveur de réunion est injoignable"),
    ])
    func theActionIsThatOfTheFirstCross(rung: ConnectionRung, action: String) {
        var ladder: [ConnectionRung: LadderResult] = [:]
        for lower in ConnectionRung.allCases where lower < rung { ladder[lower] = .works }
        ladder[rung] = .fails("x")
        func actions(_ fault: FaultCard?) -> [String] {
            layout(.disconnected(ladder: ladder, fault: fault)).texts.filter { $0.plate?.icon == .arrowRight }.map(
                \.text)
        }
        let idle = actions(nil)
        #expect(idle.count == 1 && idle.allSatisfy { $0.contains(action) })
        #expect(idle.contains { $0.contains("câble") } == (rung == .cable))
        // The fault of a failed join knows more of a server than its rung does.
        let failed = actions(FaultCard(code: "20", sentence: "S.", action: "Vérifiez le câble."))
        #expect(failed == (rung <= .time ? idle : ["Vérifiez le câble."]))
    }

    @Test func aCableThatNobodyKnowsOfIsWorthALook() {
        let layout = layout(.disconnected(ladder: [.names: .fails("x")]))
        #expect(layout.texts.contains { $0.text.hasPrefix("Vérifiez le câble réseau") })
    }

    /// The band at the top and the line below it stay together wherever the picture has moved.
    @Test func theBandMovesWithItsLine() throws {
        for step in 0..<9 {
            var state = SceneLayoutTests.state(.idle(buttons: [], rooms: []))
            state.shiftStep = step
            let layout = state.layout(width: 1920, height: 1080)
            let band = try #require(layout.shapes.first { $0.colour == .ground }).rectangle
            let line = try #require(layout.shapes.first { $0.colour == .accent && $0.rectangle.width == 1920 })
                .rectangle
            #expect(band.y == 0 && line.y == band.maxY && line.height >= 2)
        }
    }

    @Test func oneThatIsTriedAgainSaysSo() {
        let card = FaultCard(code: "21", sentence: "S.", action: "A.", isRetrying: true)
        let layout = layout(.disconnected(ladder: [:], fault: card))
        #expect(layout.texts.contains { $0.text == "Le boîtier réessaie de lui-même." })
        #expect(layout.texts.contains { $0.text == "Raccrocher pour annuler" })
        #expect(codes(layout).isEmpty)
    }

    /// Words stay apart from each other and from the code, with a page and without.
    @Test func nothingLiesOverAnythingElse() {
        for link in ["", "https://mairie.exemple.fr/aide-aux-salles-de-reunion#40"] {
            for isRetrying in [false, true] {
                let card = FaultCard(
                    code: "40", sentence: String(repeating: "Le son et l’image ne passent pas. ", count: 3),
                    action: String(repeating: "Prévenez le service informatique. ", count: 3), link: link,
                    isRetrying: isRetrying)
                for (width, height) in [(1920, 1080), (1280, 720), (1024, 768)] {
                    let layout = SceneLayoutTests.state(.disconnected(ladder: [.cable: .works], fault: card))
                        .layout(width: width, height: height)
                    let codes = layout.shapes.filter { if case .qr = $0.kind { true } else { false } }
                    let left = layout.texts.filter { $0.rectangle.x < width / 2 && $0.rectangle.y > height / 6 }
                    for (index, text) in left.enumerated() {
                        for other in left.dropFirst(index + 1) {
                            #expect(!text.rectangle.intersects(other.rectangle), "\(text.text) \(other.text)")
                        }
                        for code in codes { #expect(!text.rectangle.intersects(code.rectangle), "\(text.text)") }
                    }
                }
            }
        }
    }

    @Test func aWrongClockIsSaidToBeThat() {
        let layout = layout(.disconnected(ladder: [.names: .works, .time: .fails("L’horloge retarde")]))
        #expect(layout.texts.contains { $0.text == "Le boîtier n’est pas à l’heure" })
        #expect(layout.texts.contains { $0.text == "L’horloge retarde" })
    }

    @Test(arguments: [
        ScenePhase.disconnected(ladder: [.cable: .fails("")]), .fault(code: "33", sentence: "S.", action: "A."),
        .idle(buttons: [], rooms: []),
    ])
    func whateverNobodyLooksAtDimsAndGoesOff(phase: ScenePhase) {
        #expect(layout(phase, light: .dimmed).palette.brightness < layout(phase).palette.brightness)
        let off = layout(phase, light: .off)
        #expect(off.texts.isEmpty && off.videos.isEmpty && off.shapes.map(\.colour) == [.black])
    }

    @Test(arguments: [ScenePhase.inCall, .joining(step: .configuration, canCancel: true), .lobby])
    func aCallIsNeverDark(phase: ScenePhase) {
        #expect(layout(phase, light: .off) == layout(phase))
    }
}

/// The keys of the idle screen are the buttons that the box has.
@Suite struct ButtonMapTests {
    private func roles(_ keys: [SceneButton]) -> [SceneButtonRole] { keys.map(\.role) }

    @Test func keysFollowTheBoard() {
        let keys = SceneButton.keys(
            of: [.join(room: 0), .join(room: 1), .mute, .hangUp, .camera, .hand], meetings: ["Conseil", "Bureau"])
        #expect(roles(keys) == [.join, .join, .microphone, .hangUp, .camera, .hand])
        #expect(keys[0].label == "Conseil" && keys[1].label == "Bureau")
        #expect(keys[2].held == nil, "it has a button for the hand")
    }

    @Test func aBoxOfTwoButtonsRaisesTheHandByHolding() {
        let keys = SceneButton.keys(of: [.join(room: 0), .mute], meetings: ["Conseil"])
        #expect(roles(keys) == [.join, .microphone] && keys[1].held == .hand)
    }

    @Test func whatIsOffBeforeTheCallIsSeenToBe() {
        let roles: [ButtonRole] = [.join(room: 0), .mute, .camera]
        var state = SceneLayoutTests.state(
            .idle(buttons: SceneButton.keys(of: roles, meetings: ["Conseil"]), rooms: ["Conseil"]))
        state.microphoneMuted = true
        state.cameraOn = false
        let off = state.layout(width: 1920, height: 1080)
        #expect(off.shapes.contains { $0.kind == .icon(.mutedMicrophone) })
        #expect(off.shapes.contains { $0.kind == .icon(.cameraOff) })
        #expect(off.shapes.filter { $0.colour == .danger }.count == 2)
        state.microphoneMuted = false
        state.cameraOn = true
        let on = state.layout(width: 1920, height: 1080)
        #expect(!on.shapes.contains { $0.colour == .danger })
        #expect(on.texts == off.texts, "what the buttons do is the same")
    }

    @Test func buttonsThatDoNothingAreNotShown() {
        let keys = SceneButton.keys(
            of: [.join(room: 0), .join(room: 1), .join(room: 2), .ok, .up, .layout, .layout], meetings: ["Conseil"])
        #expect(roles(keys) == [.join, .layout] && keys[1].held == .people)
        #expect(SceneButton.keys(of: [.join(room: 0)], meetings: []).isEmpty)
        #expect(SceneButton.keys(of: [.join(room: -1), .join(room: 1)], meetings: ["A"]).isEmpty)
    }

    @Test func ofTooManyThoseThatMatterStay() {
        let all: [ButtonRole] = [
            .volumeUp, .volumeDown, .join(room: 0), .join(room: 1), .join(room: 2), .mute, .hangUp, .camera, .hand,
            .layout,
        ]
        let keys = SceneButton.keys(of: all, meetings: ["A", "B", "C"])
        #expect(roles(keys) == [.join, .join, .join, .microphone, .hangUp, .camera, .hand, .layout])
        let nine = SceneButton.keys(
            of: (0..<9).map { .join(room: $0) } + [.mute], meetings: (1...9).map { "R\($0)" })
        #expect(nine.count == 10, "the layout shows the first ones")
    }
}
