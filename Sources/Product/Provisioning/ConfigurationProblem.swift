internal import TOML

/// Something in a configuration file that cannot be taken, and where.
package struct ConfigurationProblem: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// The text is not TOML; the parser's own words.
        case syntax(String)
        /// U+0000 stands there.
        case nul
        /// The text is in an 8-bit encoding, or in UTF-16.
        case notUTF8(isUTF16: Bool)
        case noMemory
        case unknownKey(suggestion: String?)
        case wrongType(expected: ValueType, found: ValueType)
        case missing
        /// The value is of the right type but not acceptable: the acceptable ones, in words of both languages.
        case wrongValue(found: String, expected: LocalizedText)
        case unsupportedVersion(found: Int)
    }

    package enum ValueType: Equatable, Sendable {
        case text, number, flag, textList, table, tableList
        /// What a file can hold, and no key of ours wants.
        case fraction, date, list
    }

    /// 1-based; 0 where the file as a whole is meant.
    package let line: Int
    package let column: Int
    /// The key as one would write it, for instance `rooms[2].url`.
    package let key: String
    package let kind: Kind

    /// `FILE:LINE:COLUMN: sentence`, as editors and compilers have it.
    package func text(file: String, language: DisplayLanguage) -> String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(sentence(language))"
    }

    private func sentence(_ language: DisplayLanguage) -> String {
        switch (kind, language) {
        case (.syntax(let words), .french): "ce n'est pas du TOML valide : \(words)"
        case (.syntax(let words), .english): "this is not valid TOML: \(words)"
        case (.nul, .french): "un caractère nul (un octet de valeur 0) ; TOML l'interdit : retirez-le"
        case (.nul, .english): "a null character (a byte of value 0), which TOML forbids: remove it"
        case (.notUTF8(isUTF16: false), .french):
            "ce n'est pas de l'UTF-8 (peut-être du Latin-1 ou du Windows-1252) ; enregistrez le fichier en UTF-8"
        case (.notUTF8(isUTF16: false), .english):
            "this is not UTF-8 (perhaps Latin-1 or Windows-1252); save the file as UTF-8"
        case (.notUTF8(isUTF16: true), .french): "ce fichier est en UTF-16 ; enregistrez-le en UTF-8"
        case (.notUTF8(isUTF16: true), .english): "this file is UTF-16; save it as UTF-8"
        case (.noMemory, .french): "la mémoire manque pour lire ce fichier"
        case (.noMemory, .english): "there is no memory to read this file"
        case (.unknownKey(let suggestion), .french):
            "clé inconnue « \(key) »" + (suggestion.map { " ; vouliez-vous dire « \($0) » ?" } ?? "")
        case (.unknownKey(let suggestion), .english):
            "unknown key '\(key)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        case (.wrongType(let expected, let found), .french):
            "« \(key) » doit être \(expected.french), pas \(found.french)"
        case (.wrongType(let expected, let found), .english):
            "'\(key)' must be \(expected.english), not \(found.english)"
        case (.missing, .french): "« \(key) » manque"
        case (.missing, .english): "'\(key)' is missing"
        case (.wrongValue(let found, let expected), .french):
            "« \(key) » ne peut pas valoir « \(found) » : \(expected.french)"
        case (.wrongValue(let found, let expected), .english):
            "'\(key)' cannot be '\(found)': \(expected.english)"
        case (.unsupportedVersion(let found), .french):
            "schema_version = \(found) n'est pas connu de ce logiciel, qui lit la version 1 ; mettez le boîtier à jour"
        case (.unsupportedVersion(let found), .english):
            "schema_version = \(found) is unknown to this software, which reads version 1; update the box"
        }
    }
}

/// A sentence in both languages.
package struct LocalizedText: Equatable, Sendable {
    package let french: String
    package let english: String

    package init(_ french: String, _ english: String) {
        self.french = french
        self.english = english
    }

    package subscript(language: DisplayLanguage) -> String {
        language == .french ? french : english
    }
}

extension ConfigurationProblem.ValueType {
    fileprivate var french: String {
        switch self {
        case .text: "un texte entre guillemets"
        case .number: "un nombre entier"
        case .flag: "true ou false"
        case .textList: "une liste de textes entre crochets"
        case .table: "une section entre crochets"
        case .fraction: "un nombre à virgule"
        case .date: "une date ou une heure"
        case .list: "une liste"
        case .tableList: "une section entre doubles crochets"
        }
    }

    fileprivate var english: String {
        switch self {
        case .text: "a text in quotes"
        case .number: "a whole number"
        case .flag: "true or false"
        case .textList: "a list of texts in brackets"
        case .table: "a section in brackets"
        case .fraction: "a number with a fraction"
        case .date: "a date or a time"
        case .list: "a list"
        case .tableList: "a section in double brackets"
        }
    }
}

extension ConfigurationProblem {
    init(_ error: TOMLError) {
        let kind: Kind =
            switch error.reason {
            case .nul: .nul
            case .notUTF8: .notUTF8(isUTF16: false)
            case .utf16: .notUTF8(isUTF16: true)
            case .syntax(let words): .syntax(words)
            case .noMemory: .noMemory
            }
        self.init(line: error.place.line, column: error.place.column, key: "", kind: kind)
    }
}

extension TOMLNode {
    /// What it is, in our words.
    var kind: ConfigurationProblem.ValueType {
        switch value {
        case .text: .text
        case .integer: .number
        case .real: .fraction
        case .boolean: .flag
        case .date: .date
        case .array: .list
        case .table: .table
        }
    }
}
