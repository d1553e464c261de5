extension ScriptParser {
    mutating func expression() throws(ScriptSyntaxError) -> ScriptExpression {
        let first = try assignment()
        guard isPunctuator(",") else { return first }
        var list = [first]
        while accept(",") { list.append(try assignment()) }
        return .sequence(list)
    }

    mutating func assignment() throws(ScriptSyntaxError) -> ScriptExpression {
        try enter()
        try countNode()
        let value = try assignmentBody()
        leave()
        return value
    }

    private mutating func assignmentBody() throws(ScriptSyntaxError) -> ScriptExpression {
        if isName("async"), let function = try asyncFunction() { return function }
        if isName("yield") || isName("await") {
            advance()
            _ = accept("*")
            if !endsOperand() { return .sequence([try assignment(), .opaque]) }
            return .opaque
        }
        let left = try conditional()
        guard case .punctuator(let text) = token.kind else { return left }
        if text == "=>", !token.followsNewline {
            guard case .identifier(let name) = left else { throw failure() }
            advance()
            return .function(
                try functionBody([.identifier(name)], rest: nil, isArrow: true, isDeferred: false))
        }
        guard let kind = Self.assignments[text] else { return left }
        let target: ScriptPattern
        if case .set = kind {
            target = try pattern(of: left)
        } else {
            target = try simpleTarget(left)
        }
        advance()
        return .assignment(target, kind, try assignment())
    }

    private func endsOperand() -> Bool {
        switch token.kind {
        case .punctuator(let text): [";", ",", ")", "]", "}", ":"].contains(text)
        case .end: true
        default: token.followsNewline
        }
    }

    /// `async function …`, `async x => …` or `async (…) => …`; nil where `async` is a name.
    private mutating func asyncFunction() throws(ScriptSyntaxError) -> ScriptExpression? {
        var ahead = scanner
        let next = ahead.next()
        guard !next.followsNewline else { return nil }
        switch next.kind {
        case .identifier("function"):
            advance()
            advance()
            _ = accept("*")
            if case .identifier = token.kind { advance() }
            return .function(try function(isDeferred: true))
        case .identifier:
            advance()
            let parameter = try name()
            try expect("=>")
            return .function(
                try functionBody([.identifier(parameter)], rest: nil, isArrow: true, isDeferred: true))
        case .punctuator("("):
            advance()
            guard case .function(let arrow) = try primary() else { return .opaque }
            return .function(
                ScriptFunction(
                    parameters: arrow.parameters, rest: arrow.rest, body: arrow.body, variables: arrow.variables,
                    isArrow: true, isDeferred: true))
        default: return nil
        }
    }

    private static let assignments: [String: ScriptAssignment] = [
        "=": .set, "+=": .compound(.add), "-=": .compound(.subtract), "*=": .compound(.multiply),
        "/=": .compound(.divide), "%=": .compound(.remainder), "**=": .compound(.power), "&=": .compound(.bitAnd),
        "|=": .compound(.bitOr), "^=": .compound(.bitXor), "<<=": .compound(.shiftLeft), ">>=": .compound(.shiftRight),
        ">>>=": .compound(.shiftRightUnsigned), "&&=": .logical(.and), "||=": .logical(.or), "??=": .logical(.coalesce),
    ]

    private mutating func conditional() throws(ScriptSyntaxError) -> ScriptExpression {
        let condition = try coalesced()
        guard isPunctuator("?") else { return condition }
        advance()
        let outerHead = isInForHead
        isInForHead = false
        let then = try assignment()
        isInForHead = outerHead
        try expect(":")
        return .conditional(condition, then: then, otherwise: try assignment())
    }

    private mutating func coalesced() throws(ScriptSyntaxError) -> ScriptExpression {
        let first = try disjunction()
        guard isPunctuator("??") else { return first }
        var rest: [(ScriptLogical, ScriptExpression)] = []
        while accept("??") { rest.append((.coalesce, try disjunction())) }
        return .logical(first, rest)
    }

    private mutating func disjunction() throws(ScriptSyntaxError) -> ScriptExpression {
        let first = try conjunction()
        guard isPunctuator("||") else { return first }
        var rest: [(ScriptLogical, ScriptExpression)] = []
        while accept("||") { rest.append((.or, try conjunction())) }
        return .logical(first, rest)
    }

    private mutating func conjunction() throws(ScriptSyntaxError) -> ScriptExpression {
        let first = try binary(level: 0)
        guard isPunctuator("&&") else { return first }
        var rest: [(ScriptLogical, ScriptExpression)] = []
        while accept("&&") { rest.append((.and, try binary(level: 0))) }
        return .logical(first, rest)
    }

    /// The weakest first.
    private static let levels: [[String: ScriptBinary]] = [
        ["|": .bitOr], ["^": .bitXor], ["&": .bitAnd],
        ["==": .equal, "!=": .notEqual, "===": .same, "!==": .notSame],
        [
            "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual, "in": .isIn,
            "instanceof": .instanceOf,
        ],
        ["<<": .shiftLeft, ">>": .shiftRight, ">>>": .shiftRightUnsigned],
        ["+": .add, "-": .subtract],
        ["*": .multiply, "/": .divide, "%": .remainder],
    ]

    private func binaryOperator(_ level: Int) -> ScriptBinary? {
        switch token.kind {
        case .punctuator(let text): Self.levels[level][text]
        case .identifier("in") where isInForHead: nil
        case .identifier(let word): Self.levels[level][word]
        default: nil
        }
    }

    private mutating func binary(level: Int) throws(ScriptSyntaxError) -> ScriptExpression {
        guard level < Self.levels.count else { return try power() }
        let first = try binary(level: level + 1)
        var rest: [(ScriptBinary, ScriptExpression)] = []
        while let symbol = binaryOperator(level) {
            advance()
            try countNode()
            rest.append((symbol, try binary(level: level + 1)))
        }
        return rest.isEmpty ? first : .binary(first, rest)
    }

    private mutating func power() throws(ScriptSyntaxError) -> ScriptExpression {
        let base = try unary()
        guard accept("**") else { return base }
        try enter()
        let exponent = try power()
        leave()
        return .binary(base, [(.power, exponent)])
    }

    private static let unaries: [String: ScriptUnary] = [
        "!": .not, "-": .minus, "+": .plus, "~": .complement, "typeof": .typeof, "void": .void, "delete": .delete,
    ]

    private mutating func unary() throws(ScriptSyntaxError) -> ScriptExpression {
        let word: String
        switch token.kind {
        case .punctuator(let text), .identifier(let text): word = text
        default: return try postfix()
        }
        if let symbol = Self.unaries[word] {
            advance()
            return .unary(symbol, try deeper { parser throws(ScriptSyntaxError) in try parser.unary() })
        }
        if word == "++" || word == "--" {
            advance()
            return .update(
                try deeper { parser throws(ScriptSyntaxError) in try parser.unary() }, by: word == "++" ? 1 : -1,
                isPrefix: true)
        }
        return try postfix()
    }

    mutating func deeper<Value>(
        _ body: (inout ScriptParser) throws(ScriptSyntaxError) -> Value
    ) throws(ScriptSyntaxError) -> Value {
        try enter()
        try countNode()
        let value = try body(&self)
        leave()
        return value
    }

    private mutating func postfix() throws(ScriptSyntaxError) -> ScriptExpression {
        var value = try links(of: try primary(), calls: true)
        if !token.followsNewline, isPunctuator("++") || isPunctuator("--") {
            value = .update(value, by: isPunctuator("++") ? 1 : -1, isPrefix: false)
            advance()
        }
        return value
    }

    private mutating func links(of base: ScriptExpression, calls: Bool) throws(ScriptSyntaxError) -> ScriptExpression {
        var links: [ScriptLink] = []
        while case .punctuator(let text) = token.kind {
            if text == "." || text == "?." {
                advance()
                let isOptional = text == "?."
                if isOptional, isPunctuator("(") {
                    links.append(.call(try arguments(), isOptional: true))
                } else if isOptional, isPunctuator("[") {
                    links.append(.index(try index(), isOptional: true))
                } else {
                    links.append(.member(try name(), isOptional: isOptional))
                }
            } else if text == "[" {
                links.append(.index(try index(), isOptional: false))
            } else if text == "(", calls {
                links.append(.call(try arguments(), isOptional: false))
            } else {
                break
            }
            try countNode()
        }
        if calls, token.kind == .backquote {
            // A tagged template is a call of what is not modelled.
            _ = try template()
            return .opaque
        }
        return links.isEmpty ? base : .links(base, links)
    }

    mutating func index() throws(ScriptSyntaxError) -> ScriptExpression {
        try expect("[")
        let key = try inBrackets { parser throws(ScriptSyntaxError) in try parser.expression() }
        try expect("]")
        return key
    }

    mutating func arguments() throws(ScriptSyntaxError) -> [ScriptElement] {
        try expect("(")
        return try elements(until: ")")
    }

    /// `for (x = a in b; …)` is cut at `in`, but not inside brackets.
    mutating func inBrackets<Value>(
        _ body: (inout ScriptParser) throws(ScriptSyntaxError) -> Value
    ) throws(ScriptSyntaxError) -> Value {
        let outerHead = isInForHead
        isInForHead = false
        let value = try body(&self)
        isInForHead = outerHead
        return value
    }

    mutating func elements(until end: String) throws(ScriptSyntaxError) -> [ScriptElement] {
        try inBrackets { parser throws(ScriptSyntaxError) in
            var list: [ScriptElement] = []
            while !parser.accept(end) {
                if parser.accept(",") {
                    list.append(ScriptElement(value: .unary(.void, .null), isSpread: false))
                    continue
                }
                let isSpread = parser.accept("...")
                list.append(ScriptElement(value: try parser.assignment(), isSpread: isSpread))
                if !parser.accept(","), !parser.isPunctuator(end) { throw parser.failure() }
            }
            return list
        }
    }

    mutating func primary() throws(ScriptSyntaxError) -> ScriptExpression {
        let current = token
        switch current.kind {
        case .string(let text):
            advance()
            return .string(text)
        case .number(let number):
            advance()
            return .number(number)
        case .backquote: return try template()
        case .identifier(let word): return try reservedOrName(word)
        case .punctuator("/"), .punctuator("/="):
            guard scanner.skipRegularExpression(current) else { throw failure() }
            advance()
            return .opaque
        case .punctuator("["):
            advance()
            return .array(try elements(until: "]"))
        case .punctuator("{"): return try inBrackets { parser throws(ScriptSyntaxError) in try parser.object() }
        case .punctuator("("): return try inBrackets { parser throws(ScriptSyntaxError) in try parser.group() }
        default: throw failure()
        }
    }

    private mutating func reservedOrName(_ word: String) throws(ScriptSyntaxError) -> ScriptExpression {
        guard !Self.reserved.contains(word), !word.hasPrefix("#") else { throw failure() }
        advance()
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "this": return .this
        case "function":
            let isDeferred = accept("*")
            if case .identifier = token.kind { advance() }
            return .function(try function(isDeferred: isDeferred))
        case "class":
            if case .identifier(let name) = token.kind, name != "extends" { advance() }
            try skipClass()
            return .opaque
        case "new":
            if accept(".") {
                _ = try name()
                return .opaque
            }
            let callee = try links(
                of: try deeper { parser throws(ScriptSyntaxError) in try parser.primary() }, calls: false)
            return .new(callee, isPunctuator("(") ? try arguments() : [])
        default: return .identifier(word)
        }
    }

    static let reserved: Set<String> = [
        "break", "case", "catch", "const", "continue", "debugger", "default", "do", "else", "enum", "export", "extends",
        "finally", "for", "if", "import", "in", "instanceof", "return", "super", "switch", "throw", "try", "var",
        "while",
        "with",
    ]
}
