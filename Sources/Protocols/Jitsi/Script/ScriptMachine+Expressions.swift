extension ScriptMachine {
    struct Mark {
        let depth: Int
        let this: ScriptValue
        let uncertaintyOfFunction: Int
    }

    mutating func evaluate(_ expression: ScriptExpression, in scope: Int) throws(ScriptStop) -> ScriptValue {
        try spend()
        try enter()
        let value = try evaluated(expression, in: scope)
        leave()
        return value
    }

    private mutating func evaluated(_ expression: ScriptExpression, in scope: Int) throws(ScriptStop) -> ScriptValue {
        switch expression {
        case .string(let text): return .string(text)
        case .number(let number): return .number(number)
        case .bool(let flag): return .bool(flag)
        case .null: return .null
        case .this: return this
        case .opaque: return .unknown
        case .identifier(let name):
            guard let value = try variable(name, in: scope) else {
                throw raise("ReferenceError", "\(name) is not defined")
            }
            return value
        case .template(let texts, let values): return try template(texts, values, in: scope)
        case .array(let elements): return try array(elements, in: scope)
        case .object(let properties): return try object(properties, in: scope)
        case .function(let function): return try closure(function, in: scope)
        case .unary(let symbol, let value): return try unary(symbol, value, in: scope)
        case .update(let target, let step, let isPrefix): return try update(target, step, isPrefix, in: scope)
        case .binary(let first, let rest):
            var value = try evaluate(first, in: scope)
            for (symbol, operand) in rest { value = try apply(symbol, value, try evaluate(operand, in: scope)) }
            return value
        case .logical(let first, let rest): return try logical(first, rest[...], in: scope)
        case .conditional(let condition, let then, let otherwise):
            return try conditional(condition, then, otherwise, in: scope)
        case .assignment(let target, let kind, let value): return try assignment(target, kind, value, in: scope)
        case .links(let base, let links): return try follow(base, links[...], in: scope).value
        case .new(let callee, let elements): return try construct(callee, elements, in: scope)
        case .sequence(let list):
            var last = ScriptValue.undefined
            for value in list { last = try evaluate(value, in: scope) }
            return last
        }
    }

    // MARK: Literals

    mutating func template(
        _ texts: [String], _ values: [ScriptExpression], in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        var output = texts.first ?? ""
        var isKnown = true
        for (value, following) in zip(values, texts.dropFirst()) {
            guard let text = try text(try evaluate(value, in: scope)) else {
                isKnown = false
                continue
            }
            output += text + following
            try spend(text: output)
        }
        return isKnown ? .string(output) : .unknown
    }

    private mutating func array(_ elements: [ScriptElement], in scope: Int) throws(ScriptStop) -> ScriptValue {
        guard let list = try values(elements, in: scope) else { return .unknown }
        return try makeArray(list)
    }

    mutating func makeArray(_ list: [ScriptValue]) throws(ScriptStop) -> ScriptValue {
        try spend(list.count)
        var object = ScriptObject(.array)
        object.elements = list
        return try make(object)
    }

    /// The values of a list with `...` in it; nil where one of those is not known.
    mutating func values(
        _ elements: [ScriptElement], in scope: Int
    ) throws(ScriptStop) -> [ScriptValue]? {
        var list: [ScriptValue] = []
        var isKnown = true
        for element in elements {
            let value = try evaluate(element.value, in: scope)
            if !element.isSpread {
                list.append(value)
            } else if let inner = try self.elements(of: value) {
                list += inner
            } else {
                isKnown = false
            }
        }
        if !isKnown { for value in list { try escape(value) } }
        return isKnown ? list : nil
    }

    mutating func object(_ properties: [ScriptProperty], in scope: Int) throws(ScriptStop) -> ScriptValue {
        let made = try make(ScriptObject())
        guard case .object(let id) = made else { return .unknown }
        for property in properties {
            switch property {
            case .value(let key, let value):
                let name = try self.key(key, in: scope)
                let content = try evaluate(value, in: scope)
                if let name { heap[id][name] = content } else { try setUnknownMember(of: id, content) }
                try spend(text: name ?? "")
            case .accessor(let key):
                if let name = try self.key(key, in: scope) { heap[id][name] = .unknown } else { heap[id].forget() }
            case .spread(let value): try copyMembers(of: try evaluate(value, in: scope), to: id)
            }
        }
        return made
    }

    /// What `...` and `Object.assign` do.
    mutating func copyMembers(of source: ScriptValue, to id: Int) throws(ScriptStop) {
        switch source {
        case .unknown:
            for value in heap[id].contents { try escape(value) }
            heap[id].forget()
        case .object(let from):
            if heap[from].isUnknown { try copyMembers(of: .unknown, to: id) }
            for name in heap[from].keys {
                guard let value = heap[from][name] else { continue }
                try write(value, name, to: id)
            }
            for (index, value) in heap[from].elements.enumerated() { try write(value, String(index), to: id) }
        case .undefined, .null, .bool, .number, .string: break
        }
    }

    mutating func setUnknownMember(of id: Int, _ value: ScriptValue) throws(ScriptStop) {
        try escape(value)
        for value in heap[id].contents { try escape(value) }
        heap[id].forget()
    }

    func closureObject(_ function: ScriptFunction, in scope: Int) -> ScriptObject {
        ScriptObject(.function(function, scope: scope, this: this))
    }

    mutating func closure(_ function: ScriptFunction, in scope: Int) throws(ScriptStop) -> ScriptValue {
        try make(closureObject(function, in: scope))
    }

    /// A member's name; nil where it is not known.
    mutating func key(_ key: ScriptKey, in scope: Int) throws(ScriptStop) -> String? {
        switch key {
        case .name(let name): return name
        case .computed(let value): return try text(try evaluate(value, in: scope))
        }
    }

    // MARK: Members and calls

    /// Follows `.a[b](c)`; also tells the object that the last member was read of.
    mutating func follow(
        _ base: ScriptExpression, _ links: ArraySlice<ScriptLink>, in scope: Int
    ) throws(ScriptStop) -> (value: ScriptValue, owner: ScriptValue) {
        var owner = ScriptValue.undefined
        var value = try evaluate(base, in: scope)
        for link in links {
            try spend()
            switch link {
            case .member(let name, let isOptional):
                if isOptional, value == .undefined || value == .null { return (.undefined, .undefined) }
                owner = value
                value = try member(name, of: value)
            case .index(let key, let isOptional):
                if isOptional, value == .undefined || value == .null { return (.undefined, .undefined) }
                owner = value
                let name = try text(try evaluate(key, in: scope))
                if let name { value = try member(name, of: value) } else { value = try anyMember(of: value) }
            case .call(let elements, let isOptional):
                if isOptional, value == .undefined || value == .null { return (.undefined, .undefined) }
                if let arguments = try values(elements, in: scope) {
                    value = try call(value, this: owner, arguments, unknown: false)
                } else {
                    value = try call(.unknown, this: owner, [value], unknown: false)
                }
                owner = .undefined
            }
        }
        return (value, owner)
    }

    /// A member of which nobody knows which.
    private mutating func anyMember(of value: ScriptValue) throws(ScriptStop) -> ScriptValue {
        guard case .object(let id) = value else { return .unknown }
        for content in heap[id].contents { try escape(content) }
        return .unknown
    }

    mutating func call(
        _ callee: ScriptValue, this receiver: ScriptValue, _ arguments: [ScriptValue], unknown: Bool
    ) throws(ScriptStop) -> ScriptValue {
        try spend()
        switch callee {
        case .unknown:
            unknownCalls += 1
            for argument in arguments { try escape(argument) }
            if case .object(let id) = receiver, id != Self.global { try escape(receiver) }
            return .unknown
        case .object(let id):
            switch heap[id].kind {
            case .function(let function, let scope, let outer):
                return try run(
                    function, in: scope, this: function.isArrow ? outer : receiver, arguments, unknown: unknown)
            case .builtin(let builtin, let owner):
                return try call(builtin, on: owner, arguments)
            case .plain, .array: throw raise("TypeError", "not a function")
            }
        default: throw raise("TypeError", "not a function")
        }
    }

    var mark: Mark { Mark(depth: currentDepth, this: this, uncertaintyOfFunction: uncertaintyOfFunction) }

    mutating func restore(_ mark: Mark) {
        currentDepth = mark.depth
        this = mark.this
        uncertaintyOfFunction = mark.uncertaintyOfFunction
    }

    private mutating func run(
        _ function: ScriptFunction, in scope: Int, this receiver: ScriptValue, _ arguments: [ScriptValue], unknown: Bool
    ) throws(ScriptStop) -> ScriptValue {
        if function.isDeferred, !unknown {
            unknownCalls += 1
            try uncertainly { machine throws(ScriptStop) in
                _ = try machine.run(function, in: scope, this: receiver, arguments, unknown: true)
            }
            return .unknown
        }
        try enter()
        let mark = self.mark
        uncertaintyOfFunction = 0
        this = receiver == .undefined ? .object(Self.global) : receiver
        let inner = try makeScope(parent: scope, isFunction: true)
        for name in function.variables { scopes[inner].values[name] = .undefined }
        for (index, parameter) in function.parameters.enumerated() {
            let value: ScriptValue =
                unknown ? .unknown : arguments.indices.contains(index) ? arguments[index] : .undefined
            try bind(parameter, value, in: inner, declares: true)
        }
        if let rest = function.rest {
            let value: ScriptValue =
                unknown ? .unknown : try makeArray(Array(arguments.dropFirst(function.parameters.count)))
            try bind(rest, value, in: inner, declares: true)
        }
        if !function.isArrow, !function.body.isEmpty {
            let list: ScriptValue = unknown ? .unknown : try makeArray(arguments)
            scopes[inner].values["arguments"] = scopes[inner].values["arguments"] ?? list
        }
        var result = ScriptValue.undefined
        if case .leave(let value) = try execute(function.body, in: inner) { result = value }
        if uncertaintyOfFunction > 0 {
            try escape(result)
            result = .unknown
        }
        uncertainty -= uncertaintyOfFunction
        restore(mark)
        leave()
        return result
    }

    private mutating func construct(
        _ callee: ScriptExpression, _ elements: [ScriptElement], in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        let function = try evaluate(callee, in: scope)
        guard let arguments = try values(elements, in: scope) else { return .unknown }
        guard case .object(let id) = function, case .function(let code, let outer, _) = heap[id].kind, !code.isArrow
        else {
            if case .object(let id) = function, case .builtin(.global("Object"), _) = heap[id].kind, arguments.isEmpty {
                return try make(ScriptObject())
            }
            return try call(.unknown, this: .undefined, arguments, unknown: false)
        }
        let made = try make(ScriptObject())
        guard case .object(let instance) = made else { return .unknown }
        let result = try run(code, in: outer, this: made, arguments, unknown: false)
        // Its prototype is not modelled: what is not in it may still be there.
        if case .object = result { return result }
        if heap[id].keys.contains("prototype") { heap[instance].isUnknown = true }
        return made
    }

    // MARK: Operators

    private mutating func unary(
        _ symbol: ScriptUnary, _ operand: ScriptExpression, in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        if symbol == .delete { return try delete(operand, in: scope) }
        if symbol == .typeof, case .identifier(let name) = operand {
            guard let value = try variable(name, in: scope) else { return .string("undefined") }
            return kind(of: value)
        }
        let value = try evaluate(operand, in: scope)
        switch symbol {
        case .not: return truth(value).map { .bool(!$0) } ?? .unknown
        case .minus: return try number(value).map { .number(-$0) } ?? .unknown
        case .plus: return try number(value).map { .number($0) } ?? .unknown
        case .complement: return try number(value).map { .number(Double(~Self.integer($0))) } ?? .unknown
        case .void: return .undefined
        case .typeof: return kind(of: value)
        case .delete: return .unknown
        }
    }

    private func kind(of value: ScriptValue) -> ScriptValue {
        switch value {
        case .undefined: .string("undefined")
        case .null: .string("object")
        case .bool: .string("boolean")
        case .number: .string("number")
        case .string: .string("string")
        case .object(let id):
            switch heap[id].kind {
            case .plain, .array: .string("object")
            case .function: .string("function")
            case .builtin(.global("Math"), _), .builtin(.global("JSON"), _), .builtin(.global("console"), _):
                .string("object")
            case .builtin: .string("function")
            }
        case .unknown: .unknown
        }
    }

    /// Whether the right side counts; nil where it is not known.
    func continues(_ symbol: ScriptLogical, after left: ScriptValue) -> Bool? {
        switch symbol {
        case .and: truth(left)
        case .or: truth(left).map { !$0 }
        case .coalesce: left == .unknown ? nil : left == .undefined || left == .null
        }
    }

    private mutating func logical(
        _ first: ScriptExpression, _ rest: ArraySlice<(ScriptLogical, ScriptExpression)>, in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        var value = try evaluate(first, in: scope)
        for (symbol, operand) in rest {
            switch continues(symbol, after: value) {
            case false?: continue
            case true?: value = try evaluate(operand, in: scope)
            case nil:
                try uncertainly { machine throws(ScriptStop) in
                    try machine.escape(try machine.evaluate(operand, in: scope))
                }
                value = .unknown
            }
        }
        return value
    }

    private mutating func conditional(
        _ condition: ScriptExpression, _ then: ScriptExpression, _ otherwise: ScriptExpression, in scope: Int
    ) throws(ScriptStop) -> ScriptValue {
        switch truth(try evaluate(condition, in: scope)) {
        case true?: return try evaluate(then, in: scope)
        case false?: return try evaluate(otherwise, in: scope)
        case nil:
            for side in [then, otherwise] {
                try uncertainly { machine throws(ScriptStop) in
                    try machine.escape(try machine.evaluate(side, in: scope))
                }
            }
            return .unknown
        }
    }
}
