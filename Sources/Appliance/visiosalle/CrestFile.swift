import Painter
import Provisioning
import Scene

/// The town's arms, a PNG file of the box itself.
enum CrestFile {
    enum Problem: Error {
        case file(LocalFile.Problem)
        case noPicture
    }

    static func read(_ path: String) throws(Problem) -> ScenePicture {
        let bytes: [UInt8]
        do throws(LocalFile.Problem) {
            bytes = try LocalFile.read(path, limit: PNGReader.largestFile)
        } catch .tooLong {
            throw .noPicture
        } catch {
            throw .file(error)
        }
        guard let picture = PNGReader.decode(bytes) else { throw .noPicture }
        return picture
    }
}

extension CrestFile.Problem {
    var text: LocalizedText {
        switch self {
        case .file(let problem): problem.text
        case .noPicture:
            LocalizedText(
                "une image PNG d'au plus 4096 points de côté et 4 Mo est attendue",
                "a PNG picture of at most 4096 pixels each way and 4 MB is expected")
        }
    }
}
