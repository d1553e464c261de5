internal import TOML

/// The section `[sounds]`.
extension DocumentReader {
    mutating func readSounds(_ table: TOMLTable) -> Configuration.Sounds {
        checkKeys(of: table, at: "sounds", known: ["enabled", "volume", "people_limit"])
        var sounds = Configuration.Sounds()
        sounds.enabled = boolean(table, "enabled", at: "sounds") ?? sounds.enabled
        sounds.volume = integer(table, "volume", at: "sounds", in: 0...100) ?? sounds.volume
        sounds.peopleLimit = integer(table, "people_limit", at: "sounds", in: 0...500) ?? sounds.peopleLimit
        return sounds
    }
}
