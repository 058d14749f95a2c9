import type { ASTNode } from '@marcbachmann/cel-js'
import { type Budget, OverBudget, spend } from './budget.ts'
import { type CelMap, type CelVariable, type CelVariables, ConditionFailure, InvalidCondition } from './language.ts'
import { compileNetwork, compilePattern, countNodes, literal, nameOf, unsupported, writtenText } from './nodes.ts'
import {
  asText,
  calculations,
  comparisons,
  dateParts,
  element,
  isEqual,
  isRecord,
  kindOf,
  methods,
  number,
  text,
  truth,
  whole,
} from './values.ts'

/** What one step of a pattern costs: a text that is made for it lets the engine keep nothing of the steps before. */
const REGEX_STEP = 8
/** What reading a key costs for each element of a list. */
const MAP_READ = 500
/** Characters of a text that a condition puts together. */
const MAX_TEXT = 65_536

/** A part of an expression, as a closure. */
type Run<Scope> = (scope: Scope) => unknown

/** Holds the element that a comprehension is at. */
interface Cell {
  value: unknown
}

/** Makes closures of one checked expression. */
export class Translation<Scope> {
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
