import Room
import Scene
import Testing

@Suite struct CallScreenTests {
    private static let screen = SceneRectangle(x: 0, y: 0, width: 1920, height: 1080)

    private static func call(_ count: Int) -> SceneState {
        var state = SceneLayoutTests.state(.inCall, people: SceneLayoutTests.people(count))
        state.notices = []
        state.microphoneMuted = false
        state.handRaised = false
        return state
    }

    private func layout(_ state: SceneState) -> SceneLayout { state.layout(width: 1920, height: 1080) }

    @Test func theTopLineNeverOverlapsItself() {
        for (width, height) in SceneLayoutTests.screens {
            for link in [LinkQuality(sent: .good, received: .good), LinkQuality(sent: .good, received: .bad)] {
                var state = Self.call(3)
                state.marks = [.recording, .liveStream, .transcription, .encrypted, .locked]
                state.link = link
                state.unreadCount = 12
                state.participantCount = 140
                state.elapsedText = "12:02:03"
                let layout = state.layout(width: width, height: height)
                let top = layout.texts.filter { $0.rectangle.y < height / 20 && $0.rectangle.height < height / 8 }
                #expect(top.count >= 5)
                for (index, one) in top.enumerated() {
                    for other in top.dropFirst(index + 1) {
                        #expect(!one.rectangle.intersects(other.rectangle), "\(one.text) and \(other.text)")
                    }
                }
                let room = top.first { $0.text == "Conseil municipal" }
                #expect(
                    (room?.rectangle.width ?? 0) > min(height, width * 9 / 16) / 5, "the room's name keeps its place")
            }
        }
    }

    @Test func marksAreShapesAndRecordingIsAWord() {
        var state = Self.call(2)
        state.marks = [.recording, .encrypted, .locked, .transcription]
        let layout = layout(state)
        #expect(layout.texts.contains { $0.text == "Enregistrée" && $0.plate?.icon == .record })
        for icon in [SceneIcon.shield, .lock, .captions] { #expect(layout.shapes.contains { $0.kind == .icon(icon) }) }
        #expect(!self.layout(Self.call(2)).texts.contains { $0.text == "Enregistrée" })
    }

    @Test func whatIsAboutToBeginIsMarkedToo() {
        var state = Self.call(2)
        state.marks = [.recordingSoon, .liveStreamSoon]
        let soon = layout(state)
        for icon in [SceneIcon.record, .broadcast] { #expect(soon.shapes.contains { $0.kind == .icon(icon) }) }
        #expect(!soon.shapes.contains { $0.colour == .danger && $0.rectangle.y < 100 })
        state.marks = [.recordingSoon, .recording]
        let begun = layout(state)
        #expect(begun.texts.contains { $0.plate?.icon == .record && $0.plate?.colour == .danger })
        #expect(!begun.shapes.contains { $0.kind == .icon(.record) })
    }

    @Test func picturesKeepTheirPlaceBetweenTwoSentences() {
        var state = Self.call(4)
        let without = layout(state).videos
        state.hasCaptionBand = true
        let between = layout(state).videos
        state.captions = [CaptionLine(speaker: "Zoé", text: "Bonjour")]
        let during = layout(state)
        #expect(during.videos == between)
        #expect(during.videos != without)
        #expect(during.texts.contains { $0.text.hasSuffix(" Bonjour") })
    }

    @Test func ofLongSpeechTheSpeakerAndTheEndAreKept() {
        var state = Self.call(4)
        let words = (0..<30).map { "mot\($0)" }.joined(separator: " ")
        state.captions = [CaptionLine(speaker: "Zoé", text: words)]
        let long = layout(state).texts.first { $0.text.contains("Zoé") && $0.text.hasSuffix("mot29") }
        #expect(long?.maximumLines == 2)
        #expect(long?.text.contains("…") == true && long?.text.contains("mot0 ") == false)
        state.captions.append(CaptionLine(speaker: "Ali", text: "Oui"))
        let both = layout(state).texts.filter { $0.plate?.colour == .plate && $0.maximumLines == 1 }.map(\.text)
        #expect(both.contains { $0.contains("Zoé") && $0.contains("…") && $0.hasSuffix("mot29") })
        #expect(both.contains { $0.contains("Ali") && $0.hasSuffix("Oui") })
        state.captions = [CaptionLine(speaker: "王小明", text: String(repeating: "话", count: 120) + "完")]
        #expect(layout(state).texts.contains { $0.text.contains("王小明") && $0.text.hasSuffix("完") })
    }

    @Test func theEndSaysByWhomAndWhy() {
        var state = SceneLayoutTests.state(.kicked)
        #expect(layout(state).texts.contains { $0.text == "Un modérateur l’a retirée." })
        state.farewell = Farewell(by: "Zoé\u{202E}", reason: "Trop de bruit")
        #expect(
            layout(state).texts.contains {
                $0.text
                    == "\u{200E}Retirée par \u{2068}Zoé\u{2069}. \u{200E}«\u{A0}\u{2068}Trop de bruit\u{2069}\u{A0}»"
            })
        state.phase = .roomClosed
        #expect(layout(state).texts.contains { $0.text.contains("Trop de bruit") && $0.text.hasPrefix("Merci") })
    }

    @Test func aLongNoticeHasTwoLines() throws {
        var state = Self.call(2)
        state.notices = [Strings.text(.encryptionBlocks, .french)]
        let notice = try #require(layout(state).texts.first { $0.text.hasPrefix("Chiffrement de bout") })
        #expect(notice.maximumLines == 2)
        state.notices = ["Volume 70"]
        #expect(layout(state).texts.first { $0.text == "Volume 70" }?.maximumLines == 1)
    }

    @Test func handsStandInTheirOrderWithTheTime() throws {
        var state = Self.call(4)
        state.hands = (0..<6).map { RaisedHand(name: "Personne \($0)", waited: 100 - $0) }
        let texts = layout(state).texts.filter { $0.plate?.icon == .hand && !$0.text.hasPrefix("+") }
        #expect(try #require(texts.first).text == "\u{200E}1. \u{2068}Personne 0\u{2069}\u{A0}1:40")
        #expect(texts.map(\.rectangle.x) == texts.map(\.rectangle.x).sorted())
        #expect(layout(state).texts.contains { $0.text == "+\(6 - texts.count)" })
        for text in texts {
            for video in layout(state).videos { #expect(!text.rectangle.intersects(video.rectangle)) }
        }
    }

    @Test func manyPeopleGiveTheSpeakerView() throws {
        var state = Self.call(12)
        state.shownSpeaker = "p7"
        let shown = layout(state)
        let largest = try #require(shown.videos.max { $0.rectangle.width < $1.rectangle.width })
        #expect(largest.source == .remote("s7"))
        #expect(largest.rectangle.width > 4 * 300)
        let others = shown.videos.filter { $0.source != largest.source && $0.source != .selfView }
        #expect(others.map(\.rectangle.y) == others.map(\.rectangle.y).sorted())
        #expect(shown.texts.contains { $0.text.hasPrefix("et ") })
        state.shownSpeaker = "gone"
        #expect(layout(state).videos.contains { $0.source == .remote("s0") && $0.rectangle.width > 1200 })
        state.view = .tiles
        #expect(Set(layout(state).videos.filter { $0.source != .selfView }.map(\.rectangle.width)).count == 1)
        var few = Self.call(3)
        few.view = .speaker
        #expect(layout(few).videos.contains { $0.rectangle.width > 1200 })
    }

    @Test func theLayoutButtonComesRound() {
        var view = CallView.automatic
        for _ in CallView.allCases { view = view.next }
        #expect(view == .automatic)
        var panel: CallPanel?
        var seen: [CallPanel] = []
        repeat {
            panel = CallPanel.next(after: panel)
            if let panel { seen.append(panel) }
        } while panel != nil && seen.count < 10
        #expect(seen == CallPanel.allCases)
    }

    @Test func pagesNeverLieOnPictures() throws {
        for (width, height) in SceneLayoutTests.screens {
            for panel in CallPanel.allCases {
                for count in [1, 2, 5, 14, 40] {
                    for shares in [false, true] {
                        var state = Self.call(count)
                        state.panel = panel
                        state.chat = (0..<30).map {
                            ChatMessage(sender: "P\($0)", text: String(repeating: "mot ", count: $0))
                        }
                        state.information = SessionInformation()
                        state.information?.server = "exemple.fr"
                        if shares {
                            state.participants.append(
                                SceneParticipant(
                                    id: "x", name: "Ana", hasVideo: true, sourceID: "screen", isScreenShare: true))
                        }
                        let layout = state.layout(width: width, height: height)
                        let card = try #require(
                            layout.shapes.last { $0.colour == .surface && $0.rectangle.height > height / 3 })
                        for video in layout.videos {
                            #expect(!video.rectangle.intersects(card.rectangle), "\(panel) \(count)")
                        }
                        let screen = SceneRectangle(x: 0, y: 0, width: width, height: height)
                        for layer in layout.overlay { #expect(screen.contains(layer.rectangle)) }
                    }
                }
            }
        }
    }

    @Test func thePeoplePageTellsAll() {
        var state = Self.call(3)
        state.participants[1].isModerator = true
        state.participants[2].connection = .poor
        state.panel = .people
        let layout = layout(state)
        #expect(layout.texts.contains { $0.text == "Salle du conseil" })
        #expect(layout.shapes.contains { $0.kind == .icon(.star) })
        #expect(layout.shapes.contains { $0.kind == .bars(lit: 2) })
        #expect(layout.shapes.contains { $0.kind == .icon(.hand) })
        #expect(!layout.texts.contains { $0.text.hasPrefix("et ") })
    }

    @Test func unknownFactsAreNotShown() {
        var state = Self.call(1)
        state.panel = .information
        let empty = layout(state).texts.count
        state.information = SessionInformation()
        #expect(layout(state).texts.count == empty)
        state.information?.lossThousandths = 15
        #expect(layout(state).texts.contains { $0.text == "1,5\u{A0}%" })
    }

    @Test func talkingWhileMutedIsSaidInsteadOfMuted() {
        var state = Self.call(2)
        state.microphoneMuted = true
        state.isTalkingWhileMuted = true
        let layout = layout(state)
        #expect(layout.texts.contains { $0.text.contains("on ne vous entend pas") && $0.plate?.colour == .danger })
        #expect(!layout.texts.contains { $0.text == "Micro coupé" })
        state.microphoneMuted = false
        #expect(!self.layout(state).texts.contains { $0.text.contains("on ne vous entend pas") })
    }

    @Test func whoeverSpeaksHasAShapeToo() {
        for count in [1, 3] {
            for video in [true, false] {
                var state = Self.call(count)
                state.participants[0].hasVideo = video
                #expect(!layout(state).texts.contains { $0.plate?.icon == .speaking }, "muted people do not speak")
                state.participants[0].audioMuted = false
                let layout = layout(state)
                #expect(layout.texts.contains { $0.text == "Personne 0" && $0.plate?.icon == .speaking })
                let outlines = layout.shapes.filter { if case .outline = $0.kind { true } else { false } }
                #expect(outlines.count == (count == 1 && video ? 0 : 1))
            }
        }
    }

    @Test func captionsLeaveTheSelfViewAndTheTilesFree() throws {
        var state = Self.call(4)
        state.captions = (0..<5).map { CaptionLine(speaker: "Ali", text: "Phrase \($0)") }
        let layout = layout(state)
        let lines = layout.texts.filter { $0.text.contains("Phrase") }
        #expect(lines.map { $0.text.suffix(1) } == ["3", "4"])
        for line in lines {
            for video in layout.videos { #expect(!video.rectangle.intersects(line.rectangle)) }
        }
    }

    @Test func whatIsMissingIsANotice() {
        var state = Self.call(1)
        state.missingDevices = [.camera, .microphone]
        let layout = layout(state)
        #expect(layout.texts.contains { $0.text.hasPrefix("Aucune caméra") })
        #expect(layout.texts.contains { $0.text.hasPrefix("Aucun micro") })
        #expect(!layout.videos.contains { $0.source == .selfView })
        #expect(layout.shapes.contains { $0.kind == .icon(.cameraOff) })
    }

    @Test func theGradesFollowTheNumbers() {
        #expect(LinkGrade(percent: 100) == .good && LinkGrade(percent: 0) == .bad && LinkGrade(percent: .min) == .bad)
        #expect(LinkGrade(lossThousandths: 0, roundTripMilliseconds: 20) == .good)
        #expect(LinkGrade(lossThousandths: 30, roundTripMilliseconds: 20) == .fair)
        #expect(LinkGrade(lossThousandths: 0, roundTripMilliseconds: 700) == .poor)
        #expect(LinkGrade(lossThousandths: 400, roundTripMilliseconds: 20) == .bad)
    }
}

@Suite struct StillScreenTests {
    private static let size = (width: 1920, height: 1080)

    private func layout(_ state: SceneState) -> SceneLayout {
        state.layout(width: Self.size.width, height: Self.size.height)
    }

    private func qrCodes(_ layout: SceneLayout) -> [String] {
        layout.shapes.compactMap { if case .qr(let text) = $0.kind { text } else { nil } }
    }

    private func idle() -> SceneState {
        SceneLayoutTests.state(.idle(buttons: [SceneButton(role: .join, label: "Conseil")], rooms: ["Conseil"]))
    }

    @Test func theIdleScreenTellsHowToJoin() {
        var state = idle()
        state.meetingLink = "https://visio.exemple.fr/Conseil"
        state.date = CivilDate(year: 2026, month: 11, day: 24)
        let layout = layout(state)
        #expect(qrCodes(layout) == ["https://visio.exemple.fr/Conseil"])
        for text in ["visio.exemple.fr/Conseil", "14:32", "Mardi 24 novembre 2026", "Salle du conseil", "Rejoindre"] {
            #expect(layout.texts.contains { $0.text == text }, "\(text)")
        }
    }

    @Test func theNextMeetingIsShownWhenKnown() {
        var state = idle()
        state.nextMeeting = NextMeeting(
            title: "Urbanisme", start: CivilTime(hour: 15, minute: 0), end: CivilTime(hour: 16, minute: 30))
        let layout = layout(state)
        #expect(layout.texts.contains { $0.text == "Urbanisme" })
        #expect(layout.texts.contains { $0.text.contains("15\u{A0}h\u{A0}00 – 16\u{A0}h\u{A0}30") })
    }

    @Test func aMeetingThatRunsOrIsTomorrowSaysSo() {
        var state = idle()
        state.nextMeeting = NextMeeting(title: "Bureau", start: CivilTime(hour: 9, minute: 5), isTomorrow: true)
        #expect(layout(state).texts.contains { $0.text == "Prochaine réunion · Demain, 9\u{A0}h\u{A0}05" })
        state.nextMeeting = NextMeeting(
            title: "", start: CivilTime(hour: 9, minute: 5), end: CivilTime(hour: 10, minute: 0), isRunning: true)
        let running = layout(state)
        #expect(running.texts.contains { $0.text == "En ce moment · 9\u{A0}h\u{A0}05 – 10\u{A0}h\u{A0}00" })
        #expect(running.texts.contains { $0.text == "Réunion" })
        state.nextMeeting = NextMeeting(
            title: "Salaire de M. X", start: CivilTime(hour: 0, minute: 0), isAllDay: true, isPrivate: true)
        let secret = layout(state)
        #expect(secret.texts.contains { $0.text == "Prochaine réunion · toute la journée" })
        #expect(
            secret.texts.contains { $0.text == "Réunion privée" } && !secret.texts.contains { $0.text.contains("M. X") }
        )
    }

    @Test func theKeyOfTheNextMeetingIsMarkedAndNamed() {
        var state = idle()
        let keys = ["Conseil", "Écoles"].map { SceneButton(role: .join, label: $0) }
        state.phase = .idle(buttons: keys, rooms: ["Conseil", "Écoles"])
        state.nextMeeting = NextMeeting(title: "Rentrée", start: CivilTime(hour: 9, minute: 0), room: "Écoles")
        let two = layout(state)
        func outlines(_ layout: SceneLayout) -> Int {
            layout.shapes.filter { if case .outline = $0.kind { $0.colour == .accent } else { false } }.count
        }
        #expect(two.texts.contains { $0.text.contains("bouton «\u{A0}\u{2068}Écoles\u{2069}\u{A0}»") })
        #expect(outlines(two) == 1)
        state.phase = .idle(buttons: [keys[1]], rooms: ["Écoles"])
        #expect(layout(state).texts.contains { $0.text == "Appuyez sur le bouton vert pour rejoindre la réunion" })
        // A box without that key says nothing of it.
        state.phase = .idle(buttons: [keys[0]], rooms: ["Conseil", "Écoles"])
        let other = layout(state)
        #expect(outlines(other) == 0 && !other.texts.contains { $0.text.contains("bouton") })
    }

    @Test(arguments: Language.allCases)
    func theMeetingLiesOverNothing(language: Language) {
        for room in [nil, "Conseil"] {
            for link in [nil, "https://visio.exemple.fr/Conseil"] {
                for (width, height) in SceneLayoutTests.screens {
                    var state = idle()
                    state.language = language
                    state.notices = []
                    state.date = CivilDate(year: 2026, month: 11, day: 24)
                    state.meetingLink = link
                    state.phase = .idle(buttons: [SceneButton(role: .join, label: "Conseil")], rooms: ["Conseil"])
                    state.nextMeeting = NextMeeting(
                        title: String(repeating: "Urbanisme ", count: 30), start: CivilTime(hour: 9, minute: 0),
                        end: CivilTime(hour: 23, minute: 59), isTomorrow: true, room: room)
                    let texts = state.layout(width: width, height: height).texts
                    for (index, text) in texts.enumerated() {
                        for other in texts.dropFirst(index + 1) {
                            #expect(!text.rectangle.intersects(other.rectangle), "\(text.text) \(other.text)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: SceneLayoutTests.phases)
    func noticesAreSeenInEveryState(phase: ScenePhase) {
        let layout = layout(SceneLayoutTests.state(phase))
        #expect(layout.texts.contains { $0.text == "Camille est arrivée" })
    }

    @Test func keysSayWhatAHoldDoes() {
        var state = idle()
        state.phase = .idle(buttons: [SceneButton(role: .microphone, held: .hand)], rooms: [])
        #expect(layout(state).texts.contains { $0.text.contains("Appui long") && $0.text.contains("lever la main") })
    }

    @Test func dimmedIsDarkerAndOffIsBlack() {
        var state = idle()
        let full = layout(state)
        state.idleLight = .dimmed
        let dimmed = layout(state)
        #expect(dimmed.overlay == full.overlay && dimmed.palette.brightness < full.palette.brightness)
        state.idleLight = .off
        state.notices = []
        let off = layout(state)
        #expect(off.texts.isEmpty && off.shapes.map(\.colour) == [.black])
    }

    @Test func stillScreensMoveALittleAndStayInside() {
        var state = idle()
        state.meetingLink = "https://visio.exemple.fr/Conseil"
        let screen = SceneRectangle(x: 0, y: 0, width: 1920, height: 1080)
        var places: Set<SceneRectangle> = []
        for step in 0..<30 {
            state.shiftStep = step
            let layout = layout(state)
            for layer in layout.overlay { #expect(screen.contains(layer.rectangle)) }
            if let clock = layout.texts.first(where: { $0.text == "14:32" }) { places.insert(clock.rectangle) }
        }
        #expect(places.count == 9)
        let reach = (places.map(\.x).max() ?? 0) - (places.map(\.x).min() ?? 0)
        #expect((2...20).contains(reach))
    }

    @Test func aloneTheInvitationIsLarge() throws {
        let state = SceneLayoutTests.state(.aloneInRoom(link: "https://visio.exemple.fr/Conseil"))
        let layout = layout(state)
        let code = try #require(layout.shapes.first { if case .qr = $0.kind { true } else { false } })
        #expect(code.rectangle.height > 1080 / 2)
        #expect(layout.texts.contains { $0.text == "visio.exemple.fr/Conseil" && $0.size >= 0.045 })
    }

    @Test func onTheWayInWeSeeOurselvesLargeAndMirrored() throws {
        for phase in [ScenePhase.joining(step: .configuration, canCancel: true), .lobby, .waitingForHost] {
            let layout = layout(SceneLayoutTests.state(phase))
            let own = try #require(layout.videos.first { $0.source == .selfView })
            #expect(own.mirrored && own.rectangle.height > 1080 * 2 / 5)
            #expect(layout.texts.contains { $0.text == "Vérifiez votre image" })
            var hidden = SceneLayoutTests.state(phase)
            hidden.cameraOn = false
            #expect(self.layout(hidden).videos.isEmpty)
        }
    }

    @Test func theLadderStopsAtTheFirstBrokenRung() {
        let layout = layout(
            SceneLayoutTests.state(
                .disconnected(ladder: [
                    .cable: .works, .address: .works, .names: .fails("visio.exemple.fr"), .time: .works,
                    .media: .fails("x"),
                ])))
        #expect(layout.shapes.filter { $0.kind == .icon(.tick) }.count == 2)
        #expect(layout.shapes.filter { $0.kind == .icon(.cross) }.count == 1)
        #expect(layout.texts.contains { $0.text == "visio.exemple.fr" })
        #expect(layout.texts.contains { $0.text == "Serveur de réunion injoignable" })
        let cable = self.layout(SceneLayoutTests.state(.disconnected(ladder: [.cable: .fails("")])))
        #expect(cable.texts.contains { $0.text == "Pas de réseau" })
    }

    @Test func faultsHaveAPageWhenThereIsOne() {
        let with = layout(
            SceneLayoutTests.state(.fault(code: "1", sentence: "P.", action: "G.", link: "https://a.fr/1")))
        #expect(qrCodes(with) == ["https://a.fr/1"])
        let without = layout(SceneLayoutTests.state(.fault(code: "1", sentence: "P.", action: "G.")))
        #expect(qrCodes(without).isEmpty)
    }

    @Test func progressIsKeptInItsBounds() {
        for (percent, shown) in [(-5, 0), (40, 40), (400, 100)] {
            let layout = layout(SceneLayoutTests.state(.updating(percent: percent)))
            #expect(layout.shapes.contains { $0.kind == .progress(hundredths: shown) })
        }
    }

    @Test func highContrastHasLinesAroundItsCards() {
        var state = idle()
        let plain = layout(state).shapes.count
        state.theme = Theme(highContrast: true)
        #expect(layout(state).shapes.count > plain)
        #expect(layout(state).palette.value(of: .secondaryText) == 0xFFFF_FFFF)
    }
}
