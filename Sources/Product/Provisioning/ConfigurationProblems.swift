/// Every problem of one file.
package struct ConfigurationProblems: Error, Equatable, Sendable {
    package let list: [ConfigurationProblem]

    init(_ list: [ConfigurationProblem]) {
        self.list = list
    }
}
