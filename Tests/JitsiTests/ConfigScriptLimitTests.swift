import Testing

@testable import Jitsi

struct ConfigScriptLimitTests {
    @Test(arguments: [(100, true), (5_000, false)]) func chainsAreBounded(length: Int, hasValue: Bool) {
        let chain = Array(repeating: "'x'", count: length).joined(separator: " + ")
        let values = ConfigScript.read("config.a = \(chain);\nconfig.b = 'y';")
        #expect(values["a"] == (hasValue ? .string(String(repeating: "x", count: length)) : nil))
        #expect(values["b"] == .string("y"))
    }

    @Test(arguments: [(100, true), (5_000, false)]) func templatesAreBounded(count: Int, hasValue: Bool) {
        let template = String(repeating: "${subdir}", count: count)
        let values = ConfigScript.read("config.a = `\(template)`;\nconfig.b = 'y';", subdirectory: "t/")
        #expect(values["a"] == (hasValue ? .string(String(repeating: "t/", count: count)) : nil))
        #expect(values["b"] == .string("y"))
    }
}
