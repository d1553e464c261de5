internal import Basis

/// A value that config.js gives to one of its keys.
package enum ConfigScriptValue: Equatable, Sendable {
    /// The script ran to its end, and the key is not there, or `undefined` or `null`.
    case absent
    case string(String)
    case number(Double)
    case bool(Bool)
    /// An object, a list or a function.
    case other
    /// Something may be written there, and what it is cannot be told.
    case unknown
}

/// Jitsi Meet's config.js, run as a browser on the room's page runs it, as far as that can be done without a browser.
///
/// Total and bounded: any bytes give values or a failure; the cost in time and memory has an upper limit that does not
/// depend on them.
package struct ConfigScript: Sendable {
    /// Why a script told less than it was written for.
    package enum Failure: Error, Equatable, Sendable {
        /// More than `maximumSize` bytes.
        case tooLarge
        /// A web page came in place of a script, with a status of success.
        case webPage
        /// Not JavaScript as we understand it; nothing of it is known.
        case syntax(line: Int)
        /// It asks for more work or memory than a configuration may; nothing of it is known.
        case limit(line: Int)
        /// It threw. A browser keeps what it had written until then, and so do we.
        case thrown(line: Int, message: String)
    }

    package static let maximumSize = 1 << 19

    package private(set) var failure: Failure?
    private var machine: ScriptMachine?

    package init(_ text: String, page: RoomURL) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumSize else {
            failure = .tooLarge
            return
        }
        let program: ScriptProgram
        do throws(ScriptSyntaxError) {
            program = try ScriptParser.parse(bytes)
        } catch {
            failure = Self.isWebPage(bytes) ? .webPage : .syntax(line: error.line)
            return
        }
        var machine = ScriptMachine(
            location: Self.location(of: page),
            globals: ["subdomain": page.subdomain, "subdir": page.subdirectory])
        do throws(ScriptStop) {
            try machine.run(program)
            self.machine = machine
        } catch {
            switch error {
            case .limit: failure = .limit(line: machine.line)
            case .thrown(let value):
                let message: String = if case .string(let text) = value { text } else { "exception" }
                failure = .thrown(line: machine.line, message: RemoteText.clean(message, limit: 120))
                if machine.heap[ScriptMachine.global]["config"] ?? .undefined != .undefined { self.machine = machine }
            }
        }
    }

    /// The value at a dotted path below `config` (`hosts.domain`).
    package subscript(path: String) -> ConfigScriptValue {
        guard let machine else { return failure == nil ? .absent : .unknown }
        var value = machine.heap[ScriptMachine.global]["config"] ?? .undefined
        for name in path.split(separator: ".") {
            switch value {
            case .unknown: return .unknown
            case .object(let id): value = machine.heap[id][String(name)] ?? .undefined
            default: return .absent
            }
        }
        return switch value {
        case .undefined, .null: .absent
        case .bool(let flag): .bool(flag)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        case .object: .other
        case .unknown: .unknown
        }
    }

    /// `window.location` of the room's page (HTML Living Standard, 7.2.4).
    private static func location(of page: RoomURL) -> [String: String] {
        let path = "/" + page.subdirectory + PercentEncoding.encodeComponent(page.room)
        let hostname = page.host.contains(":") ? "[" + page.host + "]" : page.host
        var location = [
            "origin": page.origin, "protocol": page.scheme + ":", "host": page.authority, "hostname": hostname,
            "port": page.port.map { String($0) } ?? "", "pathname": path,
        ]
        // The token is not the script's business.
        if page.jwt == nil {
            location["href"] = page.origin + path
            location["search"] = ""
            location["hash"] = ""
        }
        return location
    }

    private static func isWebPage(_ bytes: [UInt8]) -> Bool {
        let start = String(decoding: bytes.prefix(2048), as: UTF8.self).lowercased()
        let first = start.first { !$0.isWhitespace && $0 != "\u{FEFF}" }
        return (first == "<" && !start.contains("<!--")) || start.contains("<!doctype html")
            || start.contains("<html")
    }
}

extension ConfigScript.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge: "more than \(ConfigScript.maximumSize) bytes"
        case .webPage: "a web page, not a script"
        case .syntax(let line): "line \(line): not understood"
        case .limit(let line): "line \(line): more work than a configuration may ask for"
        case .thrown(let line, let message): "line \(line): \(message)"
        }
    }
}
