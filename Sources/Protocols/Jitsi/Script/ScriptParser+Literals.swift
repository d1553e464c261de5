/// Templates, groups, objects, and the patterns that some of them turn out to be.
extension ScriptParser {
    mutating func template() throws(ScriptSyntaxError) -> ScriptExpression {
        var texts: [String] = []
        var values: [ScriptExpression] = []
        // The token in hand is the backquote, and nothing behind it has been scanned.
        while true {
            guard let chunk = scanner.templateChunk() else { throw failure() }
            texts.append(chunk.text)
            guard chunk.hasSubstitution else { break }
            advance()
            values.append(try inBrackets { parser throws(ScriptSyntaxError) in try parser.expression() })
            guard isPunctuator("}") else { throw failure() }
        }
        advance()
        return values.isEmpty ? .string(texts[0]) : .template(texts, values)
    }

    /// `(…)`: a value, or the parameters of an arrow function.
    mutating func group() throws(ScriptSyntaxError) -> ScriptExpression {
        advance()
        var list: [ScriptExpression] = []
        var rest: ScriptPattern?
        var endsWithComma = false
        while !isPunctuator(")") {
            endsWithComma = false
            if accept("...") {
                rest = try bindingTarget()
                break
            }
            list.append(try assignment())
            guard accept(",") else { break }
            endsWithComma = true
        }
        try expect(")")
        if isPunctuator("=>"), !token.followsNewline {
            var parameters: [ScriptPattern] = []
            for value in list { parameters.append(try pattern(of: value)) }
            advance()
            return .function(try functionBody(parameters, rest: rest, isArrow: true, isDeferred: false))
        }
        guard let only = list.first, rest == nil, !endsWithComma else { throw failure() }
        return .sequence(list.count == 1 ? [only] : list)
    }

    mutating func object() throws(ScriptSyntaxError) -> ScriptExpression {
        advance()
        var properties: [ScriptProperty] = []
        while !accept("}") {
            try countNode()
            properties.append(try property())
            if !accept(","), !isPunctuator("}") { throw failure() }
        }
        return .object(properties)
    }

    private mutating func property() throws(ScriptSyntaxError) -> ScriptProperty {
        if accept("...") { return .spread(try assignment()) }
        var isDeferred = accept("*")
        if case .identifier(let word) = token.kind, ["get", "set", "async"].contains(word) {
            advance()
            switch token.kind {
            case .punctuator(":"), .punctuator(","), .punctuator("}"), .punctuator("("), .punctuator("="):
                return try property(named: .name(word), shorthand: word, isDeferred: false)
            default: break
            }
            if word != "async" {
                let key = try key()
                _ = try function()
                return .accessor(key)
            }
            isDeferred = accept("*") || true
        }
        var shorthand: String?
        if case .identifier(let word) = token.kind { shorthand = word }
        return try property(named: try key(), shorthand: shorthand, isDeferred: isDeferred)
    }

    private mutating func property(
        named key: ScriptKey, shorthand: String?, isDeferred: Bool
    ) throws(ScriptSyntaxError) -> ScriptProperty {
        if accept(":") { return .value(key, try assignment()) }
        if isPunctuator("(") { return .value(key, .function(try function(isDeferred: isDeferred))) }
        guard let shorthand, !Self.reserved.contains(shorthand) else { throw failure() }
        // `{ a = 1 }` is no object, but the pattern of one.
        if accept("=") { return .value(key, .assignment(.identifier(shorthand), .set, try assignment())) }
        return .value(key, .identifier(shorthand))
    }

    mutating func key() throws(ScriptSyntaxError) -> ScriptKey {
        switch token.kind {
        case .identifier(let text), .string(let text):
            advance()
            return .name(text)
        case .number(let number):
            advance()
            return .name(ScriptNumber.text(number))
        case .punctuator("["):
            return .computed(try index())
        default: throw failure()
        }
    }

    // MARK: Patterns

    /// A name or a pattern that declares.
    mutating func bindingTarget() throws(ScriptSyntaxError) -> ScriptPattern {
        if isPunctuator("{") || isPunctuator("[") { return try pattern(of: try primary()) }
        let word = try name()
        guard !Self.reserved.contains(word) else { throw failure() }
        return .identifier(word)
    }

    mutating func bindingElement() throws(ScriptSyntaxError) -> ScriptPattern {
        let target = try bindingTarget()
        return accept("=") ? .withDefault(target, try assignment()) : target
    }

    func simpleTarget(_ value: ScriptExpression) throws(ScriptSyntaxError) -> ScriptPattern {
        switch value {
        case .identifier(let name): return .identifier(name)
        case .links(let base, let links):
            switch links.last {
            case .member(_, isOptional: false), .index(_, isOptional: false): return .member(base, links)
            default: throw failure()
            }
        case .sequence(let list) where list.count == 1: return try simpleTarget(list[0])
        default: throw failure()
        }
    }

    /// What was read as a value, and turns out to be assigned to.
    func pattern(of value: ScriptExpression) throws(ScriptSyntaxError) -> ScriptPattern {
        switch value {
        case .assignment(let target, .set, let fallback): return .withDefault(target, fallback)
        case .array(let elements):
            var targets: [ScriptPattern?] = []
            for (index, element) in elements.enumerated() {
                if element.isSpread {
                    guard index == elements.count - 1 else { throw failure() }
                    return .array(targets, rest: try pattern(of: element.value))
                }
                if case .unary(.void, _) = element.value {
                    targets.append(nil)
                } else {
                    targets.append(try pattern(of: element.value))
                }
            }
            return .array(targets, rest: nil)
        case .object(let properties):
            var members: [(key: ScriptKey, target: ScriptPattern)] = []
            for property in properties {
                switch property {
                case .value(let key, let value): members.append((key, try pattern(of: value)))
                case .spread(let value): return .object(members, rest: try pattern(of: value))
                case .accessor: throw failure()
                }
            }
            return .object(members, rest: nil)
        default: return try simpleTarget(value)
        }
    }
}
