/// Why a script ended before its end.
enum ScriptStop: Error {
    /// It threw, and nobody caught.
    case thrown(ScriptValue)
    /// It needs more work, memory or depth than a configuration may.
    case limit
}

/// Runs a configuration script without clock, chance, input or output, and counts every step.
///
/// What only a browser knows (its own objects, regular expressions, the time) is `.unknown` and spreads: a branch on an unknown
/// condition runs with `uncertainty`, in which whatever is written becomes unknown. So a value that comes out is the one that
/// a browser would have, or says that it is not known.
struct ScriptMachine: Sendable {
    struct Scope: Sendable {
        var parent: Int?
        var values: [String: ScriptValue] = [:]
        var isFunction = false
    }

    /// Evaluated nodes; texts and lists count by their length. Some 20 times what a config.js of today needs.
    static let maximumCost = 300_000
    /// Of the interpreter's own calls. A stack of 512 KiB holds it in a debug build.
    static let maximumDepth = 56

    static let global = 0

    var heap: [ScriptObject] = []
    var scopes: [Scope] = []
    var this: ScriptValue = .undefined
    /// Above 0: what runs may not run in a browser.
    var uncertainty = 0
    /// How much of `uncertainty` ends with the function that runs.
    var uncertaintyOfFunction = 0
    /// Calls of what is not modelled: each may throw.
    var unknownCalls = 0
    var line = 1
    private var cost = 0
    var currentDepth = 0
    /// Functions that were handed to somebody unknown, and have been run for what they write.
    private var escapedFunctions: Set<Int> = []

    /// - Parameters:
    ///   - location: the members of `window.location`; the absent ones are unknown.
    ///   - globals: variables that the page defines before the script.
    init(location: [String: String], globals: [String: String]) {
        heap.append(ScriptObject())
        heap.append(ScriptObject())
        scopes.append(Scope(parent: nil, isFunction: true))
        for (name, value) in location { heap[1][name] = .string(value) }
        for name in ["search", "hash", "ancestorOrigins", "reload", "assign", "replace", "toString"]
        where location[name] == nil { heap[1][name] = .unknown }
        for (name, value) in globals { heap[0][name] = .string(value) }
        for name in ["window", "self", "globalThis", "top", "parent"] { heap[0][name] = .object(Self.global) }
        heap[0]["location"] = .object(1)
        this = .object(Self.global)
    }

    // MARK: Limits

    mutating func spend(_ amount: Int = 1) throws(ScriptStop) {
        cost += amount
        guard cost <= Self.maximumCost else { throw .limit }
    }

    /// For work in proportion to a text's length.
    mutating func spend(text: String) throws(ScriptStop) { try spend(1 + text.utf8.count / 16) }

    mutating func enter() throws(ScriptStop) {
        currentDepth += 1
        guard currentDepth <= Self.maximumDepth else { throw .limit }
    }

    mutating func leave() { currentDepth -= 1 }

    mutating func make(_ object: ScriptObject) throws(ScriptStop) -> ScriptValue {
        try spend(4)
        heap.append(object)
        return .object(heap.count - 1)
    }

    mutating func makeScope(parent: Int, isFunction: Bool = false) throws(ScriptStop) -> Int {
        try spend(4)
        scopes.append(Scope(parent: parent, isFunction: isFunction))
        return scopes.count - 1
    }

    func raise(_ kind: String, _ text: String) -> ScriptStop {
        .thrown(.string(kind + ": " + String(text.prefix(80))))
    }

    // MARK: What is not known

    /// `value` goes where its further fate is not known: what it holds, or does when it is called, becomes unknown.
    mutating func escape(_ value: ScriptValue) throws(ScriptStop) {
        var queue = [value]
        while let next = queue.popLast() {
            guard case .object(let id) = next else { continue }
            try spend(1 + heap[id].keys.count)
            switch heap[id].kind {
            case .function:
                guard escapedFunctions.insert(id).inserted else { continue }
                try uncertainly { machine throws(ScriptStop) in
                    _ = try machine.call(next, this: .unknown, [], unknown: true)
                }
            case .builtin: continue
            case .plain, .array:
                guard !heap[id].isUnknown, id != Self.global, id != 1 else { continue }
                queue += heap[id].contents
                heap[id].forget()
            }
        }
    }

    /// Runs `body` as something that may not run.
    mutating func uncertainly(_ body: (inout ScriptMachine) throws(ScriptStop) -> Void) throws(ScriptStop) {
        let mark = self.mark
        uncertainty += 1
        do throws(ScriptStop) {
            try body(&self)
        } catch {
            guard case .thrown = error else { throw error }
            // Perhaps it throws, and the rest does not run: for good, since nobody knows who would catch.
            restore(mark)
            uncertainty += 1
        }
        uncertainty -= 1
    }

    // MARK: Variables

    /// Browsers have these; what they are is not modelled.
    private static let browserNames: Set<String> = [
        "document", "navigator", "localStorage", "sessionStorage", "screen", "history", "URL", "URLSearchParams",
        "Date",
        "RegExp", "Promise", "Map", "Set", "WeakMap", "Symbol", "Proxy", "Reflect", "Error", "TypeError", "fetch",
        "XMLHttpRequest", "WebSocket", "setTimeout", "setInterval", "clearTimeout", "clearInterval", "addEventListener",
        "removeEventListener", "dispatchEvent", "Event", "CustomEvent", "requestAnimationFrame", "Intl", "performance",
        "crypto", "atob", "btoa", "alert", "confirm", "prompt", "matchMedia", "getComputedStyle", "innerWidth",
        "innerHeight", "outerWidth", "outerHeight", "devicePixelRatio", "origin", "name", "opener", "frames",
        "Function",
        "BigInt", "Uint8Array", "TextEncoder", "TextDecoder", "isSecureContext", "chrome", "open", "close",
    ]

    /// Functions of the global object that are modelled.
    private static let globalFunctions: Set<String> = [
        "String", "Number", "Boolean", "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent",
        "decodeURIComponent", "encodeURI", "decodeURI", "structuredClone",
    ]

    private static let namespaces: Set<String> = ["Object", "Array", "Math", "JSON", "console"]

    /// Nil for a name that nobody declared.
    mutating func variable(_ name: String, in scope: Int) throws(ScriptStop) -> ScriptValue? {
        try spend(text: name)
        var next: Int? = scope
        while let current = next {
            if let value = scopes[current].values[name] { return value }
            next = scopes[current].parent
        }
        return try globalVariable(name)
    }

    mutating func globalVariable(_ name: String) throws(ScriptStop) -> ScriptValue? {
        if let value = heap[Self.global][name] { return value }
        switch name {
        case "undefined": return .undefined
        case "NaN": return .number(.nan)
        case "Infinity": return .number(.infinity)
        case _ where Self.globalFunctions.contains(name) || Self.namespaces.contains(name):
            let value = try make(ScriptObject(.builtin(.global(name), on: .undefined)))
            heap[Self.global][name] = value
            return value
        case _ where Self.browserNames.contains(name): return .unknown
        default: return nil
        }
    }

    mutating func assign(_ name: String, _ value: ScriptValue, in scope: Int) throws(ScriptStop) {
        try spend(text: name)
        var next: Int? = scope
        while let current = next {
            if let old = scopes[current].values[name] {
                scopes[current].values[name] = try written(value, over: old)
                return
            }
            next = scopes[current].parent
        }
        try write(value, name, to: Self.global)
    }

    /// A declaration: of the block's own name, or of `var` in its function (the global object at the top).
    mutating func declare(_ name: String, _ value: ScriptValue, in scope: Int) throws(ScriptStop) {
        try spend(text: name)
        if scope == 0 {
            try write(value, name, to: Self.global)
        } else {
            scopes[scope].values[name] = value
        }
    }

    func functionScope(of scope: Int) -> Int {
        var current = scope
        while !scopes[current].isFunction, let parent = scopes[current].parent { current = parent }
        return current
    }

    /// What is remembered of `value` where `old` was: all of it, or that it is not known which of them.
    private mutating func written(_ value: ScriptValue, over old: ScriptValue) throws(ScriptStop) -> ScriptValue {
        guard uncertainty > 0, value != old else { return value }
        try escape(value)
        try escape(old)
        return .unknown
    }

    // MARK: Members

    /// Sets a member of an object.
    mutating func write(_ value: ScriptValue, _ name: String, to id: Int) throws(ScriptStop) {
        try spend(text: name)
        if case .array = heap[id].kind, let index = Int(name), index >= 0 {
            guard index <= heap[id].elements.count + 1024 else { throw .limit }
            while heap[id].elements.count <= index {
                try spend()
                heap[id].elements.append(.undefined)
            }
            heap[id].elements[index] = try written(value, over: heap[id].elements[index])
            return
        }
        let old = heap[id][name]
        heap[id][name] = try written(value, over: old ?? .undefined)
    }

    mutating func remove(_ name: String, from id: Int) throws(ScriptStop) {
        try spend(1 + heap[id].keys.count / 8)
        if let old = heap[id][name] {
            // Of what is not known at all, nothing can be removed for sure but this.
            heap[id][name] =
                uncertainty > 0 ? try written(.undefined, over: old) : heap[id].isUnknown ? .undefined : nil
        }
        if case .array = heap[id].kind, let index = Int(name), heap[id].elements.indices.contains(index) {
            heap[id].elements[index] = try written(.undefined, over: heap[id].elements[index])
        }
    }

    /// Reads a member of any value (ECMA-262, 7.3.3).
    mutating func member(_ name: String, of value: ScriptValue) throws(ScriptStop) -> ScriptValue {
        try spend(text: name)
        switch value {
        case .unknown: return .unknown
        case .undefined, .null:
            throw raise("TypeError", "\(name) of \(value == .null ? "null" : "undefined")")
        case .bool, .number:
            return name == "toString" ? try make(ScriptObject(.builtin(.object(name), on: value))) : .undefined
        case .string(let text): return try textMember(name, of: text)
        case .object(Self.global):
            return try globalVariable(name) ?? .undefined
        case .object(let id):
            if let found = heap[id][name] { return found }
            return try inheritedMember(name, of: id)
        }
    }

    private mutating func inheritedMember(_ name: String, of id: Int) throws(ScriptStop) -> ScriptValue {
        switch heap[id].kind {
        case .array:
            if name == "length" { return heap[id].isUnknown ? .unknown : .number(Double(heap[id].elements.count)) }
            if let index = Int(name) {
                return heap[id].elements.indices.contains(index) ? heap[id].elements[index] : .undefined
            }
            if ScriptBuiltin.listMethods.contains(name) {
                return try make(ScriptObject(.builtin(.list(name), on: .object(id))))
            }
            if ScriptBuiltin.opaqueListMethods.contains(name) { return .unknown }
        case .builtin(.global(let space), _):
            if name == "prototype" { return .unknown }
            return try make(ScriptObject(.builtin(.global(space + "." + name), on: .undefined)))
        case .function, .builtin:
            if name == "call" || name == "apply" || name == "bind" || name == "prototype" || name == "name" {
                return name == "call" || name == "apply"
                    ? try make(ScriptObject(.builtin(.object(name), on: .object(id)))) : .unknown
            }
        case .plain: break
        }
        if ScriptBuiltin.objectMethods.contains(name) {
            return try make(ScriptObject(.builtin(.object(name), on: .object(id))))
        }
        return ["constructor", "__proto__"].contains(name) ? .unknown : .undefined
    }

    private mutating func textMember(_ name: String, of text: String) throws(ScriptStop) -> ScriptValue {
        if name == "length" {
            try spend(text: text)
            return .number(Double(text.utf16.count))
        }
        if let index = Int(name) {
            try spend(text: text)
            let units = Array(text.utf16)
            return units.indices.contains(index)
                ? .string(String(decoding: [units[index]], as: UTF16.self)) : .undefined
        }
        return ScriptBuiltin.textMethods.contains(name)
            ? try make(ScriptObject(.builtin(.text(name), on: .string(text)))) : .unknown
    }
}
