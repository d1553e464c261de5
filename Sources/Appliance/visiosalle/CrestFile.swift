import Glibc
import Painter
import Provisioning
import Scene

/// The town's arms, a PNG file of the box itself.
enum CrestFile {
    enum Problem: Error {
        case unreadable(errno: Int32)
        case noFile
        case noPicture
    }

    static func read(_ path: String) throws(Problem) -> ScenePicture {
        // Something that is no file must not make us wait.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(errno: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw .unreadable(errno: errno) }
        guard information.st_mode & S_IFMT == S_IFREG else { throw .noFile }
        guard information.st_size <= PNGReader.largestFile else { throw .noPicture }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= PNGReader.largestFile {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(errno: errno)
            }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        guard let picture = PNGReader.decode(bytes) else { throw .noPicture }
        return picture
    }
}

extension CrestFile.Problem {
    var text: LocalizedText {
        switch self {
        case .unreadable(let errno) where errno == ENOENT || errno == ENOTDIR:
            LocalizedText("fichier introuvable", "no such file")
        case .unreadable(let errno) where errno == EACCES:
            LocalizedText("ce fichier ne peut pas être lu", "this file may not be read")
        case .unreadable(let errno):
            LocalizedText(String(cString: strerror(errno)), String(cString: strerror(errno)))
        case .noFile: LocalizedText("ce n'est pas un fichier", "this is not a file")
        case .noPicture:
            LocalizedText(
                "une image PNG d'au plus 4096 points de côté et 4 Mo est attendue",
                "a PNG picture of at most 4096 pixels each way and 4 MB is expected")
        }
    }
}
