/// What a configuration is checked against that no reader of text can know: this machine's files, and what can be read on
/// a screen. Each says what is wrong, or nil.
package struct ConfigurationChecks {
    /// A file with the town's arms, as it is written in the configuration.
    package var crest: (String) -> LocalizedText? = { _ in nil }
    /// A time zone by its name, such as `Europe/Paris`.
    package var timeZone: (String) -> LocalizedText? = { _ in nil }
    /// The dark and the bright colour, 0xRRGGBB; nil where the standard one stays.
    package var colours: (_ ground: UInt32?, _ accent: UInt32?) -> (ground: LocalizedText?, accent: LocalizedText?) = {
        _, _ in (nil, nil)
    }

    /// A file with a secret, which nobody but its owner may read.
    package var secretFile: (String) -> LocalizedText? = { _ in nil }
    /// A PEM file with certificates.
    package var certificateFile: (String) -> LocalizedText? = { _ in nil }
    /// Where the panel listens, `ADDRESS:PORT`.
    package var listenAddress: (String) -> LocalizedText? = { _ in nil }
    /// A board by the name of its folder.
    package var board: (String) -> LocalizedText? = { _ in nil }

    package init() {}
}
