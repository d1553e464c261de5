import ArgumentParser
import Devices
import Glibc
import Painter
import Pixels
import Provisioning
import Scene
import ScreenGallery

/// Every state of the screen as a picture, drawn by what draws the TV.
struct Screens: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw every state of the screen with sample data into PNG files.")

    @Option(help: "The folder for the pictures; made when it is not there.") var out: String?
    @Flag(help: "Only tell the names of the states.") var list = false
    @Option(help: "fr, en or all.") var lang = "all"
    @Option(help: "WIDTHxHEIGHT, or all for 1280x720, 1920x1080 and 3840x2160.") var size = "all"
    @Option(help: "Makes the finished pictures so many times smaller: how they look from the back of the room.")
    var shrink = 1
    @Option(help: "Only the states whose names begin so.") var only = ""
    @Option(help: "The town's arms, a PNG file.") var crest: String?
    @Option(help: "The town's dark colour, #rrggbb.") var ground: String?
    @Option(help: "The town's bright colour, #rrggbb.") var accent: String?
    @Flag(help: "Black, white and lines around everything.") var highContrast = false

    private static let everySize = [
        PictureSize(width: 1280, height: 720), PictureSize(width: 1920, height: 1080),
        PictureSize(width: 3840, height: 2160),
    ]

    func validate() throws {
        if out == nil, !list { throw ValidationError("--out FOLDER or --list is needed") }
        if languages.isEmpty { throw ValidationError("--lang is fr, en or all") }
        for colour in [ground, accent] {
            if let colour, Theme.colour(colour) == nil { throw ValidationError("a colour is written #rrggbb") }
        }
        if !(1...20).contains(shrink) { throw ValidationError("--shrink is 1 to 20") }
        if sizes.isEmpty { throw ValidationError("--size is WIDTHxHEIGHT from 320x180 to 7680x4320, or all") }
    }

    func run() throws {
        guard let out, !list else {
            for screen in GalleryScreen.all where screen.name.hasPrefix(only) { Terminal.say(screen.name) }
            return
        }
        guard mkdir(out, 0o755) == 0 || errno == EEXIST else { throw failure(out) }
        let renderer = GalleryRenderer()
        let theme = try theme()
        for size in sizes {
            for language in languages {
                for screen in GalleryScreen.all where screen.name.hasPrefix(only) {
                    let canvas: Canvas
                    do {
                        canvas = try renderer.draw(screen, language: language, size: size, theme: theme)
                    } catch {
                        Terminal.complain("\(screen.name): \(error)")
                        throw ExitCodes.software
                    }
                    let seen = shrunk(canvas)
                    let name = "\(out)/\(screen.name).\(language.rawValue).\(seen.size.width)x\(seen.size.height).png"
                    guard let file = PNGWriter.encode(seen) else {
                        Terminal.complain("\(name): out of memory")
                        throw ExitCodes.software
                    }
                    try write(file, to: name)
                }
            }
        }
    }

    private func shrunk(_ canvas: consuming Canvas) -> Canvas {
        guard shrink > 1 else { return canvas }
        var small = Canvas(
            size: PictureSize(width: canvas.size.width / shrink, height: canvas.size.height / shrink))
        Pixels.scale(canvas, into: &small)
        return small
    }

    /// What was asked for; nil when nothing was. A colour that cannot be read is told, and replaced.
    private func theme() throws -> Theme? {
        guard crest != nil || ground != nil || accent != nil || highContrast else { return nil }
        let dark = ground.flatMap { Theme.colour($0) } ?? Theme.standardGround
        let bright = accent.flatMap { Theme.colour($0) } ?? Theme.standardAccent
        for problem in Theme.problems(ground: dark, accent: bright) {
            Terminal.complain("--\(problem.place.rawValue): \(Settings.contrastText(problem).english)")
        }
        return Theme(
            ground: dark, accent: bright, highContrast: highContrast, crest: try crest.map { try picture($0) })
    }

    private func picture(_ path: String) throws -> ScenePicture {
        do throws(CrestFile.Problem) {
            return try CrestFile.read(path)
        } catch {
            Terminal.complain("\(path): \(error.text.english)")
            if case .file(.unreadable) = error { throw ExitCodes.noInput }
            throw ExitCodes.badData
        }
    }

    private var languages: [Language] {
        lang == "all" ? Language.allCases : Language(rawValue: lang).map { [$0] } ?? []
    }

    private var sizes: [PictureSize] {
        if size == "all" { return Self.everySize }
        let parts = size.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard parts.count == 2, (320...7680).contains(parts[0]), (180...4320).contains(parts[1]) else { return [] }
        return [PictureSize(width: parts[0], height: parts[1])]
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw failure(path) }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw failure(path) }
    }

    private func failure(_ path: String) -> ExitCode {
        Terminal.complain("\(path): \(String(cString: strerror(errno)))")
        return ExitCodes.cannotCreate
    }
}
