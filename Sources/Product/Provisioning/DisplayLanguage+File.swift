extension DisplayLanguage {
    /// The language that a configuration file asks for, found without reading it as TOML: whoever wrote a faulty file, or one
    /// in another encoding, is told of it in that language. Nil where it says nothing.
    package static func declared(in bytes: [UInt8]) -> DisplayLanguage? {
        for line in bytes.lazy.filter({ $0 != 0 && $0 != 32 && $0 != 9 }).split(separator: UInt8(ascii: "\n")) {
            let key = Array("language=".utf8)
            guard line.starts(with: key) else { continue }
            let value = line.dropFirst(key.count).dropFirst().prefix(2)
            if let language = DisplayLanguage(rawValue: String(decoding: value, as: UTF8.self)) { return language }
        }
        return nil
    }
}
