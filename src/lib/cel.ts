import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import type { ASTNode, TypeError as CelTypeError, Environment, ParseError } from '@marcbachmann/cel-js'
import { compileRegex, InvalidPattern } from './linear-regex.ts'
import { nearest } from './nearest.ts'
import { isNetwork, networkSet } from './network-set.ts'

/**
 * Conditions in the Common Expression Language (cel-spec), as closures.
 *
 * The expression is parsed and its types are checked by a CEL library; what passed becomes a tree of closures over the
 * scope, which read only what the expression names and make nothing on the way. Two things are other than in cel-spec, so
 * that a condition has a value for every input: a key that a map does not have reads as the map's `missing` (ask with `in`
 * whether it is there), and each evaluation has a budget of work. Numbers are doubles; integers are exact up to 2^53.
 */

/** A variable with a value of its own. */
export interface CelVariable<Scope> {
  readonly type: 'string' | 'int' | 'bool' | 'list<string>' | 'timestamp'
  /** One sentence for the reference. */
  readonly description: string
  /** A timestamp is milliseconds since the Unix epoch. */
  read(scope: Scope): unknown
}

/** A variable of which single keys are read: it is never built as a whole. */
export interface CelMap<Scope> {
  readonly type: 'map<string, string>' | 'map<string, dyn>'
  readonly description: string
  /** What a key that is not there reads as. */
  readonly missing: '' | null
  /** The value of a key, or undefined. */
  get(scope: Scope, key: string): unknown
  /** Says what is wrong with a key that stands in the expression; null for nothing. */
  checkKey?(key: string): string | null
}

/** Variables by their qualified names, such as `request.method`; all have exactly one dot. */
export type CelVariables<Scope> = Readonly<Record<string, CelVariable<Scope> | CelMap<Scope>>>

/** A condition that cannot be used: why, where (a place in the expression, from 0) and what to do. */
export class InvalidCondition extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** A condition that has no value for this scope: a number that is none, too much work. */
export class ConditionFailure extends Error {}

/** A condition ready to be evaluated. Throws `ConditionFailure`, and nothing else. */
export type Condition<Scope> = (scope: Scope) => boolean

/** What the language has besides variables and operators; for the reference. */
export const celFunctions = {
  'size(text)': 'Number of characters of a text, or of elements of a list; also `text.size()`.',
  'text.startsWith(text)': 'Whether a text begins with another.',
  'text.endsWith(text)': 'Whether a text ends with another.',
  'text.contains(text)': 'Whether a text has another in it.',
  'text.matches(pattern)': 'Whether a pattern (RE2 syntax, written as a literal) fits anywhere in the text.',
  'text.lowerAscii()': 'The text in lower case.',
  'text.upperAscii()': 'The text in upper case.',
  'text.split(text)': 'The parts of a text between the separators, as a list.',
  'int(text)': 'The whole number that a text stands for. Fails where it stands for none.',
  'string(number)': 'A number as text.',
  'has(map.key)': 'Whether a map has a key; `"key" in map` is the same for keys that are no names.',
  'cidr(network).containsIP(text)':
    'Whether an address is in a network, which is written as a literal: `cidr("10.0.0.0/8")`.',
  'list.exists(name, condition)': 'Whether the condition holds for at least one element.',
  'list.all(name, condition)': 'Whether the condition holds for every element.',
  'list.exists_one(name, condition)': 'Whether the condition holds for exactly one element.',
  'timestamp(text)': 'A moment, written as a literal: `timestamp("2026-12-31T23:00:00Z")`.',
  'timestamp.getHours()':
    'The hour (UTC, 0 to 23); likewise `getMinutes()`, `getSeconds()`, `getDayOfWeek()` (0 is Sunday), `getDate()`, `getMonth()` (0 is January), `getFullYear()`.',
} as const

/** Characters of an expression. */
const MAX_LENGTH = 2_048
/** Structure of an expression: nodes, and how deep they nest. */
const LIMITS = { maxAstNodes: 256, maxDepth: 32, maxListElements: 128, maxMapEntries: 0, maxCallArguments: 4 }
/**
 * Steps of work in one evaluation: about a nanosecond to ten each, so that no input keeps a condition for more than some
 * milliseconds. A simple condition takes none.
 */
const BUDGET = 250_000
/** What one step of a pattern costs: a text that is made for it lets the engine keep nothing of the steps before. */
const REGEX_STEP = 8
/** What reading a key costs for each element of a list. */
const MAP_READ = 500
/** Characters of a text that a condition puts together. */
const MAX_TEXT = 65_536

/** The library is loaded with the first condition: without any, no start waits for it. */
const load = createRequire(import.meta.url)
const library = () => load('@marcbachmann/cel-js') as typeof import('@marcbachmann/cel-js')

/** Compiles conditions over `variables`. */
export class ConditionCompiler<Scope> {
  private readonly variables: CelVariables<Scope>
  private held: Environment | null

  constructor(variables: CelVariables<Scope>, environment: Environment | null = null) {
    this.variables = variables
    this.held = environment
  }

  private get environment(): Environment {
    this.held ??= environmentOf(this.variables)
    return this.held
  }

  /** The same language, with the written keys of one map looked at. */
  checking(map: string, checkKey: (key: string) => string | null): ConditionCompiler<Scope> {
    const variable = this.variables[map]
    if (variable === undefined || 'read' in variable) throw new Error(`${map} is not a map of this language`)
    return new ConditionCompiler({ ...this.variables, [map]: { ...variable, checkKey } }, this.environment)
  }

  /** Compiles one. Throws `InvalidCondition`. */
  compile(expression: string): Condition<Scope> {
    if (expression.length > MAX_LENGTH)
      throw new InvalidCondition(`The condition has more than ${MAX_LENGTH} characters: make it shorter.`, MAX_LENGTH)
    const ast = this.parse(expression)
    const budget = { left: BUDGET }
    const run = new Translation(this.variables, budget).translate(ast)
    return (scope) => {
      budget.left = BUDGET
      const value = run(scope)
      if (typeof value === 'boolean') return value
      throw new ConditionFailure(`the condition is neither true nor false but ${kindOf(value)}`)
    }
  }

  private parse(expression: string): ASTNode {
    try {
      const parsed = this.environment.parse(expression)
      const { valid, type, error } = parsed.check()
      if (!valid) throw error
      if (type === 'bool') return parsed.ast
      throw new InvalidCondition(
        `A condition is true or false, and this is of type ${type}: compare it with something, as in \`… == "x"\`.`,
        0,
      )
    } catch (error) {
      if (error instanceof InvalidCondition) throw error
      const { ParseError, TypeError: WrongType } = library()
      if (error instanceof ParseError || error instanceof WrongType)
        throw new InvalidCondition(this.explain(error), error.range?.start ?? 0)
      // The library is not meant to throw anything else for a text; whatever it is, the text cannot be used.
      throw new InvalidCondition(
        `The condition cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        0,
      )
    }
  }

  /** An error of the library, with what there is instead. */
  private explain({ code, summary, range, node }: ParseError | CelTypeError): string {
    if (code !== 'no_such_key' && code !== 'unknown_variable') return `${summary}.`
    const end = range?.end ?? 0
    const named = /[\w.]*$/.exec(node?.input?.slice(0, end) ?? '')?.[0] ?? ''
    const names = Object.keys(this.variables)
    const similar = nearest(named, names)
    return `"${named}" is not a variable${similar === undefined ? '' : `; did you mean "${similar}"?`} There are: ${names.join(', ')}.`
  }
}

/** For the type checker alone: nothing here is ever called. */
function environmentOf(variables: CelVariables<never>): Environment {
  const never = () => {
    throw new Error('conditions are not evaluated by the library')
  }
  class Cidr {}
  const { Environment } = library()
  const environment = new Environment({ limits: LIMITS, enableOptionalTypes: false })
    .registerType('Cidr', Cidr)
    .registerFunction('cidr(string): Cidr', never)
    .registerFunction('Cidr.containsIP(string): bool', never)
  const roots = Map.groupBy(Object.entries(variables), ([name]) => name.slice(0, name.indexOf('.')))
  for (const [root, fields] of roots) {
    const schema = fields.map(([name, { type }]) => [
      name.slice(root.length + 1),
      type === 'timestamp' ? 'google.protobuf.Timestamp' : type,
    ])
    environment
      .registerType(`${root}Fields`, { fields: Object.fromEntries(schema) })
      .registerVariable(root, `${root}Fields`)
  }
  return environment
}

type Run<Scope> = (scope: Scope) => unknown
interface Budget {
  left: number
}
/** Holds the element that a comprehension is at. */
interface Cell {
  value: unknown
}

/** Makes closures of one checked expression. */
class Translation<Scope> {
  private readonly variables: CelVariables<Scope>
  private readonly budget: Budget
  private readonly bound = new Map<string, Cell>()
  /** Reads of maps so far: each may look through all of a head. */
  private mapReads = 0

  constructor(variables: CelVariables<Scope>, budget: Budget) {
    this.variables = variables
    this.budget = budget
  }

  translate(node: ASTNode): Run<Scope> {
    switch (node.op) {
      case 'value':
        return this.constant(node)
      case 'id':
      case '.':
        return this.named(node)
      case '[]':
        return this.indexed(node.args[0], node.args[1])
      case 'call':
        return this.called(node, node.args[0], node.args[1])
      case 'rcall':
        return this.calledOn(node, node.args[0], node.args[1], node.args[2])
      case 'list':
        return this.list(node.args)
      case '?:': {
        const [condition, yes, no] = node.args.map((one) => this.translate(one)) as [Run<Scope>, Run<Scope>, Run<Scope>]
        return (scope) => (truth(condition(scope)) ? yes(scope) : no(scope))
      }
      case '||':
        return this.either(node.args[0], node.args[1], true)
      case '&&':
        return this.either(node.args[0], node.args[1], false)
      case '!_': {
        const operand = this.translate(node.args)
        return (scope) => !truth(operand(scope))
      }
      case '-_': {
        const operand = this.translate(node.args)
        return (scope) => -number(operand(scope))
      }
      case 'in':
        return this.membership(node.args[0], node.args[1])
      case '==':
        return this.equality(node.args[0], node.args[1], true)
      case '!=':
        return this.equality(node.args[0], node.args[1], false)
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.comparison(node.op, node.args[0], node.args[1])
      case '+':
      case '-':
      case '*':
      case '%':
        return this.arithmetic(node.op, node.args[0], node.args[1])
      default:
        throw unsupported(node, `"${node.op}"`)
    }
  }

  private constant(node: ASTNode): Run<Scope> {
    const value = literal(node)
    if (typeof value === 'bigint') {
      const whole = Number(value)
      if (!Number.isSafeInteger(whole))
        throw new InvalidCondition(`${value} is beyond 2^53, up to which numbers are exact.`, node.start)
      return () => whole
    }
    if (value === null || typeof value !== 'object') return () => value
    throw unsupported(node, 'This kind of literal')
  }

  /** A variable, the element of a comprehension, or a field of one of these. */
  private named(node: ASTNode): Run<Scope> {
    const cell = node.op === 'id' ? this.bound.get(node.args) : undefined
    if (cell !== undefined) return () => cell.value
    const variable = this.variableOf(node)
    if (variable !== undefined) {
      if ('read' in variable) return (scope) => variable.read(scope)
      throw new InvalidCondition(
        `"${nameOf(node)}" is a map, of which only single keys can be read: write ${nameOf(node)}["key"], or "key" in ${nameOf(node)}.`,
        node.start,
      )
    }
    if (node.op === '.') return this.keyed(node.args[0], () => node.args[1], node.args[1])
    throw new InvalidCondition(
      `"${nameOf(node)}" alone is no value. There are: ${Object.keys(this.variables).join(', ')}.`,
      node.start,
    )
  }

  private indexed(of: ASTNode, index: ASTNode): Run<Scope> {
    if (this.mapOf(of) !== undefined) return this.keyed(of, this.translate(index), literal(index))
    const [holder, place] = [this.translate(of), this.translate(index)]
    return (scope) => element(holder(scope), place(scope))
  }

  /** One key of a map: of a variable, or of an object in a claim. */
  private keyed(of: ASTNode, key: Run<Scope>, written: unknown): Run<Scope> {
    const map = this.mapOf(of)
    if (map === undefined) {
      const holder = this.translate(of)
      return (scope) => element(holder(scope), key(scope))
    }
    if (typeof written !== 'string') return (scope) => map.get(scope, text(key(scope))) ?? map.missing
    const wrong = map.checkKey?.(written) ?? null
    if (wrong !== null) throw new InvalidCondition(wrong, of.start)
    return (scope) => map.get(scope, written) ?? map.missing
  }

  private mapOf(node: ASTNode): CelMap<Scope> | undefined {
    const variable = this.variableOf(node)
    if (variable === undefined || 'read' in variable) return undefined
    this.mapReads++
    return variable
  }

  private variableOf(node: ASTNode): CelVariable<Scope> | CelMap<Scope> | undefined {
    const name = nameOf(node)
    if (name === null || this.bound.has(name.split('.')[0] ?? '')) return undefined
    return Object.hasOwn(this.variables, name) ? this.variables[name] : undefined
  }

  private called(node: ASTNode, name: string, args: readonly ASTNode[]): Run<Scope> {
    const [first] = args
    if (first === undefined) throw unsupported(node, `${name}()`)
    switch (name) {
      case 'has':
        return this.presence(first)
      case 'timestamp': {
        const moment = writtenText(first, 'A moment')
        const ms = Date.parse(moment)
        if (Number.isNaN(ms)) throw new InvalidCondition(`"${moment}" is not a moment of ISO 8601.`, first.start)
        return () => ms
      }
      case 'size':
        return this.size(first)
      case 'int': {
        const operand = this.translate(first)
        return (scope) => whole(operand(scope))
      }
      case 'string': {
        const operand = this.translate(first)
        return (scope) => asText(operand(scope))
      }
    }
    throw unsupported(node, `${name}()`)
  }

  private presence(of: ASTNode): Run<Scope> {
    if (of.op !== '.') throw unsupported(of, 'has() of this')
    const map = this.mapOf(of.args[0])
    const key = of.args[1]
    if (map !== undefined) return (scope) => map.get(scope, key) !== undefined
    if (this.variableOf(of) !== undefined)
      throw new InvalidCondition(
        `"${nameOf(of)}" is always there: compare it with "" to see whether it has a value.`,
        of.start,
      )
    const holder = this.translate(of.args[0])
    return (scope) => {
      const value = holder(scope)
      return isRecord(value) && Object.hasOwn(value, key)
    }
  }

  private size(of: ASTNode): Run<Scope> {
    const operand = this.translate(of)
    return (scope) => {
      const value = operand(scope)
      if (Array.isArray(value)) return value.length
      // Characters as CEL counts them are code points.
      const counted = text(value)
      this.spend(counted.length)
      return Array.from(counted).length
    }
  }

  private calledOn(node: ASTNode, name: string, on: ASTNode, args: readonly ASTNode[]): Run<Scope> {
    if (name === 'exists' || name === 'all' || name === 'exists_one') return this.quantifier(node, name, on, args)
    if (name === 'size') return this.size(on)
    const part = dateParts[name]
    if (part !== undefined && args.length === 0) {
      const moment = this.translate(on)
      return (scope) => part(new Date(number(moment(scope))))
    }
    const [first] = args
    if (name === 'containsIP' && first !== undefined) return this.network(on, first)
    if (name === 'matches' && first !== undefined) return this.pattern(on, first)
    const method = methods[name]
    if (method === undefined || args.length > 1) throw unsupported(node, `${name}()`)
    const subject = this.translate(on)
    const operand = first === undefined ? () => '' : this.translate(first)
    const { budget } = this
    return (scope) => method(text(subject(scope)), text(operand(scope)), budget)
  }

  private pattern(on: ASTNode, pattern: ASTNode): Run<Scope> {
    const regex = compilePattern(writtenText(pattern, 'A pattern'), pattern)
    const subject = this.translate(on)
    return (scope) => {
      const value = text(subject(scope))
      this.spend(value.length * regex.size * REGEX_STEP)
      return regex.test(value)
    }
  }

  private network(on: ASTNode, address: ASTNode): Run<Scope> {
    const [network] = on.op === 'call' && on.args[0] === 'cidr' ? on.args[1] : []
    if (network === undefined) throw unsupported(on, 'containsIP() of this')
    const contains = compileNetwork(writtenText(network, 'A network'), network)
    const subject = this.translate(address)
    return (scope) => contains(text(subject(scope)))
  }

  private list(elements: readonly ASTNode[]): Run<Scope> {
    const parts = elements.map((one) => this.translate(one))
    if (elements.every(({ op }) => op === 'value')) {
      // Constants need no scope.
      const values = parts.map((part) => part(undefined as never))
      return () => values
    }
    return (scope) => parts.map((part) => part(scope))
  }

  /** `||` and `&&`: an operand that decides makes the other's failure nothing (cel-spec, logical operators). */
  private either(a: ASTNode, b: ASTNode, decisive: boolean): Run<Scope> {
    const [left, right] = [this.translate(a), this.translate(b)]
    return (scope) => {
      let value: boolean
      try {
        value = truth(left(scope))
      } catch (error) {
        if (truth(right(scope)) === decisive) return decisive
        throw error
      }
      return value === decisive ? decisive : truth(right(scope))
    }
  }

  private equality(a: ASTNode, b: ASTNode, wanted: boolean): Run<Scope> {
    const [left, right] = [this.translate(a), this.translate(b)]
    const { budget } = this
    return (scope) => isEqual(left(scope), right(scope), budget) === wanted
  }

  private membership(a: ASTNode, b: ASTNode): Run<Scope> {
    const value = this.translate(a)
    const map = this.mapOf(b)
    if (map !== undefined) {
      const written = literal(a)
      const wrong = typeof written === 'string' ? (map.checkKey?.(written) ?? null) : null
      if (wrong !== null) throw new InvalidCondition(wrong, a.start)
      return (scope) => map.get(scope, text(value(scope))) !== undefined
    }
    const list = this.translate(b)
    const { budget } = this
    return (scope) => {
      const elements = list(scope)
      const wanted = value(scope)
      if (!Array.isArray(elements)) {
        if (isRecord(elements)) return Object.hasOwn(elements, text(wanted))
        throw new ConditionFailure(`"in" needs a list and finds ${kindOf(elements)}`)
      }
      this.spend(elements.length)
      for (const one of elements) if (isEqual(one, wanted, budget)) return true
      return false
    }
  }

  private comparison(op: '<' | '<=' | '>' | '>=', a: ASTNode, b: ASTNode): Run<Scope> {
    const [left, right] = [this.translate(a), this.translate(b)]
    const compare = comparisons[op]
    return (scope) => {
      const [x, y] = [left(scope), right(scope)]
      if (typeof x === typeof y && (typeof x === 'number' || typeof x === 'string' || typeof x === 'boolean'))
        // Both are of the type that was just found in one.
        return compare(x as number, y as number)
      throw new ConditionFailure(`${kindOf(x)} cannot be compared with ${kindOf(y)}`)
    }
  }

  private arithmetic(op: '+' | '-' | '*' | '%', a: ASTNode, b: ASTNode): Run<Scope> {
    const [left, right] = [this.translate(a), this.translate(b)]
    const calculate = calculations[op]
    return (scope) => {
      const [x, y] = [left(scope), right(scope)]
      if (op === '+' && typeof x === 'string') return this.joined(x, text(y))
      const result = calculate(number(x), number(y))
      if (Number.isNaN(result)) throw new ConditionFailure('a number is divided by nothing')
      if (Math.abs(result) > Number.MAX_SAFE_INTEGER) throw new ConditionFailure('a number grows beyond 2^53')
      return result
    }
  }

  private joined(a: string, b: string): string {
    this.spend(a.length + b.length)
    if (a.length + b.length > MAX_TEXT) throw new ConditionFailure(`a text grows beyond ${MAX_TEXT} characters`)
    return a + b
  }

  private quantifier(
    node: ASTNode,
    kind: 'exists' | 'all' | 'exists_one',
    over: ASTNode,
    args: readonly ASTNode[],
  ): Run<Scope> {
    const [name, body] = args
    if (name?.op !== 'id' || body === undefined) throw unsupported(node, `${kind}() of this`)
    const list = this.translate(over)
    const cell: Cell = { value: undefined }
    const outer = this.bound.get(name.args)
    this.bound.set(name.args, cell)
    const readsBefore = this.mapReads
    const predicate = this.translate(body)
    if (outer === undefined) this.bound.delete(name.args)
    else this.bound.set(name.args, outer)
    const cost = 10 * countNodes(body) + MAP_READ * (this.mapReads - readsBefore)
    return (scope) => {
      const elements = list(scope)
      if (!Array.isArray(elements)) throw new ConditionFailure(`${kind}() needs a list and finds ${kindOf(elements)}`)
      return quantify(kind, elements, (value) => {
        this.spend(cost)
        cell.value = value
        return truth(predicate(scope))
      })
    }
  }

  private spend(steps: number): void {
    spend(this.budget, steps)
  }
}

/** Whether a condition holds for at least one, all, or exactly one element; a failure counts unless another decides. */
function quantify(
  kind: 'exists' | 'all' | 'exists_one',
  elements: readonly unknown[],
  holds: (element: unknown) => boolean,
): boolean {
  let found = 0
  let failure: unknown = null
  for (const one of elements) {
    let held: boolean
    try {
      held = holds(one)
    } catch (error) {
      if (kind === 'exists_one' || error instanceof OverBudget) throw error
      failure ??= error
      continue
    }
    if (kind === 'exists' && held) return true
    if (kind === 'all' && !held) return false
    if (held) found++
  }
  if (failure !== null) throw failure
  return kind === 'exists_one' ? found === 1 : kind === 'all'
}

class OverBudget extends ConditionFailure {}

function spend(budget: Budget, steps: number): void {
  budget.left -= steps
  if (budget.left < 0) throw new OverBudget('the condition needs more work for this request than any may take')
}

/** Methods of texts; the second text is empty where there is none. */
const methods: Readonly<Record<string, (subject: string, operand: string, budget: Budget) => unknown>> = {
  startsWith: (subject, operand) => subject.startsWith(operand),
  endsWith: (subject, operand) => subject.endsWith(operand),
  contains: (subject, operand, budget) => {
    // The search of V8 may look at every character of the one for every character of the other.
    spend(budget, (subject.length * operand.length) >> 4)
    return subject.includes(operand)
  },
  lowerAscii: (subject, _, budget) => {
    spend(budget, subject.length)
    return subject.toLowerCase()
  },
  upperAscii: (subject, _, budget) => {
    spend(budget, subject.length)
    return subject.toUpperCase()
  },
  split: (subject, operand, budget) => {
    spend(budget, subject.length * (operand.length + 1))
    return subject.split(operand)
  },
}

const dateParts: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
}

const comparisons = {
  '<': (x: number, y: number) => x < y,
  '<=': (x: number, y: number) => x <= y,
  '>': (x: number, y: number) => x > y,
  '>=': (x: number, y: number) => x >= y,
}

const calculations = {
  '+': (x: number, y: number) => x + y,
  '-': (x: number, y: number) => x - y,
  '*': (x: number, y: number) => x * y,
  '%': (x: number, y: number) => x % y,
}

function compilePattern(pattern: string, { start }: ASTNode) {
  try {
    return compileRegex(pattern)
  } catch (error) {
    if (error instanceof InvalidPattern)
      throw new InvalidCondition(`"${pattern}" is not a pattern: ${error.message}.`, start)
    throw error
  }
}

function compileNetwork(network: string, { start }: ASTNode): (address: string) => boolean {
  if (isNetwork(network)) {
    const set = networkSet([network])
    return (address) => set.has(address)
  }
  throw new InvalidCondition(`"${network}" is not a network: write one as 10.0.0.0/8 or 2001:db8::/32.`, start)
}

/** The value of a node that is a literal; undefined for all others. */
function literal(node: ASTNode): unknown {
  return node.op === 'value' ? node.args : undefined
}

function writtenText(node: ASTNode, what: string): string {
  const value = literal(node)
  if (typeof value === 'string') return value
  throw new InvalidCondition(`${what} must stand in the condition itself, in quotes.`, node.start)
}

/** `a.b.c` of names joined by dots; null for anything else. */
function nameOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op !== '.') return null
  const holder = nameOf(node.args[0])
  return holder === null ? null : `${holder}.${node.args[1]}`
}

function unsupported({ start }: ASTNode, what: string): InvalidCondition {
  return new InvalidCondition(
    `${what} is not part of the language of conditions. There are: ${Object.keys(celFunctions).join(', ')}.`,
    start,
  )
}

function countNodes(node: ASTNode): number {
  const parts = Array.isArray(node.args) ? node.args.flat() : [node.args]
  return parts.reduce((sum: number, part) => sum + (isNode(part) ? countNodes(part) : 0), 1)
}

function isNode(value: unknown): value is ASTNode {
  return isRecord(value) && 'op' in value && 'args' in value
}

function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ConditionFailure(`true or false is needed and there is ${kindOf(value)}`)
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new ConditionFailure(`a text is needed and there is ${kindOf(value)}`)
}

function number(value: unknown): number {
  if (typeof value === 'number') return value
  throw new ConditionFailure(`a number is needed and there is ${kindOf(value)}`)
}

/** The whole number that a text stands for, or that a number is without its fraction. */
function whole(value: unknown): number {
  if (typeof value === 'string' && !/^-?\d{1,16}$/.test(value))
    throw new ConditionFailure('int() is given a text that is no whole number')
  const result = typeof value === 'string' ? Number(value) : Math.trunc(number(value))
  if (Number.isSafeInteger(result)) return result
  throw new ConditionFailure('int() is given a number beyond 2^53')
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ConditionFailure(`string() is given ${kindOf(value)}`)
}

/** An element of a list, or a member of an object; null for a member that is not there. */
function element(holder: unknown, key: unknown): unknown {
  if (Array.isArray(holder)) {
    const place = number(key)
    if (place >= 0 && place < holder.length) return holder[place]
    throw new ConditionFailure(`a list of ${holder.length} has no element ${place}`)
  }
  if (!isRecord(holder)) return null
  const name = text(key)
  return Object.hasOwn(holder, name) ? (holder[name] ?? null) : null
}

function isEqual(a: unknown, b: unknown, budget: Budget): boolean {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    spend(budget, Array.isArray(a) ? a.length : 1_000)
    return isDeepStrictEqual(a, b)
  }
  if (typeof a === 'string' && a.length > 1_024) spend(budget, a.length >> 4)
  return a === b
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  const kinds: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'true or false' }
  return kinds[typeof value] ?? 'an object'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
