/// Something in a configuration file that cannot be taken, and where.
package struct ConfigurationProblem: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// The text is not TOML; the parser's own words.
        case syntax(String)
        case unknownKey(suggestion: String?)
        case wrongType(expected: ValueType, found: String)
        case missing
        /// The value is of the right type but not acceptable: the acceptable ones, in words of both languages.
        case wrongValue(found: String, expected: LocalizedText)
        case unsupportedVersion(found: Int)
    }

    package enum ValueType: Equatable, Sendable {
        case text, number, flag, textList, table, tableList
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
        case (.unknownKey(let suggestion), .french):
            "clé inconnue « \(key) »" + (suggestion.map { " ; vouliez-vous dire « \($0) » ?" } ?? "")
        case (.unknownKey(let suggestion), .english):
            "unknown key '\(key)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        case (.wrongType(let expected, let found), .french):
            "« \(key) » doit être \(expected.french), pas \(found)"
        case (.wrongType(let expected, let found), .english):
            "'\(key)' must be \(expected.english), not \(found)"
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
        case .tableList: "a section in double brackets"
        }
    }
}
