import FoundationEssentials
import FuzzTargets
import Testing

/// Runs all committed inputs, those that once found a fault and those that fuzzing starts from.
struct FuzzRegressionTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private static func inputs(_ kind: String, _ target: FuzzTarget) throws -> [URL] {
        let directory = folder.appending(path: kind).appending(path: target.rawValue)
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .map { directory.appending(path: $0) }
    }

    @Test(arguments: FuzzTarget.allCases) func crashersStayFixed(_ target: FuzzTarget) throws {
        for file in try Self.inputs("Crashers", target) {
            let bytes = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.run(bytes) }
        }
    }

    @Test(arguments: FuzzTarget.allCases) func seedsHold(_ target: FuzzTarget) throws {
        let files = try Self.inputs("Seeds", target)
        #expect(!files.isEmpty)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.run(bytes) }
            // Cut short anywhere they are inputs as well.
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 50)) {
                #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.run(Array(bytes[..<length])) }
            }
        }
    }
}
