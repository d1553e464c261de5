import Basis
import Devices
import Room
import Scene
import Testing

@Suite struct CatalogueTests {
    @Test(arguments: Language.allCases)
    func everyLanguageIsComplete(language: Language) {
        let catalogue = language.catalogue
        for message in Message.allCases {
            let text = catalogue.messages[message]
            #expect(text?.isEmpty == false, "\(message) is missing in \(language.rawValue)")
        }
        for plural in Plural.allCases {
            let forms = catalogue.plurals[plural] ?? [:]
            for count in 0...200 {
                let form = forms[catalogue.category(count)]
                #expect(form?.contains("{count}") == true, "\(plural) of \(count) in \(language.rawValue)")
            }
        }
        #expect(catalogue.weekdays.count == 7 && catalogue.months.count == 12)
        for field in ["{weekday}", "{day}", "{month}", "{year}"] { #expect(catalogue.datePattern.contains(field)) }
        for field in ["{hour}", "{minute}"] { #expect(catalogue.timePattern.contains(field)) }
    }

    @Test func placesForNamesAreTheSameInEveryLanguage() {
        for message in Message.allCases {
            let uses = Language.allCases.map { Strings.text(message, $0).contains("{name}") }
            #expect(Set(uses).count == 1, "\(message)")
        }
    }

    @Test func translationsAreTranslated() {
        let same: Set<Message> = []
        for message in Message.allCases where !same.contains(message) {
            #expect(Strings.text(message, .french) != Strings.text(message, .english), "\(message)")
        }
    }

    @Test func frenchTypography() {
        for message in Message.allCases {
            let text = Strings.text(message, .french)
            #expect(!text.contains("'") && !text.contains(" :") && !text.contains(" !"), "\(message)")
        }
    }

    @Test func everyRoleStepAndRungHasWordsOfItsOwn() {
        #expect(Set(SceneButtonRole.allCases.map { Strings.message(for: $0) }).count == SceneButtonRole.allCases.count)
        #expect(
            Set(JoinStep.allCases.map { Strings.message(for: $0) }).count == JoinStep.allCases.count - 1,
            "focus and room are one")
        #expect(Set(ConnectionRung.allCases.map { Strings.message(for: $0) }).count == ConnectionRung.allCases.count)
        #expect(Set(CallView.allCases.map { Strings.message(for: $0) }).count == CallView.allCases.count)
    }

    @Test func plurals() {
        #expect(Strings.participants(0, .french) == "0 participant")
        #expect(Strings.participants(1, .french) == "1 participant")
        #expect(Strings.participants(2, .french) == "2 participants")
        #expect(Strings.participants(0, .english) == "0 participants")
        #expect(Strings.participants(1, .english) == "1 participant")
        #expect(Strings.others(1, .french) == "et 1 autre")
        #expect(Strings.others(3, .english) == "and 3 others")
        #expect(Strings.count(.unread, 1200, .french) == "1\u{202F}200 messages non lus")
    }

    @Test func datesAndTimes() {
        let day = CivilDate(year: 2026, month: 10, day: 1)
        #expect(Strings.date(day, .french) == "jeudi 1er octobre 2026")
        #expect(Strings.date(day, .english) == "Thursday 1 October 2026")
        #expect(Strings.date(CivilDate(year: 2026, month: 13, day: 1), .french).isEmpty)
        #expect(Strings.date(CivilDate(year: 2026, month: 11, day: 24), .french) == "mardi 24 novembre 2026")
        #expect(CivilDate(year: 2000, month: 2, day: 29).weekday == 1)
        #expect(CivilDate(year: 1970, month: 1, day: 1).weekday == 3)
        #expect(CivilDate(year: 2024, month: 12, day: 31).weekday == 1)
        #expect((0...6).contains(CivilDate(year: .min, month: .max, day: .min).weekday))
        #expect(Strings.time(CivilTime(hour: 9, minute: 5), .french) == "9\u{A0}h\u{A0}05")
        #expect(Strings.time(CivilTime(hour: 9, minute: 5), .english) == "09:05")
    }

    @Test func durationsAndNumbers() {
        #expect(Strings.duration(seconds: 7) == "0:07")
        #expect(Strings.duration(seconds: 754) == "12:34")
        #expect(Strings.duration(seconds: 3723) == "1:02:03")
        #expect(Strings.duration(seconds: -4) == "0:00")
        #expect(Strings.integer(-1_234_567, .english) == "\u{2212}1,234,567")
        #expect(Strings.decimal(tenths: 15, .french) == "1,5")
        #expect(Strings.decimal(tenths: -3, .english) == "\u{2212}0.3")
        #expect(!Strings.decimal(tenths: .min, .french).isEmpty)
        #expect(Strings.quantity("3", "%", .french) == "3\u{A0}%")
    }

    @Test func theWorseWayIsNamed() {
        #expect(Strings.message(for: LinkQuality(sent: .good, received: .good)) == .linkGood)
        #expect(Strings.message(for: LinkQuality(sent: .bad, received: .bad)) == .linkBad)
        #expect(Strings.message(for: LinkQuality(sent: .poor, received: .good)) == .sendingPoor)
        #expect(Strings.message(for: LinkQuality(sent: .good, received: .fair)) == .receivingFair)
        #expect(Strings.message(for: LinkQuality(sent: .bad, received: .poor)) == .sendingBad)
    }

    @Test func aNameCannotTurnItsSentenceRound() {
        #expect(
            Strings.text(.arrival, name: "\u{2069}x{name}\u{202E}", .french)
                == "\u{200E}Arrivée de \u{2068}x{name}\u{2069}")
        #expect(Strings.screen(of: " \u{7}", .french) == "Écran partagé")
    }
}

@Suite struct DisplayTextTests {
    @Test func hostileTextBecomesOneBoundedLine() {
        #expect(DisplayText.clean("a\u{0}b\n\n c\t") == "a b c")
        #expect(DisplayText.clean("\u{202E}abc\u{2066}") == "abc")
        #expect(DisplayText.clean(" \u{7} ") == "")
        #expect(DisplayText.clean("a\u{A0}: b \u{A0} c") == "a\u{A0}: b c")
        #expect(DisplayText.clean("<b>x</b>") == "<b>x</b>")
        #expect(DisplayText.clean(String(repeating: "x", count: 500)).unicodeScalars.count == DisplayText.longest)
        #expect(DisplayText.clean("a" + String(repeating: "\u{301}", count: 9000)).unicodeScalars.count <= 200)
    }

    @Test func initials() {
        #expect(DisplayText.initials(of: "Jean Dupont") == "JD")
        #expect(DisplayText.initials(of: "anne-marie de la Tour") == "AT")
        #expect(DisplayText.initials(of: "élodie") == "É")
        #expect(DisplayText.initials(of: "محمد علي") == "مع")
        #expect(DisplayText.initials(of: "🎉 !") == "")
        #expect(DisplayText.initials(of: "") == "")
    }

    @Test func anyNameGivesALayout() {
        var random = RandomSource(seed: 7)
        for _ in 0..<500 {
            var name = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...300, using: &random) {
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) { name.append(scalar) }
            }
            let clean = DisplayText.clean(String(name))
            #expect(clean.unicodeScalars.count <= DisplayText.longest)
            #expect(!clean.unicodeScalars.contains { $0.properties.generalCategory == .control })
            let person = SceneParticipant(id: String(name), name: String(name))
            let state = SceneState(deviceName: String(name), phase: .inCall, participants: [person, person])
            #expect(state.layout(width: 1280, height: 720).shapes.isEmpty == false)
        }
    }
}

@Suite struct ColourRoleTests {
    /// A translucent colour over white, its worst case behind white words.
    private func overWhite(_ colour: UInt32) -> UInt32 {
        let alpha = Double(colour >> 24) / 255
        func part(_ shift: UInt32) -> UInt32 {
            UInt32(Double(colour >> shift & 0xFF) * alpha + 255 * (1 - alpha)) << shift
        }
        return 0xFF00_0000 | part(16) | part(8) | part(0)
    }

    private static let pairs: [(ColourRole, ColourRole)] = [
        (.text, .background), (.text, .surface), (.text, .raised), (.text, .danger), (.text, .plate), (.text, .veil),
        (.text, .ground), (.secondaryText, .background), (.secondaryText, .surface), (.secondaryText, .veil),
        (.secondaryText, .raised), (.secondaryText, .ground), (.darkText, .warning), (.darkText, .positive),
        (.darkText, .accent), (.accent, .background), (.accent, .surface), (.accent, .raised), (.alarm, .surface),
        (.alarm, .background), (.black, .paper), (.warning, .surface), (.positive, .background),
    ]

    @Test func wordsStandOutFromWhatIsBehindThem() {
        let themes = [
            Theme(), Theme(highContrast: true), Theme(ground: 0xFF_FFFF, accent: 0),
            Theme(ground: 0xE30613, accent: 0x800000),
        ]
        for theme in themes {
            let palette = Palette(ground: theme.ground, accent: theme.accent, highContrast: theme.highContrast)
            for (ink, ground) in Self.pairs {
                let ratio = Contrast.ratio(palette.value(of: ink), overWhite(palette.value(of: ground)))
                #expect(ratio >= Contrast.minimum, "\(ink) on \(ground): \(ratio)")
            }
            for avatar in ColourRole.avatars {
                #expect(Contrast.ratio(palette.value(of: .text), avatar) >= Contrast.minimum)
            }
        }
    }

    @Test func ratiosAreThoseOfTheStandard() {
        #expect(abs(Contrast.ratio(0xFFFFFF, 0) - 21) < 0.001)
        #expect(Contrast.ratio(0x123456, 0x123456) == 1)
        // Known values: #767676 on white is the darkest grey above 4.5, #777777 the first below.
        #expect(Contrast.ratio(0x767676, 0xFFFFFF) >= 4.5)
        #expect(Contrast.ratio(0x777777, 0xFFFFFF) < 4.5)
    }

    @Test func coloursThatCannotBeReadAreToldAndReplaced() throws {
        #expect(Theme.problems(ground: Theme.standardGround, accent: Theme.standardAccent).isEmpty)
        let problems = Theme.problems(ground: 0xFFD700, accent: 0x101010)
        #expect(problems.map(\.place) == [.ground, .accent])
        for problem in problems { #expect(problem.ratio < 4.5) }
        let ground = try #require(problems.first).instead
        #expect(Theme.problems(ground: ground, accent: problems[1].instead).isEmpty)
        #expect(Theme(ground: 0xFFD700).ground == ground)
    }

    @Test func coloursAreWrittenAsOnTheWeb() {
        #expect(Theme.colour("#1d4468") == 0xFF1D_4468)
        for wrong in ["", "#", "1d4468", "#1d446", "#1d44688", "#1d446g", "#+d4468", "#-00001", "#é446"] {
            #expect(Theme.colour(wrong) == nil, "\(wrong)")
        }
    }

    @Test func aDimmedScreenIsDarker() {
        let dim = Palette(brightness: 40)
        #expect(dim.value(of: .paper) == 0xFF66_6666)
        #expect(dim.value(of: .plate) >> 24 == Palette.standard.value(of: .plate) >> 24)
    }

    @Test func anyNumberIsAnAvatar() {
        #expect(ColourRole.avatars.contains(ColourRole.avatar(-1).value))
        #expect(ColourRole.avatars.contains(ColourRole.avatar(.min).value))
    }
}
