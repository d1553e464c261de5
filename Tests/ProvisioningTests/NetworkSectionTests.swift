import Testing

@testable import Provisioning

/// `[network]`.
@Suite struct NetworkSectionTests {
    private func read(_ lines: String) -> Result<Configuration, ConfigurationProblems> {
        ConfigurationReader.read("schema_version = 1\n[network]\n" + lines) { _ in nil }
    }

    private func problems(_ lines: String) -> [String] {
        guard case .failure(let problems) = read(lines) else { return [] }
        return problems.list.map { $0.text(file: "f", language: .english) }
    }

    @Test func aProxyWithEverythingIsRead() throws {
        let configuration = try read(
            """
            proxy = "http://proxy.mairie.example:3128/"
            proxy_user = "salle"
            proxy_password_file = "/secret"
            no_proxy = ["mairie.example", ".lan", "10.20.0.5", "2001:db8::5"]
            """
        ).get()
        let proxy = try #require(configuration.network.proxy)
        #expect(proxy.host == "proxy.mairie.example" && proxy.port == 3128)
        #expect(proxy.user == "salle" && proxy.passwordFile == "/secret")
        #expect(proxy.exceptions == ["mairie.example", ".lan", "10.20.0.5", "2001:db8::5"])
    }

    @Test func noneIsNone() throws {
        #expect(try read("").get().network.proxy == nil)
        #expect(try read("proxy = \"http://[2001:db8::1]:8080\"").get().network.proxy?.host == "2001:db8::1")
    }

    @Test(arguments: [
        "proxy.example:3128", "https://proxy.example:3128", "http://proxy.example", "http://proxy.example:0",
        "http://proxy.example:99999", "http://:3128", "http://pro xy:3128", "http://[::g]:3128", "http://a:b:3128",
        "http://proxy.example:3128/path",
    ])
    func whatIsNoAddressOfAProxyIsTold(address: String) {
        let told = problems("proxy = \"\(address)\"")
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("f:3:1: 'network.proxy' cannot be '\(address)'") == true)
    }

    @Test func anAccountInTheAddressIsRefusedAndNotRepeated() {
        let told = problems("proxy = \"http://salle:secret@proxy.example:3128\"")
        #expect(told.count == 1)
        #expect(told.first?.contains("proxy_password_file") == true)
        #expect(told.first?.contains("secret@") == false)
    }

    @Test func halvesAreMissingTheOther() {
        #expect(
            problems("proxy = \"http://p:1\"\nproxy_user = \"a\"").map {
                $0.contains("proxy_password_file' is missing")
            }
                == [true])
        #expect(
            problems("proxy = \"http://p:1\"\nproxy_password_file = \"/a\"").map {
                $0.contains("proxy_user' is missing")
            } == [true])
        #expect(problems("no_proxy = [\"a.example\"]").map { $0.contains("'network.proxy' is missing") } == [true])
        #expect(
            problems("proxy = \"http://p:1\"\nproxy_user = \"a:b\"\nproxy_password_file = \"/a\"").map {
                $0.contains("without a colon")
            } == [true])
        #expect(
            problems("proxy = \"http://p:1\"\nno_proxy = [\"http://x.example\"]").map { $0.contains("no_proxy") }
                == [true])
        #expect(problems("proxi = \"http://p:1\"").first?.contains("did you mean 'proxy'?") == true)
    }
}
