import Devices
import Glibc
import HostFiles
import TemporaryFiles
import Testing

@Suite struct HostFilesTests {
    @Test func foldersAreListedInOrder() {
        let place = TemporaryFolder()
        for name in ["b", "a", "card10", "card2", "cardx", "card"] { _ = place.write(name, Array("".utf8)) }
        #expect(Folder.entries(place.path) == ["a", "b", "card", "card10", "card2", "cardx"])
        #expect(Folder.nodes("card", in: place.path) == [2, 10])
        #expect(Folder.names(place.path + "/none") == nil && Folder.entries(place.path + "/none").isEmpty)
        #expect(
            Folder.resolved(place.path + "/../")?.hasSuffix("/..") == false
                && Folder.resolved(place.path + "/none") == nil)
    }

    @Test func filesAreReadUpToTheirLimit() throws {
        let place = TemporaryFolder()
        let path = place.write("text", Array("first\nsecond\n".utf8))
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
        let place = TemporaryFolder()
        let path = place.write("long", Array(String(repeating: "x", count: 20_000).utf8))
        #expect(try ByteReader.read(path, limit: 1 << 20).count == 20_000)
    }

    @Test func aPipeIsNotWaitedFor() throws {
        let place = TemporaryFolder()
        #expect(mkfifo(place.path + "/pipe", 0o600) == 0)
        #expect(try ByteReader.read(place.path + "/pipe", limit: 10).isEmpty)
    }
}
