internal import Basis

extension ScriptBuiltin {
    static let textMethods: Set<String> = [
        "charAt", "concat", "endsWith", "includes", "indexOf", "lastIndexOf", "replace", "replaceAll", "slice", "split",
        "startsWith", "substr", "substring", "toLowerCase", "toLocaleLowerCase", "toString", "toUpperCase",
        "toLocaleUpperCase", "trim", "trimEnd", "trimStart", "valueOf",
    ]
    static let listMethods: Set<String> = [
        "concat", "every", "filter", "find", "forEach", "includes", "indexOf", "join", "map", "pop", "push", "reduce",
        "reverse", "shift", "slice", "some", "unshift",
    ]
    /// A list has these too; what they do is not modelled.
    static let opaqueListMethods: Set<String> = [
        "at", "copyWithin", "entries", "fill", "findIndex", "findLast", "findLastIndex", "flat", "flatMap", "keys",
        "lastIndexOf", "reduceRight", "sort", "splice", "values", "toSorted", "toReversed", "toSpliced", "with",
    ]
    /// Every object has these.
    static let objectMethods: Set<String> = [
        "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
    ]
}

extension ScriptMachine {
    mutating func call(
        _ builtin: ScriptBuiltin, on owner: ScriptValue, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        switch builtin {
        case .text(let name):
            guard case .string(let text) = owner else { return .unknown }
            return try callText(name, text, arguments)
        case .list(let name):
            guard case .object(let id) = owner else { return .unknown }
            return try callList(name, id, arguments)
        case .object(let name): return try callObject(name, owner, arguments)
        case .global(let name): return try callGlobal(name, arguments)
        }
    }

    func argument(_ arguments: [ScriptValue], _ index: Int) -> ScriptValue {
        arguments.indices.contains(index) ? arguments[index] : .undefined
    }

    mutating func notModelled(_ arguments: [ScriptValue]) throws(ScriptStop) -> ScriptValue {
        try call(.unknown, this: .undefined, arguments, unknown: false)
    }

    // MARK: Lists

    private mutating func callList(
        _ name: String, _ id: Int, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        let list = heap[id].elements
        try spend(1 + list.count / 4)
        let changes = ["push", "unshift", "pop", "shift", "reverse"].contains(name)
        guard !heap[id].isUnknown, !changes || uncertainty == 0 else {
            if changes { try escape(.object(id)) }
            return try notModelled(arguments)
        }
        switch name {
        case "push":
            try spend(arguments.count)
            heap[id].elements += arguments
            return .number(Double(heap[id].elements.count))
        case "unshift":
            try spend(arguments.count)
            heap[id].elements = arguments + list
            return .number(Double(heap[id].elements.count))
        case "pop": return heap[id].elements.popLast() ?? .undefined
        case "shift": return heap[id].elements.isEmpty ? .undefined : heap[id].elements.removeFirst()
        case "reverse":
            heap[id].elements.reverse()
            return .object(id)
        case "concat":
            var output = list
            for argument in arguments {
                if case .object(let other) = argument, case .array = heap[other].kind {
                    guard !heap[other].isUnknown else { return .unknown }
                    output += heap[other].elements
                } else {
                    guard argument != .unknown else { return .unknown }
                    output.append(argument)
                }
                try spend(output.count)
            }
            return try makeArray(output)
        case "join":
            let separator = argument(arguments, 0) == .undefined ? "," : try text(arguments[0])
            guard let separator else { return .unknown }
            return try joined(id, separator: separator).map { .string($0) } ?? .unknown
        case "slice":
            guard let first = try position(argument(arguments, 0), fallback: 0),
                let second = try position(argument(arguments, 1), fallback: list.count)
            else { return .unknown }
            let start = first < 0 ? max(list.count + first, 0) : min(first, list.count)
            let end = second < 0 ? max(list.count + second, 0) : min(second, list.count)
            return try makeArray(start < end ? Array(list[start..<end]) : [])
        case "includes", "indexOf":
            var found: Int?
            for (index, element) in list.enumerated() where found == nil {
                guard let isSame = isSame(element, argument(arguments, 0)) else { return .unknown }
                if isSame { found = index }
            }
            return name == "includes" ? .bool(found != nil) : .number(Double(found ?? -1))
        default: return try callEach(name, list, arguments)
        }
    }

    /// The methods that call a function for each element.
    private mutating func callEach(
        _ name: String, _ list: [ScriptValue], _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        let function = argument(arguments, 0)
        guard function != .unknown else { return try notModelled(list) }
        if name == "reduce" {
            var rest = list[...]
            guard var value = arguments.count > 1 ? arguments[1] : rest.popFirst() else {
                throw raise("TypeError", "reduce of an empty array")
            }
            for element in rest { value = try call(function, this: .undefined, [value, element], unknown: false) }
            return value
        }
        var output: [ScriptValue] = []
        for (index, element) in list.enumerated() {
            let value = try call(
                function, this: .undefined, [element, .number(Double(index)), .undefined], unknown: false)
            switch name {
            case "forEach": continue
            case "map": output.append(value)
            default:
                guard let isTrue = truth(value) else {
                    for element in list { try escape(element) }
                    return .unknown
                }
                if name == "filter", isTrue { output.append(element) }
                if name == "find", isTrue { return element }
                if name == "some", isTrue { return .bool(true) }
                if name == "every", !isTrue { return .bool(false) }
            }
        }
        switch name {
        case "map", "filter": return try makeArray(output)
        case "some": return .bool(false)
        case "every": return .bool(true)
        default: return .undefined
        }
    }

    // MARK: Objects and the global ones

    private mutating func callObject(
        _ name: String, _ owner: ScriptValue, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        switch name {
        case "hasOwnProperty", "propertyIsEnumerable": return try apply(.isIn, argument(arguments, 0), owner)
        case "call": return try call(owner, this: argument(arguments, 0), Array(arguments.dropFirst()), unknown: false)
        case "apply":
            guard argument(arguments, 1) != .undefined else {
                return try call(owner, this: argument(arguments, 0), [], unknown: false)
            }
            guard let list = try elements(of: argument(arguments, 1)) else { return try notModelled([owner]) }
            return try call(owner, this: argument(arguments, 0), list, unknown: false)
        case "toString":
            if arguments.isEmpty, let text = try text(owner) { return .string(text) }
            return .unknown
        case "valueOf": return owner
        default: return .unknown
        }
    }

    private mutating func callGlobal(
        _ name: String, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        let first = argument(arguments, 0)
        if name.hasPrefix("console.") { return .undefined }
        if name.hasPrefix("Object.") { return try callObjectFunction(name, arguments) }
        switch name {
        case "Object": return first
        case "String": return arguments.isEmpty ? .string("") : try text(first).map { .string($0) } ?? .unknown
        case "Number": return arguments.isEmpty ? .number(0) : try number(first).map { .number($0) } ?? .unknown
        case "Boolean": return truth(first).map { .bool($0) } ?? .unknown
        case "isNaN": return try number(first).map { .bool($0.isNaN) } ?? .unknown
        case "parseInt", "parseFloat", "Number.parseInt", "Number.parseFloat":
            guard let text = try text(first), [.undefined, .number(10)].contains(argument(arguments, 1)) else {
                return .unknown
            }
            try spend(text: text)
            let isInteger = name.hasSuffix("parseInt")
            let digits = ScriptText.trimmed(text).prefix {
                $0.isASCII && ($0.isWholeNumber || $0 == "-" || $0 == "+" || (!isInteger && $0 == "."))
            }
            return .number(Double(digits) ?? .nan)
        case "encodeURIComponent", "decodeURIComponent":
            guard let text = try text(first) else { return .unknown }
            try spend(1 + text.utf8.count)
            return .string(name.hasPrefix("e") ? PercentEncoding.encodeComponent(text) : PercentEncoding.decode(text))
        case "Array.isArray":
            switch first {
            case .unknown: return .unknown
            case .object(let id):
                if case .array = heap[id].kind { return .bool(true) }
                return .bool(false)
            default: return .bool(false)
            }
        case "Array", "Array.of": return name == "Array" && arguments.count == 1 ? .unknown : try makeArray(arguments)
        case "JSON.parse":
            guard let text = try text(first), arguments.count == 1 else { return try notModelled(arguments) }
            try spend(1 + text.utf8.count)
            guard let value = try? JSONReader.parse(text) else { throw raise("SyntaxError", "JSON.parse") }
            return try copy(value)
        case "structuredClone":
            try escape(first)
            return .unknown
        case "Math.max", "Math.min":
            var best: Double?
            for argument in arguments {
                guard let number = try number(argument), !number.isNaN else { return .unknown }
                best = best.map { name == "Math.max" ? max($0, number) : min($0, number) } ?? number
            }
            return best.map { .number($0) } ?? .unknown
        case "Math.floor": return try number(first).map { .number($0.rounded(.down)) } ?? .unknown
        case "Math.ceil": return try number(first).map { .number($0.rounded(.up)) } ?? .unknown
        case "Math.round": return try number(first).map { .number(($0 + 0.5).rounded(.down)) } ?? .unknown
        case "Math.abs": return try number(first).map { .number(abs($0)) } ?? .unknown
        default: return try notModelled(arguments)
        }
    }

    private mutating func callObjectFunction(
        _ name: String, _ arguments: [ScriptValue]
    ) throws(ScriptStop) -> ScriptValue {
        let first = argument(arguments, 0)
        switch name {
        case "Object.assign":
            guard case .object(let id) = first else {
                for argument in arguments { try escape(argument) }
                return first
            }
            for source in arguments.dropFirst() { try copyMembers(of: source, to: id) }
            return first
        case "Object.freeze", "Object.seal", "Object.preventExtensions":
            // What is written later has no effect in a browser; nobody freezes a configuration and writes on.
            return first
        case "Object.hasOwn": return try apply(.isIn, argument(arguments, 1), first)
        case "Object.create" where first == .null && arguments.count == 1: return try make(ScriptObject())
        case "Object.keys", "Object.values", "Object.entries":
            guard let keys = try keys(of: first) else {
                if case .object(let id) = first { for value in heap[id].contents { try escape(value) } }
                return .unknown
            }
            var list: [ScriptValue] = []
            for key in keys {
                let value: ScriptValue = name == "Object.keys" ? .string(key) : try member(key, of: first)
                list.append(name == "Object.entries" ? try makeArray([.string(key), value]) : value)
            }
            return try makeArray(list)
        default: return try notModelled(arguments)
        }
    }

    private mutating func copy(_ value: JSONValue) throws(ScriptStop) -> ScriptValue {
        try spend()
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .number(let number): return .number(number)
        case .string(let text): return .string(text)
        case .array(let values):
            var list: [ScriptValue] = []
            for value in values { list.append(try copy(value)) }
            return try makeArray(list)
        case .object(let members):
            var object = ScriptObject()
            for member in members { object[member.key] = try copy(member.value) }
            return try make(object)
        }
    }
}
