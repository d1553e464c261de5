internal import Scene

extension GalleryScreen {
    static let calls: [GalleryScreen] = views + pages

    private static let views: [GalleryScreen] = [
        GalleryScreen("call-one") { SampleCall.state(people: 1, $0) },
        GalleryScreen("call-one-without-picture") { language in
            var state = SampleCall.state(people: 1, language)
            state.participants[0].hasVideo = false
            state.participants[0].audioMuted = true
            return state
        },
        GalleryScreen("call-two") { SampleCall.state(people: 2, $0) },
        GalleryScreen("call-four") { language in
            var state = SampleCall.state(people: 4, language)
            state.passing = Strings.text(.arrival, name: "Camille Durand", language)
            return state
        },
        GalleryScreen("call-nine") { SampleCall.state(people: 9, $0) },
        GalleryScreen("call-twenty-five") { language in
            var state = SampleCall.state(people: 25, language)
            state.view = .tiles
            return state
        },
        GalleryScreen("call-speaker") { SampleCall.state(people: 12, $0) },
        GalleryScreen("call-share") { SampleCall.state(people: 3, sharing: true, $0) },
        GalleryScreen("call-share-with-many") { language in
            var state = SampleCall.state(people: 12, sharing: true, language)
            state.marks = [.recording]
            return state
        },
        GalleryScreen("call-share-in-tiles") { language in
            var state = SampleCall.state(people: 5, sharing: true, language)
            state.view = .tiles
            return state
        },
    ]

    private static let pages: [GalleryScreen] = [
        GalleryScreen("call-marks-and-hands") { language in
            var state = SampleCall.state(people: 6, language)
            state.marks = [.recording, .liveStream, .transcription, .encrypted, .locked]
            state.link = LinkQuality(sent: .poor, received: .good)
            state.handRaised = true
            state.participants[1].handRaised = true
            state.participants[3].handRaised = true
            state.participants[2].connection = .bad
            state.hands = [
                RaisedHand(name: state.participants[3].name, waited: 142),
                RaisedHand(name: state.deviceName, waited: 61), RaisedHand(name: state.participants[1].name, waited: 9),
            ]
            return state
        },
        GalleryScreen("call-chat-notices") { language in
            var state = SampleCall.state(people: 4, language)
            state.chatNotices = Array(SampleCall.chat(language).suffix(2))
            state.unreadCount = 3
            return state
        },
        GalleryScreen("call-people-page") { language in
            var state = SampleCall.state(people: 12, language)
            state.panel = .people
            state.participants[2].handRaised = true
            return state
        },
        GalleryScreen("call-chat-page") { language in
            var state = SampleCall.state(people: 4, language)
            state.panel = .chat
            state.chat = SampleCall.chat(language)
            return state
        },
        GalleryScreen("call-information-page") { language in
            var state = SampleCall.state(people: 2, language)
            state.panel = .information
            state.information = SampleCall.information
            state.marks = [.recording, .locked]
            return state
        },
        GalleryScreen("call-captions") { language in
            var state = SampleCall.state(people: 4, language)
            state.marks = [.transcription]
            state.captions = [
                CaptionLine(
                    speaker: "Camille Durand",
                    text: say(
                        "Nous passons au point suivant de l’ordre du jour.", "We turn to the next item on the agenda.",
                        language)),
                CaptionLine(
                    speaker: "Ali Ben Youssef",
                    text: say(
                        "Le budget de l’école a été voté en commission.",
                        "The school’s budget was adopted in committee.",
                        language)),
            ]
            return state
        },
        GalleryScreen("call-recording-begins") { language in
            var state = SampleCall.state(people: 3, language)
            state.marks = [.recordingSoon, .locked]
            state.notices = [
                Strings.text(.recordingSoon, language),
                Strings.text(.recordingStartedBy, name: "Élodie Martin-Lefèvre de la Roche", language),
            ]
            return state
        },
        GalleryScreen("call-talking-while-muted") { language in
            var state = SampleCall.state(people: 2, language)
            state.microphoneMuted = true
            state.isTalkingWhileMuted = true
            return state
        },
        GalleryScreen("call-camera-missing") { language in
            var state = SampleCall.state(people: 1, language)
            state.missingDevices = [.camera]
            return state
        },
        GalleryScreen("call-camera-off-and-muted") { language in
            var state = SampleCall.state(people: 3, language)
            state.cameraOn = false
            state.selfViewVisible = false
            state.microphoneMuted = true
            state.handRaised = true
            return state
        },
        GalleryScreen("call-high-contrast") { language in
            var state = SampleCall.state(people: 4, language)
            state.theme = Theme(highContrast: true)
            state.participants[3].hasVideo = false
            state.microphoneMuted = true
            return state
        },
    ]
}
