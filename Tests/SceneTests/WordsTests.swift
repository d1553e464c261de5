import Basis
import Scene
import Testing

@Suite struct StringsTests {
    @Test func everyStringExistsInBothLanguages() {
        for key in Strings.Key.allCases {
            let french = Strings.text(key, .french)
            let english = Strings.text(key, .english)
            #expect(!french.isEmpty && !english.isEmpty)
            #expect(french != english, "\(key) is not translated")
            #expect(!french.contains("'") && !french.contains(" :"), "\(key) breaks French typography")
        }
    }

    @Test func everyRoleAndStepHasWordsOfItsOwn() {
        #expect(Set(SceneButtonRole.allCases.map { Strings.key(for: $0) }).count == SceneButtonRole.allCases.count)
        #expect(Set(JoinStep.allCases.map { Strings.key(for: $0) }).count == JoinStep.allCases.count)
    }

    @Test func plurals() {
        #expect(Strings.participants(0, .french) == "0 participant")
        #expect(Strings.participants(1, .french) == "1 participant")
        #expect(Strings.participants(2, .french) == "2 participants")
        #expect(Strings.participants(0, .english) == "0 participants")
        #expect(Strings.participants(1, .english) == "1 participant")
        #expect(Strings.others(1, .french) == "et 1 autre")
        #expect(Strings.others(3, .english) == "and 3 others")
    }
}

@Suite struct DisplayTextTests {
    @Test func hostileTextBecomesOneBoundedLine() {
        #expect(DisplayText.clean("a\u{0}b\n\n c\t") == "a b c")
        #expect(DisplayText.clean("\u{202E}abc\u{2066}") == "abc")
        #expect(DisplayText.clean(" \u{7} ") == "")
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
    /// WCAG 2.1, relative luminance.
    private func luminance(_ colour: UInt32) -> Double {
        func linear(_ shift: UInt32) -> Double {
            let value = Double(colour >> shift & 0xFF) / 255
            guard value > 0.04045 else { return value / 12.92 }
            // ((v + 0.055) / 1.055) ^ 2.4 by powers that need no library: x^2.4 = x^2 · (x^0.4), x^0.4 by Newton.
            let base = (value + 0.055) / 1.055
            var root = 0.5
            for _ in 0..<60 {
                root -= (root * root * root * root * root - base * base) / (5 * root * root * root * root)
            }
            return base * base * root
        }
        return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }

    private func contrast(_ one: UInt32, _ two: UInt32) -> Double {
        let (a, b) = (luminance(one), luminance(two))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// A translucent colour over white, its worst case behind white words.
    private func overWhite(_ colour: UInt32) -> UInt32 {
        let alpha = Double(colour >> 24) / 255
        func part(_ shift: UInt32) -> UInt32 {
            UInt32(Double(colour >> shift & 0xFF) * alpha + 255 * (1 - alpha)) << shift
        }
        return 0xFF00_0000 | part(16) | part(8) | part(0)
    }

    @Test func wordsStandOutFromWhatIsBehindThem() {
        let pairs: [(ColourRole, ColourRole)] = [
            (.text, .background), (.text, .surface), (.text, .raised), (.text, .danger), (.text, .plate),
            (.text, .veil),
            (.secondaryText, .background), (.secondaryText, .surface), (.secondaryText, .veil),
            (.secondaryText, .raised),
            (.darkText, .warning), (.darkText, .positive),
        ]
        for (ink, ground) in pairs {
            #expect(contrast(ink.value, overWhite(ground.value)) >= 4.5, "\(ink) on \(ground)")
        }
        for avatar in ColourRole.avatars { #expect(contrast(ColourRole.text.value, avatar) >= 4.5) }
        #expect(abs(contrast(0xFFFFFF, 0) - 21) < 0.01)
    }

    @Test func anyNumberIsAnAvatar() {
        #expect(ColourRole.avatars.contains(ColourRole.avatar(-1).value))
        #expect(ColourRole.avatars.contains(ColourRole.avatar(.min).value))
    }
}
