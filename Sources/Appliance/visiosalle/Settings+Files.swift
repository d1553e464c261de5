import NetworkIO
import Panel
import Provisioning

/// What of a configuration can be checked against the files of this machine.
extension Settings {
    static func addFileChecks(to checks: inout ConfigurationChecks, folder: String, boards: String) {
        checks.secretFile = { path in
            do throws(LocalFile.Problem) {
                _ = try LocalFile.secret(resolve(path, folder: folder))
                return nil
            } catch {
                return error.text
            }
        }
        checks.certificateFile = { path in
            do throws(LocalFile.Problem) {
                let bytes = try LocalFile.read(resolve(path, folder: folder))
                return CertificateFile.holdsCertificates(bytes)
                    ? nil
                    : LocalizedText(
                        "un fichier PEM avec au moins un certificat est attendu (-----BEGIN CERTIFICATE-----)",
                        "a PEM file with at least one certificate is expected (-----BEGIN CERTIFICATE-----)")
            } catch {
                return error.text
            }
        }
        checks.listenAddress = { text in
            PanelServer.parse(text) != nil
                ? nil
                : LocalizedText(
                    "une adresse et un port sont attendus, par exemple 127.0.0.1:8080",
                    "an address and a port are expected, for instance 127.0.0.1:8080")
        }
        checks.board = { name in
            let known = BoardCatalogue(directory: boards).names
            // Elsewhere than on a box nobody knows the boards.
            guard !known.isEmpty, !known.contains(name) else { return nil }
            let list = known.joined(separator: ", ")
            return LocalizedText("cartes connues : \(list)", "known boards: \(list)")
        }
    }

    /// Paths in a configuration are relative to its folder.
    static func resolvePaths(in configuration: inout Configuration, folder: String) {
        func resolved(_ path: String?) -> String? { path.map { resolve($0, folder: folder) } }
        configuration.theme.crest = resolved(configuration.theme.crest)
        configuration.caFiles = configuration.caFiles.map { resolve($0, folder: folder) }
        for index in configuration.rooms.indices {
            configuration.rooms[index].passwordFile = resolved(configuration.rooms[index].passwordFile)
            configuration.rooms[index].tokenFile = resolved(configuration.rooms[index].tokenFile)
            configuration.rooms[index].accountPasswordFile = resolved(configuration.rooms[index].accountPasswordFile)
        }
        if var proxy = configuration.network.proxy {
            proxy.passwordFile = resolved(proxy.passwordFile)
            configuration.network.proxy = proxy
        }
        if var calendar = configuration.calendar {
            calendar.urlFile = resolved(calendar.urlFile)
            calendar.accountPasswordFile = resolved(calendar.accountPasswordFile)
            configuration.calendar = calendar
        }
        configuration.panelTokenFile = resolved(configuration.panelTokenFile)
    }
}
