import Provisioning

/// A configuration file, read as that of a box and as that of a board.
func fuzzTOML(_ bytes: [UInt8]) throws(BrokenProperty) {
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
    var problems: [ConfigurationProblem] = []
    if case .failure(let found) = ConfigurationReader.read(bytes, checkAddress: { _ in nil }) { problems += found.list }
    if case .failure(let found) = BoardDescription.read(bytes) { problems += found.list }
    for problem in problems {
        try check(problem.line <= lines, "toml: a place inside the file: \(problem)")
        try check((problem.line == 0) == (problem.column == 0), "toml: a whole place: \(problem)")
        for language in DisplayLanguage.allCases {
            try check(!problem.text(file: "f", language: language).isEmpty, "toml: a sentence: \(problem)")
        }
    }
    // Whatever is taken was whole.
    try check(!bytes.contains(0) || !problems.isEmpty, "toml: a null character is refused")
}
