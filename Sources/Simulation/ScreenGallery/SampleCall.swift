internal import Scene

/// People who never lived, with names in many scripts, and what they write.
enum SampleCall {
    static let names = [
        "Camille Durand", "Ali Ben Youssef", "Élodie Martin-Lefèvre de la Roche-Saint-André, adjointe à la culture",
        "محمد بن عبد الله", "王小明", "Zoé 🎉", "Jean-Baptiste Lambert", "Олена Шевченко", "山田 太郎", "Παναγιώτης",
        "Łukasz Wójcik", "김민준", "नेहा शर्मा", "Inês Gonçalves", "דנה לוי",
    ]

    static func state(people count: Int, sharing: Bool = false, _ language: Language) -> SceneState {
        var state = GalleryScreen.base(.inCall, language)
        state.participants = (0..<count).map { index in
            SceneParticipant(
                id: "person-\(index)", name: names[index % names.count], audioMuted: index % 3 == 1 && index != 4,
                hasVideo: index % 5 != 3, dominant: index == (count > 6 ? 4 : 0), sourceID: source(index),
                isModerator: index == 0, connection: index % 4 == 2 ? .fair : .good)
        }
        if sharing {
            state.participants.append(
                SceneParticipant(
                    id: "share", name: names[0], hasVideo: true, sourceID: SamplePictures.slide, isScreenShare: true))
        }
        state.participantCount = count + 1
        state.elapsedText = Strings.duration(seconds: 754)
        state.link = LinkQuality(sent: .good, received: .good)
        return state
    }

    /// The picture of a person.
    static func source(_ index: Int) -> String { "person-\(index % SamplePictures.personCount)" }

    static func chat(_ language: Language) -> [ChatMessage] {
        let french: [(String, String)] = [
            ("Camille Durand", "Bonjour à toutes et à tous."),
            ("محمد بن عبد الله", "صباح الخير"),
            ("Zoé 🎉", "Le compte rendu est dans le dossier partagé 👍"),
            (
                "Élodie Martin-Lefèvre",
                "Pouvez-vous remonter la diapositive 4 ? Je n’ai pas eu le temps de noter le montant de la subvention pour la médiathèque."
            ),
            ("Ali Ben Youssef", "Je dois partir à 15 h 30."),
        ]
        let english: [(String, String)] = [
            ("Camille Durand", "Good afternoon, everybody."),
            ("محمد بن عبد الله", "صباح الخير"),
            ("Zoé 🎉", "The minutes are in the shared folder 👍"),
            (
                "Élodie Martin-Lefèvre",
                "Could you go back to slide 4? I had no time to write down the amount of the grant for the library."
            ),
            ("Ali Ben Youssef", "I have to leave at half past three."),
        ]
        return (language == .french ? french : english).enumerated().map { index, message in
            ChatMessage(sender: message.0, text: message.1, time: CivilTime(hour: 14, minute: 21 + 2 * index))
        }
    }

    static let information: SessionInformation = {
        var facts = SessionInformation()
        facts.server = "visio.ville-exemple.fr"
        facts.bridge = "jvb-eu-2"
        facts.path = "UDP 203.0.113.17"
        facts.sent = "VP8 1280 × 720, 30/s"
        facts.received = "VP8 1280 × 720, 30/s"
        facts.sound = "Opus 48 kHz"
        facts.sentKilobits = 2_140
        facts.receivedKilobits = 2_870
        facts.lossThousandths = 3
        facts.roundTripMilliseconds = 24
        facts.encryption = "DTLS-SRTP AES-128-GCM"
        return facts
    }()
}
