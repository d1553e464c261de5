internal import Devices
internal import Room
package import Scene

/// One state of the screen with sample data, to be looked at, printed and compared.
package struct GalleryScreen: Sendable {
    /// What its file is called, such as `idle`.
    package let name: String
    package let state: @Sendable (Language) -> SceneState

    init(_ name: String, _ state: @escaping @Sendable (Language) -> SceneState) {
        self.name = name
        self.state = state
    }

    /// Every state that the screen has, in the order of a day.
    package static let all: [GalleryScreen] = still + joining + calls + endings

    static func say(_ french: String, _ english: String, _ language: Language) -> String {
        language == .french ? french : english
    }

    /// A state with the names and times that all samples share.
    static func base(_ phase: ScenePhase, _ language: Language) -> SceneState {
        var state = SceneState(
            language: language, deviceName: say("Salle du conseil", "Council chamber", language),
            roomName: say("Conseil municipal", "Town council", language), phase: phase,
            clockText: Strings.time(CivilTime(hour: 14, minute: 32), .english))
        state.theme = Theme(crest: SampleCrest.picture)
        state.date = CivilDate(year: 2026, month: 11, day: 24)
        return state
    }

    static let link = "https://visio.ville-exemple.fr/ConseilMunicipal"

    private static let ownRoles: [ButtonRole] = [.join(room: 0), .mute, .camera, .hangUp, .layout]

    // MARK: Nothing going on

    private static let still: [GalleryScreen] = [
        GalleryScreen("starting") { base(.starting, $0) },
        GalleryScreen("no-network") {
            base(.disconnected(ladder: [.cable: .fails(Strings.text(.rungNoCable, $0))]), $0)
        },
        GalleryScreen("no-server") {
            base(
                .disconnected(ladder: [
                    .cable: .works, .address: .works, .names: .works, .time: .works,
                    .tls: .fails(host(.rungNoAnswer, $0)),
                ]), $0)
        },
        GalleryScreen("no-name") {
            base(
                .disconnected(ladder: [
                    .cable: .works, .address: .works, .names: .fails(host(.rungNameUnknown, $0)),
                ]), $0)
        },
        GalleryScreen("no-clock") {
            base(
                .disconnected(ladder: [
                    .cable: .works, .address: .works, .names: .works,
                    .time: .fails(
                        Strings.text(.rungClockWrong, $0)),
                ]), $0)
        },
        GalleryScreen("no-network-dimmed") { language in
            var state = base(
                .disconnected(ladder: [
                    .cable: .works,
                    .address: .fails(Strings.text(.rungNoAddress, language)),
                ]), language)
            state.idleLight = .dimmed
            return state
        },
        GalleryScreen("checking-network") {
            base(.disconnected(ladder: [.cable: .works, .address: .works, .names: .trying]), $0)
        },
        GalleryScreen("idle") { language in idle(language) },
        GalleryScreen("idle-next-meeting") { language in
            var state = idle(language)
            state.nextMeeting = NextMeeting(
                title: say("Commission d’urbanisme et de l’habitat", "Planning and housing committee", language),
                start: CivilTime(hour: 15, minute: 0), end: CivilTime(hour: 16, minute: 30),
                room: say("Conseil municipal", "Town council", language))
            return state
        },
        GalleryScreen("idle-meeting-now") { language in
            let rooms = [
                say("Conseil municipal", "Town council", language), say("Bureau du maire", "Mayor’s office", language),
                say("Urbanisme", "Planning", language),
            ]
            let roles: [ButtonRole] = [.join(room: 0), .join(room: 1), .join(room: 2), .mute, .hangUp]
            var state = base(.idle(buttons: SceneButton.keys(of: roles, meetings: rooms), rooms: rooms), language)
            state.nextMeeting = NextMeeting(
                title: say(
                    "Commission d’urbanisme et de l’habitat\u{A0}: révision du plan local, examen des remarques du public",
                    "Planning and housing committee: revision of the local plan, remarks of the public", language),
                start: CivilTime(hour: 14, minute: 0), end: CivilTime(hour: 16, minute: 30), isRunning: true,
                room: rooms[2])
            return state
        },
        GalleryScreen("idle-private-meeting-tomorrow") { language in
            var state = idle(language)
            state.nextMeeting = NextMeeting(
                title: "", start: CivilTime(hour: 9, minute: 0), end: CivilTime(hour: 10, minute: 15), isTomorrow: true,
                isPrivate: true)
            return state
        },
        GalleryScreen("idle-four-rooms") { language in
            let rooms = [
                say("Conseil municipal", "Town council", language), say("Bureau du maire", "Mayor’s office", language),
                say("Urbanisme", "Planning", language), say("Écoles", "Schools", language),
            ]
            return base(
                .idle(
                    buttons: rooms.map { SceneButton(role: .join, label: $0) } + [
                        SceneButton(role: .microphone, held: .hand), SceneButton(role: .hangUp),
                    ], rooms: rooms), language)
        },
        GalleryScreen("idle-two-buttons") { language in
            let room = say("Conseil municipal", "Town council", language)
            var state = idle(language)
            state.phase = .idle(
                buttons: SceneButton.keys(of: [.join(room: 0), .mute], meetings: [room]), rooms: [room])
            return state
        },
        GalleryScreen("idle-eight-buttons") { language in
            let rooms = [say("Conseil municipal", "Town council", language), say("Écoles", "Schools", language)]
            let roles: [ButtonRole] = [
                .join(room: 0), .join(room: 1), .mute, .camera, .hand, .layout, .volumeDown, .volumeUp,
            ]
            return base(.idle(buttons: SceneButton.keys(of: roles, meetings: rooms), rooms: rooms), language)
        },
        GalleryScreen("idle-muted") { language in
            var state = idle(language)
            state.microphoneMuted = true
            state.cameraOn = false
            return state
        },
        GalleryScreen("idle-dimmed") { language in
            var state = idle(language)
            state.idleLight = .dimmed
            return state
        },
        GalleryScreen("idle-high-contrast") { language in
            var state = idle(language)
            state.theme = Theme(highContrast: true, crest: SampleCrest.picture)
            return state
        },
        GalleryScreen("idle-other-theme") { language in
            var state = idle(language)
            state.theme = Theme(ground: 0xFF6B_1F3A, accent: 0xFFF2_C14E, crest: SampleCrest.picture)
            return state
        },
    ]

    private static func idle(_ language: Language) -> SceneState {
        let room = say("Conseil municipal", "Town council", language)
        var state = base(
            .idle(buttons: SceneButton.keys(of: ownRoles, meetings: [room]), rooms: [room]), language)
        state.meetingLink = link
        return state
    }

    // MARK: On the way in

    private static let joining: [GalleryScreen] = [
        GalleryScreen("joining") { base(.joining(step: .room, canCancel: true), $0) },
        GalleryScreen("joining-muted") { language in
            var state = base(.joining(step: .signalling, canCancel: true), language)
            state.microphoneMuted = true
            return state
        },
        GalleryScreen("joining-without-camera") { language in
            var state = base(.joining(step: .media, canCancel: true), language)
            state.missingDevices = [.camera]
            return state
        },
        GalleryScreen("lobby") { base(.lobby, $0) },
        GalleryScreen("waiting-for-host") { base(.waitingForHost, $0) },
        GalleryScreen("password") { base(.passwordRequired(wrong: false), $0) },
        GalleryScreen("password-refused") { base(.passwordRequired(wrong: true), $0) },
        GalleryScreen("alone") { language in
            var state = base(.aloneInRoom(link: link), language)
            state.elapsedText = Strings.duration(seconds: 42)
            state.link = LinkQuality(sent: .good, received: .good)
            return state
        },
    ]

    // MARK: The end

    private static let reached: [ConnectionRung: LadderResult] = [
        .cable: .works, .address: .works, .names: .works, .time: .works,
    ]

    private static func host(_ message: Message, _ language: Language) -> String {
        Strings.text(message, name: "visio.ville-exemple.fr", language)
    }

    private static let endings: [GalleryScreen] = [
        GalleryScreen("reconnecting") { language in
            var state = SampleCall.state(people: 4, language)
            state.phase = .reconnecting
            return state
        },
        GalleryScreen("leaving") { base(.leaving, $0) },
        GalleryScreen("kicked") { base(.kicked, $0) },
        GalleryScreen("kicked-with-reason") { language in
            var state = base(.kicked, language)
            state.farewell = Farewell(
                by: "Camille Durand",
                reason: say("Le micro de la salle siffle, revenez dans un instant", "Your microphone howls", language))
            return state
        },
        GalleryScreen("room-closed") { base(.roomClosed, $0) },
        GalleryScreen("moved") { language in
            base(.moved(room: say("Commission d’urbanisme", "Planning committee", language)), language)
        },
        GalleryScreen("updating") { base(.updating(percent: 64), $0) },
        GalleryScreen("fault") { language in
            base(
                .fault(
                    code: "31",
                    sentence: Strings.text(.faultAccount, language),
                    action: Strings.text(.faultAccountAction, language),
                    link: "https://visio.ville-exemple.fr/aide#31"), language)
        },
        GalleryScreen("fault-without-page") { language in
            base(
                .fault(
                    code: "34", sentence: Strings.text(.faultFull, language),
                    action: Strings.text(.faultFullAction, language)),
                language)
        },
        GalleryScreen("join-failed") { language in
            base(
                .disconnected(
                    ladder: reached.merging([.tls: .fails(host(.rungNoAnswer, language))]) { $1 },
                    fault: FaultCard(
                        code: "21",
                        sentence: Strings.text(.faultServerUnreachable, language),
                        action: Strings.text(.faultServerUnreachableAction, language), isRetrying: true)),
                language)
        },
        GalleryScreen("join-failed-name") { language in
            base(
                .disconnected(
                    ladder: [.cable: .works, .address: .works, .names: .fails(host(.rungNameUnknown, language))],
                    fault: FaultCard(
                        code: "20", sentence: Strings.text(.faultServerNotFound, language),
                        action: Strings.text(.faultServerNotFoundAction, language),
                        link: "https://visio.ville-exemple.fr/aide#20")), language)
        },
        GalleryScreen("join-failed-media") { language in
            base(
                .disconnected(
                    ladder: reached.merging([
                        .tls: .works, .signalling: .works, .bridge: .fails(host(.rungBlocked, language)),
                    ]) { $1 },
                    fault: FaultCard(
                        code: "40",
                        sentence: Strings.text(.faultBlocked, language),
                        action: Strings.text(.faultBlockedAction, language),
                        link: "https://visio.ville-exemple.fr/aide#40")), language)
        },
    ]
}
