import Glibc
import Provisioning

/// Files of this machine that a person names: configuration, secrets, certificates, pictures.
enum LocalFile {
    enum Problem: Error, Equatable {
        case unreadable(errno: Int32)
        /// A folder, a device, a pipe or a socket.
        case noFile(Kind)
        case tooLong(limit: Int)
        /// Others than the owner may read or write it.
        case isOpenToOthers(path: String, mode: UInt32)
        case empty
    }

    enum Kind { case folder, pipe, device, socket }

    /// The content of the file at `path`. Something that is no file is refused before it can make us wait.
    /// - Parameter isSecret: refuse a file that others than its owner may read.
    static func read(_ path: String, limit: Int = 1 << 20, isSecret: Bool = false) throws(Problem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            // A socket cannot be opened at all.
            throw errno == ENXIO ? .noFile(.socket) : .unreadable(errno: errno)
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw .unreadable(errno: errno) }
        switch information.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .noFile(.folder)
        case S_IFIFO: throw .noFile(.pipe)
        case S_IFSOCK: throw .noFile(.socket)
        default: throw .noFile(.device)
        }
        if isSecret, information.st_mode & 0o077 != 0 {
            throw .isOpenToOthers(path: path, mode: information.st_mode & 0o7777)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(errno: errno)
            }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else { throw .tooLong(limit: limit) }
        }
    }

    /// The first line of a file with a secret.
    static func secret(_ path: String) throws(Problem) -> String {
        let bytes = try read(path, limit: 16_384, isSecret: true)
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") && $0 != 0 }
        guard let text = String(validating: line, as: UTF8.self), !text.isEmpty else { throw .empty }
        return text
    }
}

extension LocalFile.Problem {
    var text: LocalizedText {
        switch self {
        case .unreadable(let errno) where errno == ENOENT || errno == ENOTDIR:
            return LocalizedText("fichier introuvable", "no such file")
        case .unreadable(let errno) where errno == EACCES || errno == EPERM:
            return LocalizedText("ce fichier ne peut pas être lu", "this file may not be read")
        case .unreadable(let errno):
            let reason = String(cString: strerror(errno))
            return LocalizedText(reason, reason)
        case .noFile(.folder): return LocalizedText("c'est un dossier, pas un fichier", "this is a folder, not a file")
        case .noFile(.pipe): return LocalizedText("c'est un tube, pas un fichier", "this is a pipe, not a file")
        case .noFile(.device):
            return LocalizedText("c'est un périphérique, pas un fichier", "this is a device, not a file")
        case .noFile(.socket): return LocalizedText("c'est une prise, pas un fichier", "this is a socket, not a file")
        case .tooLong(let limit):
            return LocalizedText("plus long que \(limit) octets", "longer than \(limit) bytes")
        case .isOpenToOthers(let path, let mode):
            let digits = "0" + String(mode, radix: 8)
            return LocalizedText(
                "d'autres que son propriétaire peuvent lire ce secret (mode \(digits)) ; faites : chmod 600 \(path)",
                "others than its owner may read this secret (mode \(digits)); do: chmod 600 \(path)")
        case .empty:
            return LocalizedText("la première ligne est vide", "its first line is empty")
        }
    }
}
