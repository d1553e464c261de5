/// An expression of a configuration script. Chains that a person writes without nesting (`a + b + c`, `a.b.c()`) are flat, so
/// that no tree is deeper than the parser's limit.
indirect enum ScriptExpression: Sendable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case null
    case this
    /// A value of a kind that is not modelled: a regular expression, a class, `await`.
    case opaque
    case identifier(String)
    /// One text more than there are substitutions.
    case template([String], [ScriptExpression])
    case array([ScriptElement])
    case object([ScriptProperty])
    case function(ScriptFunction)
    case unary(ScriptUnary, ScriptExpression)
    /// `++` and `--`.
    case update(ScriptExpression, by: Double, isPrefix: Bool)
    /// Operators of one precedence, from left to right.
    case binary(ScriptExpression, [(ScriptBinary, ScriptExpression)])
    case logical(ScriptExpression, [(ScriptLogical, ScriptExpression)])
    case conditional(ScriptExpression, then: ScriptExpression, otherwise: ScriptExpression)
    case assignment(ScriptPattern, ScriptAssignment, ScriptExpression)
    case links(ScriptExpression, [ScriptLink])
    case new(ScriptExpression, [ScriptElement])
    case sequence([ScriptExpression])
}

enum ScriptUnary: Sendable { case not, minus, plus, complement, typeof, void, delete }

enum ScriptBinary: Sendable {
    case add, subtract, multiply, divide, remainder, power
    case equal, notEqual, same, notSame
    case less, lessOrEqual, greater, greaterOrEqual
    case isIn, instanceOf
    case bitAnd, bitOr, bitXor, shiftLeft, shiftRight, shiftRightUnsigned
}

enum ScriptLogical: Sendable { case and, or, coalesce }

enum ScriptAssignment: Sendable {
    case set
    case compound(ScriptBinary)
    case logical(ScriptLogical)
}

/// What follows a value: `.name`, `[key]`, `(arguments)`, each perhaps behind `?.`.
enum ScriptLink: Sendable {
    case member(String, isOptional: Bool)
    case index(ScriptExpression, isOptional: Bool)
    case call([ScriptElement], isOptional: Bool)
}

struct ScriptElement: Sendable {
    let value: ScriptExpression
    let isSpread: Bool
}

enum ScriptProperty: Sendable {
    case value(ScriptKey, ScriptExpression)
    /// A getter or setter: there is a value, and what it is only running it would tell.
    case accessor(ScriptKey)
    case spread(ScriptExpression)
}

enum ScriptKey: Sendable {
    case name(String)
    case computed(ScriptExpression)
}

/// What a value is bound to.
indirect enum ScriptPattern: Sendable {
    case identifier(String)
    case member(ScriptExpression, [ScriptLink])
    case array([ScriptPattern?], rest: ScriptPattern?)
    case object([(key: ScriptKey, target: ScriptPattern)], rest: ScriptPattern?)
    case withDefault(ScriptPattern, ScriptExpression)
}

final class ScriptFunction: Sendable {
    let parameters: [ScriptPattern]
    let rest: ScriptPattern?
    let body: [ScriptStatement]
    /// The names that `var` gives the function's scope wherever it stands.
    let variables: [String]
    let isArrow: Bool
    /// An `async` function or a generator: the body does not run when it is called, or not to its end.
    let isDeferred: Bool

    init(
        parameters: [ScriptPattern], rest: ScriptPattern?, body: [ScriptStatement], variables: [String], isArrow: Bool,
        isDeferred: Bool
    ) {
        self.parameters = parameters
        self.rest = rest
        self.body = body
        self.variables = variables
        self.isArrow = isArrow
        self.isDeferred = isDeferred
    }
}

struct ScriptStatement: Sendable {
    indirect enum Kind: Sendable {
        case empty
        case expression(ScriptExpression)
        case declaration(isVariable: Bool, [(target: ScriptPattern, value: ScriptExpression?)])
        case function(String, ScriptFunction)
        case block([ScriptStatement])
        /// `if … else if … else`, flat.
        case branch([(condition: ScriptExpression, body: ScriptStatement)], otherwise: ScriptStatement?)
        case loop(
            start: ScriptStatement?, condition: ScriptExpression?, step: ScriptExpression?, body: ScriptStatement,
            bodyFirst: Bool)
        case each(declares: Bool, ScriptPattern, of: ScriptExpression, keys: Bool, body: ScriptStatement)
        case choice(ScriptExpression, [(test: ScriptExpression?, body: [ScriptStatement])])
        case attempt(
            [ScriptStatement], parameter: ScriptPattern?, handler: [ScriptStatement]?, finally: [ScriptStatement])
        case leave(ScriptExpression?)
        case raise(ScriptExpression)
        case exitLoop
        case nextTurn
    }

    let kind: Kind
    /// From 1.
    let line: Int
}

struct ScriptProgram: Sendable {
    let statements: [ScriptStatement]
    let variables: [String]
}
