internal import Basis
internal import TOML

/// `[network]`: the way to the servers.
extension DocumentReader {
    mutating func readNetwork(_ table: TOMLTable, checks: ConfigurationChecks) -> Configuration.Network {
        checkKeys(of: table, at: "network", known: ["proxy", "proxy_user", "proxy_password_file", "no_proxy"])
        var network = Configuration.Network()
        let address = text(table, "proxy", at: "network", limit: 300)
        let user = text(table, "proxy_user", at: "network", limit: 200)
        let passwordFile = secretFile(table, "proxy_password_file", at: "network", checks)
        let exceptions = textList(table, "no_proxy", at: "network")
        if let address { network.proxy = readProxy(address) }
        if address == nil, user != nil || passwordFile != nil || !exceptions.isEmpty {
            report("network.proxy", .missing)
        }
        if user != nil, table["proxy_password_file"] == nil { report("network.proxy_password_file", .missing) }
        if passwordFile != nil, table["proxy_user"] == nil { report("network.proxy_user", .missing) }
        if let user, user.contains(":") {
            // RFC 7617 section 2: the first colon ends the name.
            report(
                "network.proxy_user",
                .wrongValue(
                    found: user,
                    expected: LocalizedText("un nom sans deux-points", "a name without a colon")))
        }
        for exception in exceptions where !Self.isHost(exception) {
            report(
                "network.no_proxy",
                .wrongValue(
                    found: String(exception.prefix(60)),
                    expected: LocalizedText(
                        "un nom ou une adresse, sans http:// ni port", "a name or an address, without http:// or port"))
            )
        }
        network.proxy?.user = user
        network.proxy?.passwordFile = passwordFile
        network.proxy?.exceptions = exceptions
        return network
    }

    /// `http://HOST:PORT`.
    private mutating func readProxy(_ address: String) -> Configuration.Proxy? {
        let scheme = "http://"
        let rest = address.hasPrefix(scheme) ? address.dropFirst(scheme.count) : ""
        let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        if authority.contains("@") {
            report(
                "network.proxy",
                .wrongValue(
                    found: "http://…@…",
                    expected: LocalizedText(
                        "pas de compte dans l'adresse ; utilisez proxy_user et proxy_password_file",
                        "no account in the address; use proxy_user and proxy_password_file")))
            return nil
        }
        guard let colon = authority.lastIndex(of: ":"), let port = UInt16(authority[authority.index(after: colon)...]),
            port > 0
        else { return refuseProxy(address) }
        var host = String(authority[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard IPAddress(host)?.isV6 == true else { return refuseProxy(address) }
        } else if !Self.isHost(host) || host.contains(":") {
            return refuseProxy(address)
        }
        return Configuration.Proxy(host: host, port: port)
    }

    private mutating func refuseProxy(_ address: String) -> Configuration.Proxy? {
        report(
            "network.proxy",
            .wrongValue(
                found: address,
                expected: LocalizedText(
                    "une adresse comme http://proxy.mairie.example:3128 est attendue",
                    "an address such as http://proxy.mairie.example:3128 is expected")))
        return nil
    }

    private static func isHost(_ text: String) -> Bool {
        if IPAddress(text) != nil { return true }
        return (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte | 0x20) && byte >= 65 || (48...57).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }
}
