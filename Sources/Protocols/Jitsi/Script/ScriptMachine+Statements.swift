/// How a statement ends.
enum ScriptCompletion: Sendable {
    case normal
    case exitLoop
    case nextTurn
    case leave(ScriptValue)
}

extension ScriptMachine {
    mutating func run(_ program: ScriptProgram) throws(ScriptStop) {
        for name in program.variables where heap[Self.global][name] == nil {
            try spend(text: name)
            heap[Self.global][name] = .undefined
        }
        _ = try execute(program.statements, in: 0)
    }

    mutating func execute(_ statements: [ScriptStatement], in scope: Int) throws(ScriptStop) -> ScriptCompletion {
        for statement in statements {
            if case .function(let name, let function) = statement.kind {
                try declare(name, try closure(function, in: scope), in: scope)
            }
        }
        for statement in statements {
            switch try execute(statement, in: scope) {
            case .normal: continue
            case let end:
                guard uncertainty > 0 else { return end }
                // Perhaps it ends here; what follows runs as something that may not run, to the end of the function.
                uncertainty += 1
                uncertaintyOfFunction += 1
                if case .leave(let value) = end { try escape(value) }
            }
        }
        return .normal
    }

    private mutating func execute(_ statement: ScriptStatement, in scope: Int) throws(ScriptStop) -> ScriptCompletion {
        try spend()
        try enter()
        line = statement.line
        let completion = try execute(statement.kind, in: scope)
        leave()
        return completion
    }

    private mutating func execute(_ kind: ScriptStatement.Kind, in scope: Int) throws(ScriptStop) -> ScriptCompletion {
        switch kind {
        case .empty, .function: break
        case .expression(let value): _ = try evaluate(value, in: scope)
        case .declaration(let isVariable, let list):
            for (target, value) in list {
                if isVariable {
                    // Without a value, `var` leaves what is there.
                    if let value { try bind(target, try evaluate(value, in: scope), in: scope, declares: false) }
                } else {
                    let initial: ScriptValue = if let value { try evaluate(value, in: scope) } else { .undefined }
                    try bind(target, initial, in: scope, declares: true)
                }
            }
        case .block(let statements): return try execute(statements, in: try makeScope(parent: scope))
        case .branch(let cases, let otherwise): return try branch(cases[...], otherwise, in: scope)
        case .loop(let start, let condition, let step, let body, let bodyFirst):
            let inner = try makeScope(parent: scope)
            if let start { _ = try execute(start, in: inner) }
            return try loop(condition, step, body, bodyFirst: bodyFirst, in: inner)
        case .each(let declares, let target, let values, let keys, let body):
            return try each(declares, target, try evaluate(values, in: scope), keys, body, in: scope)
        case .choice(let value, let cases): return try choose(try evaluate(value, in: scope), cases, in: scope)
        case .attempt(let body, let parameter, let handler, let finally):
            return try attempt(body, parameter, handler, finally, in: scope)
        case .leave(let value):
            return .leave(
                try value.map { expression throws(ScriptStop) in try evaluate(expression, in: scope) } ?? .undefined)
        case .raise(let value): throw .thrown(try evaluate(value, in: scope))
        case .exitLoop: return .exitLoop
        case .nextTurn: return .nextTurn
        }
        return .normal
    }

    private mutating func branch(
        _ cases: ArraySlice<(condition: ScriptExpression, body: ScriptStatement)>, _ otherwise: ScriptStatement?,
        in scope: Int
    ) throws(ScriptStop) -> ScriptCompletion {
        for (index, branch) in zip(cases.indices, cases) {
            switch truth(try evaluate(branch.condition, in: scope)) {
            case true?: return try execute(branch.body, in: scope)
            case false?: continue
            case nil:
                try perhaps(branch.body, in: scope)
                let rest = cases[(index + 1)...]
                var end = ScriptCompletion.normal
                try uncertainly { machine throws(ScriptStop) in
                    end = try machine.branch(rest, otherwise, in: scope)
                }
                try mayEnd(end)
                return .normal
            }
        }
        guard let otherwise else { return .normal }
        return try execute(otherwise, in: scope)
    }

    /// Runs what may not run, and whose end may end the function.
    private mutating func perhaps(_ body: ScriptStatement, in scope: Int) throws(ScriptStop) {
        var end = ScriptCompletion.normal
        try uncertainly { machine throws(ScriptStop) in end = try machine.execute(body, in: scope) }
        try mayEnd(end)
    }

    private mutating func mayEnd(_ end: ScriptCompletion) throws(ScriptStop) {
        if case .normal = end { return }
        uncertainty += 1
        uncertaintyOfFunction += 1
        if case .leave(let value) = end { try escape(value) }
    }

    private mutating func loop(
        _ condition: ScriptExpression?, _ step: ScriptExpression?, _ body: ScriptStatement, bodyFirst: Bool,
        in scope: Int
    ) throws(ScriptStop) -> ScriptCompletion {
        var isFirst = bodyFirst
        while true {
            try spend()
            if !isFirst, let condition {
                switch truth(try evaluate(condition, in: scope)) {
                case true?: break
                case false?: return .normal
                case nil:
                    try perhaps(body, in: scope)
                    if let step {
                        try uncertainly { machine throws(ScriptStop) in _ = try machine.evaluate(step, in: scope) }
                    }
                    return .normal
                }
            }
            isFirst = false
            let end = try execute(body, in: scope)
            switch end {
            case .normal, .nextTurn: break
            case .exitLoop: return .normal
            case .leave: return end
            }
            // A loop that nothing known ends: once is enough to see what it writes.
            if uncertainty > 0, condition == nil { return .normal }
            if let step { _ = try evaluate(step, in: scope) }
        }
    }

    private mutating func each(
        _ declares: Bool, _ target: ScriptPattern, _ values: ScriptValue, _ keys: Bool, _ body: ScriptStatement,
        in scope: Int
    ) throws(ScriptStop) -> ScriptCompletion {
        guard let list = keys ? try self.keys(of: values)?.map({ ScriptValue.string($0) }) : try elements(of: values)
        else {
            let inner = try makeScope(parent: scope)
            try uncertainly { machine throws(ScriptStop) in
                try machine.bind(target, .unknown, in: inner, declares: declares)
            }
            try perhaps(body, in: inner)
            return .normal
        }
        for value in list {
            try spend()
            let inner = try makeScope(parent: scope)
            try bind(target, value, in: inner, declares: declares)
            switch try execute(body, in: inner) {
            case .normal, .nextTurn: continue
            case .exitLoop: return .normal
            case .leave(let value): return .leave(value)
            }
        }
        return .normal
    }

    private mutating func choose(
        _ value: ScriptValue, _ cases: [(test: ScriptExpression?, body: [ScriptStatement])], in scope: Int
    ) throws(ScriptStop) -> ScriptCompletion {
        let inner = try makeScope(parent: scope)
        var start = cases.firstIndex { $0.test == nil }
        for (index, candidate) in cases.enumerated() {
            guard let test = candidate.test else { continue }
            switch isSame(value, try evaluate(test, in: inner)) {
            case true?: start = index
            case false?: continue
            case nil:
                for candidate in cases {
                    try perhaps(ScriptStatement(kind: .block(candidate.body), line: line), in: inner)
                }
                return .normal
            }
            break
        }
        guard let start else { return .normal }
        for candidate in cases[start...] {
            switch try execute(candidate.body, in: inner) {
            case .normal: continue
            case .exitLoop: return .normal
            case let end: return end
            }
        }
        return .normal
    }

    private mutating func attempt(
        _ body: [ScriptStatement], _ parameter: ScriptPattern?, _ handler: [ScriptStatement]?,
        _ finally: [ScriptStatement], in scope: Int
    ) throws(ScriptStop) -> ScriptCompletion {
        let mark = self.mark
        let calls = unknownCalls
        var completion = ScriptCompletion.normal
        var pending: ScriptStop?
        do throws(ScriptStop) {
            completion = try execute(body, in: try makeScope(parent: scope))
            if unknownCalls != calls, let handler {
                let inner = try makeScope(parent: scope)
                if let parameter { try bind(parameter, .unknown, in: inner, declares: true) }
                try perhaps(ScriptStatement(kind: .block(handler), line: line), in: inner)
            }
        } catch {
            guard case .thrown(let value) = error else { throw error }
            restore(mark)
            if let handler {
                do throws(ScriptStop) {
                    let inner = try makeScope(parent: scope)
                    if let parameter { try bind(parameter, value, in: inner, declares: true) }
                    completion = try execute(handler, in: inner)
                } catch {
                    guard case .thrown = error else { throw error }
                    restore(mark)
                    pending = error
                }
            } else {
                pending = error
            }
        }
        switch try execute(finally, in: try makeScope(parent: scope)) {
        case .normal: break
        case let end: return end
        }
        if let pending { throw pending }
        return completion
    }

    // MARK: Patterns

    mutating func bind(
        _ target: ScriptPattern, _ value: ScriptValue, in scope: Int, declares: Bool
    ) throws(ScriptStop) {
        try spend()
        switch target {
        case .identifier(let name):
            if declares { try declare(name, value, in: scope) } else { try assign(name, value, in: scope) }
        case .member(let base, let links): try assign(base, links, value, in: scope)
        case .withDefault(let inner, let fallback):
            let isAbsent = value == .undefined
            try bind(
                inner, isAbsent ? try evaluate(fallback, in: scope) : value, in: scope, declares: declares)
        case .array(let targets, let rest):
            let list = try elements(of: value)
            for (index, target) in targets.enumerated() {
                guard let target else { continue }
                let element = list.map { $0.indices.contains(index) ? $0[index] : .undefined } ?? .unknown
                try bind(target, element, in: scope, declares: declares)
            }
            if let rest {
                let value: ScriptValue
                if let list { value = try makeArray(Array(list.dropFirst(targets.count))) } else { value = .unknown }
                try bind(rest, value, in: scope, declares: declares)
            }
        case .object(let members, let rest):
            for (key, target) in members {
                let element: ScriptValue
                switch try self.key(key, in: scope) {
                case let name?: element = try member(name, of: value)
                case nil: element = .unknown
                }
                try bind(target, element, in: scope, declares: declares)
            }
            if let rest {
                try escape(value)
                try bind(rest, .unknown, in: scope, declares: declares)
            }
        }
    }
}
