/// Why a text is not understood as a script, and the line.
struct ScriptSyntaxError: Error, Equatable, Sendable {
    let line: Int
}

/// Parses the JavaScript that configuration files are written in: ECMAScript 2020 without modules, labels and the insides of
/// classes. Total and bounded: any text gives a program or an error, and no tree is deep.
struct ScriptParser: Sendable {
    /// Of nested brackets, functions and statements. A stack of 512 KiB holds it in a debug build.
    static let maximumDepth = 40
    /// Of expressions and statements together. A config.js of today has some 3,000.
    static let maximumNodes = 40_000

    var scanner: ScriptScanner
    var token: ScriptToken
    private var depth = 0
    private var nodes = 0
    /// The names that `var` declares, for each function around.
    private var variables: [[String]] = [[]]
    /// `in` ends the head of a `for`.
    var isInForHead = false

    static func parse(_ bytes: [UInt8]) throws(ScriptSyntaxError) -> ScriptProgram {
        var parser = ScriptParser(bytes)
        var statements: [ScriptStatement] = []
        while parser.token.kind != .end { statements.append(try parser.statement()) }
        return ScriptProgram(statements: statements, variables: parser.variables[0])
    }

    private init(_ bytes: [UInt8]) {
        scanner = ScriptScanner(bytes)
        token = scanner.next()
    }

    // MARK: Tokens

    func failure() -> ScriptSyntaxError { ScriptSyntaxError(line: token.line) }

    mutating func advance() { token = scanner.next() }

    func isPunctuator(_ text: String) -> Bool { token.kind == .punctuator(text) }

    func isName(_ text: String) -> Bool { token.kind == .identifier(text) }

    mutating func accept(_ text: String) -> Bool {
        guard isPunctuator(text) else { return false }
        advance()
        return true
    }

    mutating func acceptName(_ text: String) -> Bool {
        guard isName(text) else { return false }
        advance()
        return true
    }

    mutating func expect(_ text: String) throws(ScriptSyntaxError) {
        guard accept(text) else { throw failure() }
    }

    mutating func name() throws(ScriptSyntaxError) -> String {
        guard case .identifier(let name) = token.kind else { throw failure() }
        advance()
        return name
    }

    /// Automatic semicolon insertion (ECMA-262, 12.10).
    private mutating func endStatement() throws(ScriptSyntaxError) {
        if accept(";") || isPunctuator("}") || token.kind == .end || token.followsNewline { return }
        throw failure()
    }

    mutating func countNode() throws(ScriptSyntaxError) {
        nodes += 1
        guard nodes <= Self.maximumNodes else { throw failure() }
    }

    mutating func enter() throws(ScriptSyntaxError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure() }
    }

    mutating func leave() { depth -= 1 }

    // MARK: Functions

    /// From the parameters on.
    mutating func function(isArrow: Bool = false, isDeferred: Bool = false) throws(ScriptSyntaxError) -> ScriptFunction
    {
        try expect("(")
        var parameters: [ScriptPattern] = []
        var rest: ScriptPattern?
        while !isPunctuator(")") {
            if accept("...") {
                rest = try bindingTarget()
            } else {
                parameters.append(try bindingElement())
            }
            if !accept(",") { break }
        }
        try expect(")")
        return try functionBody(parameters, rest: rest, isArrow: isArrow, isDeferred: isDeferred)
    }

    mutating func functionBody(
        _ parameters: [ScriptPattern], rest: ScriptPattern?, isArrow: Bool, isDeferred: Bool
    ) throws(ScriptSyntaxError) -> ScriptFunction {
        variables.append([])
        let outerHead = isInForHead
        var body: [ScriptStatement]
        if isArrow, !isPunctuator("{") {
            let line = token.line
            body = [ScriptStatement(kind: .leave(try assignment()), line: line)]
        } else {
            isInForHead = false
            body = try block()
        }
        isInForHead = outerHead
        return ScriptFunction(
            parameters: parameters, rest: rest, body: body, variables: variables.removeLast(), isArrow: isArrow,
            isDeferred: isDeferred)
    }

    // MARK: Statements

    mutating func block() throws(ScriptSyntaxError) -> [ScriptStatement] {
        try expect("{")
        var statements: [ScriptStatement] = []
        while !isPunctuator("}") {
            guard token.kind != .end else { throw failure() }
            statements.append(try statement())
        }
        advance()
        return statements
    }

    mutating func statement() throws(ScriptSyntaxError) -> ScriptStatement {
        try enter()
        try countNode()
        let line = token.line
        let kind = try statementKind()
        leave()
        return ScriptStatement(kind: kind, line: line)
    }

    private mutating func statementKind() throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        if isPunctuator("{") { return .block(try block()) }
        if accept(";") { return .empty }
        guard case .identifier(let word) = token.kind else { return try expressionStatement() }
        switch word {
        case "var", "const":
            advance()
            return try declaration(isVariable: word == "var")
        case "let" where followsLet():
            advance()
            return try declaration(isVariable: false)
        case "function":
            advance()
            let isDeferred = accept("*")
            let name = try name()
            return .function(name, try function(isDeferred: isDeferred))
        case "class":
            advance()
            let name = try name()
            try skipClass()
            return .declaration(isVariable: false, [(.identifier(name), .opaque)])
        case "if": return try branch()
        case "for": return try forLoop()
        case "while":
            advance()
            let condition = try parenthesized()
            return .loop(start: nil, condition: condition, step: nil, body: try statement(), bodyFirst: false)
        case "do":
            advance()
            let body = try statement()
            guard acceptName("while") else { throw failure() }
            let condition = try parenthesized()
            _ = accept(";")
            return .loop(start: nil, condition: condition, step: nil, body: body, bodyFirst: true)
        case "switch": return try choice()
        case "try": return try attempt()
        case "return":
            advance()
            let isBare = isPunctuator(";") || isPunctuator("}") || token.kind == .end || token.followsNewline
            let value = isBare ? nil : try expression()
            try endStatement()
            return .leave(value)
        case "throw":
            advance()
            let value = try expression()
            try endStatement()
            return .raise(value)
        case "break", "continue":
            advance()
            try endStatement()
            return word == "break" ? .exitLoop : .nextTurn
        default: return try expressionStatement()
        }
    }

    private mutating func expressionStatement() throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        let value = try expression()
        try endStatement()
        return .expression(value)
    }

    /// Whether `let` is the keyword here: a name or a pattern follows.
    private func followsLet() -> Bool {
        var ahead = scanner
        switch ahead.next().kind {
        case .identifier(let name): return name != "in" && name != "instanceof"
        case .punctuator(let text): return text == "{" || text == "["
        default: return false
        }
    }

    private mutating func declaration(isVariable: Bool) throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        let list = try declarators(isVariable: isVariable)
        try endStatement()
        return .declaration(isVariable: isVariable, list)
    }

    private mutating func declarators(
        isVariable: Bool
    ) throws(ScriptSyntaxError) -> [(target: ScriptPattern, value: ScriptExpression?)] {
        var list: [(target: ScriptPattern, value: ScriptExpression?)] = []
        repeat {
            let target = try bindingTarget()
            if isVariable { hoist(target) }
            let value = accept("=") ? try assignment() : nil
            list.append((target, value))
        } while accept(",")
        return list
    }

    private mutating func hoist(_ target: ScriptPattern) {
        switch target {
        case .identifier(let name): variables[variables.count - 1].append(name)
        case .member: break
        case .array(let elements, let rest):
            for element in elements { if let element { hoist(element) } }
            if let rest { hoist(rest) }
        case .object(let members, let rest):
            for member in members { hoist(member.target) }
            if let rest { hoist(rest) }
        case .withDefault(let inner, _): hoist(inner)
        }
    }

    private mutating func parenthesized() throws(ScriptSyntaxError) -> ScriptExpression {
        try expect("(")
        let value = try expression()
        try expect(")")
        return value
    }

    private mutating func branch() throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        var cases: [(condition: ScriptExpression, body: ScriptStatement)] = []
        while true {
            advance()
            let condition = try parenthesized()
            cases.append((condition, try statement()))
            guard acceptName("else") else { return .branch(cases, otherwise: nil) }
            guard isName("if") else { return .branch(cases, otherwise: try statement()) }
        }
    }

    private mutating func forLoop() throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        advance()
        try expect("(")
        isInForHead = true
        var start: ScriptStatement?
        let line = token.line
        if !isPunctuator(";") {
            let isVariable = isName("var")
            if isVariable || isName("const") || (isName("let") && followsLet()) {
                advance()
                let list = try declarators(isVariable: isVariable)
                if let only = list.first, list.count == 1, only.value == nil, isName("of") || isName("in") {
                    return try each(declares: !isVariable, only.target)
                }
                start = ScriptStatement(kind: .declaration(isVariable: isVariable, list), line: line)
            } else {
                let value = try expression()
                if isName("of") || isName("in") { return try each(declares: false, try pattern(of: value)) }
                start = ScriptStatement(kind: .expression(value), line: line)
            }
        }
        isInForHead = false
        try expect(";")
        let condition = isPunctuator(";") ? nil : try expression()
        try expect(";")
        let step = isPunctuator(")") ? nil : try expression()
        try expect(")")
        return .loop(start: start, condition: condition, step: step, body: try statement(), bodyFirst: false)
    }

    private mutating func each(
        declares: Bool, _ target: ScriptPattern
    ) throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        isInForHead = false
        let keys = isName("in")
        advance()
        let values = try expression()
        try expect(")")
        return .each(declares: declares, target, of: values, keys: keys, body: try statement())
    }

    private mutating func choice() throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        advance()
        let value = try parenthesized()
        try expect("{")
        var cases: [(test: ScriptExpression?, body: [ScriptStatement])] = []
        while !accept("}") {
            var test: ScriptExpression?
            if acceptName("case") {
                test = try expression()
            } else {
                guard acceptName("default") else { throw failure() }
            }
            try expect(":")
            var body: [ScriptStatement] = []
            while !isName("case"), !isName("default"), !isPunctuator("}") {
                guard token.kind != .end else { throw failure() }
                body.append(try statement())
            }
            cases.append((test, body))
        }
        return .choice(value, cases)
    }

    private mutating func attempt() throws(ScriptSyntaxError) -> ScriptStatement.Kind {
        advance()
        let body = try block()
        var parameter: ScriptPattern?
        var handler: [ScriptStatement]?
        if acceptName("catch") {
            if accept("(") {
                parameter = try bindingTarget()
                try expect(")")
            }
            handler = try block()
        }
        let finally = acceptName("finally") ? try block() : []
        return .attempt(body, parameter: parameter, handler: handler, finally: finally)
    }

    /// From behind the name on: what a class does is not modelled.
    mutating func skipClass() throws(ScriptSyntaxError) {
        if acceptName("extends") { _ = try assignment() }
        try expect("{")
        var open = 1
        while open > 0 {
            switch token.kind {
            case .end, .invalid, .backquote: throw failure()
            case .punctuator("{"): open += 1
            case .punctuator("}"): open -= 1
            default: break
            }
            advance()
        }
    }
}
