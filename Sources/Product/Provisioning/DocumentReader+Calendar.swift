internal import TOML

/// The section `[calendar]`.
extension DocumentReader {
    mutating func readCalendar(_ table: TOMLTable, checks: ConfigurationChecks) -> Configuration.Calendar {
        checkKeys(
            of: table, at: "calendar",
            known: ["url", "url_file", "account", "account_password_file", "refresh_minutes"])
        var calendar = Configuration.Calendar()
        calendar.url = text(table, "url", at: "calendar")
        calendar.urlFile = secretFile(table, "url_file", at: "calendar", checks)
        if let url = calendar.url, let complaint = Configuration.Calendar.complaint(of: url) {
            // What follows is often a secret: it is not repeated.
            let scheme = url.contains("://") ? String(url.prefix { $0 != ":" }) + "://…" : "…"
            report("calendar.url", .wrongValue(found: scheme, expected: complaint))
        }
        if table["url"] == nil, table["url_file"] == nil { report("calendar.url", .missing) }
        if table["url"] != nil, let file = calendar.urlFile {
            report(
                "calendar.url_file",
                .wrongValue(
                    found: file,
                    expected: LocalizedText(
                        "l'adresse est déjà donnée par url", "the address is already given by url")))
        }
        calendar.account = text(table, "account", at: "calendar")
        calendar.accountPasswordFile = secretFile(table, "account_password_file", at: "calendar", checks)
        if calendar.account != nil, table["account_password_file"] == nil {
            report("calendar.account_password_file", .missing)
        }
        if calendar.accountPasswordFile != nil, table["account"] == nil { report("calendar.account", .missing) }
        calendar.refreshMinutes =
            integer(table, "refresh_minutes", at: "calendar", in: 1...1_440) ?? calendar.refreshMinutes
        return calendar
    }
}

extension Configuration.Calendar {
    /// What is wrong with the address of a calendar, or nil.
    package static func complaint(of url: String) -> LocalizedText? {
        guard url.hasPrefix("https://"), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return LocalizedText(
                "l'adresse d'un agenda commence par https://, et non webcal:// par exemple",
                "a calendar's address starts with https://, not with webcal:// for instance")
        }
        let host = url.dropFirst(8).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if host.contains("@") {
            return LocalizedText(
                "pas de mot de passe dans l'adresse ; utilisez account et account_password_file",
                "no password in the address; use account and account_password_file")
        }
        return host.isEmpty
            ? LocalizedText(
                "une adresse comme https://agenda.example.org/salle.ics est attendue",
                "an address such as https://agenda.example.org/room.ics is expected") : nil
    }
}
