import Testing

@testable import Provisioning

/// What a configuration says of the room's screen.
@Suite struct ScreenConfigurationTests {
    private static var checks: ConfigurationChecks {
        var checks = ConfigurationChecks()
        checks.crest = { $0 == "arms.png" ? nil : LocalizedText("fichier introuvable", "no such file") }
        checks.timeZone = { $0 == "Europe/Paris" ? nil : LocalizedText("un fuseau", "a time zone") }
        checks.colours = { ground, accent in
            (
                ground == 0xFFFFFF ? LocalizedText("trop claire", "too bright") : nil,
                accent == 0x000000 ? LocalizedText("trop sombre", "too dark") : nil
            )
        }
        return checks
    }

    private func read(_ text: String) -> Result<Configuration, ConfigurationProblems> {
        ConfigurationReader.read("schema_version = 1\n" + text, checks: Self.checks) { _ in nil }
    }

    private func lines(_ text: String, _ language: DisplayLanguage = .english) -> [String] {
        guard case .failure(let problems) = read(text) else { return [] }
        return problems.list.map { $0.text(file: "f", language: language) }
    }

    @Test func theThemeIsRead() throws {
        let theme = try read(
            "[theme]\ncrest = \"arms.png\"\nground = \"#6B1f3a\"\naccent = \"#f2c14e\"\nhigh_contrast = true\n"
        ).get().theme
        #expect(theme.crest == "arms.png" && theme.ground == 0x6B1F3A && theme.accent == 0xF2C14E)
        #expect(theme.highContrast)
        let silent = try read("").get().theme
        #expect(silent == Configuration.Theme() && silent.crest == nil && silent.ground == nil)
    }

    @Test func whatIsWrongWithTheThemeIsToldWithItsPlace() {
        #expect(
            lines("[theme]\ncrest = \"gone.png\"\nground = \"#ffffff\"\naccent = \"#000000\"\nhigh_contrast = 1\n") == [
                "f:3:1: 'theme.crest' cannot be 'gone.png': no such file",
                "f:4:1: 'theme.ground' cannot be '#ffffff': too bright",
                "f:5:1: 'theme.accent' cannot be '#000000': too dark",
                "f:6:1: 'theme.high_contrast' must be true or false, not a whole number",
            ])
        #expect(
            lines("[theme]\ncolour = \"#123456\"\n[device]\ntimezone = \"x\"\n") == [
                "f:3:1: unknown key 'theme.colour'",
                "f:5:1: unknown key 'device.timezone'; did you mean 'time_zone'?",
            ])
    }

    @Test(arguments: ["red", "#12345", "#1234567", "123456", "#+12345", "#12345g", "##12345"])
    func aColourIsWrittenInOneWay(word: String) {
        #expect(
            lines("[theme]\nground = \"\(word)\"", .french) == [
                "f:3:1: « theme.ground » ne peut pas valoir « \(word) » : une couleur s'écrit « #rrggbb », par exemple « #1d4468 »"
            ])
    }

    @Test func timeZoneAndHelpAreChecked() throws {
        let device = try read(
            "[device]\ntime_zone = \"Europe/Paris\"\nhelp_url = \"https://m.example.org/aide#{fault}\"\n"
        ).get().device
        #expect(device.timeZone == "Europe/Paris" && device.helpURL == "https://m.example.org/aide#{fault}")
        #expect(
            lines("[device]\ntime_zone = \"Europe/Pari\"\nhelp_url = \"aide\"\n") == [
                "f:3:1: 'device.time_zone' cannot be 'Europe/Pari': a time zone",
                "f:4:1: 'device.help_url' cannot be 'aide': a page's address starts with https://",
            ])
    }

    @Test func theScreenDimsAndGoesOff() throws {
        let standard = try read("").get().display
        #expect(standard.dims == .minutes(5) && standard.goesOff == .minutes(15))
        let never = try read("[display]\ndim_after_minutes = 0\noff_after_minutes = 0\n").get().display
        #expect(never.dims == .never && never.goesOff == .never && never.goesOff.duration == nil)
        let chosen = try read("[display]\ndim_after_minutes = 2\noff_after_minutes = 90\n").get().display
        #expect(chosen.dims.duration == .seconds(120) && chosen.goesOff.duration == .seconds(5_400))
        #expect(lines("[display]\noff_after_minutes = -1\n").count == 1)
        #expect(lines("[display]\ndim_after_minutes = 1441\n").count == 1)
    }
}
