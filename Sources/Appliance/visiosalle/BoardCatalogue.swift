import ArgumentParser
import Devices
import HostFiles
import LinuxHost
import Provisioning

/// The board that this machine is, as its description under `Board/` tells.
struct BoardCatalogue {
    /// Where the image keeps the descriptions.
    static let installed = "/usr/share/visiosalle/boards"
    /// Taken for a machine that no description knows.
    private static let fallback = "x86-mini-pc"

    let directory: String

    /// The description of the board called `name`, or of this machine when nobody says; with the configuration's own
    /// buttons and lamps in their place. A board that is asked for and not there, or a faulty description, is a complaint.
    func board(for configuration: Configuration, language: DisplayLanguage) throws -> BoardDescription {
        var board = try description(named: configuration.board.name, language: language)
        if let buttons = configuration.board.buttons { board.buttons = buttons }
        if let lamps = configuration.board.lamps { board.lamps = lamps }
        if let connector = configuration.display.connector { board.connector = connector }
        return board
    }

    /// The boards that are described there.
    var names: [String] { Folder.entries(directory).filter { !$0.contains(".") } }

    private func description(named name: String?, language: DisplayLanguage) throws -> BoardDescription {
        let known = names
        if let name {
            guard known.contains(name) else {
                let list = known.joined(separator: ", ")
                Terminal.complain(
                    language == .french
                        ? "board.name = « \(name) » : cette carte n'est pas dans \(directory) ; cartes connues : \(list)"
                        : "board.name = '\(name)': this board is not in \(directory); known boards: \(list)")
                throw ExitCodes.configuration
            }
            return try read(name, language)
        }
        let model = BoardModel.read()
        for name in known {
            let board = try read(name, language)
            if !model.isEmpty, board.describes(model: model) { return board }
        }
        return known.contains(Self.fallback) ? try read(Self.fallback, language) : BoardDescription()
    }

    private func read(_ name: String, _ language: DisplayLanguage) throws -> BoardDescription {
        try Self.read(
            path: "\(directory)/\(name)/board.toml", language: language, failure: ExitCodes.configuration)
    }

    /// The description in the file at `path`; what is wrong with it goes to standard error.
    static func read(path: String, language: DisplayLanguage, failure: ExitCode) throws -> BoardDescription {
        let bytes: [UInt8]
        do throws(LocalFile.Problem) {
            bytes = try LocalFile.read(path)
        } catch {
            Terminal.complain("\(path): \(error.text[language])")
            throw ExitCodes.noInput
        }
        switch BoardDescription.read(bytes) {
        case .success(let board): return board
        case .failure(let problems):
            for problem in problems.list { Terminal.complain(problem.text(file: path, language: language)) }
            throw failure
        }
    }
}
