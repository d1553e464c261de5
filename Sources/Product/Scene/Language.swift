/// The language of everything the screen says. Raw values are BCP 47 tags.
///
/// Another language is one case here and one `Catalogue`; the tests tell which messages it lacks.
package enum Language: String, CaseIterable, Sendable {
    case french = "fr"
    case english = "en"

    /// All texts of the language.
    package var catalogue: Catalogue {
        switch self {
        case .french: .french
        case .english: .english
        }
    }
}
