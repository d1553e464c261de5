import Testing

@testable import Provisioning

@Suite struct CalendarConfigurationTests {
    private func read(_ text: String) -> Result<Configuration, ConfigurationProblems> {
        ConfigurationReader.read("schema_version = 1\n[calendar]\n" + text) { _ in nil }
    }

    private func lines(_ text: String, _ language: DisplayLanguage = .english) -> [String] {
        guard case .failure(let problems) = read(text) else { return [] }
        return problems.list.map { $0.text(file: "f", language: language) }
    }

    @Test func theCalendarIsRead() throws {
        let open = try #require(try read("url = \"https://agenda.example.org/salle.ics?export\"\n").get().calendar)
        #expect(open.url == "https://agenda.example.org/salle.ics?export" && open.refreshMinutes == 15)
        #expect(open.urlFile == nil && open.account == nil)
        let secret = try #require(
            try read(
                "url_file = \"/s/a\"\naccount = \"salle\"\naccount_password_file = \"/s/b\"\nrefresh_minutes = 60\n"
            )
            .get().calendar)
        #expect(secret.url == nil && secret.urlFile == "/s/a" && secret.refreshMinutes == 60)
        #expect(secret.account == "salle" && secret.accountPasswordFile == "/s/b")
        let none = try ConfigurationReader.read("schema_version = 1\n") { _ in nil }.get()
        #expect(none.calendar == nil)
    }

    @Test func whatIsWrongIsToldWithoutTheSecret() {
        #expect(lines("").first == "f:2:1: 'calendar.url' is missing")
        #expect(
            lines("url = \"webcal://agenda.example.org/geheim.ics\"\n") == [
                "f:3:1: 'calendar.url' cannot be 'webcal://…': a calendar's address starts with https://, not with "
                    + "webcal:// for instance"
            ])
        #expect(
            lines("url = \"https://salle:geheim@agenda.example.org/\"\n", .french) == [
                "f:3:1: « calendar.url » ne peut pas valoir « https://… » : pas de mot de passe dans l'adresse ; utilisez "
                    + "account et account_password_file"
            ])
        #expect(
            lines("url = \"https://a.example.org/\"\nurl_file = \"/s\"\naccount = \"x\"\nrefresh_minutes = 0\n") == [
                "f:2:1: 'calendar.account_password_file' is missing",
                "f:4:1: 'calendar.url_file' cannot be '/s': the address is already given by url",
                "f:6:1: 'calendar.refresh_minutes' cannot be '0': a number from 1 to 1440 is expected",
            ])
        #expect(
            lines("url_file = \"/s\"\naccount_password_file = \"/p\"\nrefresh = 5\n").sorted() == [
                "f:2:1: 'calendar.account' is missing", "f:5:1: unknown key 'calendar.refresh'",
            ])
    }

    @Test(arguments: [
        "https://", "https:///x", "https://exa mple/", "http://a.example.org/", "a.example.org", "HTTPS://a/",
    ])
    func addressesThatAreNone(url: String) { #expect(Configuration.Calendar.complaint(of: url) != nil) }
}
