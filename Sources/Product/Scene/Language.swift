/// The language of everything the screen says. Raw values are BCP 47 tags.
package enum Language: String, CaseIterable, Sendable {
    case french = "fr"
    case english = "en"
}
