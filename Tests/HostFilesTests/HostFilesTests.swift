import Devices
import Glibc
import HostFiles
import Testing

@Suite struct HostFilesTests {
    /// A folder of its own, gone with the test.
    private final class Place {
        let path: String

        init() throws {
            var template = Array("/tmp/hostfiles-XXXXXX".utf8CString)
            path = try #require(mkdtemp(&template).map { String(cString: $0) })
        }

        deinit { for name in Folder.names(path) ?? [] { unlink("\(path)/\(name)") }; rmdir(path) }

        func write(_ name: String, _ text: String) throws -> String {
            let file = try #require(fopen("\(path)/\(name)", "w"))
            fputs(text, file)
            fclose(file)
            return "\(path)/\(name)"
        }
    }

    @Test func foldersAreListedInOrder() throws {
        let place = try Place()
        for name in ["b", "a", "card10", "card2", "cardx", "card"] { _ = try place.write(name, "") }
        #expect(Folder.entries(place.path) == ["a", "b", "card", "card10", "card2", "cardx"])
        #expect(Folder.nodes("card", in: place.path) == [2, 10])
        #expect(Folder.names(place.path + "/none") == nil && Folder.entries(place.path + "/none").isEmpty)
        #expect(Folder.resolved(place.path + "/../") == "/tmp" && Folder.resolved(place.path + "/none") == nil)
    }

    @Test func filesAreReadUpToTheirLimit() throws {
        let place = try Place()
        let path = try place.write("text", "first\nsecond\n")
        #expect(try ByteReader.read(path, limit: 100) == Array("first\nsecond\n".utf8))
        #expect(try ByteReader.read(path, limit: 5) == Array("first".utf8))
        #expect(try ByteReader.read(path, limit: 0).isEmpty)
        #expect(ByteReader.line(path) == "first" && ByteReader.line(place.path) == nil)
        #expect(try TextFile.read(path, limit: 13) == "first\nsecond\n")
        #expect(throws: DeviceError.self) { try TextFile.read(path, limit: 12) }
        #expect(throws: DeviceError("open", device: "\(place.path)/none", errno: ENOENT)) {
            try ByteReader.read("\(place.path)/none", limit: 1)
        }
    }

    /// Longer than what is read at once.
    @Test func longFilesAreReadToTheirEnd() throws {
        let place = try Place()
        let path = try place.write("long", String(repeating: "x", count: 20_000))
        #expect(try ByteReader.read(path, limit: 1 << 20).count == 20_000)
    }

    @Test func aPipeIsNotWaitedFor() throws {
        let place = try Place()
        #expect(mkfifo(place.path + "/pipe", 0o600) == 0)
        #expect(try ByteReader.read(place.path + "/pipe", limit: 10).isEmpty)
    }
}
