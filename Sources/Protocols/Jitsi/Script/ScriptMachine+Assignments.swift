/// What writes: assignments, `++` and `--`, `delete`.
extension ScriptMachine {
    mutating func assignment(
        _ target: ScriptPattern, _ kind: ScriptAssignment, _ value: ScriptExpression, in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        switch kind {
        case .set:
            let result = try evaluate(value, in: scope)
            try bind(target, result, in: scope, declares: false)
            return result
        case .compound(let symbol):
            let result = try apply(symbol, try read(target, in: scope), try evaluate(value, in: scope))
            try bind(target, result, in: scope, declares: false)
            return result
        case .logical(let symbol):
            let old = try read(target, in: scope)
            switch continues(symbol, after: old) {
            case false?: return old
            case true?:
                let result = try evaluate(value, in: scope)
                try bind(target, result, in: scope, declares: false)
                return result
            case nil:
                try uncertainly { machine throws(ScriptStop) in
                    let result = try machine.evaluate(value, in: scope)
                    try machine.bind(target, result, in: scope, declares: false)
                }
                return .unknown
            }
        }
    }

    private mutating func read(_ target: ScriptPattern, in scope: Int) throws(ScriptStop) -> ScriptValue {
        switch target {
        case .identifier(let name): return try evaluate(.identifier(name), in: scope)
        case .member(let base, let links): return try follow(base, links[...], in: scope).value
        case .array, .object, .withDefault: return .unknown
        }
    }

    /// `base.a.b = value`.
    mutating func assign(
        _ base: ScriptExpression, _ links: [ScriptLink], _ value: ScriptValue, in scope: Int
    ) throws(ScriptStop) {
        let owner = try follow(base, links.dropLast(), in: scope).value
        let name: String?
        switch links.last {
        case .member(let text, _): name = text
        case .index(let key, _): name = try text(try evaluate(key, in: scope))
        case .call, nil: return
        }
        switch owner {
        case .unknown: try escape(value)
        case .undefined, .null:
            throw raise("TypeError", "\(name ?? "a member") of \(owner == .null ? "null" : "undefined")")
        case .bool, .number, .string: break
        case .object(let id):
            guard let name else {
                try setUnknownMember(of: id, value)
                return
            }
            if case .array = heap[id].kind, name == "length" {
                heap[id].forget()
                return
            }
            if id == 1 {
                // `location.href = …`: the page leaves.
                unknownCalls += 1
                return
            }
            try write(value, name, to: id)
        }
    }

    mutating func update(
        _ target: ScriptExpression, _ step: Double, _ isPrefix: Bool, in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        let pattern: ScriptPattern
        switch target {
        case .identifier(let name): pattern = .identifier(name)
        case .links(let base, let links): pattern = .member(base, links)
        default: return .unknown
        }
        guard let old = try number(try read(pattern, in: scope)) else {
            try bind(pattern, .unknown, in: scope, declares: false)
            return .unknown
        }
        try bind(pattern, .number(old + step), in: scope, declares: false)
        return .number(isPrefix ? old + step : old)
    }

    mutating func delete(_ operand: ScriptExpression, in scope: Int) throws(ScriptStop) -> ScriptValue {
        guard case .links(let base, let links) = operand, let last = links.last else { return .bool(false) }
        let owner = try follow(base, links.dropLast(), in: scope).value
        let name: String?
        let isOptional: Bool
        switch last {
        case .member(let text, let optional): (name, isOptional) = (text, optional)
        case .index(let key, let optional): (name, isOptional) = (try text(try evaluate(key, in: scope)), optional)
        case .call: return .bool(true)
        }
        switch owner {
        case .object(let id):
            if let name { try remove(name, from: id) } else { try setUnknownMember(of: id, .undefined) }
        case .undefined, .null:
            guard isOptional else { throw raise("TypeError", "delete of \(name ?? "a member")") }
        case .bool, .number, .string, .unknown: break
        }
        return .bool(true)
    }
}
